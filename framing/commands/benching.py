"""The verb that measures speed: bench."""

import json
import tempfile
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from framing.commands.inputs import read_again
from framing.commands.options import DEVICE, ENCODER, FIELDS, MODEL_FOLDER, PATH, THREADS
from framing.commands.tables import print_table

if TYPE_CHECKING:
    from framing.bench import Bench, Timed
    from framing.records import Article

SAMPLES = 60  # articles that are made of the samples, where there is no other input


@click.command()
@click.argument("inputs", nargs=-1, metavar="[INPUT…]")
@FIELDS
@click.option("--articles", type=click.IntRange(1), help="How many; copies have their words in other order.")
@click.option("--repeats", default=5, show_default=True, type=click.IntRange(1), help="Rounds.")
@click.option("--pipeline/--no-pipeline", default=True, help="Whether to time transformers' pipeline.")
@click.option("--json", "output", type=PATH, help="Write what was measured, .json.")
@MODEL_FOLDER
@ENCODER
@DEVICE
@THREADS
def bench(
    inputs: tuple[str, ...],
    articles: int | None,
    repeats: int,
    pipeline: bool,
    output: Path | None,
    **settings: Any,
) -> None:
    """Measure the speed of every engine and precision. Beside them stands transformers' own pipeline.

    Without INPUT the sample articles are taken. Every figure is a median over the rounds.
    """
    from rich.console import Console
    from rich.progress import Progress

    from framing.baseline import Baseline
    from framing.bench import describe_bench, load_models, measure
    from framing.encoder import find_encoder
    from framing.engine import take_device
    from framing.machine import cpu_count
    from framing.store import check_output

    if output:
        check_output(output, (".json",), force=True)
    device, threads = take_device(settings["device"]), settings["threads"] or cpu_count()
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "articles.jsonl"
        _write(source, _articles(inputs, articles, settings))
        models = load_models(settings["model"], settings["encoder"], device, threads)
        encoder = find_encoder(settings["encoder"]) if pipeline else None
        baseline = Baseline(encoder, len(models[0].codes), device, threads) if encoder else None
        with Progress(console=Console(stderr=True)) as progress:
            task = progress.add_task("measuring", total=repeats * (2 * len(models) + 2 * pipeline))
            advance = partial(progress.advance, task)
            found = measure(source, models, baseline, repeats=repeats, advance=advance)
    about = describe_bench(found, models[0], threads)
    machine = about["machine"]
    click.echo(
        f"{machine['processor']}, {machine['cores']} cores, {threads} threads; "
        + ", ".join(f"{name}: {'yes' if machine[name] else 'no'}" for name in ("avx512", "vnni", "bf16"))
        + f"; {models[0].engine.device_name}"
    )
    _print(found)
    if output:
        output.write_text(json.dumps(about, indent=1) + "\n", "utf8")


def _articles(inputs: tuple[str, ...], count: int | None, settings: dict[str, Any]) -> "Iterable[Article]":
    from framing.samples import sample_articles_path
    from framing.varied import vary_articles

    read = list(read_again(inputs or (str(sample_articles_path()),), settings)())
    return vary_articles(read, count or (len(read) if inputs else SAMPLES))


def _write(path: Path, articles: "Iterable[Article]") -> None:
    names = ("id", "outlet", "text", "title")
    rows = ({name: getattr(article, name) for name in names} for article in articles)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf8")


def _print(found: "Bench") -> None:
    heading = ["engine", "setting", "sentences/s", "model alone", "share", "× pipeline"]
    heading += ["labels differ", "decisions", "score"]
    rows = [_cells(one, found.times_pipeline(one)) for one in (*found.engines, *found.pipelines)]
    print_table(f"{found.articles} articles, {found.sentences} sentences", heading, rows)
    click.echo(
        "sentences/s: from the articles on disk to their labels on disk, the model loaded; share: that of "
        "the model alone.\n× pipeline: at its better batch size. labels differ: how many flip, for each that "
        "the first row gives; then their share of all decisions, and how far a score moves at most."
    )


def _cells(one: "Timed", times: float | None) -> list[str]:
    speed, beside = f"{one.speed:,.0f}", f"{times:.1f}" if times else ""
    if one.agreement is None:
        return [one.name, one.setting, speed, "", "", beside, "", "", ""]
    model = [f"{one.model_speed:,.0f}", f"{one.model_share:.0%}"]
    agreement = [f"{one.agreement.labels_differ:.1%}", f"{one.agreement.decisions_differ:.2%}"]
    return [one.name, one.setting, speed, *model, beside, *agreement, f"{one.agreement.largest:.4f}"]
