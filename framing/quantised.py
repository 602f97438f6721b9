"""The encoder's graph in int8: the products of its layers in whole numbers, all else as in fp32.

Each token's vector is scaled by its own largest value (8 bits), so that its numbers depend on nothing beside
it. Before that, channels that vary much hand a part of their range to the weights (SmoothQuant: Xiao et al.
2023, arXiv 2211.10438). Weights have 7 bits: then no processor has to saturate on the way to a sum of whole
numbers, and that sum is the same on all of them, with VNNI or without.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from framing.articles import read_articles
from framing.graphs import MICROSOFT, Graph
from framing.samples import sample_articles_path
from framing.sentences import require_sentences
from framing.windows import cut_windows, load_tokenizer, tokenise

if TYPE_CHECKING:
    from framing.model import FramingNetwork

Floats = NDArray[np.float32]
TOKEN_STEPS = 127  # a token's values become whole numbers from -127 to 127
WEIGHT_STEPS = 63  # a weight's from -63 to 63
ZERO = 128  # what 0 becomes, since the processor wants one side without a sign
BALANCE = 0.5  # of a channel's range, as a power: how much the weights take over
STEPS_AN_OCTAVE = 8
TINY = 1e-5


class QuantisedGraph(Graph):
    """Makes the products of layers in int8.

    Args:
        ranges: Largest size of each channel of each product's input: name → (in,).
    """

    def __init__(self, ranges: Mapping[str, Floats]) -> None:
        super().__init__()
        self._ranges = ranges

    def product(self, x: str, weight: Floats, name: str) -> str:
        """Add the product of a layer, its weight as torch keeps it: (out, in)."""
        balance = balance_channels(self._ranges[name], weight)
        whole, scale = quantise_weight(weight * balance)
        x = self.one("Mul", x, self.weight(1 / balance))
        size = self.one("ReduceMax", self.one("Abs", x), self.weight(np.array([-1])))
        size = self.one("Max", size, self._number(TINY))
        steps = self.one("Mul", x, self.one("Div", self._number(TOKEN_STEPS), size))
        zero = self._number(ZERO, np.uint8)
        y = self.one(
            "MatMulIntegerToFloat",
            self.one("QuantizeLinear", steps, self._number(1), zero),
            self.weight(whole.T),
            self._number(1 / TOKEN_STEPS),
            self.weight(scale),
            zero,
            self.weight(np.zeros(len(scale), dtype=np.int8)),
            domain=MICROSOFT,
        )
        return self.one("Mul", y, size)

    def _number(self, value: float, kind: type[np.generic] = np.float32) -> str:
        return self.weight(np.array(value, dtype=kind))


def balance_channels(largest: Floats, weight: Floats) -> Floats:
    """Return what each channel of a product's input is divided by, and its weights are multiplied by.

    Args:
        largest: (in,), the largest size of each channel.
        weight: (out, in).

    Returns:
        (in,), of mean 1: largest ** BALANCE / (largest weight) ** (1 - BALANCE), in steps so wide that
        another processor's last digit makes no difference.
    """
    share = largest.clip(TINY) ** BALANCE / np.abs(weight).max(0).clip(TINY) ** (1 - BALANCE)
    steps = np.rint(np.log2(share / share.mean()) * STEPS_AN_OCTAVE)
    return np.asarray(np.exp2(steps / STEPS_AN_OCTAVE), dtype=np.float32)


def quantise_weight(weight: Floats) -> tuple[NDArray[np.int8], Floats]:
    """Turn a weight (out, in) into whole numbers, and what each of their rows is times: (out,)."""
    scale = np.abs(weight).max(1).clip(TINY) / WEIGHT_STEPS
    return np.rint(weight / scale[:, None]).astype(np.int8), np.asarray(scale, dtype=np.float32)


def calibration_sentences(tokenizer: Path, longest: int) -> list[tuple[int, ...]]:
    """Return token ids of sample sentences, [CLS] and [SEP] included; `framing.gating` reads the others.

    Args:
        tokenizer: Its folder.
        longest: Most tokens of a sentence: 3 or more.
    """
    reader = load_tokenizer(tokenizer)
    articles = list(read_articles([sample_articles_path()]))[::2]
    windows = (
        cut_windows(tokenise(require_sentences(article), reader), reader, budget=longest, context=0)
        for article in articles
    )
    return [ids for cut in windows for window in cut for ids in window.sentences()]


def measure_ranges(network: "FramingNetwork", sentences: Iterable[Sequence[int]]) -> dict[str, Floats]:
    """Read sentences, and return what `QuantisedGraph` needs.

    Args:
        network: In fp32, on the CPU.
        sentences: Their token ids, [CLS] and [SEP] included.
    """
    import torch

    found: dict[str, Any] = {}

    def watch(name: str) -> Any:
        def note(_: Any, inputs: tuple[torch.Tensor, ...]) -> None:
            sizes = inputs[0].abs().flatten(0, -2).amax(0).numpy()
            found[name] = np.maximum(found.get(name, 0), sizes)

        return note

    # query, key and value read the same; "dense" is what all other layers call theirs
    layers = [
        (name.rpartition(".")[0], module)
        for name, module in network.encoder.encoder.named_modules(prefix="encoder.encoder")
        if name.endswith((".query", ".dense"))
    ]
    hooks = [module.register_forward_pre_hook(watch(name)) for name, module in layers]
    try:
        with torch.inference_mode():
            for ids in sentences:
                own = torch.tensor([[-1, *[0] * (len(ids) - 1)]])
                row = torch.tensor([list(ids)])
                network(input_ids=row, attention_mask=torch.ones_like(row), sentence_ids=own)
    finally:
        for hook in hooks:
            hook.remove()
    return found
