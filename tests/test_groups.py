import pytest

from framing.errors import FramingError
from framing.groups import BY_OUTLET, group_articles, parse_by
from framing.records import Article, LabelledSentence

ARTICLES = [
    Article("1", "given", "Text.", date="2016-03-08", columns={"section": "world", "week": "of peace"}),
    Article("2", "given", "Text.", date="2016-12-31", columns={"section": "a · b\nc"}),
    Article("3", "given", "Text.", columns={"section": " "}),
]


def labelled(article: str, outlet: str = "labels") -> LabelledSentence:
    return LabelledSentence(article, outlet, 0, 0, 5, "Text.", {"doubt": 0.1})


def groups(*by: str) -> list[str]:
    grouping = group_articles(by, ARTICLES)
    return [grouping.group_of(labelled(article.id)) for article in ARTICLES]


def test_an_outlet_is_a_group_where_nothing_else_is_asked_for() -> None:
    assert group_articles(["outlet"], ()) is BY_OUTLET
    assert BY_OUTLET.group_of(labelled("9", "a · b")) == "a · b"
    assert BY_OUTLET.values_of("a · b") == ("a · b",)


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("year", ["2016", "2016", "(none)"]),
        ("quarter", ["2016-Q1", "2016-Q4", "(none)"]),
        ("month", ["2016-03", "2016-12", "(none)"]),
        ("day", ["2016-03-08", "2016-12-31", "(none)"]),
        ("date", ["2016-03-08", "2016-12-31", "(none)"]),
        ("week", ["of peace", "2016-W52", "(none)"]),  # the input's own column comes first
        ("section", ["world", "a - b c", "(none)"]),
    ],
)
def test_times_and_columns_of_the_input(by: str, expected: list[str]) -> None:
    assert groups(by) == expected


def test_several_columns_make_one_name_that_comes_apart_again() -> None:
    grouping = group_articles(["outlet", "section"], ARTICLES)
    name = grouping.group_of(labelled("2", "x · y"))
    assert name == "x - y · a - b c"
    assert grouping.values_of(name) == ("x - y", "a - b c")
    assert groups("section", "outlet")[0] == "world · labels"  # the outlet is that of the labels


def test_what_cannot_be_grouped_is_one_clear_line() -> None:
    with pytest.raises(
        FramingError, match=r"no article has a value for 'desk', expected some of outlet, year"
    ):
        groups("desk")
    with pytest.raises(FramingError, match="article '9' of the labels is not among the articles"):
        group_articles(["month"], ARTICLES).group_of(labelled("9"))
    for value in ("", " , ", "month,month"):
        with pytest.raises(FramingError, match="expected different columns"):
            parse_by(value)
    assert parse_by(" outlet, month ") == ("outlet", "month")
