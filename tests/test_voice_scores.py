from collections.abc import Iterable, Iterator
from typing import cast

from framing.labelling import Model
from framing.records import Article, Label, LabelledSentence, Voice
from training.annotation import Annotation, Mark, digest
from training.corpora import GoldArticle
from training.voice_scores import pair_voices, score_voices

TEXT = "They lie. “It is a siege,” he said. All is chaos."


class Saying:
    """A stand-in for a model: these labels, in sentences of its own."""

    def __init__(self, *labels: tuple[int, int, str, Voice | None]) -> None:
        self.labels = labels

    def label_each(self, articles: Iterable[Article]) -> Iterator[tuple[LabelledSentence, ...]]:
        for article in articles:
            yield tuple(
                LabelledSentence(
                    article.id, "x", i, a, b, article.text[a:b], {}, (Label(code, 0.9, voice=voice),), voice
                )
                for i, (a, b, code, voice) in enumerate(self.labels)
            )


def mark(start: int, end: int, code: str, voice: str) -> Annotation:
    marks = (Mark(code, voice, ((start, end),)),)
    return Annotation("ptc", "dev", "1", start, end, digest(TEXT[start:end]), marks, "a", "natural", 1)


def test_only_labels_that_both_give_are_compared() -> None:
    model = Saying(
        (0, 9, "fake_news_campaign", "outlet"),
        (10, 26, "war_metaphor", "outlet"),  # annotated as quoted, in a longer sentence
        (36, 49, "provocation", "outlet"),  # nobody annotated that
    )
    gold = [
        mark(0, 9, "fake_news_campaign", "outlet"),
        mark(10, 35, "war_metaphor", "quoted"),
        mark(36, 49, "chaos_and_collapse", "outlet"),
    ]
    articles = [GoldArticle("ptc", name, TEXT, (), (), frozenset()) for name in ("1", "2")]
    pairs = pair_voices(cast(Model, model), articles, gold)
    assert pairs[1] is None
    found = score_voices([pairs[0] or []], seed=1)
    assert found["found"] == 2
    assert found["right"]["value"] == 0.5
    assert found["confusions"] == [
        {"annotated": "outlet", "given": "outlet", "labels": 1},
        {"annotated": "quoted", "given": "outlet", "labels": 1},
    ]


def test_a_model_without_voices_finds_none() -> None:
    model = Saying((0, 9, "fake_news_campaign", None))
    gold = [mark(0, 9, "fake_news_campaign", "outlet")]
    article = GoldArticle("ptc", "1", TEXT, (), (), frozenset())
    pairs = pair_voices(cast(Model, model), [article], gold)
    assert pairs == [[]]
    assert score_voices([[]], seed=1)["found"] == 0
