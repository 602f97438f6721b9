"""How well attributions are found: by character, and by whose words the greater part of a sentence is.

Every figure comes from counts that add up over articles, so that an interval can resample the articles.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from framing.records import Attribution, Span
from training.polnear import ROLES, AttributedArticle, Role

MEASURES = (*ROLES, "sentence")
"""What is measured: characters of sources, cues and contents, and sentences that are mostly content."""

# Fewer articles than this have no interval: percentiles of so few clusters come out far too narrow.
FEWEST_ARTICLES = 10

Counts: TypeAlias = NDArray[np.int64]
"""Shape (measures, 3), rows as `MEASURES`; columns: found and true, found, true."""

Spans: TypeAlias = Mapping[Role, Sequence[Span]]
"""The spans of each role; they may overlap."""


@dataclass(frozen=True, slots=True)
class Score:
    """One measure over some articles; all shares in [0, 1], nothing where a denominator is 0.

    Attributes:
        precision: Share of what was found that is true.
        recall: Share of what is true that was found.
        f1: Their harmonic mean.
        low: Lower end of the interval of `f1`; nothing for fewer than `FEWEST_ARTICLES` articles.
        high: Its upper end.
        articles: How many articles went in.
        found: How many units (characters, or sentences) were found.
        true: How many there are.
    """

    precision: float | None
    recall: float | None
    f1: float | None
    low: float | None
    high: float | None
    articles: int
    found: int
    true: int


def count(article: AttributedArticle, sentences: Sequence[Span], found: Iterable[Attribution]) -> Counts:
    """Compares the attributions found in one article with its gold ones.

    Args:
        article: With its gold attributions.
        sentences: Its sentences.
        found: The attributions to measure.

    Returns:
        As `compare`.
    """
    spans: dict[Role, list[Span]] = {role: [] for role in ROLES}
    for one in found:
        for role in ROLES:
            if (span := getattr(one, role)) is not None:
                spans[role].append(span)
    return compare(article.text, sentences, spans, article.spans())


def compare(text: str, sentences: Sequence[Span], found: Spans, gold: Spans) -> Counts:
    """Compares the spans of one article that were found with the true ones.

    Characters other than spaces are counted, once each however many spans cover them. A sentence counts
    where more than half of its characters other than spaces lie in contents.

    Args:
        text: The article's text.
        sentences: Its sentences.
        found: The spans to measure.
        gold: The true ones.

    Returns:
        The counts; add them up for several articles.
    """
    visible = np.array([not character.isspace() for character in text], dtype=bool)
    masks = {role: [visible & _mask(len(text), spans[role]) for spans in (found, gold)] for role in ROLES}
    rows = [_overlap(*masks[role]) for role in ROLES]
    rows.append(_overlap(*(_mostly(mask, visible, sentences) for mask in masks["content"])))
    return np.array(rows, dtype=np.int64)


def score(
    counts: Sequence[Counts], *, resamples: int = 1000, level: float = 0.95, seed: int = 0
) -> dict[str, Score]:
    """Micro-averaged precision, recall and F1 of each measure, with an interval.

    The interval is the percentile bootstrap over articles (Efron & Tibshirani 1993, ch. 13): articles are
    drawn with replacement, as many as there are, and F1 is taken of their summed counts.

    Args:
        counts: What `count` gave, one an article.
        resamples: How many times to draw, at least 1.
        level: Coverage of the interval, in (0, 1).
        seed: Of the generator; the same seed gives the same interval.

    Returns:
        A score for each of `MEASURES`.
    """
    table = np.array(counts, dtype=np.int64).reshape(-1, len(MEASURES), 3)
    articles = len(table)
    total = table.sum(axis=0)
    edges: NDArray[np.float64] | None = None
    if articles >= FEWEST_ARTICLES:
        draws = np.random.default_rng(seed).multinomial(
            articles, np.full(articles, 1 / articles), size=resamples
        )
        sums = np.tensordot(draws, table, axes=1)
        tails = 50 * (1 - level), 50 * (1 + level)
        with np.errstate(invalid="ignore"):
            edges = np.percentile(2 * sums[..., 0] / (sums[..., 1] + sums[..., 2]), tails, axis=0)
    return {
        measure: _score(total[row], articles, None if edges is None else edges[:, row])
        for row, measure in enumerate(MEASURES)
    }


def score_by_publisher(
    articles: Sequence[AttributedArticle], counts: Sequence[Counts], *, resamples: int = 1000, seed: int = 0
) -> Mapping[str, dict[str, Score]]:
    """The scores of each publisher's articles by themselves, publishers in order of their code."""
    grouped: dict[str, list[Counts]] = {}
    for article, one in zip(articles, counts, strict=True):
        grouped.setdefault(article.publisher, []).append(one)
    return {name: score(grouped[name], resamples=resamples, seed=seed) for name in sorted(grouped)}


def _mask(size: int, spans: Iterable[Span]) -> NDArray[np.bool_]:
    mask = np.zeros(size, dtype=bool)
    for start, end in spans:
        mask[start:end] = True
    return mask


def _mostly(
    mask: NDArray[np.bool_], visible: NDArray[np.bool_], sentences: Sequence[Span]
) -> NDArray[np.bool_]:
    return np.array(
        [2 * mask[start:end].sum() > visible[start:end].sum() for start, end in sentences], dtype=bool
    )


def _overlap(found: NDArray[np.bool_], true: NDArray[np.bool_]) -> tuple[int, int, int]:
    return int((found & true).sum()), int(found.sum()), int(true.sum())


def _score(counts: NDArray[np.int64], articles: int, edges: NDArray[np.float64] | None) -> Score:
    hits, found, true = (int(value) for value in counts)
    low, high = (None, None) if edges is None or np.isnan(edges).any() else (float(edge) for edge in edges)
    return Score(
        precision=hits / found if found else None,
        recall=hits / true if true else None,
        f1=2 * hits / (found + true) if found + true else None,
        low=low,
        high=high,
        articles=articles,
        found=found,
        true=true,
    )
