"""Which windows an epoch shows when rare codes are to be seen more often."""

from collections import Counter
from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray


def weigh_windows(codes: Sequence[Collection[int]], enough: float) -> NDArray[np.float64]:
    """Say how often each window is to be drawn, against one with no rare code.

    A code that a share f of the windows carries asks for max(1, sqrt(enough / f)); a window gets the most
    that its codes ask for (Gupta, Dollár & Girshick 2019, arXiv 1908.03195, repeat factor sampling).

    Args:
        codes: The codes that each window carries.
        enough: Share of the windows that makes a code common, in [0, 1].

    Returns:
        (windows,), each at least 1.
    """
    carried = Counter(code for window in codes for code in set(window))
    asked = {code: max(1.0, float(np.sqrt(enough * len(codes) / n))) for code, n in carried.items()}
    return np.array([max((asked[code] for code in window), default=1.0) for window in codes])


def draw_windows(weights: NDArray[np.float64], rng: np.random.Generator) -> list[int]:
    """Draw as many windows as there are, each as often as its share of the weights, within one.

    Systematic sampling: nothing is left to chance but the start, so an epoch misses as little as it can.
    """
    ends = np.cumsum(weights / weights.sum()) * len(weights)
    return [int(i) for i in np.searchsorted(ends[:-1], np.arange(len(weights)) + rng.random(), side="right")]
