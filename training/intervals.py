"""Intervals over articles: the percentile bootstrap that every figure of a measurement has."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Figure = dict[str, float]
"""``value``, ``low`` and ``high``."""

DRAWS = 1000
FEW_DRAWS = 200
"""For what takes long to compute: average precision, spans, the area under a curve."""


def draw_articles(articles: int, seed: int, draws: int = DRAWS) -> NDArray[np.int64]:
    """Draw articles with replacement, as many as there are; (draws, articles).

    Sentences of one article are alike, so that they are drawn together (Efron & Tibshirani 1993, ch. 13).
    Fewer draws of the same seed are the first ones of more.
    """
    return np.random.default_rng(seed).integers(0, max(articles, 1), (draws, articles))


def resampled_rows(article: NDArray[np.int64], draws: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """Give, for each draw, the rows of the articles drawn; `article` is each row's, counted from 0."""
    rows = [np.flatnonzero(article == one) for one in range(int(article.max()) + 1)]
    return [np.concatenate([rows[one] for one in draw]) for draw in draws]


def ends(drawn: Sequence[float] | NDArray[np.float64]) -> tuple[float, float]:
    """Give the ends of the 95 % percentile interval of a figure's draws."""
    low, high = np.percentile(drawn, [2.5, 97.5])
    return float(low), float(high)


def figure(value: float, drawn: Sequence[float] | NDArray[np.float64]) -> Figure:
    """Put a figure beside the ends of its interval."""
    low, high = ends(drawn)
    return {"value": float(value), "low": low, "high": high}
