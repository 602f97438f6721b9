"""The commands that train networks: fit, probe, pretrain, finish, development, guess, ablate."""

import os
from pathlib import Path
from typing import Any

import click

from training.commands.figures import print_figures
from training.commands.options import (
    config_argument,
    corpora_option,
    encoder_option,
    json_option,
    learning,
    run_option,
)


@click.command()
@learning
@run_option
@click.option("--from", "start", type=click.Path(path_type=Path), help="Folder of a network to go on from.")
def fit(config: Path, corpora: Path, output: Path | None, **given: Any) -> None:
    """Fine-tune a network as CONFIG says; a run that was stopped goes on where it was."""
    from training.config import read_config
    from training.finish import MODEL, finish
    from training.fit import fit as run

    settings = read_config(config)
    folder = output or Path("runs") / settings.name
    run(settings, corpora, folder, **given)
    if int(os.environ.get("RANK", "0")):  # one of several processes: the first finishes
        return
    report = finish(settings, corpora, folder, encoder=given["encoder"])
    print_figures(report["dev"])
    click.echo(f"model: {folder / MODEL}")


@click.command()
@learning
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="Folder of the run.")
@click.option("--from", "start", type=click.Path(path_type=Path), help="Network whose encoder is taken.")
@click.option("--beside", is_flag=True, help="Keep its hidden layer, and train another beside it.")
def probe(config: Path, corpora: Path, output: Path, **given: Any) -> None:
    """Train the label head of CONFIG's run alone, for `finish`, or for `fit --from` to start with."""
    from training.config import read_config
    from training.probing import probe as run

    report = run(read_config(config), corpora, output, **given)
    click.echo(
        f"{report['probed_sentences']} sentences learned from; go on with: finish {config} -o {output}, "
        f"or fit CONFIG --from {output / 'best'}"
    )


@click.command()
@config_argument
@corpora_option
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="Folder of the network.")
@encoder_option
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


@click.command()
@click.argument("runs", type=click.Path(path_type=Path), nargs=-1, required=True)
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="Folder of the mean.")
def average(runs: tuple[Path, ...], output: Path) -> None:
    """Write the mean of the networks of RUNS that started alike, for `finish` to calibrate."""
    from framing.store import check_output
    from training.averaging import average as mean
    from training.finish import RUN

    check_output(output / RUN, (".json",), force=True)
    lost = mean(runs, output)["update_lost"]
    click.echo(f"the mean of {len(runs)} networks; its rank holds all but {lost:.1%} of it: {output}")


@click.command()
@config_argument
@corpora_option
@run_option
@encoder_option
def finish(config: Path, corpora: Path, output: Path | None, encoder: Path | None) -> None:
    """Calibrate and score a run's best network again, as after another choice of thresholds in CONFIG."""
    from training.config import read_config
    from training.finish import finish as calibrate

    settings = read_config(config)
    report = calibrate(settings, corpora, output or Path("runs") / settings.name, encoder=encoder)
    print_figures(report["dev"])


@click.command()
@config_argument
@click.option("--model", type=click.Path(path_type=Path), required=True, help="Folder of a finished model.")
@corpora_option
@encoder_option
def development(config: Path, model: Path, corpora: Path, encoder: Path | None) -> None:
    """Write into a MODEL folder what it says of its development articles, as `finish` does for a new one."""
    from training.config import read_config
    from training.development import add_development

    found = add_development(read_config(config), corpora, model, encoder=encoder)
    click.echo(f"{len(found.article)} sentences of {len(found.voices)} articles: {model}")


@click.command()
@click.argument("teachers", type=click.Path(path_type=Path), nargs=-1, required=True)
@corpora_option
@click.option("--corpus", multiple=True, required=True, help="Corpus whose training articles are guessed.")
@click.option("--fold", help="Only articles of a fold, as in 0/4: those that TEACHERS' run left out.")
@encoder_option
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="The guesses (.npz).")
def guess(
    teachers: tuple[Path, ...],
    corpora: Path,
    corpus: tuple[str, ...],
    fold: str | None,
    encoder: Path | None,
    output: Path,
) -> None:
    """Let TEACHERS, folders of networks, guess the labels of articles, for `fit --guesses`."""
    from framing.store import check_output
    from training.folds import parse_fold
    from training.guesses import guess as ask
    from training.guesses import write_guesses

    check_output(output, (".npz",), force=True)
    found = ask(teachers, corpora, corpus, fold=parse_fold(fold) if fold else None, encoder=encoder)
    write_guesses(found, output)
    sentences = sum(len(table) for table in found.tables.values())
    click.echo(f"guesses of {len(found.codes)} codes for {sentences} sentences: {output}")


@click.command()
@click.argument("plan", type=click.Path(path_type=Path))
@corpora_option
@click.option("--guesses", type=click.Path(path_type=Path), help="What `guess` wrote, for variants with it.")
@click.option("--start", type=click.Path(path_type=Path), help="Network (`pretrain`), for variants with it.")
@click.option("--jobs", type=click.IntRange(1), default=1, show_default=True, help="Runs at a time.")
@encoder_option
@json_option
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
