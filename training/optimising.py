"""What a training step does to the weights: learning rates by layer, their schedule, and averages."""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn


def group_weights(
    model: nn.Module, *, learning_rate: float, weight_decay: float, layer_decay: float
) -> list[dict[str, Any]]:
    """Group the weights that are trained, for an optimiser.

    Matrices decay, but neither biases nor scales. The heads learn at the full rate, the encoder's last layer
    at `layer_decay` of it, each layer below at `layer_decay` of the one above, and the embeddings last
    (Howard & Ruder 2018, arXiv 1801.06146; Sun et al. 2019, arXiv 1905.05583).
    """
    named = [(name, weight) for name, weight in model.named_parameters() if weight.requires_grad]
    numbers = [layer_number(name) for name, _ in model.named_parameters()]
    top = max((number for number in numbers if number is not None), default=0)
    groups: dict[tuple[int, bool], list[Tensor]] = {}
    for name, weight in named:
        number = layer_number(name)
        below = 0 if number is None or layer_decay == 1 else top + 1 - number
        groups.setdefault((below, weight.ndim <= 1), []).append(weight)
    return [
        {
            "params": weights,
            "lr": learning_rate * layer_decay**below,
            "weight_decay": 0.0 if flat else weight_decay,
        }
        for (below, flat), weights in sorted(groups.items(), key=lambda item: item[0])
    ]


def layer_number(name: str) -> int | None:
    """Return the encoder's layer that a weight belongs to, -1 for the embeddings, nothing for a head."""
    if found := re.search(r"encoder\.layer\.(\d+)\.", name):
        return int(found.group(1))
    return -1 if ".embeddings." in name else None


def rise_and_fall(steps: int, warmup: float) -> Callable[[int], float]:
    """Return the learning rate at each step as a share of the highest: a straight rise, a straight fall."""
    rising = max(int(steps * warmup), 1)
    return lambda step: min((step + 1) / rising, max(steps - step, 0) / max(steps - rising, 1))


class Origin:
    """The trained weights as they were before the first step, to be mixed with what they become.

    A mix of both often does better than either (Wortsman et al. 2022, arXiv 2109.01903).

    Args:
        weights: All weights of a model; those that are not trained are left out.
        share: What the mix keeps of them, in [0, 1].
    """

    def __init__(self, weights: Iterable[Tensor], share: float) -> None:
        self.weights = [weight for weight in weights if weight.requires_grad] if share else []
        self.origin = [weight.detach().clone() for weight in self.weights]
        self.share = share

    @contextmanager
    def mixed_in(self) -> Iterator[None]:
        """Put the mix in the weights' place for a while."""
        trained = [weight.detach().clone() for weight in self.weights]
        with torch.no_grad():
            for weight, before in zip(self.weights, self.origin, strict=True):
                weight.lerp_(before, self.share)
            try:
                yield
            finally:
                for weight, after in zip(self.weights, trained, strict=True):
                    weight.copy_(after)


class MovingAverage:
    """Exponential moving average of trained weights (Polyak & Juditsky 1992; Tarvainen & Valpola 2017).

    After step n it keeps min(decay, (1 + n) / (10 + n)) of itself, so that the first weights soon go.

    Args:
        weights: All weights of a model; those that are not trained are left out.
        decay: In [0, 1).
    """

    def __init__(self, weights: Iterable[Tensor], decay: float) -> None:
        self.weights = [weight for weight in weights if weight.requires_grad]
        self.average = [weight.detach().clone() for weight in self.weights]
        self.decay = decay
        self.steps = 0

    @torch.no_grad()
    def update(self) -> None:
        """Take in the weights as they are after a step."""
        self.steps += 1
        kept = min(self.decay, (1 + self.steps) / (10 + self.steps))
        for average, weight in zip(self.average, self.weights, strict=True):
            average.lerp_(weight, 1 - kept)

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Put the averages in the weights' place for a while."""
        self._swap()
        try:
            yield
        finally:
            self._swap()

    @torch.no_grad()
    def _swap(self) -> None:
        for average, weight in zip(self.average, self.weights, strict=True):
            trained = weight.clone()
            weight.copy_(average)
            average.copy_(trained)

    def state_dict(self) -> dict[str, Any]:
        """Return what a checkpoint keeps."""
        return {"average": self.average, "steps": self.steps}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take up where a checkpoint stood."""
        self.steps = state["steps"]
        for average, kept in zip(self.average, state["average"], strict=True):
            average.copy_(kept)
