import json
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pytest

from framing.blocks import contrast_blocks
from framing.comparisons import view_story
from framing.contrasts import OTHERS
from framing.copies import CopyFinder, select_copies
from framing.errors import FramingError
from framing.records import Label, LabelledSentence, Sentence, Voice
from framing.stories import Stories, StoryArticle
from framing.within import compare_within_stories
from framing.within_stories import Difference, WithinStories

LONG = "The ministry rejected the report as part of a campaign against the country"


def sentence(
    article: str, outlet: str, index: int, code: str | None = None, voice: Voice = "outlet", source: str = ""
) -> LabelledSentence:
    labels = (Label(code, 0.9, (), voice, source or None),) if code else ()
    return LabelledSentence(article, outlet, index, 0, 2, "No", {"doubt": 0.1, "slogans": 0.1}, labels)


def corpus(
    stories: int, loud: Sequence[str], outlets: Sequence[str] = ("Herald", "Post", "Wire")
) -> tuple[list[LabelledSentence], Stories]:
    """Stories of ten sentences an outlet: loud outlets doubt in three of them, the others in one."""
    labelled, articles = [], []
    for story in range(1, stories + 1):
        for outlet in outlets:
            name = f"{outlet}-{story}"
            articles.append(StoryArticle(name, outlet, story, 10))
            doubts = (3 if outlet in loud else 1) + story % 2
            labelled += [sentence(name, outlet, i, "doubt" if i < doubts else None) for i in range(10)]
    return labelled, Stories(tuple(articles))


def one(made: WithinStories, outlet: str, against: str = OTHERS, voice: str = "all") -> Difference:
    (found,) = [
        d for d in made.differences
        if (d.outlet, d.against, d.code, d.voice) == (outlet, against, "doubt", voice)
    ]  # fmt: skip
    return found


def test_a_difference_on_the_same_stories_is_found() -> None:
    made = compare_within_stories(*corpus(12, ["Herald"]), draws=200)
    found = one(made, "Herald")
    assert (found.stories, found.share, found.other) == (12, pytest.approx(0.35), pytest.approx(0.15))
    assert found.difference == pytest.approx(0.2)
    assert found.q < 0.05
    assert one(made, "Wire").difference == pytest.approx(-0.1)
    assert one(made, "Herald", "Wire").difference == pytest.approx(0.2)
    assert one(made, "Post", "Wire").q == 1


def test_topics_do_not_make_a_difference() -> None:
    """An outlet that tells the doubtful events oftener doubts oftener, but not on the same event."""
    labelled, articles = [], []
    for story in range(1, 13):
        doubtful = story <= 6
        for outlet, copies in (("Herald", 3 if doubtful else 1), ("Wire", 1)):
            for number in range(copies):
                name = f"{outlet}-{story}-{number}"
                articles.append(StoryArticle(name, outlet, story, 10))
                labelled += [
                    sentence(name, outlet, i, "doubt" if doubtful and i < 5 else None) for i in range(10)
                ]
    found = one(compare_within_stories(labelled, Stories(tuple(articles)), draws=100), "Herald")
    assert found.difference == 0
    assert (found.low, found.high) == (None, None)
    assert "no spread" in (found.reason or "")


def test_every_story_weighs_the_same() -> None:
    labelled, articles = [], []
    for story, sentences, doubts in ((1, 100, 0), (2, 2, 2)):
        articles += [
            StoryArticle(f"h{story}", "Herald", story, sentences),
            StoryArticle(f"w{story}", "Wire", story, 1),
        ]
        labelled += [
            sentence(f"h{story}", "Herald", i, "doubt" if i < doubts else None) for i in range(sentences)
        ]
        labelled += [sentence(f"w{story}", "Wire", 0)]
    assert one(compare_within_stories(labelled, Stories(tuple(articles))), "Herald").difference == 0.5


def test_stories_that_one_outlet_tells_do_not_count() -> None:
    labelled, stories = corpus(6, ["Herald"])
    alone = StoryArticle("x", "Herald", 99, 1)
    more = compare_within_stories(
        [*labelled, sentence("x", "Herald", 0, "slogans")], Stories((*stories.articles, alone))
    )
    assert more == compare_within_stories(labelled, stories)
    with pytest.raises(FramingError, match="no story is told by two outlets"):
        compare_within_stories([sentence("x", "Herald", 0)], Stories((alone,)))


def test_the_order_of_sentences_does_not_matter() -> None:
    labelled, stories = corpus(6, ["Herald"])
    assert compare_within_stories(labelled[::-1], stories) == compare_within_stories(labelled, stories)


def test_copied_sentences_are_left_out_or_counted_by_themselves() -> None:
    labelled, stories = corpus(6, ["Herald"])
    marked = Stories(
        tuple(StoryArticle(a.article_id, a.outlet, a.story, a.sentences, (0, 9)) for a in stories.articles)
    )
    shares = {
        copies: one(compare_within_stories(labelled, marked, copies=copies, draws=100), "Wire").share
        for copies in ("with", "without", "only")
    }
    assert shares == {"with": pytest.approx(0.15), "without": pytest.approx(0.5 / 8), "only": 0.5}
    coverage = compare_within_stories(labelled, marked, draws=100).coverage[0]
    assert (coverage.articles, coverage.sentences, coverage.copied) == (6, 48, 12)


def test_labels_of_other_articles_are_an_error() -> None:
    articles = {"a": StoryArticle("a", "Herald", 1, 2)}
    with pytest.raises(FramingError, match="'b' is in no story"):
        list(select_copies([sentence("b", "Herald", 0)], articles, "with"))
    with pytest.raises(FramingError, match="'a' has 1 labelled sentences, the stories were made from 2"):
        list(select_copies([sentence("a", "Herald", 0)], articles, "with"))


def test_tables_hold_every_difference(tmp_path: Path) -> None:
    made = compare_within_stories(*corpus(6, ["=Herald"], ("=Herald", "Wire")), draws=100)
    made.write_csv(tmp_path / "w.csv")
    made.write_json(tmp_path / "w.json")
    lines = (tmp_path / "w.csv").read_text("utf8").splitlines()
    assert len(lines) == 1 + len(made.differences) == 1 + len(made.to_pandas())
    assert lines[1].startswith("'=Herald,(others),doubt")
    assert len(json.loads((tmp_path / "w.json").read_text("utf8"))["differences"]) == len(made.differences)
    assert made.to_rows()[1][:5] == ("=Herald", "doubt", "35.0", "15.0", "+20.0")


# Statistics


def test_exchangeable_outlets_rarely_differ() -> None:
    rng = np.random.default_rng(1)
    p, covered = [], []
    for _ in range(60):
        blocks = [rng.binomial(20, rng.uniform(0.05, 0.4), size=(3, 1)) / 20 for _ in range(25)]
        found = contrast_blocks(blocks, [0] * 25, generator=rng, draws=200)[0]
        p.append(found.p)
        assert found.low is not None
        assert found.high is not None
        covered.append(found.low <= 0 <= found.high)
    assert 0.3 < np.mean(p) < 0.7
    assert np.mean(np.array(p) < 0.05) < 0.15
    assert np.mean(covered) > 0.85


def test_too_few_stories_give_no_interval_and_say_so() -> None:
    def reason(own: list[float], other: list[float]) -> str | None:
        blocks = [np.array([[one], [two]]) for one, two in zip(own, other, strict=True)]
        rng = np.random.default_rng(0)
        return contrast_blocks(blocks, [0] * len(blocks), generator=rng, draws=200)[0].reason

    some, none = [0.1, 0.2, 0.3, 0.2, 0.1] * 2, [0.0] * 10
    assert reason([0.5], [0.0]) == "no interval: one story, it takes 10"
    assert reason(some[:9], none[:9]) == "no interval: 9 stories, it takes 10"
    assert reason(some, none) == ("no interval: 10 of 10 stories carry it here, 0 there, it takes 5 each")
    assert reason(some, some[:4] + none[:6]) == (
        "no interval: 10 of 10 stories carry it here, 4 there, it takes 5 each"
    )
    assert reason(some, [value + 0.1 for value in some]) == "no interval: the stories show no spread"
    assert reason(some, some[::-1][:5] + none[:5]) is None


def test_a_block_of_one_is_refused() -> None:
    with pytest.raises(ValueError, match="two members or more"):
        contrast_blocks([np.zeros((1, 1))], [0], generator=np.random.default_rng(0), draws=100)


# Copies


def copies(*texts: tuple[str, str, str], stories: Iterable[int] | None = None) -> dict[str, tuple[int, ...]]:
    finder = CopyFinder()
    for article, outlet, text in texts:
        finder.add(article, outlet, [Sentence(0, 0, len(text), text)])
    numbers = stories or [1] * len(texts)
    return finder.find(dict(zip([article for article, _, _ in texts], numbers, strict=True)))


def test_a_copy_takes_two_outlets_and_eight_words() -> None:
    assert copies(("a", "Herald", LONG), ("b", "Wire", f"“{LONG.upper()}.”")) == {"a": (0,), "b": (0,)}
    assert copies(("a", "Herald", LONG), ("b", "Herald", LONG)) == {}
    assert copies(("a", "Herald", "He said so."), ("b", "Wire", "He said so.")) == {}


def test_nearly_the_same_words_are_a_copy_within_a_story() -> None:
    edited = LONG.replace("against the country", "against the state")
    pair = ("a", "Herald", LONG), ("b", "Wire", edited)
    assert copies(*pair) == {"a": (0,), "b": (0,)}
    assert copies(*pair, stories=[1, 2]) == {}
    assert copies(("a", "Herald", LONG), ("b", "Wire", LONG), stories=[1, 2]) == {"a": (0,), "b": (0,)}
    other = "The ministry has called for a new report on the campaign of the opposition"
    assert copies(("a", "Herald", LONG), ("b", "Wire", other)) == {}


# One story


def test_a_story_shows_who_says_what_in_whose_voice() -> None:
    stories = Stories((StoryArticle("a", "Herald", 1, 3, (2,), "[b]Dam"), StoryArticle("b", "Wire", 1, 1)))
    labelled = [
        sentence("a", "Herald", 0, "doubt"),
        sentence("a", "Herald", 1, "doubt"),
        sentence("a", "Herald", 2, "slogans", "quoted", "Moscow"),
        sentence("b", "Wire", 0, "slogans", "attributed", "the mayor"),
        sentence("c", "Post", 0, "doubt"),
    ]
    view = view_story(labelled, stories)
    assert view.to_rows() == [
        ("", "Herald", "Wire"),
        ("sentences", "3", "1"),
        ("Slogans", "1 quoted: Moscow (1 copied)", "1 attributed: the mayor"),
        ("Doubt", "2 own words", "–"),
    ]
    from rich.console import Console

    with (console := Console(width=100)).capture() as capture:
        console.print(view)
    assert "Herald: [b]Dam" in capture.get()


def test_a_story_that_is_not_there_is_an_error() -> None:
    stories = Stories((StoryArticle("a", "Herald", 1, 1),))
    with pytest.raises(FramingError, match="no story 2, expected a number from 1 to 1"):
        view_story([], stories, 2)
    with pytest.raises(FramingError, match="no labelled sentence of story 1"):
        view_story([], stories)
