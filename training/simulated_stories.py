"""Stories of known truth, told by several outlets: do intervals of differences within stories hold it?"""

from typing import Any

import numpy as np

from framing.blocks import bound_means
from training.simulation import ALIKE, Floats

STORIES = (5, 10, 15, 30, 60)
SHARES = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2)
RATIOS = (0.5, 1.0, 2.0)  # the outlet's true share by the others'
OTHERS = (1, 3)  # outlets that tell each story too
LENGTHS = (8, 60)  # sentences of an article, from and below
UNLIKE = 4  # shape of the gamma distribution of stories' rates by the mean rate
LEAST_GIVEN = 100  # intervals of a cell that is looked at for the worst coverage


def simulate_stories(*, worlds: int, draws: int, seed: int) -> dict[str, Any]:
    """Measure how often intervals of mean differences hold the truth, by number of stories.

    Stories differ in how often they carry a code, and so do the articles on one story, as much as those of
    the other simulation. Counted is what readers would: the classifier's errors are not part of it.
    """
    rng = np.random.default_rng([seed, 2])
    rows = []
    every: list[list[bool]] = []
    for stories in STORIES:
        cells = [
            _held((worlds, stories), share, ratio, others, draws, rng)
            for share in SHARES
            for ratio in RATIOS
            for others in OTHERS
        ]
        every += cells
        rows.append({"stories": stories, **_sum_up(cells, worlds)})
    return {**_sum_up(every, worlds), "by_stories": rows}


def _held(
    shape: tuple[int, int], share: float, ratio: float, others: int, draws: int, rng: np.random.Generator
) -> list[bool]:
    """Whether each interval that is given holds the truth."""
    own, other = draw_stories(shape, share, ratio, others, rng)
    bounds = bound_means(own.T, other.T, generator=rng, draws=draws)
    truth = share * (ratio - 1)
    return [low <= truth <= high for low, high, _ in bounds if low is not None and high is not None]


def _sum_up(cells: list[list[bool]], worlds: int) -> dict[str, Any]:
    held = [one for cell in cells for one in cell]
    return {
        "given": len(held),
        "of": worlds * len(cells),
        "covered": float(np.mean(held)) if held else None,
        "worst": min((float(np.mean(cell)) for cell in cells if len(cell) >= LEAST_GIVEN), default=None),
    }


def draw_stories(
    shape: tuple[int, int], share: float, ratio: float, others: int, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """The shares of an outlet, and the mean shares of the others that told each story, both of `shape`."""
    most = 0.9 / (share * max(ratio, 1.0))
    stories = np.clip(rng.gamma(UNLIKE, 1 / UNLIKE, shape), 1e-9, most)

    def count(mean: float) -> Floats:
        rates = mean * stories
        spread = 1 / ALIKE - 1
        sentences = rng.integers(*LENGTHS, size=shape)
        return np.asarray(rng.binomial(sentences, rng.beta(rates * spread, (1 - rates) * spread)) / sentences)

    return count(share * ratio), np.mean([count(share) for _ in range(others)], axis=0)
