"""Articles for a command: read, and surveyed before work is spent on them."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import click

from framing.commands.rejects import Rejects
from framing.errors import FramingError

if TYPE_CHECKING:
    from framing.records import Article


def read_again(
    inputs: tuple[str, ...], settings: dict[str, Any], rejects: Rejects | None = None
) -> "Callable[[], Iterator[Article]]":
    """Return a function that reads the articles anew; standard input is read once and kept.

    Args:
        inputs: Files and folders.
        settings: Those of `READING`.
        rejects: Takes the articles that can't be read; the first is an error if not given.
    """
    from framing.articles import parse_columns, read_articles

    columns = parse_columns(settings["columns"]) if settings["columns"] else None
    reject = Rejects("stop") if rejects is None else rejects

    def read() -> "Iterator[Article]":
        return read_articles(
            inputs, outlet=settings["outlet"], columns=columns, encoding=settings["encoding"], reject=reject
        )

    if "-" not in inputs:
        return read
    kept = tuple(read())
    return lambda: iter(kept)


def survey(read: "Callable[[], Iterator[Article]]", rejects: Rejects | None = None) -> int:
    """Read everything once before work is spent on it, and return the number of articles.

    Says on stderr where the outlets' names come from. `rejects` takes the articles without a sentence.
    """
    from collections import Counter

    from framing.languages import watch_language
    from framing.sentences import check_sentence

    reject = Rejects("stop") if rejects is None else rejects
    found: Counter[str] = Counter()
    for article in watch_language(read()):
        try:
            check_sentence(article)
        except FramingError as error:
            reject(error, article.id)
            continue
        found[article.outlet_from] += 1
    if not found:
        raise FramingError("no article in the input, expected at least one")
    ways = ", ".join(f"{count} by {way}" for way, count in found.most_common())
    click.echo(f"articles: {found.total()}; outlet named: {ways}", err=True)
    return found.total()
