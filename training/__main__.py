"""The training command line: `python -m training …`."""

import json
import os
import sys
from pathlib import Path
from typing import Any

import click

from framing.errors import FramingError
from training.measuring import page, pseudo_outlets, scale, simulate
from training.measuring_speed import precision, speed


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """Train, evaluate and document the models of framing."""


@cli.command()
@click.argument("config", type=click.Path(path_type=Path))
@click.option(
    "--corpora", type=click.Path(path_type=Path), required=True, help="Folder that holds the corpora."
)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="Folder of the run; runs/NAME if not given."
)
@click.option("--encoder", type=click.Path(path_type=Path), help="Folder of the base encoder.")
@click.option(
    "--guesses", type=click.Path(path_type=Path), multiple=True, help="What `guess` wrote, to learn from too."
)
@click.option("--from", "start", type=click.Path(path_type=Path), help="Folder of a network to go on from.")
def fit(
    config: Path,
    corpora: Path,
    output: Path | None,
    encoder: Path | None,
    guesses: tuple[Path, ...],
    start: Path | None,
) -> None:
    """Fine-tune a network as CONFIG says; a run that was stopped goes on where it was."""
    from training.config import read_config
    from training.finish import MODEL, finish
    from training.fit import fit as run

    settings = read_config(config)
    folder = output or Path("runs") / settings.name
    run(settings, corpora, folder, encoder=encoder, guesses=guesses, start=start)
    if int(os.environ.get("RANK", "0")):  # one of several processes: the first finishes
        return
    report = finish(settings, corpora, folder, encoder=encoder)
    _print_figures(report["dev"])
    click.echo(f"model: {folder / MODEL}")


@cli.command()
@click.argument("config", type=click.Path(path_type=Path))
@click.option(
    "--corpora", type=click.Path(path_type=Path), required=True, help="Folder that holds the corpora."
)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="Folder of the run; runs/NAME if not given."
)
@click.option("--encoder", type=click.Path(path_type=Path), help="Folder of the base encoder.")
@click.option(
    "--guesses", type=click.Path(path_type=Path), multiple=True, help="What `guess` wrote, to learn from too."
)
@click.option("--from", "start", type=click.Path(path_type=Path), help="Network whose encoder is taken.")
def probe(
    config: Path,
    corpora: Path,
    output: Path | None,
    encoder: Path | None,
    guesses: tuple[Path, ...],
    start: Path | None,
) -> None:
    """Train the label head of CONFIG's run alone, for `finish`, or for `fit --from` to start with."""
    from training.config import read_config
    from training.probing import probe as run

    settings = read_config(config)
    folder = output or Path("runs") / settings.name
    report = run(settings, corpora, folder, encoder=encoder, guesses=guesses, start=start)
    click.echo(
        f"{report['probed_sentences']} sentences learned from; go on with: finish {config}, "
        f"or fit CONFIG --from {folder / 'best'}"
    )


@cli.command()
@click.argument("config", type=click.Path(path_type=Path))
@click.option(
    "--corpora", type=click.Path(path_type=Path), required=True, help="Folder that holds the corpora."
)
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="Folder of the network.")
@click.option("--encoder", type=click.Path(path_type=Path), help="Folder of the base encoder.")
@click.option("--epochs", type=click.IntRange(1), default=3, show_default=True, help="Readings of the text.")
def pretrain(config: Path, corpora: Path, output: Path, encoder: Path | None, epochs: int) -> None:
    """Train the adapter of CONFIG's run on its corpora's text, for `fit --from` to start with."""
    from framing.store import check_output
    from training.config import read_config
    from training.pretraining import REPORT
    from training.pretraining import pretrain as run

    settings = read_config(config)
    check_output(output / REPORT, (".json",), force=True)
    loss = run(settings, corpora, output, encoder=encoder, epochs=epochs)["loss"]
    click.echo(f"held-out loss {loss['head_alone']:.3f} before, {loss['after']:.3f} after")
    click.echo(f"go on with: fit {config} --from {output}")


@cli.command()
@click.argument("config", type=click.Path(path_type=Path))
@click.option(
    "--corpora", type=click.Path(path_type=Path), required=True, help="Folder that holds the corpora."
)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Folder of the run.")
@click.option("--encoder", type=click.Path(path_type=Path), help="Folder of the base encoder.")
def finish(config: Path, corpora: Path, output: Path | None, encoder: Path | None) -> None:
    """Calibrate and score a run's best network again, as after another choice of thresholds in CONFIG."""
    from training.config import read_config
    from training.finish import finish as calibrate

    settings = read_config(config)
    report = calibrate(settings, corpora, output or Path("runs") / settings.name, encoder=encoder)
    _print_figures(report["dev"])


@cli.command()
@click.argument("config", type=click.Path(path_type=Path))
@click.option("--model", type=click.Path(path_type=Path), required=True, help="Folder of a finished model.")
@click.option(
    "--corpora", type=click.Path(path_type=Path), required=True, help="Folder that holds the corpora."
)
@click.option("--encoder", type=click.Path(path_type=Path), help="Folder of the base encoder.")
def development(config: Path, model: Path, corpora: Path, encoder: Path | None) -> None:
    """Write into a MODEL folder what it says of its development articles, as `finish` does for a new one."""
    from training.config import read_config
    from training.development import add_development

    found = add_development(read_config(config), corpora, model, encoder=encoder)
    click.echo(f"{len(found.article)} sentences of {len(found.voices)} articles: {model}")


@cli.command()
@click.argument("teachers", type=click.Path(path_type=Path), nargs=-1, required=True)
@click.option(
    "--corpora", type=click.Path(path_type=Path), required=True, help="Folder that holds the corpora."
)
@click.option("--corpus", multiple=True, required=True, help="Corpus whose training articles are guessed.")
@click.option("--encoder", type=click.Path(path_type=Path), help="Folder of the base encoder.")
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="The guesses (.npz).")
def guess(
    teachers: tuple[Path, ...], corpora: Path, corpus: tuple[str, ...], encoder: Path | None, output: Path
) -> None:
    """Let TEACHERS, folders of networks, guess the labels of articles that have none, for `fit --guesses`."""
    from framing.store import check_output
    from training.guesses import guess as ask
    from training.guesses import write_guesses

    check_output(output, (".npz",), force=True)
    found = ask(teachers, corpora, corpus, encoder=encoder)
    write_guesses(found, output)
    sentences = sum(len(table) for table in found.tables.values())
    click.echo(f"guesses of {len(found.codes)} codes for {sentences} sentences: {output}")


@cli.command()
@click.argument("model", type=click.Path(path_type=Path))
@click.option("--corpus", type=click.Choice(["ptc", "polnear", "babe"]), required=True, help="Which corpus.")
@click.option("--path", type=click.Path(path_type=Path), required=True, help="The corpus's folder.")
@click.option("--part", type=click.Choice(["train", "dev"]), default="dev", show_default=True)
@click.option("--annotations", multiple=True, help="A file of training/annotations with gold for devices.")
@click.option("--encoder", type=click.Path(path_type=Path), help="Folder of the base encoder.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Also write the figures as JSON.")
def evaluate(
    model: Path,
    corpus: str,
    path: Path,
    part: str,
    annotations: tuple[str, ...],
    encoder: Path | None,
    output: Path | None,
) -> None:
    """Score a MODEL folder on a corpus, with the curves and thresholds that it ships with."""
    from framing.store import check_output
    from training.evaluation import evaluate_model

    if output:
        check_output(output, (".json",), force=True)
    report = evaluate_model(model, corpus, path, part, annotations=annotations, encoder=encoder)
    _print_figures(report)
    if output:
        output.write_text(json.dumps(report, indent=2) + "\n", "utf8")


@cli.command()
@click.argument("corpus")
@click.option(
    "--corpora", type=click.Path(path_type=Path), required=True, help="Folder that holds the corpora."
)
@click.option("--part", type=click.Choice(["train", "dev"]), default="train", show_default=True)
@click.option("--sentences", type=int, required=True, help="Sentences to draw at least, in whole articles.")
@click.option("--articles", type=int, default=0, help="Articles to draw at least.")
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--unread", is_flag=True, help="Draw among the articles that no reader has read whole.")
@click.option("--name", default="sheet", show_default=True, help="What the sheets are called.")
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="Folder for the sheets.")
def sheets(
    corpus: str,
    corpora: Path,
    part: str,
    sentences: int,
    articles: int,
    seed: int,
    unread: bool,
    name: str,
    output: Path,
) -> None:
    """Write sheets of whole articles of a CORPUS for annotators to read."""
    import numpy as np

    from training.annotation import ANNOTATIONS, read_annotations
    from training.corpora import read_corpus
    from training.sheets import draw_articles, list_units, write_sheets

    read = read_annotations(ANNOTATIONS / "natural.jsonl") if unread else []
    done = {one.article for one in read if (one.corpus, one.part) == (corpus, part)}
    drawn = draw_articles(
        [article for article in read_corpus(corpus, corpora, part) if article.id not in done],
        sentences=sentences,
        least=articles,
        rng=np.random.default_rng(seed),
    )
    written = write_sheets([list_units(article, part) for article in drawn], output, name)
    click.echo(f"{len(drawn)} articles in {len(written)} sheets, {written[0]} to {written[-1].name}")


@cli.command()
@click.argument("answers", type=click.Path(path_type=Path), nargs=-1, required=True)
@click.option("--sheets", type=click.Path(path_type=Path), required=True, help="Folder of the sheets.")
@click.option("--sample", type=click.Choice(["natural", "picked", "written"]), default="natural")
@click.option("--reading", type=click.IntRange(1, 3), default=1, help="1 first, 2 blind second, 3 settling.")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="Stand-off annotations; check only if not given."
)
def collect(answers: tuple[Path, ...], sheets: Path, sample: str, reading: int, output: Path | None) -> None:
    """Check ANSWERS, files called SHEET.ANNOTATOR.tsv, and turn them into stand-off annotations."""
    from training.annotation import write_annotations
    from training.sheets import read_answers

    found = []
    for path in answers:
        sheet, _, annotator = path.stem.rpartition(".")
        if not sheet:
            raise FramingError(f"{path}: expected a name like SHEET.ANNOTATOR.tsv; rename it")
        found += read_answers(
            sheets / f"{sheet}.tsv", path, annotator=annotator, sample=sample, reading=reading
        )
    marked = sum(bool(one.marks) for one in found)
    click.echo(f"{len(found)} sentences, {marked} of them with a device")
    if output:
        write_annotations(found, output)


@cli.command("own-text")
@click.argument(
    "files", type=click.Path(path_type=Path, exists=True, dir_okay=False), nargs=-1, required=True
)
@click.option("--technique", multiple=True, help="A technique that was marked as well as all devices.")
def own_text(files: tuple[Path, ...], technique: tuple[str, ...]) -> None:
    """Add invented news with its labels, FILES called WRITER.jsonl, to the project's own text."""
    from training.annotation import ANNOTATIONS
    from training.config import known_families
    from training.own_text import add_own_text

    added = add_own_text(files, ANNOTATIONS, (*technique, *known_families()["devices"]))
    click.echo(f"{len(added)} sentences, {sum(bool(one.marks) for one in added)} of them with a label")


@cli.command()
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="The figures as JSON.")
def agreement(output: Path) -> None:
    """Measure how far the readers of training/annotations agree, where two read the same sentences."""
    from framing.files import write_json
    from framing.store import check_output
    from training.agreement import measure_agreement, pair_readings
    from training.annotation import ANNOTATIONS, read_annotations

    check_output(output, (".json",), force=True)
    readings = [one for path in sorted(ANNOTATIONS.glob("*.jsonl")) for one in read_annotations(path)]
    found = measure_agreement(pair_readings(readings))
    write_json(output, found)
    for row in found["alpha"]:
        alpha = (
            "none" if row["alpha"] is None else f"{row['alpha']:.2f} ({row['low']:.2f} to {row['high']:.2f})"
        )
        click.echo(f"{row['code']}: alpha {alpha}; {row['first']} and {row['second']}, both {row['both']}")


@cli.command()
@click.option("--path", type=click.Path(path_type=Path), required=True, help="PolNeAR's folder.")
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="The figures as JSON.")
def ceiling(path: Path, output: Path) -> None:
    """Measure how far PolNeAR's annotators agree, by the measures of a model's attributions."""
    from framing.files import write_json
    from framing.store import check_output
    from training.ceiling import measure_ceiling

    check_output(output, (".json",), force=True)
    found = measure_ceiling(path)
    write_json(output, found)
    for measure, figure in found["f1"].items():
        click.echo(f"{measure} f1: {_describe(figure['value'], figure['low'], figure['high'])}")


@cli.command()
@click.option(
    "--corpora", type=click.Path(path_type=Path), required=True, help="Folder that holds the corpora."
)
@click.option("--articles", type=click.Path(path_type=Path), help="Articles that all tell one story.")
@click.option("--encoder", type=click.Path(path_type=Path), help="Folder of the base encoder.")
@click.option("--threads", type=click.IntRange(1), help="CPU threads; all cores if not given.")
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="The figures as JSON.")
def stories(
    corpora: Path, articles: Path | None, encoder: Path | None, threads: int | None, output: Path
) -> None:
    """Measure how well articles are grouped into stories; the settings are chosen on other articles."""
    from framing.files import write_json
    from framing.store import check_output
    from training.stories import measure_stories

    check_output(output, (".json",), force=True)
    found = measure_stories(corpora, articles=articles, encoder=encoder, threads=threads)
    write_json(output, found)
    click.echo(f"basil: pairwise f1 {found['basil']['f1']['alone']:.3f}")
    click.echo(f"newswcl50: adjusted Rand {found['newswcl50']['adjusted_rand']:.3f}")
    if found["one_story"]:
        click.echo(
            "one story: {articles} articles in {stories}, {other_news_in_it} others".format_map(
                found["one_story"]
            )
        )


@cli.command()
@click.option(
    "--corpora", type=click.Path(path_type=Path), required=True, help="Folder that holds the corpora."
)
@click.option(
    "--labels", type=click.Path(path_type=Path), required=True, help="PolNeAR's labels, made if not there."
)
@click.option("--shuffles", type=click.IntRange(1), default=200, show_default=True)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
@click.option("--encoder", type=click.Path(path_type=Path), help="Folder of the base encoder.")
@click.option("--threads", type=click.IntRange(1), help="CPU threads; all cores if not given.")
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="The figures as JSON.")
def outlets(output: Path, **settings: Any) -> None:
    """Contrast PolNeAR's outlets, and as many times outlets that are shuffled among its articles."""
    from framing.store import check_output
    from training.outlets import measure_outlets, write_outlets

    check_output(output, (".json",), force=True)
    found = measure_outlets(**settings)
    write_outlets(found, output)
    shuffled = found["shuffles"]["share_with_a_contrast"]["any"]
    click.echo(f"shuffles with any contrast at q < .05: {100 * shuffled:.1f} %")
    for voice, standing in found["standing"].items():
        click.echo(f"contrasts that stand, {voice}: {len(standing)}")


@cli.command()
@click.argument("plan", type=click.Path(path_type=Path))
@click.option(
    "--corpora", type=click.Path(path_type=Path), required=True, help="Folder that holds the corpora."
)
@click.option("--guesses", type=click.Path(path_type=Path), help="What `guess` wrote, for variants with it.")
@click.option("--start", type=click.Path(path_type=Path), help="Network (`pretrain`), for variants with it.")
@click.option("--jobs", type=click.IntRange(1), default=1, show_default=True, help="Runs at a time.")
@click.option("--encoder", type=click.Path(path_type=Path), help="Folder of the base encoder.")
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="The figures as JSON.")
def ablate(plan: Path, corpora: Path, output: Path, jobs: int, **given: Any) -> None:
    """Train the variants of a PLAN with several seeds each; what was stopped goes on where it was."""
    from framing.store import check_output
    from training.ablation import ablate as run
    from training.ablation_plan import NEEDS, read_plan, without
    from training.ablation_runs import check_plan

    check_output(output, (".json",), force=True)
    found = read_plan(plan)
    for need in NEEDS:
        if not given[need]:
            dropped = [one.name for one in found.variants if need in one.needs]
            found = without(found, need)
            click.echo(f"left out, since they need --{need}: {', '.join(dropped) or 'none'}")
    check_plan(found, corpora, **given)
    table = run(found, corpora, output, jobs=jobs, tell=click.echo, **given)
    click.echo(f"{len(table['variants'])} variants: {output}")


@cli.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), default=Path("model_cards"), show_default=True
)
def card(run: Path, output: Path) -> None:
    """Compile the model card of a RUN folder from its run.json."""
    from training.card import write_card

    click.echo(f"card: {write_card(run, output)}")


def _print_figures(report: dict[str, Any]) -> None:
    """Print the figures with their intervals, one a line."""
    for measure, found in report.get("attributions", {}).get("all", {}).items():
        click.echo(f"attribution {measure} f1: {_describe(found['f1'], found['low'], found['high'])}")
    others = {name: report[name] for name in ("spans", "bias", "voices") if name in report}
    for part, figures in (report.get("families", {}) | others).items():
        for name, value in figures.items():
            if isinstance(value, dict):
                click.echo(f"{part} {name}: {value['value']:.3f} ({value['low']:.3f} to {value['high']:.3f})")
            elif isinstance(value, float):
                click.echo(f"{part} {name}: {value:.3f}")


def _describe(value: float | None, low: float | None, high: float | None) -> str:
    shown = "nothing to find" if value is None else f"{value:.3f}"
    return f"{shown} (no interval)" if low is None else f"{shown} ({low:.3f} to {high:.3f})"


for command in (simulate, pseudo_outlets, scale, page, precision, speed):
    cli.add_command(command)


def main() -> None:
    """Run the command line; an error of ours is one line and exit code 1."""
    try:
        cli()
    except (FramingError, OSError) as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
