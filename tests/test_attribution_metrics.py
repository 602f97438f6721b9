"""Every figure here is worked out by hand in the comment beside it."""

import numpy as np
import pytest

from framing.attributions import decode_attributions
from framing.records import Attribution, Span
from training.attribution_baseline import baseline_attributions
from training.attribution_metrics import FEWEST_ARTICLES, MEASURES, count, score, score_by_publisher
from training.polnear import AttributedArticle, GoldAttribution

#       0123456789012345678901234
TEXT = "Ana said it ends. So I go"
SENTENCES: tuple[Span, ...] = ((0, 17), (18, 25))
ARTICLE = AttributedArticle(
    id="a",
    publisher="paper",
    text=TEXT,
    attributions=(GoldAttribution(sources=((0, 3),), cues=((4, 8),), contents=((9, 16), (18, 25))),),
)


def test_characters_are_counted_without_spaces_and_once() -> None:
    found = [Attribution(content=(9, 16), source=(0, 8)), Attribution(content=(12, 17), source=(0, 3))]
    counts = count(ARTICLE, SENTENCES, found)
    # source: "Ana said" is 7 letters, 3 of them true; cue: none found, 4 true; content: "it ends." is 7
    # letters found, 6 true of "it ends" + "So I go" (6 + 5); sentences: the first has 14 letters, 7 in the
    # found content and 6 in the true one, neither more than half; the second is true only.
    assert counts.tolist() == [[3, 7, 3], [0, 0, 4], [6, 7, 11], [0, 0, 1]]


def test_precision_recall_and_f1() -> None:
    found = [Attribution(content=(9, 16), source=(0, 8))]
    scores = score([count(ARTICLE, SENTENCES, found)])
    assert list(scores) == list(MEASURES)
    assert scores["source"].precision == pytest.approx(3 / 7)
    assert scores["source"].recall == 1
    assert scores["source"].f1 == pytest.approx(0.6)  # 2 * 3 / (7 + 3)
    assert scores["content"].f1 == pytest.approx(12 / 17)  # 2 * 6 / (6 + 11)
    assert (scores["cue"].precision, scores["cue"].recall, scores["cue"].f1) == (None, 0, 0)


def test_scores_add_up_characters_over_articles() -> None:
    right = count(ARTICLE, SENTENCES, [Attribution(content=(9, 25), source=(0, 3), cue=(4, 8))])
    wrong = count(ARTICLE, SENTENCES, [])
    scores = score([right, wrong])
    assert (scores["source"].found, scores["source"].true, scores["source"].articles) == (3, 6, 2)
    assert scores["source"].f1 == pytest.approx(2 / 3)  # 2 * 3 / (3 + 6)
    assert scores["content"].precision == pytest.approx(11 / 12)  # the full stop between is not content
    assert scores["sentence"].recall == pytest.approx(1 / 2)


def test_too_few_articles_have_no_interval() -> None:
    counts = [count(ARTICLE, SENTENCES, [])] * (FEWEST_ARTICLES - 1)
    assert (score(counts)["content"].low, score(counts)["content"].high) == (None, None)


def test_intervals_hold_the_figure_and_are_seeded() -> None:
    found = [Attribution(content=(9, 16), source=(0, 3), cue=(4, 8))]
    counts = [count(ARTICLE, SENTENCES, found if at % 3 else []) for at in range(30)]
    one = score(counts, seed=1)["content"]
    assert one.low is not None
    assert one.high is not None
    assert one.f1 is not None
    assert one.low < one.f1 < one.high
    assert score(counts, seed=1) == score(counts, seed=1)
    assert score(counts, seed=2)["content"].f1 == one.f1


def test_articles_that_are_all_alike_leave_no_doubt() -> None:
    counts = [count(ARTICLE, SENTENCES, [Attribution(content=(9, 16))])] * 20
    one = score(counts)["content"]
    assert one.low == one.f1 == one.high


def test_a_measure_that_nobody_has_has_no_figure() -> None:
    empty = AttributedArticle(id="b", publisher="paper", text=TEXT, attributions=())
    one = score([count(empty, SENTENCES, [])] * 12)["source"]
    assert (one.precision, one.recall, one.f1, one.low, one.high) == (None, None, None, None, None)


def test_publishers_are_measured_apart() -> None:
    other = AttributedArticle(id="c", publisher="gazette", text=TEXT, attributions=ARTICLE.attributions)
    counts = [count(ARTICLE, SENTENCES, [Attribution(content=(9, 16))]), count(other, SENTENCES, [])]
    scores = score_by_publisher([ARTICLE, other], counts)
    assert list(scores) == ["gazette", "paper"]
    assert scores["gazette"]["content"].f1 == 0
    assert scores["paper"]["content"].precision == 1


def test_the_baseline_reads_quotations_and_reporting_verbs() -> None:
    text = (
        'The mayor said the bridge would close. "It is not safe any more," said Ana Roe. According to '
        "Mr. Poe, nobody came in time. Rain fell."
    )
    ends = [text.index("close.") + 6, text.index("Roe.") + 4, text.index("in time.") + 8, len(text)]
    sentences = list(zip([0, *(end + 1 for end in ends[:-1])], ends, strict=True))
    got = [
        tuple(None if span is None else text[slice(*span)] for span in (one.source, one.cue, one.content))
        for one in baseline_attributions(text, sentences)
    ]
    assert got == [
        ("The mayor", "said", "the bridge would close"),
        ("Ana Roe", "said", '"It is not safe any more,"'),
        ("Mr. Poe", "According to", "nobody came in time"),
    ]


def test_the_baseline_finds_nothing_in_nothing() -> None:
    assert baseline_attributions("Rain fell.", [(0, 10)]) == []
    assert decode_attributions("", [], [], np.zeros((0, 4))) == ()
