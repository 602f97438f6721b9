"""The commands that measure the engine: speed, precision."""

from pathlib import Path

import click

from training.commands.options import encoder_option, json_option, model_option, threads_option


@click.command()
@click.option("--articles", type=click.Path(path_type=Path), required=True, help="Whose time is profiled.")
@click.option(
    "--count", "counts", multiple=True, default=(2000, 20_000), show_default=True, type=click.IntRange(1),
    help="Articles of a long run, made of the samples with their words in other orders.",
)  # fmt: skip
@click.option("--sentences", default=3, show_default=True, type=click.IntRange(1), help="Of each of them.")
@json_option
def speed(articles: Path, counts: tuple[int, ...], sentences: int, output: Path) -> None:
    """Measure what each kind of operation takes, and the memory and time of long runs."""
    from framing.articles import read_articles
    from framing.files import write_json
    from framing.samples import sample_articles_path
    from framing.store import check_output
    from training.speed import measure_speed

    check_output(output, (".json",), force=True)
    samples = list(read_articles([sample_articles_path()]))
    found = measure_speed(list(read_articles([articles])), samples, counts, sentences)
    write_json(output, found)
    for run in found["runs"]:
        memory = f"{run['peak_bytes'] / 1e6:.0f} MB"
        click.echo(f"{run['articles']} articles: {run['ms_an_article']:.1f} ms each, {memory}")


@click.command()
@click.option("--corpora", type=click.Path(path_type=Path), required=True, help="Folder that holds ptc.")
@model_option
@click.option(
    "--annotations", multiple=True, default=("natural", "third"), show_default=True,
    help="A file of training/annotations with gold for devices.",
)  # fmt: skip
@encoder_option
@threads_option
@json_option
def precision(
    corpora: Path,
    model: Path | None,
    annotations: tuple[str, ...],
    encoder: Path | None,
    threads: int | None,
    output: Path,
) -> None:
    """Measure what int8 costs on PTC's development articles, beside fp32."""
    from framing.files import write_json
    from framing.paths import default_model
    from framing.store import check_output
    from training.precision import measure_precision

    check_output(output, (".json",), force=True)
    folder = model or default_model()
    found = measure_precision(folder, corpora, annotations, encoder=encoder, threads=threads)
    write_json(output, found)
    for name, family in found["families"].items():
        f1, agreement = (f"{family[each]['any_f1']:.4f}" for each in ("fp32", "int8")), family["agreement"]
        click.echo(
            f"any of the {name}: F1 {' in fp32, '.join(f1)} in int8; {agreement['flipped']} of "
            f"{agreement['given']} labels flip, {agreement['decisions_differ']:.2%} of decisions"
        )
