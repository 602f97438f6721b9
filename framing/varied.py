"""Any number of articles out of a few: copies with the words of each sentence in another order.

What measures speed needs as many articles as it asks for, and no sentence twice: a sentence that is met again
costs nothing (see `framing.onnx_engine`). Words in another order are as many tokens, and as many sentences.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import cycle, islice

from framing.records import Article
from framing.sentences import split_sentences


def vary_articles(articles: Sequence[Article], count: int, seed: int = 0) -> Iterator[Article]:
    """Yield articles in turn, from the second turn on as copies that no article before is like.

    Args:
        articles: One or more.
        count: How many to yield: 0 or more.
        seed: Of the order of the words.
    """
    for number, article in enumerate(islice(cycle(articles), count)):
        turn = number // len(articles)
        yield article if not turn else _shuffled(article, turn, random.Random(f"{seed} {number}"))


def _shuffled(article: Article, turn: int, chance: random.Random) -> Article:
    """Reorder the inner words of each sentence; its first and last stay, and so do sentences' ends."""
    text, copied = [], 0
    for sentence in split_sentences(article):
        words = sentence.text.split()
        inner = words[1:-1]
        chance.shuffle(inner)
        text += [article.text[copied : sentence.start], " ".join([*words[:1], *inner, *words[1:][-1:]])]
        copied = sentence.end
    text.append(article.text[copied:])
    return replace(article, id=f"{article.id} {turn + 1}", text="".join(text))
