"""How often a code is counted among an outlet's sentences, and how sure that is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from framing.bootstrap import (
    DRAWS,
    MIN_ARTICLES,
    drawn_shares,
    expanded_percentiles,
    resample,
    skewness,
    too_few,
)
from framing.prevalence import Prevalence

if TYPE_CHECKING:
    import numpy as np

    from framing.bootstrap import Bounds, Counts

MIN_CARRYING = 5  # articles that carry a code; with fewer its count has no interval


def estimate_prevalence(
    positives: Counts, sentences: Counts, *, generator: np.random.Generator, draws: int = DRAWS
) -> list[Prevalence]:
    """Estimates the counted prevalence of several codes in one outlet, with 95 % intervals over articles.

    The interval is a cluster bootstrap: articles are drawn with replacement, and each draw's share is
    its positives over its sentences. All codes share the draws, so a code's interval does not depend
    on which others stand beside it. See `expanded_percentiles` for its ends.

    There is no interval, and `reason` says so, with fewer than 10 articles, where fewer than 5 articles
    carry the code, and where all articles have the same share. With less, intervals cover too rarely:
    `training/measurements/simulation.json`.

    Args:
        positives: Sentences that carry each code, codes × articles.
        sentences: Sentences of each article, articles; each at least 1.
        generator: Source of the draws; it is advanced, by the same amount for any number of codes.
        draws: How many times the articles are drawn.

    Returns:
        One estimate a code, in the order of the rows.

    Raises:
        ValueError: The shapes do not fit, there is no article, or a count is out of range.
    """
    if positives.ndim != 2 or sentences.ndim != 1 or positives.shape[1] != len(sentences):
        raise ValueError(
            f"positives are {positives.shape}, sentences {sentences.shape}: expected (c, a), (a,)"
        )
    if not len(sentences) or (sentences < 1).any() or (positives < 0).any() or (positives > sentences).any():
        raise ValueError(
            "expected at least one article, each with 0 <= positives <= sentences, sentences >= 1"
        )
    weights = resample(len(sentences), generator, draws)
    return count_prevalence(positives, sentences, drawn_shares(weights, positives, sentences))


def count_prevalence(positives: Counts, sentences: Counts, drawn: Bounds) -> list[Prevalence]:
    """The counted prevalences of `estimate_prevalence`, from the draws' shares (draws × codes)."""
    import numpy as np

    articles, total = len(sentences), int(sentences.sum())
    ends = np.full((len(positives), 2), np.nan)
    if articles >= MIN_ARTICLES:
        ends = expanded_percentiles(drawn, articles, skewness(positives, sentences))
    found, carrying = positives.sum(1), (positives > 0).sum(1)
    alike = (positives * total == found[:, np.newaxis] * sentences).all(1)
    effects = design_effects(positives, sentences)
    return [
        _prevalence((yes, total, articles), carry, same, (low, high), effect)
        for yes, carry, same, (low, high), effect in zip(
            found.tolist(), carrying.tolist(), alike.tolist(), ends.tolist(), effects.tolist(), strict=True
        )
    ]


def _prevalence(
    counts: tuple[int, int, int], carrying: int, alike: bool, ends: tuple[float, float], effect: float
) -> Prevalence:
    """One estimate from positives, sentences, articles, and whether all articles have the same share."""
    positives, sentences, articles = counts
    share = positives / sentences
    without = _no_interval(positives, articles, carrying, alike)
    if without is None and ends[0] == ends[1]:
        without = "no interval: the draws of articles show no spread"
    if without is not None:
        return Prevalence(*counts, share, reason=without, carrying=carrying)
    return Prevalence(*counts, share, *ends, carrying=carrying, design_effect=effect)


def design_effects(positives: Counts, sentences: Counts) -> Bounds:
    """Variance of shares over whole articles, by what it would be if sentences were independent.

    The numerator is that of a ratio estimate from clusters drawn with replacement, the denominator
    `share × (1 - share) / sentences` (Kish 1965, "Survey Sampling", sections 5.4 and 8.2).

    Args:
        positives: Of each measure and article, (measures, articles).
        sentences: Of each article, (articles,).

    Returns:
        Of each measure, at least 0; 1 where articles tell no more apart than chance would. Not a number with
        one article, or where none of the sentences are positive or all.
    """
    import numpy as np

    articles, total = len(sentences), sentences.sum()
    share = positives.sum(1) / total
    residual = positives - share[:, np.newaxis] * sentences
    with np.errstate(invalid="ignore", divide="ignore"):
        clustered = np.float64(articles) / (articles - 1) * (residual**2).sum(1) / total**2
        return np.asarray(clustered / (share * (1 - share) / total))


def _no_interval(positives: int, articles: int, carrying: int, alike: bool) -> str | None:
    if few := too_few(articles):
        return few
    if not positives:
        return "no interval: never labelled, and drawing from zeros cannot say how rare it is"
    if alike:
        return "no interval: every article has the same share, so drawing articles shows no spread"
    if carrying < MIN_CARRYING:
        return f"no interval: {carrying} of {articles} articles carry it, it takes {MIN_CARRYING}"
    return None
