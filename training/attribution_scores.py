"""How well a network finds attributions in gold articles."""

from framing.attributions import decode_attributions
from training.attribution_metrics import Counts, count
from training.polnear import AttributedArticle
from training.predictions import Predictions


def count_all(predictions: Predictions, gold: list[AttributedArticle]) -> list[Counts]:
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
