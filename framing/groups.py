"""What the articles of a profile are grouped by: the outlet, a stretch of time, any column of the input."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from framing.errors import FramingError
from framing.records import Article, LabelledSentence

OUTLET = "outlet"
BETWEEN = " · "
NONE = "(none)"
FIELDS = ("title", "url", "date")
TAKEN = (
    "against",
    "varies",
    "code",
    "voice",
    "measure",
    "value",
    "low",
    "high",
    "p",
    "q",
    "reason",
    "articles",
    "sentences",
    "positives",
)
TIMES: Mapping[str, Callable[[date], str]] = {
    "year": lambda day: f"{day.year:04}",
    "quarter": lambda day: f"{day.year:04}-Q{(day.month + 2) // 3}",
    "month": lambda day: f"{day.year:04}-{day.month:02}",
    "week": lambda day: "{:04}-W{:02}".format(*day.isocalendar()),
    "day": date.isoformat,
}


@dataclass(frozen=True, slots=True)
class Grouping:
    """Puts each sentence into a group. Made by `group_articles`; without arguments, an outlet is a group.

    Attributes:
        by: What the groups are made of, such as ``("outlet", "month")``; the columns of their values.
        values: For each article's id its values of `by`, the outlet's left empty: that is the labels' own.
    """

    by: tuple[str, ...] = (OUTLET,)
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def group_of(self, sentence: LabelledSentence) -> str:
        """Names the group of a sentence: its values of `by`, with `BETWEEN` between them.

        Raises:
            FramingError: The sentence's article is none of those that were grouped.
        """
        if self.by == (OUTLET,):
            return sentence.outlet
        values = self.values.get(sentence.article_id)
        if values is None:
            raise FramingError(
                f"article {sentence.article_id!r} of the labels is not among the articles to group by; "
                "give the input that was labelled"
            )
        return BETWEEN.join(
            _plain(sentence.outlet) if name == OUTLET else value
            for name, value in zip(self.by, values, strict=True)
        )

    def regroup(self, labelled: Iterable[LabelledSentence]) -> Iterator[LabelledSentence]:
        """Yields the sentences with their group's name for an outlet, as a report of groups needs them."""
        for sentence in labelled:
            group = self.group_of(sentence)
            yield sentence if group == sentence.outlet else replace(sentence, outlet=group)

    def values_of(self, group: str) -> tuple[str, ...]:
        """The values of `by` that a group's name was made of."""
        return tuple(group.split(BETWEEN)) if len(self.by) > 1 else (group,)


BY_OUTLET = Grouping()


def parse_by(value: str) -> tuple[str, ...]:
    """Reads ``outlet,month``: the names between commas.

    Raises:
        FramingError: There is none, one stands twice, or a table of results has a column of that name.
    """
    names = tuple(filter(None, (name.strip() for name in value.split(","))))
    if not names or len(set(names)) < len(names):
        raise FramingError(f"by: found {value!r}, expected different columns such as outlet,month")
    if taken := set(names) & set(TAKEN):
        raise FramingError(
            f"by: {sorted(taken)[0]!r} names a column of the results; rename it in the articles"
        )
    return names


def group_articles(by: Sequence[str], articles: Iterable[Article]) -> Grouping:
    """Groups articles by their outlet, by time or by any column of the input.

    Args:
        by: ``outlet``; ``year``, ``quarter``, ``month``, ``week`` or ``day`` of the article's date;
            ``title``, ``url``, ``date``; or the input's own columns, which come before times of that name.
        articles: Those that were labelled; more do no harm. Not read where `by` is the outlet alone.

    Returns:
        The grouping. An article without a value falls into the group ``(none)``.

    Raises:
        FramingError: No article has a value for one of `by`.
    """
    by = tuple(by)
    if by == (OUTLET,):
        return BY_OUTLET
    values: dict[str, tuple[str, ...]] = {}
    missing = set(by) - {OUTLET}
    columns: set[str] = set()
    for article in articles:
        found = {name: _value(article, name) for name in by}
        missing -= {name for name, value in found.items() if value is not None}
        columns.update(article.columns)
        values[article.id] = tuple(_plain(value or NONE) for value in found.values())
    if missing:
        has = ", ".join([OUTLET, *TIMES, *FIELDS, *sorted(columns)])
        raise FramingError(f"by: no article has a value for {sorted(missing)[0]!r}, expected some of {has}")
    return Grouping(by, values)


def _value(article: Article, name: str) -> str | None:
    if name == OUTLET:
        return ""
    if name in article.columns:
        return article.columns[name].strip() or None
    if name in FIELDS:
        value: str | None = getattr(article, name)
        return value
    if name in TIMES and article.date:
        return TIMES[name](date.fromisoformat(article.date))
    return None


def _plain(value: str) -> str:
    """A value that can stand beside others: on one line, without what stands between them."""
    return " ".join(value.split()).replace(BETWEEN, " - ")
