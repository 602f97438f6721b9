"""The commands that score and document models: evaluate, ceiling, stories, outlets, card."""

from pathlib import Path
from typing import Any

import click

from training.commands.figures import describe, print_figures
from training.commands.options import corpora_option, encoder_option, json_option, threads_option


@click.command()
@click.argument("model", type=click.Path(path_type=Path))
@click.option("--corpus", type=click.Choice(["ptc", "polnear", "babe", "newswcl50"]), required=True)
@click.option("--path", type=click.Path(path_type=Path), required=True, help="The corpus's folder.")
@click.option("--part", type=click.Choice(["train", "dev", "test"]), default="dev", show_default=True)
@click.option("--annotations", multiple=True, help="A file of training/annotations, for labels of ours.")
@encoder_option
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
    from framing.files import write_json
    from framing.store import check_output
    from training.evaluation import evaluate_model

    if output:
        check_output(output, (".json",), force=True)
    report = evaluate_model(model, corpus, path, part, annotations=annotations, encoder=encoder)
    print_figures(report)
    if output:
        write_json(output, report)


@click.command()
@click.option("--path", type=click.Path(path_type=Path), required=True, help="PolNeAR's folder.")
@json_option
def ceiling(path: Path, output: Path) -> None:
    """Measure how far PolNeAR's annotators agree, by the measures of a model's attributions."""
    from framing.files import write_json
    from framing.store import check_output
    from training.ceiling import measure_ceiling

    check_output(output, (".json",), force=True)
    found = measure_ceiling(path)
    write_json(output, found)
    for measure, figure in found["f1"].items():
        click.echo(f"{measure} f1: {describe(figure['value'], figure['low'], figure['high'])}")


@click.command()
@corpora_option
@click.option("--articles", type=click.Path(path_type=Path), help="Articles that all tell one story.")
@encoder_option
@threads_option
@json_option
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


@click.command()
@corpora_option
@click.option(
    "--labels", type=click.Path(path_type=Path), required=True, help="PolNeAR's labels, made if not there."
)
@click.option("--shuffles", type=click.IntRange(1), default=200, show_default=True)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
@encoder_option
@threads_option
@json_option
def outlets(output: Path, **settings: Any) -> None:
    """Contrast PolNeAR's outlets, and as many times outlets that are shuffled among its articles."""
    from framing.files import write_json
    from framing.store import check_output
    from training.outlets import measure_outlets

    check_output(output, (".json",), force=True)
    found = measure_outlets(**settings)
    write_json(output, found)
    shuffled = found["shuffles"]["share_with_a_contrast"]["any"]
    click.echo(f"shuffles with any contrast at q < .05: {100 * shuffled:.1f} %")
    for voice, standing in found["standing"].items():
        click.echo(f"contrasts that stand, {voice}: {len(standing)}")


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), default=Path("model_cards"), show_default=True
)
def card(run: Path, output: Path) -> None:
    """Compile the model card of a RUN folder from its run.json."""
    from training.card import write_card

    click.echo(f"card: {write_card(run, output)}")
