"""Options that several commands share."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])
PATH: Any = click.Path(path_type=Path)


def several(*options: Callable[[Command], Command]) -> Callable[[Command], Command]:
    """Make one decorator of several, first option first in the help."""

    def decorate(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


FORCE = click.option("--force", is_flag=True, help="Replace what is there already.")
FIELDS = several(
    click.option("--outlet", help="Outlet of rows that name none, and of every .txt and .html."),
    click.option(
        "--columns", metavar="FIELD=COLUMN,…", help="Other column names, as in text=body,outlet=paper."
    ),
    click.option(
        "--encoding", default="utf-8-sig", show_default="UTF-8", help="Encoding of the input's text."
    ),
)
READING = several(click.argument("inputs", nargs=-1, required=True, metavar="INPUT…"), FIELDS)
ENCODER = click.option(
    "--encoder", type=PATH, help="Folder of the base encoder; found by itself if installed."
)
DEVICE = click.option("--device", default="auto", show_default=True, help="auto, cpu, cuda or mps.")
THREADS = click.option("--threads", type=click.IntRange(1), help="CPU threads; all cores if not given.")
RAY = "ray"  # not an engine, but many processes with one each
ENGINES = ("auto", "onnx", "torch")  # of `framing.engine`, which takes long to load
PRECISIONS = ("fp32", "int8", "bf16", "fp16")
MODEL_FOLDER = click.option("--model", type=PATH, help="Folder of a model; the one that ships if not given.")


def engine_option(*engines: str, more: str = "") -> Callable[[Command], Command]:
    """Make the option that says what runs the network; `more` ends its help."""
    return click.option(
        "--engine",
        default="auto",
        show_default=True,
        type=click.Choice(engines),
        help=f"What runs the network: torch is the reference, onnx is quicker on a CPU.{more}",
    )


RUNNING = several(
    MODEL_FOLDER,
    ENCODER,
    DEVICE,
    click.option(
        "--precision",
        default="fp32",
        show_default=True,
        type=click.Choice(PRECISIONS),
        help="fp32 is the reference; others are quicker, and move scores.",
    ),
    click.option(
        "--batch-size", default=32, show_default=True, type=click.IntRange(1), help="Windows of a GPU pass."
    ),
    THREADS,
)
MODEL = several(engine_option(*ENGINES), RUNNING)
DISTRIBUTED = several(
    engine_option(*ENGINES, RAY, more=" ray labels .jsonl and .parquet on a cluster, and skips no article."),
    click.option("--workers", type=click.IntRange(1), help="Of --engine ray; all that there is room for."),
    RUNNING,
)
ON_ERROR = click.option(
    "--on-error",
    default="stop",
    show_default=True,
    type=click.Choice(["stop", "skip"]),
    help="At an article that can't be labelled: stop, or leave it out, say why in OUTPUT.rejects.jsonl, and "
    "end with exit code 3.",
)
STATISTICS = several(
    click.option(
        "--draws", default=1000, show_default=True, type=click.IntRange(100), help="Bootstrap draws."
    ),
    click.option("--seed", default=0, show_default=True, type=click.IntRange(0), help="Seed of the draws."),
)
BY = click.option(
    "--by",
    metavar="COLUMN,…",
    default="outlet",
    show_default=True,
    help="Profile by these: outlet; year, quarter, month, week or day; any column of the articles.",
)
ARTICLES = several(
    click.option(
        "--articles",
        multiple=True,
        metavar="INPUT",
        help="What was labelled: --by needs it, and a report its titles and links.",
    ),
    FIELDS,
)
COPIES = several(
    click.option("--stories", type=PATH, help="Stories file, as framing stories writes it."),
    click.option(
        "--copies",
        type=click.Choice(["with", "without", "only"]),
        help="Sentences that several outlets print: with the rest, left out, or alone. Needs --stories.",
    ),
)
