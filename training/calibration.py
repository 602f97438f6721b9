"""Calibration and thresholds, chosen on development articles and judged by cross-validation over them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from framing.decisions import Decision, Decisions, log_odds, sigmoid
from training.metrics import Floats
from training.predictions import Bools, Predictions, any_score
from training.scores import best_span_threshold, best_threshold, best_word_thresholds, expected_threshold

SLOPE_SPREAD = 0.25  # standard deviation of the prior on a slope, around 1
INTERCEPT_SPREAD = 1.0  # the same on an intercept, around 0
MOST_THRESHOLD = 0.5
LEAST_THRESHOLD = 0.02


@dataclass(frozen=True)
class Decided:
    """What is decided about sentences.

    Attributes:
        probabilities: (sentences, codes), calibrated.
        chosen: (sentences, codes), yes or no.
        any_probabilities: (sentences,), of carrying any code, by a curve of its own over `any_score` of the
            logits, which the network learns to get right; nothing where none was fitted.
        any_chosen: (sentences,), yes or no, by a threshold of its own; nothing where none was chosen.
    """

    probabilities: Floats
    chosen: Bools
    any_probabilities: Floats | None = None
    any_chosen: Bools | None = None


def fit_curve(logits: Floats, gold: Bools) -> tuple[float, float]:
    """Fit sigmoid(slope × logit + intercept) to gold by maximum a posteriori.

    Platt 1999, with normal priors that keep a code of few sentences near its raw probabilities.

    Returns:
        Slope and intercept.
    """
    signs = np.where(gold, 1.0, -1.0)

    def loss(curve: Floats) -> float:
        fitted = curve[0] * logits + curve[1]
        prior = ((curve[0] - 1) / SLOPE_SPREAD) ** 2 / 2 + (curve[1] / INTERCEPT_SPREAD) ** 2 / 2
        return float(np.logaddexp(0, -signs * fitted).sum() + prior)

    slope, intercept = minimize(
        loss, np.array([1.0, 0.0]), method="L-BFGS-B", bounds=[(0.05, 10), (-20, 20)]
    ).x
    return float(slope), float(intercept)


def choose_thresholds(probabilities: Floats, gold: Bools, balance: float) -> Floats:
    """Choose a threshold for each code, between what serves all labels and what serves the code.

    With calibrated probabilities the F1 of a set of decisions is best at half that F1 (Lipton, Elkan and
    Naryanaswamy 2014, arXiv 1402.1892): one threshold for the micro F1 of all codes, by gold, another for
    each code's own F1, by what is to be expected of it. `balance` mixes the two on a log scale: 0 the shared
    one, 1 each code's own.

    Returns:
        (codes,).
    """
    shared = best_threshold(probabilities, gold)
    own = np.array([expected_threshold(probabilities[:, c]) for c in range(gold.shape[1])])
    mixed = np.exp((1 - balance) * np.log(shared) + balance * np.log(np.clip(own, 1e-3, 1)))
    return np.asarray(np.clip(mixed, LEAST_THRESHOLD, MOST_THRESHOLD))


def cross_validate(predictions: Predictions, *, balance: float) -> Decided:
    """Decide every development article by curves and thresholds that all other articles led to.

    Leaving out one article at a time takes no luck of a draw of folds, and judges decisions that were learned
    from nearly as much as those that ship.
    """
    probabilities = np.zeros_like(predictions.logits)
    chosen = np.zeros_like(predictions.gold)
    any_logit = log_odds(any_score(sigmoid(predictions.logits)))
    any_gold = np.asarray(predictions.gold.any(1))
    any_probabilities, any_chosen = np.zeros(len(any_gold)), np.zeros(len(any_gold), dtype=bool)
    for article in np.unique(predictions.article):
        inside = predictions.article == article
        outside = ~inside
        curves = fit_curves(predictions.logits[outside], predictions.gold[outside])
        learned = apply_curves(curves, predictions.logits[outside])
        probabilities[inside] = apply_curves(curves, predictions.logits[inside])
        thresholds = choose_thresholds(learned, predictions.gold[outside], balance)
        chosen[inside] = probabilities[inside] >= thresholds
        slope, intercept = fit_curve(any_logit[outside], any_gold[outside])
        any_probabilities[inside] = sigmoid(slope * any_logit[inside] + intercept)
        any_chosen[inside] = any_logit[inside] >= best_threshold(any_logit[outside], any_gold[outside])
    return Decided(probabilities, chosen, any_probabilities, any_chosen)


def fit_curves(logits: Floats, gold: Bools) -> Floats:
    """Fit a curve for each code; (codes, 2) of slopes and intercepts."""
    return np.array([fit_curve(logits[:, c], gold[:, c]) for c in range(gold.shape[1])])


def apply_curves(curves: Floats, logits: Floats) -> Floats:
    """Turn logits (sentences, codes) into probabilities."""
    return sigmoid(curves[:, 0] * logits + curves[:, 1])


def choose_decisions(families: Sequence[Predictions], *, balance: float, chosen_on: str) -> Decisions:
    """Choose the decisions that ship, each family's from all the articles that were read for it.

    The threshold of words that carry any code is that of the first family.
    """
    codes = {code: decision for family in families for code, decision in _decide(family, balance)}
    any_evidence, _ = best_span_threshold(families[0])
    return Decisions(codes, any_evidence, chosen_on)


def _decide(family: Predictions, balance: float) -> Iterator[tuple[str, Decision]]:
    curves = fit_curves(family.logits, family.gold)
    thresholds = choose_thresholds(apply_curves(curves, family.logits), family.gold, balance)
    words = best_word_thresholds(family)
    for code, curve, threshold, evidence in zip(family.codes, curves, thresholds, words, strict=True):
        yield code, Decision(*(round(float(value), 4) for value in (*curve, threshold, evidence)))
