"""The verb that measures speed: bench."""

import json
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import click

from framing.commands.inputs import read_again
from framing.commands.options import DEVICE, ENCODER, FIELDS, MODEL_FOLDER, PATH, THREADS
from framing.commands.tables import print_table

if TYPE_CHECKING:
    from framing.bench import Bench, Timed
    from framing.labelling import Model
    from framing.records import Article

SAMPLES = 60  # articles that are made of the samples, where there is no other input


@click.command()
@click.argument("inputs", nargs=-1, metavar="[INPUT…]")
@FIELDS
@click.option("--articles", type=click.IntRange(1), help="How many; copies have their words in other order.")
@click.option("--repeats", default=5, show_default=True, type=click.IntRange(1), help="Rounds.")
@click.option("--pipeline/--no-pipeline", default=True, help="Whether to time transformers' pipeline.")
@click.option("--start-up", is_flag=True, help="Time whole processes instead, with their start.")
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
    start_up: bool,
    output: Path | None,
    **settings: Any,
) -> None:
    """Measure the speed of every engine and precision. Beside them stands transformers' own pipeline.

    Without INPUT the sample articles are taken. Every figure is a median over the rounds; the file of
    --json is written after each round.
    """
    from framing.bench import describe_setting, load_models
    from framing.engine import take_device
    from framing.files import write_json
    from framing.machine import cpu_count
    from framing.store import check_output

    if output:
        check_output(output, (".json",), force=True)
    taken = _articles(inputs, articles, settings)
    settings["device"] = take_device(settings["device"])
    settings["threads"] = settings["threads"] or cpu_count()
    models = load_models(settings["model"], settings["encoder"], settings["device"], settings["threads"])
    about = describe_setting(models[0], settings["threads"])
    _print_setting(about)
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "articles.jsonl"
        _write(source, taken)
        take = _time_processes if start_up else _time_models
        for found in take(source, models, repeats, pipeline, settings):
            if output:
                write_json(output, about | found)


def _time_models(
    source: Path, models: "Sequence[Model]", repeats: int, pipeline: bool, settings: dict[str, Any]
) -> Iterator[dict[str, Any]]:
    from rich.console import Console
    from rich.progress import Progress

    from framing.baseline import Baseline
    from framing.bench import BATCH_SIZES, measure
    from framing.encoder import find_encoder

    baseline = None
    if pipeline:
        folder, codes = find_encoder(settings["encoder"]), len(models[0].codes)
        baseline = Baseline(folder, codes, settings["device"], settings["threads"])
    with Progress(console=Console(stderr=True)) as progress:
        total = repeats * (2 * len(models) + len(BATCH_SIZES) * pipeline)
        advance = partial(progress.advance, progress.add_task("measuring", total=total))
        for found in measure(source, models, baseline, repeats=repeats, advance=advance):
            yield found.to_dict()
    print_bench(found)


def _time_processes(
    source: Path, models: "Sequence[Model]", repeats: int, pipeline: bool, settings: dict[str, Any]
) -> Iterator[dict[str, Any]]:
    from framing.bench import BATCH_SIZES
    from framing.encoder import find_encoder
    from framing.starting import measure_start

    rounds = measure_start(
        source,
        {name: settings[name] for name in ("model", "encoder", "device")},
        encoder=find_encoder(settings["encoder"]),
        codes=len(models[0].codes),
        batch_sizes=BATCH_SIZES if pipeline else (),
        threads=settings["threads"],
        repeats=repeats,
    )
    for found in rounds:
        yield found.to_dict()
    click.echo(
        f"one article: {found.first_s:.1f} s the first time, then {median(found.later_s):.1f} s; all "
        f"articles: {median(found.whole_s):.1f} s"
        + (f", by the pipeline {found.best_pipeline_s:.1f} s" if pipeline else "")
    )


def _print_setting(about: dict[str, Any]) -> None:
    machine = about["machine"]
    has = ", ".join(f"{name}: {'yes' if machine[name] else 'no'}" for name in ("avx512", "vnni", "bf16"))
    click.echo(
        f"{machine['processor']}, {machine['cores']} cores, {about['threads']} threads; {has}; "
        f"{about['device']}"
    )


def _articles(inputs: tuple[str, ...], count: int | None, settings: dict[str, Any]) -> "Iterable[Article]":
    from framing.samples import sample_articles_path
    from framing.varied import vary_articles

    read = list(read_again(inputs or (str(sample_articles_path()),), settings)())
    return vary_articles(read, count or (len(read) if inputs else SAMPLES))


def _write(path: Path, articles: "Iterable[Article]") -> None:
    names = ("id", "outlet", "text", "title")
    rows = ({name: getattr(article, name) for name in names} for article in articles)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf8")


def print_bench(found: "Bench") -> None:
    """Print two tables, of speed and of agreement; each fits a terminal of 80 columns."""
    title = f"{found.articles} articles, {found.sentences} sentences"
    heading = ["engine", "setting", "sentences/s", "model alone", "its share", "× pipeline"]
    both = (*found.engines, *found.pipelines)
    print_table(title, heading, [_speed(one, found.times_pipeline(one)) for one in both])
    click.echo(
        "sentences/s: from the articles on disk to their labels on disk, the model\n"
        "loaded. its share: what the model alone takes of that time. × pipeline: at its\n"
        "better batch size."
    )
    reference, *others = found.engines
    if others:
        click.echo()
        heading = ["engine", "setting", "labels that flip", "of all decisions", "score moves by"]
        first = f"{reference.name} {reference.setting}"
        print_table(f"Beside {first}", heading, [_agreement(one) for one in others])
        click.echo(f"labels that flip: for each that {first} gives. score moves by: at most.")


def _speed(one: "Timed", times: float | None) -> list[str]:
    model = ["", ""]
    if one.model_speed is not None:
        model = [f"{one.model_speed:,.0f}", f"{one.model_share:.0%}"]
    return [one.name, one.setting, f"{one.speed:,.0f}", *model, f"{times:.1f}" if times else ""]


def _agreement(one: "Timed") -> list[str]:
    if one.agreement is None:
        return [one.name, one.setting, "", "", ""]
    found = one.agreement
    shares = [f"{found.labels_differ:.1%}", f"{found.decisions_differ:.2%}"]
    return [one.name, one.setting, *shares, f"{found.largest:.4f}"]
