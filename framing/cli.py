"""The command line: one verb for each step from articles to report."""

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click

from framing.errors import FramingError

if TYPE_CHECKING:
    from framing.codebook import Code
    from framing.copies import Copies
    from framing.labelling import Model
    from framing.profiles import Profiles
    from framing.records import Article, LabelledSentence
    from framing.stories import Stories

Command = TypeVar("Command", bound=Callable[..., Any])
PATH: Any = click.Path(path_type=Path)
LABEL_SUFFIXES = (".jsonl", ".parquet")
TERMINAL_COLUMNS = 5  # articles and notes stand in the report
REPORT_SUFFIXES = (".html", ".md")


def _options(*options: Callable[[Command], Command]) -> Callable[[Command], Command]:
    """Make one decorator of several, first option first in the help."""

    def decorate(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


FORCE = click.option("--force", is_flag=True, help="Replace what is there already.")
READING = _options(
    click.argument("inputs", nargs=-1, required=True, metavar="INPUT…"),
    click.option("--outlet", help="Outlet of articles that do not name theirs."),
    click.option(
        "--columns", metavar="FIELD=COLUMN,…", help="Other column names, as in text=body,outlet=paper."
    ),
    click.option(
        "--encoding", default="utf-8-sig", show_default="UTF-8", help="Encoding of the input's text."
    ),
)
ENCODER = click.option(
    "--encoder", type=PATH, help="Folder of the base encoder; found by itself if installed."
)
DEVICE = click.option("--device", default="auto", show_default=True, help="auto, cpu, cuda or mps.")
THREADS = click.option("--threads", type=click.IntRange(1), help="CPU threads; all cores if not given.")
MODEL = _options(
    click.option("--model", type=PATH, help="Folder of a model; the one that ships if not given."),
    ENCODER,
    DEVICE,
    click.option(
        "--batch-size", default=32, show_default=True, type=click.IntRange(1), help="Windows of a GPU pass."
    ),
    THREADS,
)
STATISTICS = _options(
    click.option(
        "--draws", default=1000, show_default=True, type=click.IntRange(100), help="Bootstrap draws."
    ),
    click.option("--seed", default=0, show_default=True, type=click.IntRange(0), help="Seed of the draws."),
)
COPIES = _options(
    click.option("--stories", type=PATH, help="Stories file, as framing stories writes it."),
    click.option(
        "--copies",
        type=click.Choice(["with", "without", "only"]),
        help="Sentences that several outlets print: with the rest, left out, or alone. Needs --stories.",
    ),
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="framing")
def cli() -> None:
    """How does this outlet frame the story?

    Label framing and propaganda techniques in every sentence of news articles, and profile their outlets.
    INPUT is .txt, .jsonl, .csv, .parquet or .html files, folders of them, or - for JSONL on standard input.
    """


@cli.command()
@READING
@click.option("-o", "--output", type=PATH, required=True, help="Labels file, .jsonl or .parquet.")
@MODEL
@FORCE
def label(inputs: tuple[str, ...], output: Path, force: bool, **settings: Any) -> None:
    """Label every sentence of articles."""
    from framing.store import check_output

    check_output(output, LABEL_SUFFIXES, force=force)
    _label(inputs, output, settings)


@cli.command()
@click.argument("labels", type=PATH)
@click.option("-o", "--output", type=PATH, required=True, help="Profiles file, .json.")
@click.option("--csv", "table", type=PATH, help="Also a tidy table, .csv: a row an outlet, code and voice.")
@COPIES
@click.option("--within-story", is_flag=True, help="Compare outlets on the stories that several told.")
@STATISTICS
@FORCE
def profile(
    labels: Path,
    output: Path,
    table: Path | None,
    stories: Path | None,
    copies: str | None,
    within_story: bool,
    force: bool,
    draws: int,
    seed: int,
) -> None:
    """Profile the outlets of a labels file."""
    from framing.store import check_output

    check_output(output, (".json",), force=force)
    if table:
        check_output(table, (".csv",), force=force)
    if within_story:
        _compare_within(labels, output, table, stories, copies or "without", draws, seed)
    else:
        _print_profiles(_profile(labels, output, table, draws, seed, _copies(stories, copies)))


@cli.command()
@click.argument("profiles", type=PATH)
@click.option("--labels", type=PATH, required=True, help="The labels file that the profiles came from.")
@click.option("-o", "--output", type=PATH, required=True, help="Report, .html or .md.")
@COPIES
@FORCE
def report(
    profiles: Path, labels: Path, output: Path, stories: Path | None, copies: str | None, force: bool
) -> None:
    """Write a report of profiles: a heat map, and the strongest sentences."""
    from framing.profiles import Profiles
    from framing.store import check_output

    check_output(output, REPORT_SUFFIXES, force=force)
    _report(Profiles.read_json(profiles), labels, output, _copies(stories, copies))


@cli.command()
@READING
@click.option("-o", "--output", type=PATH, required=True, help="Folder for everything that is written.")
@MODEL
@STATISTICS
@FORCE
def run(inputs: tuple[str, ...], output: Path, force: bool, draws: int, seed: int, **settings: Any) -> None:
    """Label, profile and report in a row."""
    from framing.store import check_output

    names = ("labels.jsonl", "profiles.json", "profiles.csv", "report.html")
    labels, profiles, table, page = (output / name for name in names)
    for path in (labels, profiles, table, page):
        check_output(path, (path.suffix,), force=force)
    _label(inputs, labels, settings)
    made = _profile(labels, profiles, table, draws, seed)
    _report(made, labels, page)
    _print_profiles(made)
    click.echo(f"report: {page}")


@cli.command()
@READING
@click.option("--id", "only", help="Show the article of this id only.")
@MODEL
def show(inputs: tuple[str, ...], only: str | None, **settings: Any) -> None:
    """Print articles with the words that carry labels marked, and whose words they are."""
    read = _read(inputs, settings)
    wanted = [article for article in read() if only in (None, article.id)]
    if not wanted:
        raise FramingError(f"no article {only!r} in the input, expected the id of one of its articles")
    from rich.console import Console

    from framing.views import view_article

    model, console = _load(settings), Console()
    for article, labelled in zip(wanted, model.label_each(wanted), strict=True):
        console.print(view_article(article, labelled, codebook=model.codebook))


@cli.command()
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
    """Group articles into stories, and mark the sentences that several outlets print."""
    from framing.store import check_output

    check_output(output, (".jsonl",), force=force)
    read = _read(inputs, settings)
    _survey(read)
    from framing.embeddings import Embedder
    from framing.stories import THRESHOLD, WINDOW, find_stories

    _quieten()
    embedder = Embedder(settings["encoder"], device=settings["device"], threads=settings["threads"])
    found = find_stories(
        read(),
        embedder=embedder,
        threshold=THRESHOLD if threshold is None else threshold,
        window=WINDOW if days is None else days,
    )
    found.write(output)
    copied = sum(len(article.copied) for article in found.articles)
    click.echo(
        f"{len(found.articles)} articles tell {len(found.groups())} stories, {len(found.shared())} of them "
        f"told by several outlets; {copied} sentences are printed by several: {output}"
    )


@cli.command()
@click.argument("labels", type=PATH)
@click.option("--stories", type=PATH, required=True, help="Stories file, as framing stories writes it.")
@click.option("--number", default=1, show_default=True, type=click.IntRange(1), help="Which story.")
def story(labels: Path, stories: Path, number: int) -> None:
    """Show which outlet uses which label in one story, and in whose voice."""
    from rich.console import Console

    from framing.comparisons import view_story
    from framing.store import read_labels
    from framing.stories import read_stories

    Console().print(view_story(read_labels(labels), read_stories(stories), number))


@cli.command()
@click.option("--json", "as_json", is_flag=True, help="As JSON, with everything.")
@click.option("--codebook", "path", type=PATH, help="A codebook file (.toml or .json); ours if not given.")
def codebook(as_json: bool, path: Path | None) -> None:
    """Show the labels and what they mean."""
    from framing.codebook import load_codebook

    book = load_codebook(path)
    if as_json:
        click.echo(book.to_json())
        return
    labelled = set() if path else _shipped_codes()
    for title, entries in (("Techniques", book.techniques), ("Framing devices", book.devices)):
        if entries:
            _print_entries(title, entries, labelled)
    if labelled and set(book.codes) - labelled:
        click.echo("* not yet labelled by the model that ships")


def _shipped_codes() -> set[str]:
    import json

    from framing.paths import default_model

    return set(json.loads((default_model() / "config.json").read_text("utf8"))["codes"])


def _print_entries(title: str, entries: "tuple[Code, ...]", labelled: set[str]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(title=title, title_justify="left", show_lines=True)
    table.add_column("code", no_wrap=True)
    table.add_column("a sentence carries it when …")
    table.add_column("not when …")
    for entry in entries:
        mark = "*" if labelled and entry.code not in labelled else ""
        table.add_row(Text(entry.code + mark, style="bold"), Text(entry.definition), Text(entry.not_when))
    Console().print(table)


def _read(inputs: tuple[str, ...], settings: dict[str, Any]) -> "Callable[[], Iterator[Article]]":
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


def _survey(read: "Callable[[], Iterator[Article]]") -> int:
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


def _label(inputs: tuple[str, ...], output: Path, settings: dict[str, Any]) -> None:
    read = _read(inputs, settings)
    sentences = _survey(read)
    from framing.resuming import label_into

    model = _load(settings)
    with _progress(sentences) as advance:
        label_into(output, model, read(), advance=advance)
    click.echo(f"labels: {output}", err=True)


def _load(settings: dict[str, Any]) -> "Model":
    from framing.labelling import load_model

    _quieten()
    return load_model(
        settings["model"],
        device=settings["device"],
        batch_size=settings["batch_size"],
        threads=settings["threads"],
        encoder=settings["encoder"],
    )


@contextmanager
def _progress(sentences: int) -> "Iterator[Callable[[int], None]]":
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("labelling"), BarColumn(), MofNCompleteColumn(), TextColumn("sentences,"))
    console = Console(stderr=True)
    with Progress(*columns, TimeRemainingColumn(), TextColumn("left"), console=console) as progress:
        task = progress.add_task("", total=sentences)
        yield lambda count: progress.advance(task, count)


def _quieten() -> None:
    """Keep the libraries' progress bars and advice out of our output."""
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()


Selection = Callable[["Iterator[LabelledSentence]"], "Iterator[LabelledSentence]"]


def _copies(stories: Path | None, copies: str | None) -> Selection:
    """Return what chooses sentences by whether several outlets print them."""
    if copies is None:
        return iter
    from framing.copies import select_copies

    articles = _stories(stories, "--copies").by_id()
    return lambda labelled: select_copies(labelled, articles, cast("Copies", copies))


def _stories(path: Path | None, option: str) -> "Stories":
    from framing.stories import read_stories

    if path is None:
        raise click.UsageError(f"{option} needs --stories FILE; framing stories makes it")
    return read_stories(path)


def _compare_within(
    labels: Path, output: Path, table: Path | None, stories: Path | None, copies: str, draws: int, seed: int
) -> None:
    from framing.store import read_labels
    from framing.within import compare_within_stories

    told = _stories(stories, "--within-story")
    made = compare_within_stories(
        read_labels(labels), told, copies=cast("Copies", copies), draws=draws, seed=seed
    )
    made.write_json(output)
    if table:
        made.write_csv(table)
    heading, *rows = made.to_rows()
    _print_table(made.title, heading, rows)
    click.echo("~ rough: fewer than five stories differ. No interval: too little data.")


def _profile(
    labels: Path, output: Path, table: Path | None, draws: int, seed: int, select: Selection = iter
) -> "Profiles":
    from framing.profiles import build_profiles
    from framing.store import read_labels, read_provenance

    labelled = select(read_labels(labels))
    made = build_profiles(labelled, draws=draws, seed=seed, provenance=read_provenance(labels))
    made.write_json(output)
    if table:
        made.write_csv(table)
    return made


def _print_profiles(profiles: "Profiles") -> None:
    from framing.codebook import load_codebook

    book = load_codebook()
    heading, *rows = (row[:TERMINAL_COLUMNS] for row in profiles.to_rows())
    whose = " in its own words" if profiles.first_voice != "all" else ""
    shown = []
    previous = ""
    for outlet, code, *figures in rows:
        name = book[code].name if code in book else code
        shown.append(("" if outlet == previous else outlet, name, *figures))
        previous = outlet
    _print_table(f"Most frequent labels of each outlet{whose}", heading, shown)
    click.echo("~ rough: fewer than five articles carry the label. No interval: too little data.")


def _print_table(title: str, heading: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table of which the first two columns are words, the others figures."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD)
    for place, name in enumerate(heading):
        table.add_column(name, justify="left" if place < 2 else "right", overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row))
    Console().print(table)


def _report(profiles: "Profiles", labels: Path, output: Path, select: Selection = iter) -> None:
    from framing.reports import write_report
    from framing.store import read_labels

    write_report(profiles, select(read_labels(labels)), output)


def main() -> None:
    """Run the command line; an error of ours is one line and exit code 1."""
    import logging

    logging.basicConfig(format="%(message)s", stream=sys.stderr)
    try:
        cli()
    except FramingError as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(1)
