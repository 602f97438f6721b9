"""Ways to estimate a rate from a classifier that errs, side by side: those of `quapy`, and ours."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator

Floats = NDArray[np.float64]
METHODS = ("adjusted count", "probabilistic adjusted count", "expectation maximisation")


class _Given(BaseEstimator):  # type: ignore[misc]
    """What `quapy` takes for a classifier: the items are probabilities already."""

    def __init__(self) -> None:
        self.classes_ = np.array([0, 1])

    def fit(self, items: Floats, labels: Any) -> "_Given":
        return self

    def predict(self, items: Floats) -> NDArray[np.int64]:
        return np.asarray(items[:, 1] >= 0.5, dtype=np.int64)

    def predict_proba(self, items: Floats) -> Floats:
        return items


class Quantifiers:
    """ACC, PACC and EMQ of `quapy`, learned from sentences with gold of one code.

    Args:
        scores: Calibrated probabilities, (sentences,).
        labelled: Whether the model gives the label, (sentences,).
        gold: Whether the sentence carries the code, (sentences,); some do.
    """

    def __init__(self, scores: Floats, labelled: NDArray[np.bool_], gold: NDArray[np.bool_]) -> None:
        from quapy.method.aggregative import ACC, EMQ, PACC

        truth = gold.astype(int)
        settings: dict[str, Any] = {"fit_classifier": False, "val_split": None}
        self._count = ACC(_Given(), solver="exact-cc", **settings)
        self._sum = PACC(_Given(), solver="exact-cc", **settings)
        self._likelihood = EMQ(_Given(), **settings)
        self._count.fit(_both(labelled.astype(np.float64)), truth)
        self._sum.fit(_both(scores), truth)
        self._likelihood.fit(_both(scores), truth)

    def estimate(self, scores: Floats, labelled: NDArray[np.bool_]) -> dict[str, float]:
        """Estimate the share of other sentences that carry the code, by each of `METHODS`."""
        shares = (
            self._count.predict(_both(labelled.astype(np.float64))),
            self._sum.predict(_both(scores)),
            self._likelihood.predict(_both(scores)),
        )
        return {name: float(share[1]) for name, share in zip(METHODS, shares, strict=True)}


def _both(scores: Floats) -> Floats:
    return np.stack([1 - scores, scores], axis=1)
