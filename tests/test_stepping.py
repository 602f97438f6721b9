from pathlib import Path

import pytest
import torch
from accelerate import Accelerator

from framing.losses import UNKNOWN
from framing.weights import new_network
from tests.test_model import config_for, small_batch
from training.config import Training
from training.stepping import EagerStep, GraphStep, round_up, use_graphs


def batch_for(seed: int) -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    tags = torch.randint(0, 3, (2, 12), generator=generator)
    tags[:, 0] = UNKNOWN
    return small_batch() | {
        "labels": torch.rand(2, 2, 3, generator=generator).round(),
        "label_mask": torch.tensor([[[1.0] * 3] * 2, [[1.0] * 3, [0.0] * 3]]),
        "evidence": torch.rand(2, 12, 3, generator=generator).round(),
        "evidence_mask": torch.ones(2, 12, 3),
        "tags": tags,
        "tag_weights": torch.ones(2, 12),
    }


def test_a_batch_that_is_rounded_up_teaches_the_same(tiny_encoder: Path) -> None:
    config = config_for(tiny_encoder, attribution=True, families=[[0, 1], [2]])
    network = new_network(config, tiny_encoder).eval()
    batch = batch_for(0)
    wide = round_up(batch)
    assert wide["input_ids"].shape == (4, 32)
    assert wide["labels"].shape == (4, 8, 3)
    assert wide["evidence"].shape == (4, 32, 3)
    torch.testing.assert_close(network(**small_batch()).label_logits, network(**wide).label_logits[:2, :2])
    losses = {name: network(**its).loss for name, its in (("given", batch), ("wide", wide))}
    without = network(**batch | {"tags": torch.full_like(batch["tags"], UNKNOWN)}).loss
    tags = losses["given"] - without  # the only part whose divisor counts the two [CLS] that were added
    torch.testing.assert_close(losses["wide"], without + tags * 24 / 26, rtol=1e-4, atol=1e-5)


def test_a_batch_of_a_round_shape_stays_as_it_is() -> None:
    wide = round_up(batch_for(0))
    again = round_up(wide)
    assert all(torch.equal(again[name], tensor) for name, tensor in wide.items())


def test_a_step_moves_the_weights_and_leaves_no_gradient(tiny_encoder: Path) -> None:
    network = new_network(config_for(tiny_encoder, attribution=True), tiny_encoder)
    step = EagerStep(Accelerator(cpu=True), network, torch.optim.AdamW(network.parameters(), lr=0.01), 1.0)
    losses = [float(step(batch_for(0))) for _ in range(20)]
    assert losses[-1] < losses[0] / 2
    assert all(weight.grad is None for weight in network.parameters())


def test_steps_are_graphs_on_one_gpu_alone() -> None:
    assert not use_graphs(Accelerator(cpu=True), Training())


@pytest.mark.skipif(not torch.cuda.is_available(), reason="graphs are an NVIDIA GPU's")
def test_a_graph_teaches_what_the_steps_it_recorded_teach(tiny_encoder: Path) -> None:
    accelerator, losses = Accelerator(), []
    for kind in (EagerStep, GraphStep):
        torch.manual_seed(0)
        network = new_network(config_for(tiny_encoder, attribution=True, dropout=0.0), tiny_encoder).cuda()
        optimizer = torch.optim.AdamW(network.parameters(), lr=0.01, capturable=True, fused=True)
        eager = EagerStep(accelerator, network, optimizer, 1.0)
        step = eager if kind is EagerStep else GraphStep(eager)
        batches = [round_up({k: v.cuda() for k, v in batch_for(seed).items()}) for seed in range(8)]
        losses.append([float(step(batch)) for batch in batches])
    torch.testing.assert_close(torch.tensor(losses[1]), torch.tensor(losses[0]), rtol=1e-3, atol=1e-4)
