"""How far PolNeAR's annotators agree, by the measures that a model is scored with: what it could reach."""

from collections.abc import Sequence
from itertools import combinations, groupby
from pathlib import Path
from typing import Any

import numpy as np

from framing.records import Article
from framing.sentences import split_sentences
from training.attribution_metrics import Counts, compare, score
from training.polnear import PARTS, AttributedArticle, read_polnear_annotators


def measure_ceiling(path: Path, *, seed: int = 1) -> dict[str, Any]:
    """Score each annotator of an article against each other one, as if one were the model.

    F1 is the same whichever of the two is taken for the truth, so that each pair counts once.

    Args:
        path: PolNeAR's folder.
        seed: Of the bootstrap over articles.

    Returns:
        ``articles`` with several annotators and ``pairs`` of these; ``f1``: by measure its value, low and
        high, over all pairs; ``each``: a row an article with its own values.

    Raises:
        FramingError: As `training.polnear.read_polnear`.
    """
    shared = [
        (part, group)
        for part in PARTS
        for _, found in groupby(read_polnear_annotators(path, part), key=lambda article: article.id)
        if len(group := list(found)) > 1
    ]
    counts = [count_pairs(group) for _, group in shared]
    return {
        "articles": len(shared),
        "pairs": sum(len(group) * (len(group) - 1) // 2 for _, group in shared),
        "f1": {
            measure: {"value": found.f1, "low": found.low, "high": found.high}
            for measure, found in score(counts, seed=seed).items()
        },
        "each": [
            {"article": group[0].id, "part": part, "annotators": len(group)}
            | {measure: found.f1 for measure, found in score([one]).items()}
            for (part, group), one in zip(shared, counts, strict=True)
        ],
    }


def count_pairs(annotations: Sequence[AttributedArticle]) -> Counts:
    """Add up the counts of all pairs of one article's annotators, the first of a pair taken as found."""
    first = annotations[0]
    split = split_sentences(Article(first.id, first.publisher, first.text))
    sentences = [(sentence.start, sentence.end) for sentence in split]
    pairs = combinations([article.spans() for article in annotations], 2)
    return np.asarray(sum(compare(first.text, sentences, one, other) for one, other in pairs))
