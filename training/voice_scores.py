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


def evaluate_voices(
    model: Model, articles: Sequence[GoldArticle], annotations: Sequence[Annotation], *, seed: int
) -> dict[str, Any]:
    """Compare the voice of each label that a model rightly gives with the annotated one.

    The model splits the sentences itself; a label counts as found where one of its code lies in a sentence
    that overlaps the annotated one.

    Returns:
        ``found`` labels, the share of them whose voice is ``right`` (with a 95 % percentile bootstrap over
        articles), and ``confusions``: annotated voice, given voice, labels.
    """
    gold: dict[str, list[Annotation]] = {}
    for one in annotations:
        gold.setdefault(one.article, []).append(one)
    read = [article for article in articles if article.id in gold]
    counts, confusions = np.zeros((len(read), 2), dtype=np.int64), Counter[tuple[str, str]]()
    labelled = model.label_each(Article(a.id, "unknown", a.text) for a in read)
    for number, (article, sentences) in enumerate(zip(read, labelled, strict=True)):
        for true, given in _pair(gold[article.id], sentences):
            counts[number] += (1, true == given)
            confusions[true, given] += 1
    summed = counts[draw_articles(len(read), seed)].sum(1)
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


def _pair(annotations: Sequence[Annotation], sentences: Sequence[LabelledSentence]) -> list[tuple[str, str]]:
    """List the annotated and the given voice of every label that both have."""
    pairs: list[tuple[str, str]] = []
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
