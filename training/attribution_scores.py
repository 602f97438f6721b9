"""How well a network finds attributions in gold articles, beside rules alone."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from framing.attributions import decode_attributions
from training.attribution_baseline import baseline_attributions
from training.attribution_metrics import Counts, count, score, score_by_publisher
from training.polnear import AttributedArticle
from training.predictions import Predictions


def count_all(predictions: Predictions, gold: Sequence[AttributedArticle]) -> list[Counts]:
    """Decode each article's tags, and compare with its gold; one count an article.

    Args:
        predictions: Of a network with an attribution head, on these articles in this order.
        gold: The articles with their attributions.
    """
    counts = []
    for article, tokens, tags, attributed in zip(
        predictions.articles, predictions.tokens, predictions.tags, gold, strict=True
    ):
        sentences = [(s.start, s.end) for s in article.sentences]
        counts.append(
            count(attributed, sentences, decode_attributions(article.text, sentences, tokens, tags))
        )
    return counts


def evaluate_attributions(
    predictions: Predictions, gold: Sequence[AttributedArticle], *, seed: int
) -> dict[str, Any]:
    """Score a network's attributions: all articles, each publisher's, and what rules alone would give.

    Returns:
        ``articles``; ``all``, ``rules`` and each of ``publishers``, as fields of `Score` by measure.
    """
    counts = count_all(predictions, gold)
    rules = []
    for article, attributed in zip(predictions.articles, gold, strict=True):
        sentences = [(s.start, s.end) for s in article.sentences]
        rules.append(count(attributed, sentences, baseline_attributions(article.text, sentences)))
    return {
        "articles": len(gold),
        "all": _plain(score(counts, seed=seed)),
        "rules": _plain(score(rules, seed=seed)),
        "publishers": {name: _plain(s) for name, s in score_by_publisher(gold, counts, seed=seed).items()},
    }


def _plain(scores: dict[str, Any]) -> dict[str, Any]:
    return {measure: asdict(found) for measure, found in scores.items()}
