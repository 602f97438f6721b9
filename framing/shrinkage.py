"""Small outlets drawn towards the others by how unsure their figures are: empirical Bayes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from framing.prevalence import Prevalence

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

LEAST_GROUPS = 5  # with fewer, how much outlets differ cannot be told
Z = 1.959964  # half width of a 95 % interval in standard errors
ROUNDS = 100


def shrink(found: Sequence[Prevalence]) -> list[Prevalence]:
    """Adds shrunk shares to one code's prevalence in all outlets.

    The model is Fay and Herriot's (1979, "Estimates of Income for Small Places", JASA 74) without
    covariates: an outlet's figure is normal around its true share, and true shares are around a common
    mean. The variance of a figure is smoothed, in proportion to one over its sentences: outlets that show
    little of a code would otherwise also pass as sure of it. How much true shares vary is found by Paule
    and Mandel's (1982) iteration; intervals hold its uncertainty as in Morris (1983, "Parametric Empirical
    Bayes Inference", JASA 78, equation 1.17).

    Args:
        found: One code's prevalence, an outlet each.

    Returns:
        The same with `shrunk` figures for outlets that have an interval, if at least five have one.
    """
    import numpy as np

    sure = [at for at, one in enumerate(found) if one.best[1] is not None]
    if len(sure) < LEAST_GROUPS:
        return list(found)
    values = np.array([found[at].best[0] for at in sure])
    errors = np.array([((found[at].best[2] or 0.0) - (found[at].best[1] or 0.0)) / (2 * Z) for at in sure])
    sizes = np.array([found[at].sentences for at in sure], dtype=np.float64)
    variances = (errors**2 * sizes).sum() / len(sure) / sizes
    between = _between(values, variances)
    weights = 1 / (between + variances)
    mean = float((weights * values).sum() / weights.sum())
    count = len(sure)
    pulls = (count - 3) / (count - 1) * variances * weights
    centres = values + pulls * (mean - values)
    spread = variances * (1 - pulls * (count - 1) / count) + 2 / (count - 3) * (pulls * (values - mean)) ** 2
    shrunk = list(found)
    for at, centre, half in zip(sure, centres.tolist(), (Z * np.sqrt(spread)).tolist(), strict=True):
        low, high = max(centre - half, 0.0), min(centre + half, 1.0)
        shrunk[at] = replace(found[at], shrunk=min(max(centre, 0.0), 1.0), shrunk_low=low, shrunk_high=high)
    return shrunk


def _between(values: Floats, variances: Floats) -> float:
    """Variance of true shares: where the weighted squared distances are what chance gives, or 0."""
    low, high = 0.0, float(values.var()) * 4 + 1e-12
    for _ in range(ROUNDS):
        middle = (low + high) / 2
        weights = 1 / (middle + variances)
        mean = (weights * values).sum() / weights.sum()
        low, high = (
            (middle, high) if (weights * (values - mean) ** 2).sum() > len(values) - 1 else (low, middle)
        )
    return low
