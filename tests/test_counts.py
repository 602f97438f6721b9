import random

import numpy as np
import pytest

from framing.counts import count_labels
from framing.errors import FramingError
from framing.records import Label, LabelledSentence


def sentence(
    outlet: str, article: str, index: int, score: float, voice: str | None = None
) -> LabelledSentence:
    labels = (Label("doubt", score, voice=voice),) if score >= 0.5 else ()  # type: ignore[arg-type]
    return LabelledSentence(
        article, outlet, index, 0, 4, "Why?", {"doubt": score, "slogans": 0.0001}, labels=labels
    )


def some() -> list[LabelledSentence]:
    return [sentence("alpha", str(n % 7), n, n / 5000, "quoted") for n in range(5000)] + [
        sentence("beta", "0", 0, 0.7, "outlet")
    ]


def test_an_article_holds_its_sentences_labels_and_summed_probabilities() -> None:
    counted = count_labels(some())
    alpha, beta = counted.groups
    assert counted.keys[:3] == (("doubt", "all"), ("doubt", "outlet"), ("doubt", "sources"))
    assert alpha.articles == tuple("0123456")
    assert alpha.sentences.sum() == 5000
    assert alpha.positives[0].sum() == alpha.positives[2].sum() == 2500
    assert alpha.scores[0, 1] == pytest.approx(sum(n / 5000 for n in range(1, 5000, 7)))
    assert alpha.scores[1] == pytest.approx(alpha.sentences * 0.0001)
    assert beta.positives[:3, 0].tolist() == [1, 1, 0]


def test_the_order_of_the_sentences_is_nothing() -> None:
    mixed = some()
    random.Random(1).shuffle(mixed)
    for one, other in zip(count_labels(some()).groups, count_labels(mixed).groups, strict=True):
        np.testing.assert_array_equal(one.positives, other.positives)
        np.testing.assert_array_equal(one.scores, other.scores)


def test_groups_are_what_the_caller_names_and_nothing_leaves_a_sentence_out() -> None:
    counted = count_labels(
        some(), group=lambda one: None if one.article_id == "0" else f"day {one.article_id}"
    )
    assert [group.group for group in counted.groups] == [f"day {n}" for n in range(1, 7)]
    with pytest.raises(FramingError, match="nothing to profile"):
        count_labels(some(), group=lambda one: None)
