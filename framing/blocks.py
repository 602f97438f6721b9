"""One member of each block set against the rest of its block: difference, interval, randomisation test."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from framing.bootstrap import expanded_percentiles, skewness
from framing.estimates import MIN_CARRYING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

MIN_BLOCKS = 10
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
        reason: Why there is no interval; else nothing.
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

    See `bound_means` for the interval. `p` puts a random member of each block in the place of the one, 9,999
    times (Fisher's randomisation test): valid where, but for chance, any of them could be it.

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
    means = choices[rows, places].mean(0)
    own, other = shares[rows, places], others[rows, places]
    bounds = bound_means(own, other, generator=generator, draws=draws)
    p = _randomise(choices, sizes, np.abs(means), generator)
    return [
        BlockContrast(len(blocks), share, rest, share - rest, low, high, chance, reason)
        for share, rest, (low, high, reason), chance in zip(
            own.mean(0).tolist(), other.mean(0).tolist(), bounds, p.tolist(), strict=True
        )
    ]


def bound_means(
    own: Floats, other: Floats, *, generator: np.random.Generator, draws: int
) -> list[tuple[float, float, None] | tuple[None, None, str]]:
    """Finds 95 % intervals of mean differences over blocks.

    They draw whole blocks with replacement, and so all that is in them (Field & Welsh 2007, "Bootstrapping
    clustered data", JRSS B 69(3)); for their ends see `framing.bootstrap.expanded_percentiles`. There is none
    with fewer than 10 blocks, or where the member or the others carry a measure in fewer than 5 of them: with
    less, intervals cover too rarely (`within_stories` in `training/measurements/simulation.json`).

    Args:
        own: The member's shares, (blocks, measures).
        other: The mean shares of the blocks' others, (blocks, measures).
        generator: Source of the draws.
        draws: How many.

    Returns:
        For each measure lower end, upper end and nothing; or nothing twice, and why.
    """
    import numpy as np

    count, found = len(own), own - other
    if count < MIN_BLOCKS:
        stories = "one story" if count == 1 else f"{count} stories"
        return [(None, None, f"no interval: {stories}, it takes {MIN_BLOCKS}")] * found.shape[1]
    weights = generator.multinomial(count, np.full(count, 1 / count), size=draws) / count
    ends = expanded_percentiles(weights @ found, count, skewness(found.T, np.ones(count)))
    carrying = np.stack([(own > 0).sum(0), (other > 0).sum(0)], axis=1).tolist()
    bounds: list[tuple[float, float, None] | tuple[None, None, str]] = []
    for (low, high), (here, there) in zip(ends.tolist(), carrying, strict=True):
        if min(here, there) < MIN_CARRYING:
            few = f"{here} of {count} stories carry it here, {there} there"
            bounds.append((None, None, f"no interval: {few}, it takes {MIN_CARRYING} each"))
        elif high - low < SAME:
            bounds.append((None, None, "no interval: the stories show no spread"))
        else:
            bounds.append((low, high, None))
    return bounds


def _padded(blocks: Sequence[Floats]) -> tuple[Floats, Floats]:
    """Each member's shares, and the mean of its block's others: both blocks × members × measures."""
    import numpy as np

    shape = (len(blocks), max(len(block) for block in blocks), blocks[0].shape[1])
    shares, others = np.zeros(shape), np.zeros(shape)
    for number, block in enumerate(blocks):
        shares[number, : len(block)] = block
        others[number, : len(block)] = (block.sum(0) - block) / (len(block) - 1)
    return shares, others


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
