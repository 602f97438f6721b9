"""The verbs about stories: stories, story."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from framing.commands.inputs import read_again, survey
from framing.commands.options import DEVICE, ENCODER, FORCE, PATH, READING, THREADS

if TYPE_CHECKING:
    from framing.copies import Copies
    from framing.records import Article, LabelledSentence
    from framing.stories import Stories

Selection = Callable[["Iterator[LabelledSentence]"], "Iterator[LabelledSentence]"]


@click.command()
@READING
@click.option("-o", "--output", type=PATH, required=True, help="Stories file, .jsonl.")
@click.option(
    "--threshold",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    help="Least mean likeness within a story; measured if not given.",
)
@click.option("--days", type=click.IntRange(0), help="Most days between two articles of a story; 7.")
@ENCODER
@DEVICE
@THREADS
@FORCE
def stories(
    inputs: tuple[str, ...],
    output: Path,
    threshold: float | None,
    days: int | None,
    force: bool,
    **settings: Any,
) -> None:
    """Group articles into stories. Sentences that several outlets print are marked."""
    from framing.store import check_output

    check_output(output, (".jsonl",), force=force, inputs=inputs)
    read = read_again(inputs, settings)
    survey(read)
    found = stories_of(read, settings, threshold, days)
    found.write(output)
    copied = sum(len(article.copied) for article in found.articles)
    click.echo(
        f"{len(found.articles)} articles tell {len(found.groups())} stories, {len(found.shared())} of them "
        f"told by several outlets; {copied} sentences are printed by several: {output}"
    )


@click.command()
@click.argument("labels", type=PATH)
@click.option("--stories", type=PATH, required=True, help="Stories file, as framing stories writes it.")
@click.option("--number", default=1, show_default=True, type=click.IntRange(1), help="Which story.")
def story(labels: Path, stories: Path, number: int) -> None:
    """Set the outlets of one story side by side. A cell says whose words carry the label."""
    from rich.console import Console

    from framing.comparisons import view_story
    from framing.store import read_labels
    from framing.stories import read_stories

    Console().print(view_story(read_labels(labels), read_stories(stories), number))


def stories_of(
    read: "Callable[[], Iterator[Article]]",
    settings: dict[str, Any],
    threshold: float | None = None,
    days: int | None = None,
) -> "Stories":
    """Group articles into stories; `settings` are the encoder, device and threads."""
    from framing.embeddings import Embedder
    from framing.stories import THRESHOLD, WINDOW, find_stories
    from framing.torch_engine import quieten

    quieten()
    embedder = Embedder(settings["encoder"], device=settings["device"], threads=settings["threads"])
    return find_stories(
        read(),
        embedder=embedder,
        threshold=THRESHOLD if threshold is None else threshold,
        window=WINDOW if days is None else days,
    )


def copies_chosen(stories: Path | None, copies: str | None) -> Selection:
    """Return what chooses sentences by whether several outlets print them."""
    if copies is None:
        return iter
    from framing.copies import select_copies

    articles = stories_from(stories, "--copies").by_id()
    return lambda labelled: select_copies(labelled, articles, cast("Copies", copies))


def stories_from(path: Path | None, option: str) -> "Stories":
    """Read the stories file that an option needs.

    Raises:
        click.UsageError: If none was given.
    """
    from framing.stories import read_stories

    if path is None:
        raise click.UsageError(f"{option} needs --stories FILE; framing stories makes it")
    return read_stories(path)
