"""Scores as local `evaluate.Metric` classes: none of them needs the Hub."""

from collections.abc import Sequence
from typing import Any

import datasets
import evaluate
import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, f1_score, precision_recall_curve

from framing.records import Span

Floats = NDArray[np.float64]


class _Metric(evaluate.Metric):  # type: ignore[misc]
    description = ""
    predictions: Any = None
    references: Any = None

    def __init__(self) -> None:
        super().__init__(keep_in_memory=True)

    def _info(self) -> evaluate.MetricInfo:
        features = datasets.Features({"predictions": self.predictions, "references": self.references})
        return evaluate.MetricInfo(
            description=self.description, citation="", inputs_description="", features=features
        )


class BinaryDetection(_Metric):
    """Average precision, and F1 at the best threshold and at a given one.

    Predictions are scores in [0, 1], references 0 or 1. The F1 at the best threshold is optimistic: it is
    the figure that published systems give on their development data.
    """

    description = "one score an item against yes or no"
    predictions = datasets.Value("float64")
    references = datasets.Value("int32")

    def _compute(self, predictions: Any, references: Any, threshold: float | None = None) -> dict[str, float]:
        precision, recall, thresholds = precision_recall_curve(references, predictions)
        f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-12)
        best = int(np.argmax(f1[:-1]))
        result = {
            "average_precision": float(average_precision_score(references, predictions)),
            "best_f1": float(f1[best]),
            "best_threshold": float(thresholds[best]),
        }
        if threshold is not None:
            result["f1"] = float(f1_score(references, np.asarray(predictions) >= threshold, zero_division=0))
        return result


class MultiLabel(_Metric):
    """Micro and macro F1 and each code's own, of yes or no per item and code.

    Macro F1 is the plain mean over all codes; one that is never predicted counts 0.
    """

    description = "one yes or no an item and code"
    predictions = datasets.Sequence(datasets.Value("int32"))
    references = datasets.Sequence(datasets.Value("int32"))

    def _compute(self, predictions: Any, references: Any) -> dict[str, Any]:
        guess, gold = np.asarray(predictions), np.asarray(references)
        return {
            "micro_f1": float(f1_score(gold, guess, average="micro", zero_division=0)),
            "macro_f1": float(f1_score(gold, guess, average="macro", zero_division=0)),
            "f1": [float(x) for x in f1_score(gold, guess, average=None, zero_division=0)],
        }


class SpanIdentification(_Metric):
    """PTC's span identification (Da San Martino et al. 2020, SemEval-2020 Task 11, equations 1 to 3).

    Each article is a list of spans, flat: start, end, start, end, …; merged, so that none overlap. A
    predicted span earns the share of its characters that gold covers, a gold span the share that is found.
    """

    description = "partial credit for overlapping spans"
    predictions = datasets.Sequence(datasets.Value("int64"))
    references = datasets.Sequence(datasets.Value("int64"))

    def _compute(self, predictions: Any, references: Any) -> dict[str, float]:
        return score_spans([_pairs(flat) for flat in predictions], [_pairs(flat) for flat in references])


def score_spans(guesses: Sequence[Sequence[Span]], golds: Sequence[Sequence[Span]]) -> dict[str, float]:
    """Precision, recall and F1 of `SpanIdentification`, each article's spans as pairs."""
    earned_guess = earned_gold = 0.0
    for guess, gold in zip(guesses, golds, strict=True):
        for s in guess:
            for t in gold:
                shared = max(0, min(s[1], t[1]) - max(s[0], t[0]))
                earned_guess += shared / (s[1] - s[0])
                earned_gold += shared / (t[1] - t[0])
    precision = earned_guess / max(sum(map(len, guesses)), 1)
    recall = earned_gold / max(sum(map(len, golds)), 1)
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    return {"precision": precision, "recall": recall, "f1": f1}


def _pairs(flat: Sequence[int]) -> list[Span]:
    return list(zip(flat[::2], flat[1::2], strict=True))


def flatten(spans: Sequence[Span]) -> list[int]:
    """Turn spans into the flat list that `SpanIdentification` takes."""
    return [offset for span in spans for offset in span]
