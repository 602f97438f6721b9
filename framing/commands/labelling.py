"""The verbs that need the model: label, show."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from framing.commands.inputs import Source, read_again, say_outlets, survey, watch_language
from framing.commands.options import DISTRIBUTED, FORCE, MODEL, ON_ERROR, PATH, RAY, READING
from framing.commands.rejects import SKIPPED, Rejects, rejects_path
from framing.errors import FramingError

if TYPE_CHECKING:
    from framing.labelling import Model

LOADING = ("device", "precision", "batch_size", "threads", "encoder")
LABEL_SUFFIXES = (".jsonl", ".parquet")


@click.command()
@READING
@click.option("-o", "--output", type=PATH, required=True, help="Labels file, .jsonl or .parquet.")
@DISTRIBUTED
@ON_ERROR
@FORCE
def label(inputs: tuple[str, ...], output: Path, force: bool, **settings: Any) -> None:
    """Label every sentence of articles."""
    from framing.store import check_output

    check_output(output, LABEL_SUFFIXES, force=force, inputs=inputs)
    if settings["engine"] == RAY:
        label_on_cluster(inputs, output, settings)
        return
    rejects = Rejects(settings["on_error"])
    end(label_file(read_again(inputs, settings, rejects), rejects, output, settings))


@click.command()
@READING
@click.option("--id", "only", help="Show the article of this id only.")
@click.option(
    "--min-score",
    type=click.FloatRange(0, 1),
    default=0.0,
    help="Show labels from this score on, the probability that a label is right; all if not given.",
)
@MODEL
def show(inputs: tuple[str, ...], only: str | None, min_score: float, **settings: Any) -> None:
    """Print articles to read. Words that carry labels are marked, with whose words they are."""
    read = read_again(inputs, settings)
    wanted = [article for _, article in watch_language(read) if only in (None, article.id)]
    if not wanted:
        ids = ", ".join(repr(article.id) for article in islice(read(), 5))
        raise FramingError(f"no article {only!r} in the input, expected one of its ids, such as {ids}")
    say_outlets(Counter(article.outlet_from for article in wanted))
    from rich.console import Console

    from framing.views import view_article

    model, console = load(settings), Console()
    for article, labelled in zip(wanted, model.label_each(wanted), strict=True):
        console.print(view_article(article, labelled, codebook=model.codebook, min_score=min_score))


def label_file(
    read: Source, rejects: Rejects, output: Path, settings: dict[str, Any], *, keep: bool = False
) -> int:
    """Label articles into a file, with a progress bar.

    Args:
        read: Reads them anew.
        rejects: Takes those that can't be labelled; has those that can't be read.
        output: The file.
        settings: Those of `MODEL`.
        keep: Whether to keep a file that is there, which must be what would be written.

    Returns:
        How many articles were left out.
    """
    try:
        articles = survey(read, rejects)
    except FramingError as error:
        if not rejects:
            raise
        rejects.write(rejects_path(output))
        where = f"left out: {len(rejects)}, see {rejects_path(output)}; the first: {rejects.first()}"
        raise FramingError(f"{error}; {where}") from None
    rejects.write(rejects_path(output))
    from framing.resuming import label_into

    model, left_out = load(settings), rejects.unlabelled()
    wanted = (article for article in read() if article.id not in left_out)
    if keep and output.exists():
        from framing.verifying import check_kept

        check_kept(output, model, wanted)
        click.echo(f"labels: {output}, kept: it is whole", err=True)
    else:
        with going_on(output), progress(articles) as advance:
            label_into(output, model, wanted, advance=advance)
        click.echo(f"labels: {output}", err=True)
    if rejects:
        click.echo(f"left out: {len(rejects)} articles, see {rejects_path(output)}", err=True)
    return len(rejects)


def label_on_cluster(inputs: tuple[str, ...], output: Path, settings: dict[str, Any]) -> None:
    """Label articles into a file with Ray, with a progress bar."""
    from framing.articles import parse_columns
    from framing.distributing import label_with_ray

    if settings["on_error"] != "stop":
        raise click.UsageError("--engine ray knows --on-error stop only")
    columns = parse_columns(settings["columns"]) if settings["columns"] else None
    reading = {"outlet": settings["outlet"], "columns": columns, "encoding": settings["encoding"]}
    loading = {"path": settings["model"], **{name: settings[name] for name in LOADING}}
    loading |= {name: found.resolve() for name, found in loading.items() if isinstance(found, Path)}
    with going_on(output), progress(None) as advance:
        label_with_ray(output, inputs, reading, loading, workers=settings["workers"], advance=advance)
    click.echo(f"labels: {output}", err=True)


def end(left_out: int) -> None:
    """End the command with the exit code that tells whether articles were left out."""
    if left_out:
        raise click.exceptions.Exit(SKIPPED)


def load(settings: dict[str, Any]) -> "Model":
    """Load the model that the options of `MODEL` name."""
    from framing.model_folder import load_model

    named = {name: settings[name] for name in LOADING}
    return load_model(settings["model"], engine=settings["engine"], **named)


@contextmanager
def going_on(output: Path) -> "Iterator[None]":
    """Say on stderr how to go on where the user stops the labelling."""
    from framing.resuming import unfinished_path

    try:
        yield
    except KeyboardInterrupt:
        if (so_far := unfinished_path(output)).exists():
            click.echo(f"\nto go on, give the same command again; labelled so far: {so_far}", err=True)
        raise


@contextmanager
def progress(articles: int | None) -> "Iterator[Callable[[int], None]]":
    """Show a bar on stderr; what it gives is called with the number of sentences of each article done."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("labelling"), BarColumn(), MofNCompleteColumn(), TextColumn("articles,"))
    ends = (TextColumn("{task.fields[sentences]} sentences,"), TimeRemainingColumn(), TextColumn("left"))
    with Progress(*columns, *ends, console=Console(stderr=True)) as progress:
        task = progress.add_task("", total=articles, sentences=0)

        def advance(sentences: int) -> None:
            progress.update(task, advance=1, sentences=progress.tasks[task].fields["sentences"] + sentences)

        yield advance
