"""One step of training; on an NVIDIA GPU as a CUDA graph, which is launched as a whole.

The network is small: on a GPU most of a step's time goes into launching its thousands of kernels one by one.
"""

from typing import Any

import torch
from accelerate import Accelerator
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - the name everybody knows it by

from framing.losses import UNKNOWN
from training.config import Training

WIDTH, ROWS, SENTENCES = 32, 4, 8  # what a batch's tokens, windows and sentences are rounded up to
FILLING = {"sentence_ids": -1, "tags": UNKNOWN, "tag_weights": 1}  # what padding holds; else zero
PER_SENTENCE = ("labels", "label_mask")

Batch = dict[str, Tensor]


def use_graphs(accelerator: Accelerator, settings: Training) -> bool:
    """Say whether a run's steps are graphs: on one NVIDIA GPU, in float32."""
    alone = accelerator.device.type == "cuda" and accelerator.num_processes == 1
    return alone and settings.graphs and settings.precision == "no"


class EagerStep:
    """A step as torch runs it.

    Args:
        accelerator: Of the run.
        model: The network, as the accelerator prepared it.
        optimizer: Likewise.
        clip: Norm that the gradient is cut to.
    """

    def __init__(self, accelerator: Accelerator, model: nn.Module, optimizer: Any, clip: float) -> None:
        self.accelerator, self.model, self.optimizer, self.clip = accelerator, model, optimizer, clip

    def __call__(self, batch: Batch) -> Tensor:
        """Learn from a batch; returns its loss."""
        loss = self.learn(batch)
        self.optimizer.zero_grad()
        return loss

    def learn(self, batch: Batch) -> Tensor:
        """Learn from a batch, and leave the gradients where they are."""
        loss: Tensor = self.model(**batch).loss
        self.accelerator.backward(loss)
        self.accelerator.clip_grad_norm_(self.model.parameters(), self.clip)
        self.optimizer.step()
        return loss.detach()


class GraphStep:
    """A step as a CUDA graph, one for each shape that batches are rounded to.

    The first batch of a shape is learned from as usual, and the step recorded; later ones are copied to where
    that batch lay. The graphs share their memory, since none outlives its step.

    Args:
        eager: The step to record; its optimizer is capturable.
    """

    def __init__(self, eager: EagerStep) -> None:
        self.eager = eager
        self.pool = torch.cuda.graph_pool_handle()
        self.graphs: dict[tuple[int, ...], tuple[torch.cuda.CUDAGraph, Batch, Tensor]] = {}
        for group in eager.optimizer.param_groups:  # read where it lies each time a graph runs
            device = group["params"][0].device
            group["lr"] = torch.as_tensor(group["lr"], dtype=torch.float32).to(device)

    def __call__(self, batch: Batch) -> Tensor:
        """Learn from a batch; returns its loss."""
        batch = round_up(batch)
        shape = (*batch["input_ids"].shape, batch["labels"].shape[1])
        if shape not in self.graphs:
            return self._record(shape, batch)
        graph, given, loss = self.graphs[shape]
        for name, tensor in batch.items():
            given[name].copy_(tensor)
        graph.replay()
        return loss.clone()

    def _record(self, shape: tuple[int, ...], batch: Batch) -> Tensor:
        given = {name: tensor.clone() for name, tensor in batch.items()}
        side = torch.cuda.Stream()
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):
            first = self.eager(given)
        torch.cuda.current_stream().wait_stream(side)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph, pool=self.pool):
            loss = self.eager.learn(given)
        self.eager.optimizer.zero_grad()
        self.graphs[shape] = graph, given, loss
        return first


def round_up(batch: Batch) -> Batch:
    """Pad a batch to one of few shapes; what is added is known of nothing, and the loss stays as it is.

    A window that is added is one [CLS] alone, by which the loss of the tags is divided, too.
    """
    windows, tokens = batch["input_ids"].shape
    sentences = batch["labels"].shape[1]
    more = _missing(windows, ROWS)
    rounded = {}
    for name, tensor in batch.items():
        wider = _missing(sentences, SENTENCES) if name in PER_SENTENCE else _missing(tokens, WIDTH)
        padding = [0, 0] * (tensor.ndim - 2) + [0, wider, 0, more]
        rounded[name] = F.pad(tensor, padding, value=FILLING.get(name, 0))
    if more:
        rounded["input_ids"][windows:, 0] = batch["input_ids"][0, 0]
        rounded["attention_mask"][windows:, 0] = 1
    return rounded


def _missing(size: int, step: int) -> int:
    return -size % step
