import numpy as np
import pytest
import torch

from framing.losses import LOSSES, any_loss, masked_loss, tag_loss
from training.config import CHOICES


def test_masked_loss_by_hand() -> None:
    logits = torch.tensor([[[0.0, 0.0], [0.0, 0.0]]])
    gold = torch.tensor([[[1.0, 0.0], [1.0, 1.0]]])
    mask = torch.tensor([[[1.0, 1.0], [0.0, 0.0]]])
    assert masked_loss(logits, gold, mask).item() == pytest.approx(2 * np.log(2))
    assert masked_loss(logits, gold, torch.zeros_like(mask)).item() == 0.0


def test_unknown_gold_has_no_gradient() -> None:
    logits = torch.zeros(1, 2, 3, requires_grad=True)
    mask = torch.tensor([[[1.0, 0.0, 1.0], [0.0, 0.0, 0.0]]])
    masked_loss(logits, torch.ones(1, 2, 3), mask).backward()
    assert logits.grad is not None
    assert (logits.grad != 0).tolist() == [[[True, False, True], [False, False, False]]]


def test_any_loss_by_hand() -> None:
    logits = torch.log(torch.tensor([[[1 / 3, 1.0, 9.0], [1.0, 1.0, 1.0], [1.0, 1.0, 1.0]]]))
    gold = torch.tensor([[[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.5, 0.5, 0.0]]])
    mask = torch.ones(1, 3, 3)
    # of codes 0 and 1: the first sentence surely carries one, said 1 - 3/4 * 1/2; the third by 3/4, said 3/4
    first = (-np.log(5 / 8) - 3 / 4 * np.log(3 / 4)) / 3
    assert any_loss(logits, gold, mask, [[0, 1]]).item() == pytest.approx(first)
    second = -np.log(1 / 2) / 3
    assert any_loss(logits, gold, mask, [[0, 1], [2]]).item() == pytest.approx(first + second)
    mask[0, 0, 1] = 0.0  # not known for the whole family
    assert any_loss(logits, gold, mask, [[0, 1]]).item() == pytest.approx(-3 / 8 * np.log(3 / 4))
    assert any_loss(logits, gold, mask, []).item() == 0.0


def test_tag_loss_leaves_out_unknown_tags() -> None:
    logits, mask = torch.zeros(1, 4, 4), torch.tensor([[1, 1, 1, 0]])
    tags = torch.tensor([[0, 3, -100, -100]])
    assert tag_loss(logits, tags, mask).item() == pytest.approx(2 / 3 * np.log(4))
    assert tag_loss(logits, torch.full((1, 4), -100), mask).item() == 0.0
    weights = torch.tensor([[1.0, 8.0, 8.0, 8.0]])
    assert tag_loss(logits, tags, mask, weights).item() == pytest.approx(9 / 3 * np.log(4))


ODDS = torch.log(torch.tensor([3.0]))  # the logit of 3/4
LIKELY = {
    "plain": (-np.log(3 / 4), -np.log(1 / 4)),
    "focal": (-((1 / 4) ** 2) * np.log(3 / 4), -((3 / 4) ** 2) * np.log(1 / 4)),
    "asymmetric": (-np.log(3 / 4), -(0.7**4) * np.log(0.3)),
}


@pytest.mark.parametrize("kind", LIKELY)
def test_each_loss_by_hand(kind: str) -> None:
    yes, no = LIKELY[kind]
    for gold, expected in ((1.0, yes), (0.0, no), (0.25, 0.25 * yes + 0.75 * no)):
        assert LOSSES[kind](ODDS, torch.tensor([gold])).item() == pytest.approx(expected)


@pytest.mark.parametrize("kind", LIKELY)
def test_each_loss_is_masked_and_stays_finite(kind: str) -> None:
    logits = torch.tensor([[[90.0, -90.0], [ODDS.item(), 5.0]]], requires_grad=True)
    gold, mask = torch.tensor([[[0.0, 1.0], [1.0, 1.0]]]), torch.tensor([[[0.0, 0.0], [1.0, 0.0]]])
    loss = masked_loss(logits, gold, mask, kind)
    assert loss.item() == pytest.approx(LIKELY[kind][0])
    masked_loss(logits, gold, torch.ones(1, 2, 2), kind).backward()
    assert logits.grad is not None
    assert logits.grad.isfinite().all()


def test_the_asymmetric_loss_lets_small_probabilities_go() -> None:
    logits = torch.logit(torch.tensor([0.04, 0.06]))
    lost = LOSSES["asymmetric"](logits, torch.zeros(2))
    assert lost[0] == 0 < lost[1]


def test_every_loss_can_be_configured() -> None:
    assert tuple(LOSSES) == CHOICES["loss"]
