"""One member of each block set against the rest of its block: difference, interval, randomisation test."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from framing.estimates import expanded_percentiles

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

FEW_BLOCKS = 5
SHUFFLES = 9999
CHUNK = 1000
SAME = 1e-12  # differences of sums in another order


@dataclass(frozen=True, slots=True)
class BlockContrast:
    """A member's shares against the others' in the same blocks, each block weighing the same.

    Attributes:
        blocks: How many, at least 1.
        share: Mean over the blocks of the member's share, in [0, 1].
        other: Mean over the blocks of the mean share of the block's other members, in [0, 1].
        difference: `share - other`, in [-1, 1].
        low: Lower end of the 95 % interval; nothing where there is none.
        high: Upper end of it.
        p: Of the randomisation test, in (0, 1].
        reason: Why there is no interval or, beside an interval, why to distrust it; else nothing.
    """

    blocks: int
    share: float
    other: float
    difference: float
    low: float | None
    high: float | None
    p: float
    reason: str | None


def contrast_blocks(
    blocks: Sequence[Floats], places: Sequence[int], *, generator: np.random.Generator, draws: int
) -> list[BlockContrast]:
    """Contrasts one member of each block with the mean of the block's others, for several measures.

    The interval draws whole blocks with replacement, and so all that is in them (Field & Welsh 2007,
    "Bootstrapping clustered data", JRSS B 69(3)); its percentiles are widened for few blocks (Hesterberg
    2015, "What Teachers Should Know About the Bootstrap", The American Statistician 69(4), section 4.4.1).
    `p` puts a random member of each block in the place of the one, 9,999 times (Fisher's randomisation test):
    valid where, but for chance, any of them could be it.

    Args:
        blocks: For each block its members' shares, members × measures, in [0, 1]; two members at least.
        places: For each block the row of the member.
        generator: Source of the draws; it is advanced by the same amount for any number of measures.
        draws: Bootstrap draws.

    Returns:
        One contrast a measure, in the order of the columns.

    Raises:
        ValueError: There is no block, or one has fewer than two members.
    """
    import numpy as np

    if not blocks or any(len(block) < 2 for block in blocks):
        raise ValueError("expected at least one block, each of two members or more")
    sizes = np.array([len(block) for block in blocks])
    rows = np.arange(len(blocks))
    shares, others = _padded(blocks)
    choices = shares - others
    found = choices[rows, places]
    means = found.mean(0)
    bounds = _bounds(found, generator, draws)
    p = _randomise(choices, sizes, np.abs(means), generator)
    share, other = shares[rows, places].mean(0), others[rows, places].mean(0)
    return [
        _contrast(found[:, at], float(share[at]), float(other[at]), bounds[at].tolist(), float(p[at]))
        for at in range(found.shape[1])
    ]


def _padded(blocks: Sequence[Floats]) -> tuple[Floats, Floats]:
    """Each member's shares, and the mean of its block's others: both blocks × members × measures."""
    import numpy as np

    shape = (len(blocks), max(len(block) for block in blocks), blocks[0].shape[1])
    shares, others = np.zeros(shape), np.zeros(shape)
    for number, block in enumerate(blocks):
        shares[number, : len(block)] = block
        others[number, : len(block)] = (block.sum(0) - block) / (len(block) - 1)
    return shares, others


def _bounds(found: Floats, generator: np.random.Generator, draws: int) -> Floats:
    """Lower and upper ends, measures × 2; not a number where there is but one block."""
    import numpy as np

    count = len(found)
    if count < 2:
        return np.full((found.shape[1], 2), np.nan)
    weights = generator.multinomial(count, np.full(count, 1 / count), size=draws) / count
    return expanded_percentiles(weights @ found, count)


def _randomise(
    choices: Floats, sizes: NDArray[np.int64], observed: Floats, generator: np.random.Generator
) -> Floats:
    import numpy as np

    reached = np.zeros(len(observed))
    left = SHUFFLES
    while left > 0:
        picks = generator.integers(0, sizes, size=(min(CHUNK, left), len(sizes)))
        total = sum((picks == member) @ choices[:, member] for member in range(choices.shape[1]))
        reached += (np.abs(total) / len(sizes) >= observed - SAME).sum(0)
        left -= len(picks)
    return (1 + reached) / (1 + SHUFFLES)


def _contrast(found: Floats, share: float, other: float, bounds: list[float], p: float) -> BlockContrast:
    count, carrying = len(found), int((found != 0).sum())
    low, high = bounds
    reason = None
    if count < 2:
        reason = "no interval: one story only, it takes at least two"
    elif not carrying or high - low < SAME:
        reason = "no interval: the stories show no spread"
    if reason:
        return BlockContrast(count, share, other, share - other, None, None, p, reason)
    if carrying < FEW_BLOCKS:
        reason = f"rough, probably too narrow: only {carrying} of {count} stories differ"
    return BlockContrast(count, share, other, share - other, low, high, p, reason)
