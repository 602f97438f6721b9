"""The head that says which codes a sentence carries."""

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


def make_label_head(width: int, hidden: int, codes: int, dropout: float) -> nn.Module:
    """Make a label head; a plain linear reading where there is no hidden layer."""
    return LabelHead(width, hidden, codes, dropout) if hidden else nn.Linear(width, codes)


def set_bias(head: nn.Module, value: float) -> None:
    """Let a head begin by saying the same of every code."""
    last = head.outer if isinstance(head, LabelHead) else head
    torch.nn.init.constant_(cast(Tensor, last.bias), value)
