"""Articles for a command: read, and surveyed before work is spent on them."""

import logging
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import click

from framing.commands.rejects import Rejects
from framing.errors import FramingError

if TYPE_CHECKING:
    from framing.articles import Placed
    from framing.records import Article


@dataclass(frozen=True, slots=True)
class Source:
    """Articles that can be read again and again; what is odd about them is said once.

    Attributes:
        inputs: Files and folders.
        settings: Those of `READING`.
        reject: Takes the articles that can't be read.
        kept: What standard input held, which is read once.
        said: What was said already.
    """

    inputs: tuple[str, ...]
    settings: dict[str, Any]
    reject: Rejects
    kept: "list[Placed]" = field(default_factory=list)
    said: set[str] = field(default_factory=set)

    def __call__(self) -> "Iterator[Article]":
        """Read the articles anew."""
        return (article for _, article in self.placed())

    def placed(self) -> "Iterator[Placed]":
        """Read the articles anew, each with the place where it stands."""
        if self.kept:
            return iter(self.kept)
        from framing.article_fields import Reading
        from framing.articles import parse_columns, read_placed

        columns = parse_columns(self.settings["columns"]) if self.settings["columns"] else {}
        reading = Reading(
            self.settings["outlet"], columns, self.settings["encoding"], self.reject, warn=self.warn
        )
        return read_placed(self.inputs, reading)

    def warn(self, line: str) -> None:
        """Say a line, if it is not said yet."""
        if line not in self.said:
            self.said.add(line)
            logging.getLogger("framing").warning(line)


def read_again(inputs: tuple[str, ...], settings: dict[str, Any], rejects: Rejects | None = None) -> Source:
    """Return what reads the articles anew whenever it is called; standard input is read once and kept.

    Args:
        inputs: Files and folders.
        settings: Those of `READING`.
        rejects: Takes the articles that can't be read; the first is an error if not given.
    """
    source = Source(inputs, settings, Rejects("stop") if rejects is None else rejects)
    if "-" in inputs:
        source.kept.extend(source.placed())
    return source


def watch_language(source: Source) -> "Iterator[Placed]":
    """Read the articles anew, for a model: say at the end how many are plainly not English, if any."""
    from framing.languages import is_foreign
    from framing.oddities import Oddity

    foreign, number = Oddity(), 0
    for place, article in source.placed():
        number += 1
        if is_foreign(article.text):
            foreign.add(place, " ".join(article.text[:200].split()))
        yield place, article
    if foreign.count:
        advice = "the model reads English, its labels of them mean nothing; leave them out"
        source.warn(foreign.line(f"not English: {foreign.count} of {number}", advice))


def survey(source: Source, rejects: Rejects | None = None) -> int:
    """Read everything once before work is spent on it, and return the number of articles.

    Says on stderr where the outlets' names come from. `rejects` takes the articles without a sentence.
    """
    from framing.sentences import check_sentence

    reject = Rejects("stop") if rejects is None else rejects
    found: Counter[str] = Counter()
    for place, article in watch_language(source):
        try:
            check_sentence(article)
        except FramingError as error:
            reject(FramingError(f"{place}: {error}"), article.id)
            continue
        found[article.outlet_from] += 1
    if not found:
        raise FramingError("no article in the input that has a sentence, expected at least one")
    say_outlets(found)
    return found.total()


def say_outlets(found: Counter[str]) -> None:
    """Say on stderr how many articles have their outlet's name from where."""
    ways = ", ".join(f"{count} by {way}" for way, count in found.most_common())
    click.echo(f"articles: {found.total()}; outlet named: {ways}", err=True)
