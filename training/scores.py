"""The figures of a model on gold articles."""

import numpy as np
from sklearn.metrics import average_precision_score

from framing.decisions import sigmoid
from framing.errors import FramingError
from training.attribution_metrics import MEASURES
from training.config import RunConfig
from training.metrics import BinaryDetection, Floats, MultiLabel, score_spans
from training.predictions import (
    Bools,
    Predictions,
    any_score,
    evidence_spans,
    evidence_within_labels,
    gold_spans,
)

LEAST_EVIDENCE, MOST_EVIDENCE = 0.02, 0.6


QUICK = (
    *("any_average_precision", "micro_average_precision", "macro_average_precision"),
    *("any_f1", "any_average_precision_max", "micro_f1", "macro_f1", "span_f1", "span_threshold"),
)
"""What `quick_scores` gives."""


def check_monitor(config: RunConfig) -> None:
    """Make sure that what a run is watched by will be measured.

    Raises:
        FramingError: If a score is not known.
    """
    known = [f"{family}_{name}" for family in config.data.families for name in QUICK]
    if config.data.attribution_dev:
        known += [f"{measure}_f1" for measure in MEASURES]
    if unknown := set(config.training.monitor) - set(known):
        raise FramingError(f"monitor: {min(unknown)!r} is not measured, expected some of {', '.join(known)}")


def best_threshold(scores: Floats, gold: Bools) -> float:
    """Return the threshold of best F1; for several codes at once, of best micro F1."""
    flat, truth = scores.ravel(), gold.ravel()
    order = np.argsort(-flat, kind="stable")
    f1 = 2 * np.cumsum(truth[order]) / (np.arange(1, len(order) + 1) + max(int(truth.sum()), 1))
    return float(flat[order][int(np.argmax(f1))])


def expected_threshold(probabilities: Floats) -> float:
    """Return the threshold of the best F1 that calibrated probabilities (units,) lead to expect.

    Of k units above it, F1 is expected to be 2 × (their sum) / (k + the sum of all). Where few units carry a
    code this hangs on less chance than a count of them.
    """
    ordered = np.sort(probabilities)[::-1]
    f1 = 2 * np.cumsum(ordered) / (np.arange(1, len(ordered) + 1) + ordered.sum())
    return float(ordered[int(np.argmax(f1))])


def best_span_threshold(predictions: Predictions) -> tuple[float, float]:
    """Return the evidence threshold of best span identification F1, and that F1."""
    gold = gold_spans(predictions)
    results = [
        (score_spans(evidence_spans(predictions, t), gold)["f1"], t)
        for t in np.arange(0.15, 0.65, 0.05).round(2).tolist()
    ]
    f1, threshold = max(results)
    return float(threshold), float(f1)


def best_word_thresholds(predictions: Predictions) -> list[float]:
    """Return, for each code, the evidence that best finds its words in the sentences that carry it.

    Codes differ: two words carry a name-calling, half the sentence an appeal to fear.
    """
    logits, gold, carried = evidence_within_labels(predictions)
    found = []
    for code in range(len(predictions.codes)):
        rows = carried[:, code]
        if gold[rows, code].any():
            found.append(best_threshold(sigmoid(logits[rows, code]), gold[rows, code]))
        else:
            found.append(LEAST_EVIDENCE)
    return [float(value) for value in np.clip(found, LEAST_EVIDENCE, MOST_EVIDENCE).round(4)]


def macro_average_precision(scores: Floats, gold: Bools) -> float:
    """Return the mean average precision of the codes that some unit carries, 0 if there is none.

    Both are (units, codes).
    """
    carried = gold.any(0)
    if not carried.any():
        return 0.0
    return float(average_precision_score(gold[:, carried], scores[:, carried], average="macro"))


def quick_scores(predictions: Predictions) -> dict[str, float]:
    """Score a family of codes while the network trains: thresholds are the best on these same articles."""
    probabilities = sigmoid(predictions.logits)
    detection = BinaryDetection().compute(
        predictions=any_score(probabilities), references=predictions.gold.any(1).astype(int)
    )
    highest = BinaryDetection().compute(
        predictions=probabilities.max(1), references=predictions.gold.any(1).astype(int)
    )
    threshold = best_threshold(probabilities, predictions.gold)
    labels = MultiLabel().compute(
        predictions=(probabilities >= threshold).astype(int), references=predictions.gold.astype(int)
    )
    span_threshold, span_f1 = best_span_threshold(predictions)
    return {
        "any_average_precision": detection["average_precision"],
        "micro_average_precision": float(
            average_precision_score(predictions.gold.ravel(), probabilities.ravel())
        ),
        "macro_average_precision": macro_average_precision(probabilities, predictions.gold),
        "any_f1": detection["best_f1"],
        "any_average_precision_max": highest["average_precision"],
        "micro_f1": labels["micro_f1"],
        "macro_f1": labels["macro_f1"],
        "span_f1": span_f1,
        "span_threshold": span_threshold,
    }
