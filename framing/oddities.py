"""What is odd about articles that can be read all the same: counted, and told once with the first place."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_TAG = re.compile(r"</?(?:p|div|br|script|span|a)\b[^<>]*>", re.IGNORECASE)
_PLACEHOLDERS = frozenset(("nan", "none", "null", "n/a", "<na>"))


@dataclass(slots=True)
class Oddity:
    """How often something was seen, where first, and what stood there."""

    count: int = 0
    place: str = ""
    found: str = ""

    def add(self, place: str, found: str) -> None:
        """Count it once more."""
        if not self.count:
            self.place, self.found = place, found
        self.count += 1

    def line(self, what: str, advice: str) -> str:
        """Return the line that tells what was seen, and what to do."""
        return f"{what}, first at {self.place}: found {self.found[:60]!r}, {advice}"


@dataclass(slots=True)
class Oddities:
    """What was odd so far.

    Attributes:
        articles: How many articles were looked at.
        dated: How many of them name a date.
        dates: Dates of another form than ISO 8601, which are left out.
        tags: Texts that hold HTML.
        outlets: Outlets whose name is what programs write for nothing.
    """

    articles: int = 0
    dated: int = 0
    dates: Oddity = field(default_factory=Oddity)
    tags: Oddity = field(default_factory=Oddity)
    outlets: Oddity = field(default_factory=Oddity)

    def look(self, place: str, text: str, outlet: str, date: str | None, day: str | None) -> None:
        """Look at an article that stands at `place`, whose `date` was read as `day`."""
        self.articles += 1
        if date:
            self.dated += 1
            if day is None:
                self.dates.add(place, date)
        tag = _TAG.search(text)
        if tag:
            self.tags.add(place, tag[0])
        if outlet.casefold() in _PLACEHOLDERS:
            self.outlets.add(place, outlet)

    def lines(self) -> Iterator[str]:
        """Yield a line for each kind that was seen."""
        for seen, what, advice in (
            (
                self.dates,
                f"dates left out: {self.dates.count} of {self.dated}",
                "expected ISO 8601, such as 2021-11-20",
            ),
            (
                self.tags,
                f"texts with HTML tags: {self.tags.count} of {self.articles}",
                "strip them, or save each article as .html",
            ),
            (
                self.outlets,
                f"outlets without a name: {self.outlets.count} of {self.articles}",
                "expected a name; fill it, or leave it empty and give --outlet",
            ),
        ):
            if seen.count:
                yield seen.line(what, advice)
