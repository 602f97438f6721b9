"""Articles for a command: read, and surveyed before work is spent on them."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import click

from framing.errors import FramingError

if TYPE_CHECKING:
    from framing.records import Article


def read_again(inputs: tuple[str, ...], settings: dict[str, Any]) -> "Callable[[], Iterator[Article]]":
    """Return a function that reads the articles anew; standard input is read once and kept."""
    from framing.articles import parse_columns, read_articles

    columns = parse_columns(settings["columns"]) if settings["columns"] else None

    def read() -> "Iterator[Article]":
        return read_articles(
            inputs, outlet=settings["outlet"], columns=columns, encoding=settings["encoding"]
        )

    if "-" not in inputs:
        return read
    kept = tuple(read())
    return lambda: iter(kept)


def survey(read: "Callable[[], Iterator[Article]]") -> int:
    """Read everything once before work is spent on it, and return the number of sentences.

    Says on stderr where the outlets' names come from.
    """
    from collections import Counter

    from framing.sentences import require_sentences

    found: Counter[str] = Counter()
    sentences = 0
    for article in read():
        found[article.outlet_from] += 1
        sentences += len(require_sentences(article))
    if not found:
        raise FramingError("no article in the input, expected at least one")
    ways = ", ".join(f"{count} by {way}" for way, count in found.most_common())
    click.echo(f"articles: {found.total()} ({sentences} sentences); outlet named: {ways}", err=True)
    return sentences
