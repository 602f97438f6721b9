"""The reference engine: torch, on a CPU or a GPU."""

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any, TypeVar, cast

import numpy as np
import torch

from framing.engine import Array, EngineOptions, Precision, WindowLogits
from framing.errors import FramingError
from framing.machine import cpu_has_bf16
from framing.model import FramingNetwork
from framing.weights import load_network
from framing.windows import Window

Item = TypeVar("Item")
Answer = TypeVar("Answer")


def find_device() -> str:
    """Return ``cuda`` if torch has one, else ``mps``, else ``cpu``."""
    return "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"


def choose_device(name: str) -> torch.device:
    """Turn ``auto``, ``cpu``, ``cuda``, ``cuda:1`` or ``mps`` into a device that is there.

    ``auto`` says on stderr which it took.

    Raises:
        FramingError: If the device named is not there.
    """
    if name == "auto":
        name = find_device()
        print(f"device: {name}", file=sys.stderr)
    there = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    kind, _, number = name.partition(":")
    if kind not in there or (number and not number.isdigit()):
        raise FramingError(f"--device {name}: no such device, expected auto, cpu, cuda or mps")
    if not there[kind] or (kind == "cuda" and int(number or 0) >= torch.cuda.device_count()):
        raise FramingError(
            f"--device {name}: this machine has none that torch can use; take --device cpu or auto"
        )
    return torch.device(name)


class TorchEngine:
    """The reference engine.

    On a CPU each window is a pass of its own on one thread, as many at a time as there are threads: nothing
    is padded, and a score can depend neither on the windows beside it nor on the number of threads. On a GPU
    windows of like length go together. In a half precision the weights stay in float32, and torch's autocast
    chooses what is computed in the shorter numbers.

    Args:
        network: The network, in float32.
        device: Where it runs.
        precision: ``fp32``, or ``bf16`` or ``fp16`` where the device has it (see `load_torch_engine`).
        batch_size: Windows of a GPU's pass; a CPU's has always one.
        threads: Windows at a time on a CPU; torch's own number if not given.
    """

    name = "torch"
    libraries: tuple[str, ...] = ()

    def __init__(
        self,
        network: FramingNetwork,
        device: torch.device,
        *,
        precision: Precision = "fp32",
        batch_size: int = 32,
        threads: int | None = None,
    ) -> None:
        self.network: FramingNetwork = cast(Any, network).to(device).eval()
        self.device = device
        self.precision: str = precision
        self.batch_size = batch_size
        self.threads = threads or torch.get_num_threads()

    @property
    def device_name(self) -> str:
        """``cpu``, ``mps``, or ``cuda`` with the card's name."""
        if self.device.type == "cuda":
            return f"cuda ({torch.cuda.get_device_name(self.device)})"
        return self.device.type

    def run(self, windows: Sequence[Window]) -> list[WindowLogits]:
        """Run windows; the answers come in the order of the windows."""
        order = sorted(range(len(windows)), key=lambda i: -len(windows[i].input_ids))
        ordered = [windows[i] for i in order]
        runner = self._run_cpu if self.device.type == "cpu" else self._run_batches
        answers = dict(zip(order, runner(ordered), strict=True))
        return [answers[i] for i in range(len(windows))]

    def _run_cpu(self, windows: Sequence[Window]) -> Iterator[WindowLogits]:
        return map_on_threads(lambda window: self._forward([window])[0], windows, self.threads)

    def _run_batches(self, windows: Sequence[Window]) -> Iterator[WindowLogits]:
        for start in range(0, len(windows), self.batch_size):
            yield from self._forward(windows[start : start + self.batch_size])

    def _forward(self, windows: Sequence[Window]) -> list[WindowLogits]:
        with torch.inference_mode(), self._arithmetic():
            output = self.network(**self._collate(windows))
        labels, evidence = to_numpy(output.label_logits), to_numpy(output.evidence_logits)
        tags = None if output.tag_logits is None else to_numpy(output.tag_logits)
        return [
            WindowLogits(
                labels[i, : max(w.sentence_ids) + 1],
                evidence[i, : len(w.input_ids)],
                None if tags is None else tags[i, : len(w.input_ids)],
            )
            for i, w in enumerate(windows)
        ]

    def _arithmetic(self) -> AbstractContextManager[Any]:
        short = {"bf16": torch.bfloat16, "fp16": torch.float16}.get(self.precision)
        return torch.autocast(self.device.type, short) if short else nullcontext()

    def _collate(self, windows: Sequence[Window]) -> dict[str, Any]:
        longest = max(len(w.input_ids) for w in windows)
        ids = np.zeros((len(windows), longest), dtype=np.int64)
        owners = np.full((len(windows), longest), -1, dtype=np.int64)
        mask = np.zeros((len(windows), longest), dtype=np.int64)
        for i, window in enumerate(windows):
            size = len(window.input_ids)
            ids[i, :size], owners[i, :size], mask[i, :size] = window.input_ids, window.sentence_ids, 1
        tensors = {"input_ids": ids, "attention_mask": mask, "sentence_ids": owners}
        return {name: torch.from_numpy(array).to(self.device) for name, array in tensors.items()}


def load_torch_engine(folder: Path, options: EngineOptions) -> TorchEngine:
    """Load a model folder's network into the reference engine.

    Raises:
        FramingError: If the folder is not a whole model, or there is no such device, or it has not got that
            precision.
    """
    where, precision = choose_device(options.device), options.precision
    if where.type == "cuda":
        has = {"fp32", "fp16", *(["bf16"] if torch.cuda.is_bf16_supported() else [])}
    else:
        has = {"fp32", *(["bf16"] if where.type == "cpu" and cpu_has_bf16() else [])}
    if precision not in has:
        raise FramingError(
            f"--precision {precision}: --engine torch has none on {where}; take fp32"
            + (", or int8 of --engine onnx" if where.type == "cpu" else "")
        )
    quieten()
    return TorchEngine(
        load_network(folder, options.encoder),
        where,
        precision=precision,
        batch_size=options.batch_size,
        threads=options.threads,
    )


def quieten() -> None:
    """Keep transformers' progress bars and advice out of our output."""
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()


def map_on_threads(
    function: Callable[[Item], Answer], items: Iterable[Item], threads: int
) -> Iterator[Answer]:
    """Apply a function to items, so many at a time, each on one thread of torch; answers come in order."""
    before = torch.get_num_threads()
    try:
        with ThreadPoolExecutor(threads, initializer=torch.set_num_threads, initargs=(1,)) as pool:
            yield from pool.map(function, items)
    finally:
        torch.set_num_threads(before)


def to_numpy(logits: torch.Tensor) -> Array:
    """Return logits as float32 on the CPU."""
    return cast(Array, logits.float().cpu().numpy())
