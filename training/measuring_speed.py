"""The command that measures where the engine's time goes, and long runs: speed."""

import json
from pathlib import Path

import click


@click.command()
@click.option("--articles", type=click.Path(path_type=Path), required=True, help="Whose time is profiled.")
@click.option(
    "--count", "counts", multiple=True, default=(2000, 20_000), show_default=True, type=click.IntRange(1),
    help="Articles of a long run, made of the samples with their words in other orders.",
)  # fmt: skip
@click.option("--sentences", default=3, show_default=True, type=click.IntRange(1), help="Of each of them.")
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="The figures as JSON.")
def speed(articles: Path, counts: tuple[int, ...], sentences: int, output: Path) -> None:
    """Measure what each kind of operation takes, and the memory and time of long runs."""
    from framing.articles import read_articles
    from framing.samples import sample_articles_path
    from framing.store import check_output
    from training.speed import measure_speed

    check_output(output, (".json",), force=True)
    samples = list(read_articles([sample_articles_path()]))
    found = measure_speed(list(read_articles([articles])), samples, counts, sentences)
    output.write_text(json.dumps(found, indent=1) + "\n", "utf8")
    for run in found["runs"]:
        memory = f"{run['peak_bytes'] / 1e6:.0f} MB"
        click.echo(f"{run['articles']} articles: {run['ms_an_article']:.1f} ms each, {memory}")
