"""Whether a model says of the devices it finds whose words they are."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from framing.labelling import Model
from framing.records import VOICES, Article, LabelledSentence
from training.annotation import Annotation
from training.corpora import GoldArticle
from training.intervals import draw_articles, figure

Pair = tuple[str, str]
"""The annotated and the given voice of a label."""


def score_voices(pairs: Sequence[Sequence[Pair]], *, seed: int) -> dict[str, Any]:
    """Score the voices of labels that a model rightly gives, as `pair_voices` lists them article by article.

    Returns:
        ``found`` labels, the share of them whose voice is ``right`` (with a 95 % percentile bootstrap over
        articles), and ``confusions``: annotated voice, given voice, labels.
    """
    read = len(pairs)
    counts, confusions = np.zeros((read, 2), dtype=np.int64), Counter[Pair]()
    for number, article in enumerate(pairs):
        for true, given in article:
            counts[number] += (1, true == given)
            confusions[true, given] += 1
    summed = counts[draw_articles(read, seed)].sum(1)
    shares = summed[:, 1] / np.maximum(summed[:, 0], 1)
    found, right = counts.sum(0).tolist()
    return {
        "found": found,
        "right": figure(right / max(found, 1), shares),
        "confusions": [
            {"annotated": true, "given": given, "labels": confusions[true, given]}
            for true in VOICES
            for given in VOICES
            if confusions[true, given]
        ],
    }


def pair_voices(
    model: Model, articles: Sequence[GoldArticle], annotations: Sequence[Annotation]
) -> list[list[Pair] | None]:
    """List the annotated and the given voice of each label that a model rightly gives.

    The model splits the sentences itself; a label counts as found where one of its code lies in a sentence
    that overlaps the annotated one.

    Returns:
        The pairs of each article, in their order; nothing for an article that nobody annotated.
    """
    gold: dict[str, list[Annotation]] = {}
    for one in annotations:
        gold.setdefault(one.article, []).append(one)
    read = [article for article in articles if article.id in gold]
    labelled = model.label_each(Article(a.id, "unknown", a.text) for a in read)
    found = {
        article.id: _pair(gold[article.id], sentences)
        for article, sentences in zip(read, labelled, strict=True)
    }
    return [found.get(article.id) for article in articles]


def _pair(annotations: Sequence[Annotation], sentences: Sequence[LabelledSentence]) -> list[Pair]:
    """List the annotated and the given voice of every label that both have."""
    pairs: list[Pair] = []
    for one in annotations:
        voices = {
            label.code: label.voice
            for sentence in sentences
            if sentence.start < one.end and one.start < sentence.end
            for label in sentence.labels
            if label.voice is not None
        }
        pairs += [(mark.voice, voices[mark.code]) for mark in one.marks if mark.code in voices]
    return pairs
