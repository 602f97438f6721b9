"""How far two readers who did not see each other's work agree."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import krippendorff
import numpy as np
from numpy.typing import NDArray

from training.annotation import Annotation, Place
from training.intervals import draw_articles, ends

NOTHING = "(none)"


def pair_readings(
    annotations: Iterable[Annotation], codes: Sequence[str]
) -> list[tuple[Annotation, Annotation]]:
    """Return the first and the second reading of every sentence that has both for exactly these codes."""
    readings: dict[Place, dict[int, Annotation]] = {}
    for one in annotations:
        if one.read_for == tuple(codes):
            readings.setdefault(one.place, {})[one.reading] = one
    return [(found[1], found[2]) for _, found in sorted(readings.items()) if {1, 2} <= found.keys()]


def measure_agreement(
    pairs: Sequence[tuple[Annotation, Annotation]], codes: Sequence[str], *, seed: int = 1
) -> dict[str, Any]:
    """Krippendorff's α of each code and of "any of them", with intervals; and what is taken for what.

    α: Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability", nominal, by the `krippendorff`
    library. Intervals: 95 % percentile bootstrap over articles.

    Args:
        pairs: The two readings of each sentence, both for all of `codes`.
        codes: A family of codes.
        seed: Of the bootstrap.

    Returns:
        ``sentences``, ``articles``; ``alpha``: a row a code with the positives of either reader;
        ``voice``: of the labels that both gave, the share with the same voice; ``confusions``: how often one
        reader gave a code where the other gave another instead, or nothing, most frequent first.
    """
    names = sorted({(a.corpus, a.article) for a, _ in pairs})
    owner = np.array([names.index((a.corpus, a.article)) for a, _ in pairs])
    given = np.array([[[c in _codes(one) for c in codes] for one in pair] for pair in pairs])
    draws = draw_articles(len(names), seed)
    weights = np.stack([np.bincount(draw, minlength=len(names)) for draw in draws])
    columns = [*((code, given[:, :, at]) for at, code in enumerate(codes)), ("any", np.asarray(given.any(2)))]
    same, shared = _voices(pairs)
    return {
        "sentences": len(pairs),
        "articles": len(names),
        "alpha": [{"code": code, **_alpha(column, owner, weights)} for code, column in columns],
        "voice": {"labels": shared, "same": same},
        "confusions": [
            {"one": one, "other": other, "sentences": count} for (one, other), count in _confusions(pairs)
        ],
    }


def _codes(annotation: Annotation) -> frozenset[str]:
    return frozenset(mark.code for mark in annotation.marks)


def _alpha(column: NDArray[np.bool_], owner: NDArray[np.int64], weights: NDArray[np.int64]) -> dict[str, Any]:
    """Give α of (sentences, 2) of yes and no; nothing where nobody ever says yes."""
    yes = column.sum(1)
    # Each article's sentences by how many of the two readers said yes: 0, 1 or 2.
    counts = np.array([np.bincount(yes[owner == a], minlength=3) for a in range(weights.shape[1])])
    found = {
        "first": int(column[:, 0].sum()),
        "second": int(column[:, 1].sum()),
        "both": int((yes == 2).sum()),
    }
    drawn = [alpha for w in weights if (alpha := _alpha_of_counts(w @ counts)) is not None]
    low, high = ends(drawn) if drawn else (None, None)
    return {**found, "alpha": _alpha_of_counts(counts.sum(0)), "low": low, "high": high}


def _alpha_of_counts(counts: NDArray[np.int64]) -> float | None:
    """Give α from how many sentences 0, 1 and 2 of two readers said yes to."""
    if not counts[1:].any() or not counts[:2].any():
        return None
    # Units of equal votes are alike, so that a few thousand need not be listed one by one.
    votes = np.repeat(np.array([[2, 0], [1, 1], [0, 2]]), counts, axis=0)
    return float(krippendorff.alpha(value_counts=votes, level_of_measurement="nominal"))


def _voices(pairs: Sequence[tuple[Annotation, Annotation]]) -> tuple[int, int]:
    same = shared = 0
    for pair in pairs:
        first, second = ({mark.code: mark.voice for mark in one.marks} for one in pair)
        shared += len(first.keys() & second.keys())
        same += sum(first[code] == second[code] for code in first.keys() & second.keys())
    return same, shared


def _confusions(
    pairs: Sequence[tuple[Annotation, Annotation]],
) -> list[tuple[tuple[str, str], int]]:
    """Pairs of codes taken for each other, the most frequent first, those alike in the alphabet's order."""
    found: Counter[tuple[str, str]] = Counter()
    for pair in pairs:
        first, second = map(_codes, pair)
        mine, others = first - second, second - first
        found.update((min(a, b), max(a, b)) for a in mine for b in others)
        found.update((code, NOTHING) for code in mine ^ others if not (mine and others))
    return sorted(found.items(), key=lambda item: (-item[1], item[0]))
