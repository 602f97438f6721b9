"""The heads that say which codes a sentence carries."""

from collections.abc import Sequence
from typing import cast

import torch
from torch import Tensor, nn


class LabelHead(nn.Module):
    """Reads a sentence's mean token states of several layers through one hidden layer.

    The upper layers of an encoder know best what it was trained for last, those in the middle more of wording
    and syntax (Tenney et al. 2019, arXiv 1905.05950); a device may lie in either.

    Args:
        width: Of what is read: the layers' states beside each other.
        hidden: Of the hidden layer.
        codes: How many.
        dropout: Share of the hidden layer dropped in training.
    """

    def __init__(self, width: int, hidden: int, codes: int, dropout: float) -> None:
        super().__init__()
        self.inner = nn.Linear(width, hidden)
        self.dropout = nn.Dropout(dropout)
        self.outer = nn.Linear(hidden, codes)

    def forward(self, means: Tensor) -> Tensor:
        """Turn (..., width) into logits (..., codes)."""
        return cast(Tensor, self.outer(self.dropout(self.inner(means).relu())))

    def beside(self, other: "LabelHead") -> "LabelHead":
        """Return one head, as wide as both, whose logits are the mean of both's."""
        heads = (self, other)
        hidden = sum(head.inner.out_features for head in heads)
        both = LabelHead(self.inner.in_features, hidden, self.outer.out_features, self.dropout.p)
        with torch.no_grad():
            both.inner.weight.copy_(torch.cat([head.inner.weight for head in heads]))
            both.inner.bias.copy_(torch.cat([head.inner.bias for head in heads]))
            both.outer.weight.copy_(torch.cat([head.outer.weight for head in heads], dim=1) / 2)
            both.outer.bias.copy_((self.outer.bias + other.outer.bias) / 2)
        return both


class SplitHead(nn.Module):
    """Reads some codes linearly, from the last layer alone, and the others as a `LabelHead` does.

    A hidden layer learns by heart what is told by single words, as many techniques are.

    Args:
        width: Of what is read: the layers' states beside each other, the last layer's last.
        last: Of the last layer's states.
        hidden: Of the hidden layer.
        codes: How many there are in all.
        linear: Places of those that are read linearly.
        dropout: Share of the hidden layer dropped in training.
    """

    def __init__(
        self, width: int, last: int, hidden: int, codes: int, linear: Sequence[int], dropout: float
    ) -> None:
        super().__init__()
        self.places = sorted(linear)
        self.linear = nn.Linear(last, len(self.places))
        self.deep = LabelHead(width, hidden, codes - len(self.places), dropout)
        self.others = [code for code in range(codes) if code not in self.places]
        self.order = sorted(range(codes), key=[*self.places, *self.others].__getitem__)

    def forward(self, means: Tensor) -> Tensor:
        """Turn (..., width) into logits (..., codes)."""
        flat, deep = self.linear(means[..., -self.linear.in_features :]), self.deep(means)
        return torch.cat([flat, deep], dim=-1)[..., self.order]

    def merged(self) -> LabelHead:
        """Return a head of one shape for all codes that gives the same logits: x = relu(x) - relu(-x)."""
        deep, flat, count = self.deep, self.linear, len(self.places)
        hidden, width = deep.inner.out_features, deep.inner.in_features
        head = LabelHead(width, hidden + 2 * count, count + len(self.others), deep.dropout.p)
        reading = torch.zeros(count, width)
        places = hidden + torch.arange(count)
        with torch.no_grad():
            reading[:, -flat.in_features :] = flat.weight
            head.inner.weight.copy_(torch.cat([deep.inner.weight, reading, -reading]))
            head.inner.bias.copy_(torch.cat([deep.inner.bias, torch.zeros(2 * count)]))
            head.outer.weight.zero_()
            head.outer.weight[self.others, :hidden] = deep.outer.weight
            head.outer.weight[self.places, places] = 1.0
            head.outer.weight[self.places, places + count] = -1.0
            head.outer.bias[self.others] = deep.outer.bias
            head.outer.bias[self.places] = flat.bias
        return head.train(self.training)


def make_label_head(
    width: int, last: int, hidden: int, codes: int, linear: Sequence[int], dropout: float
) -> nn.Module:
    """Make a label head; a plain linear reading of all codes where there is no hidden layer.

    Args:
        width: Of what is read: the layers' states beside each other.
        last: Of the last layer's states.
        hidden: Of the hidden layer, 0 for none.
        codes: How many.
        linear: Places of the codes that are read linearly all the same.
        dropout: Share of the hidden layer dropped in training.
    """
    if not hidden:
        return nn.Linear(width, codes)
    if linear:
        return SplitHead(width, last, hidden, codes, linear, dropout)
    return LabelHead(width, hidden, codes, dropout)


def set_bias(head: nn.Module, value: float) -> None:
    """Let a head begin by saying the same of every code."""
    if isinstance(head, SplitHead):
        set_bias(head.linear, value)
        set_bias(head.deep, value)
        return
    last = head.outer if isinstance(head, LabelHead) else head
    torch.nn.init.constant_(cast(Tensor, last.bias), value)
