"""Draws of an outlet's articles and of the development articles: estimates with all of their uncertainty."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import isnan
from typing import TYPE_CHECKING

from framing.bootstrap import (
    MIN_ARTICLES,
    drawn_shares,
    expanded_percentiles,
    make_generator,
    resample,
    skewness,
    too_few,
)
from framing.correction import Correction, Errors
from framing.counts import Counted, GroupCounts
from framing.estimates import count_prevalence
from framing.prevalence import Prevalence

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

BY_CODE = ("prevalence", "mean", "labelled", "slope", "ratio")  # arrays of `Errors` with a column a code
VOICE_PRIOR = 2.0  # labels: an outlet's voices over all codes count as so many labels of each code
LEAST_TELLING = 0.1  # by which the voices must be told apart at least
NEVER = "no interval: no draw of the articles leaves anything after the correction"
NO_VOICE = "not corrected: no label tells whose words it is"
DOUBT_LEVEL = 0.975  # of each of two checks: a sound correction is doubted in some 5 % at most


@dataclass(frozen=True, slots=True)
class GroupDraws:
    """Draws of one group's shares. Row k of every group holds the same draw of development articles.

    Attributes:
        observed: Labelled shares, (draws, keys), in [0, 1].
        corrected: Corrected shares, (draws, keys), in [0, 1]; not a number where a key is not corrected.
            They are what the slope alone gives: their spread is all of the correction's.
        point_observed: The counted shares themselves, (keys,).
        point_corrected: The corrected shares themselves, (keys,).
        point_slope: What the slope alone gives for them, as in the draws, (keys,).
        doubts: Why the correction is to be distrusted, by code; None where nothing speaks against it.
    """

    observed: Floats
    corrected: Floats
    point_observed: Floats
    point_corrected: Floats
    point_slope: Floats
    doubts: tuple[str | None, ...]


def draw_group(
    counts: GroupCounts, counted: Counted, correction: Correction | None, *, draws: int, seed: int
) -> GroupDraws:
    """Draws a group's articles, and with each draw one of the development articles.

    Args:
        counts: What the group's articles hold.
        counted: The codes and voices that its rows stand for.
        correction: The classifier's errors; without them nothing is corrected.
        draws: How many.
        seed: Of the draws; the group's stream is named by the group.
    """
    import numpy as np

    weights = draw_articles(counts, draws=draws, seed=seed)
    observed = drawn_shares(weights, counts.positives, counts.sentences)
    doubts: tuple[str | None, ...] = (None,) * len(counted.codes)
    corrected = np.full_like(observed, np.nan)
    combined = corrected[0].copy()
    if correction is not None:
        errors = correction.drawn(draws, seed)
        columns = [correction.codes.index(code) for code in counted.codes]
        errors = replace(errors, **{name: getattr(errors, name)[:, columns] for name in BY_CODE})
        scores = drawn_shares(weights, counts.scores, counts.sentences)
        step = len(counted.voices)
        raw = errors.prevalence + (scores - errors.mean) / errors.slope
        rates = np.clip(raw, 0, 1)
        best = combine(scores, raw)
        unknown = np.array([correction.reasons[column] is not None for column in columns])
        if len(counts.articles) >= MIN_ARTICLES:
            found = _find_doubts(scores, observed[:, ::step], raw, errors, counts)
            doubts = tuple(None if never else doubt for doubt, never in zip(found, unknown, strict=True))
        rates[:, unknown] = best[unknown] = np.nan
        corrected[:, ::step], combined[::step] = rates, best
        if step > 1 and correction.tells_voices:
            own = _own_shares(weights, counts, step, errors)
            corrected[:, 1::step], corrected[:, 2::step] = rates * own, rates * (1 - own)
            combined[1::step], combined[2::step] = best * own[0], best * (1 - own[0])
    return GroupDraws(observed[1:], corrected[1:], observed[0], combined, corrected[0], doubts)


def draw_articles(counts: GroupCounts, *, draws: int, seed: int) -> Floats:
    """How often each row holds each of a group's articles: row 0 once each, the others draws of them."""
    import numpy as np

    articles = len(counts.articles)
    drawn = resample(articles, make_generator(seed, counts.group), draws)
    return np.vstack([np.ones(articles), drawn])


def combine(scores: Floats, raw: Floats) -> Floats:
    """Takes as much of the correction as its own noise allows; see `framing.correction`.

    Draws are not combined: intervals of combined draws hold the truth less often than 95 times in 100.

    Args:
        scores: Mean probabilities of the group's sentences, (rows, codes); row 0 the estimate, the others
            draws.
        raw: What the slope makes of them, of the same shape.

    Returns:
        The corrected shares, (codes,), in [0, 1].
    """
    import numpy as np

    change = raw - scores
    noise = change[1:].var(0)
    kept = np.clip(1 - noise / np.maximum(change[0] ** 2, 1e-12), 0, 1)
    return np.asarray(np.clip(scores[0] + kept * change[0], 0, 1))


def _own_shares(weights: Floats, counts: GroupCounts, step: int, errors: Errors) -> Floats:
    """Share of each code's labels that are the outlet's own words, (rows, codes), voice errors taken out.

    The labels of all codes count as `VOICE_PRIOR` labels of each. Voices err for all codes alike as they do
    on the development labels.
    """
    import numpy as np

    own, lent = (weights @ counts.positives[place::step].T for place in (1, 2))
    both = own.sum(1, keepdims=True) + lent.sum(1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        usual = own.sum(1, keepdims=True) / both
        usual = np.where(both > 0, usual, usual[0])  # a draw without labels says nothing of voices
        given = (own + VOICE_PRIOR * usual) / (own + lent + VOICE_PRIOR)
        return np.asarray(
            np.clip((given - errors.lent) / np.maximum(errors.own - errors.lent, LEAST_TELLING), 0, 1)
        )


def _find_doubts(
    scores: Floats, labelled: Floats, raw: Floats, errors: Errors, counts: GroupCounts
) -> list[str | None]:
    """Check what the correction takes for granted, for each code.

    That is: the articles differ from the development articles in how often a code occurs, not in how
    sentences with and without it score.
    """
    # Were that so, the share of labels would follow from the mean probability.
    surprise = labelled - errors.labelled - errors.ratio * (scores - errors.mean)
    skewed, articles = skewness(counts.scores, counts.sentences), len(counts.articles)
    low, high = expanded_percentiles(surprise[1:], articles, level=DOUBT_LEVEL).T
    _, most = expanded_percentiles(raw[1:], articles, skewed, DOUBT_LEVEL).T
    reasons: list[str | None] = []
    for column in range(scores.shape[1]):
        if most[column] < 0:
            reasons.append("sentences score lower than development sentences without the label")
        elif low[column] > 0:
            reasons.append("more labels than the probabilities and the development articles explain")
        elif high[column] < 0:
            reasons.append("fewer labels than the probabilities and the development articles explain")
        else:
            reasons.append(None)
    return reasons


def estimate_group(
    counts: GroupCounts, counted: Counted, correction: Correction | None, *, draws: int, seed: int
) -> list[Prevalence]:
    """Draws one group and estimates its prevalences: `draw_group` and `estimate_drawn`."""
    drawn = draw_group(counts, counted, correction, draws=draws, seed=seed)
    return estimate_drawn(counts, counted, correction, drawn)


def estimate_drawn(
    counts: GroupCounts, counted: Counted, correction: Correction | None, drawn: GroupDraws
) -> list[Prevalence]:
    """Estimates the counted and the corrected prevalence of each key in one group, with intervals.

    Args:
        counts: What the group's articles hold.
        counted: The codes and voices that its rows stand for.
        correction: The classifier's errors; without them nothing is corrected.
        drawn: The group's draws.

    Returns:
        One estimate a key, in the order of `counted.keys`.
    """
    import numpy as np

    found = count_prevalence(counts.positives, counts.sentences, drawn.observed)
    if correction is None:
        return found
    step, articles = len(counted.voices), len(counts.articles)
    carrying = dict(zip(correction.codes, correction.carrying, strict=True))
    clusters = np.array([min(articles, carrying[code]) for code, _ in counted.keys])
    skewed = np.repeat(skewness(counts.scores, counts.sentences), step)
    ends = np.full((len(found), 2), np.nan)
    sure = ~np.isnan(drawn.point_corrected)
    if articles >= MIN_ARTICLES:
        ends[sure] = expanded_percentiles(drawn.corrected[:, sure], clusters[sure], skewed[sure])
    reasons = dict(zip(correction.codes, correction.reasons, strict=True))
    return [
        _add_correction(
            one, float(drawn.point_corrected[at]), ends[at].tolist(), reasons[code], drawn.doubts[at // step]
        )
        for at, (one, (code, _)) in enumerate(zip(found, counted.keys, strict=True))
    ]


def _add_correction(
    found: Prevalence, value: float, ends: list[float], reason: str | None, doubt: str | None
) -> Prevalence:
    if reason is not None or isnan(value):
        return replace(found, corrected_reason=reason or NO_VOICE)
    few = too_few(found.articles)
    low, high = min(ends[0], value), max(ends[1], value)
    if few is None and not low < high:
        few = NEVER
    if few is not None:
        return replace(found, corrected=value, method="corrected", corrected_reason=few, doubt=doubt)
    return replace(
        found, corrected=value, corrected_low=low, corrected_high=high, method="corrected", doubt=doubt
    )
