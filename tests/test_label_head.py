import pytest
import torch
from torch import nn

from framing.label_head import LabelHead, SplitHead, make_label_head, set_bias


@pytest.mark.parametrize("linear", [[0, 1], [2, 4], [0, 1, 2, 3, 4]])
def test_a_split_head_reads_some_codes_linearly_and_says_the_same_when_merged(linear: list[int]) -> None:
    torch.manual_seed(0)
    head = SplitHead(width=12, last=4, hidden=6, codes=5, linear=linear, dropout=0.3).eval()
    means = torch.randn(3, 7, 12)
    found = head(means)
    others = [code for code in range(5) if code not in linear]
    torch.testing.assert_close(found[..., linear], head.linear(means[..., 8:]))
    torch.testing.assert_close(found[..., others], head.deep(means))
    merged = head.merged()
    assert not merged.training
    torch.testing.assert_close(merged(means), found)


def test_a_head_is_as_plain_as_it_can_be() -> None:
    assert isinstance(make_label_head(12, 4, 0, 5, [0], 0.1), nn.Linear)
    assert isinstance(make_label_head(12, 4, 6, 5, [], 0.1), LabelHead)
    assert isinstance(make_label_head(12, 4, 6, 5, [0], 0.1), SplitHead)


@pytest.mark.parametrize(("hidden", "linear"), [(0, []), (6, []), (6, [1])])
def test_every_head_can_begin_by_saying_the_same_of_every_code(hidden: int, linear: list[int]) -> None:
    head = make_label_head(12, 4, hidden, 5, linear, 0.0)
    set_bias(head, -3.0)
    for layer in head.modules():
        if isinstance(layer, nn.Linear):
            nn.init.zeros_(layer.weight)
    assert (head(torch.randn(2, 12)) == -3.0).all()


def test_two_heads_beside_each_other_say_the_mean_of_both() -> None:
    torch.manual_seed(0)
    one, other = (LabelHead(12, hidden, 5, 0.3).eval() for hidden in (6, 4))
    means = torch.randn(3, 7, 12)
    both = one.beside(other).eval()
    assert both.inner.out_features == 10
    torch.testing.assert_close(both(means), (one(means) + other(means)) / 2)
