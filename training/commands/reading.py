"""The commands for annotators and their text: sheets, collect, own-text, agreement."""

from pathlib import Path
from typing import Any

import click

from framing.errors import FramingError
from training.commands.options import corpora_option, json_option


@click.command()
@click.argument("corpus")
@corpora_option
@click.option("--part", type=click.Choice(["train", "dev", "test"]), default="train", show_default=True)
@click.option("--sentences", type=int, required=True, help="Sentences to draw at least, in whole articles.")
@click.option("--articles", type=int, default=0, help="Articles to draw at least.")
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--name", default="sheet", show_default=True, help="What the sheets are called.")
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="Folder for the sheets.")
def sheets(
    corpus: str,
    corpora: Path,
    part: str,
    sentences: int,
    articles: int,
    seed: int,
    name: str,
    output: Path,
) -> None:
    """Write sheets of whole articles of a CORPUS for annotators to read."""
    import numpy as np

    from training.corpora import read_corpus
    from training.sheets import draw_articles, list_units, write_sheets

    drawn = draw_articles(
        read_corpus(corpus, corpora, part),
        sentences=sentences,
        least=articles,
        rng=np.random.default_rng(seed),
    )
    written = write_sheets([list_units(article, part) for article in drawn], output, name)
    click.echo(f"{len(drawn)} articles in {len(written)} sheets, {written[0]} to {written[-1].name}")


@click.command()
@click.argument("answers", type=click.Path(path_type=Path), nargs=-1, required=True)
@click.option("--sheets", type=click.Path(path_type=Path), required=True, help="Folder of the sheets.")
@click.option("--sample", type=click.Choice(["natural", "picked", "written"]), default="natural")
@click.option("--reading", type=click.IntRange(1, 3), default=1, help="1 first, 2 blind second, 3 settling.")
@click.option("--family", type=click.Choice(["techniques", "devices"]), default="devices", show_default=True)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="Stand-off annotations; check only if not given."
)
def collect(answers: tuple[Path, ...], sheets: Path, output: Path | None, **read_as: Any) -> None:
    """Check ANSWERS, files called SHEET.ANNOTATOR.tsv, and turn them into stand-off annotations."""
    from training.annotation import write_annotations
    from training.sheets import read_answers

    found = []
    for path in answers:
        sheet, _, annotator = path.stem.rpartition(".")
        if not sheet:
            raise FramingError(f"{path}: expected a name like SHEET.ANNOTATOR.tsv; rename it")
        found += read_answers(sheets / f"{sheet}.tsv", path, annotator=annotator, **read_as)
    marked = sum(bool(one.marks) for one in found)
    click.echo(f"{len(found)} sentences, {marked} of them with a label")
    if output:
        write_annotations(found, output)


@click.command("own-text")
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


@click.command()
@json_option
def agreement(output: Path) -> None:
    """Measure how far the readers of training/annotations agree, where two read the same sentences."""
    from framing.files import write_json
    from framing.store import check_output
    from training.agreement import measure_agreement, pair_readings
    from training.annotation import ANNOTATIONS, read_annotations
    from training.config import known_families

    check_output(output, (".json",), force=True)
    readings = [one for path in sorted(ANNOTATIONS.glob("*.jsonl")) for one in read_annotations(path)]
    found = {}
    for family, codes in known_families().items():
        found[family] = measure_agreement(pair_readings(readings, codes), codes)
        for row in found[family]["alpha"]:
            click.echo(_describe_alpha(row))
    write_json(output, found)


def _describe_alpha(row: dict[str, Any]) -> str:
    said = "none" if row["alpha"] is None else f"{row['alpha']:.2f} ({row['low']:.2f} to {row['high']:.2f})"
    return f"{row['code']}: alpha {said}; {row['first']} and {row['second']}, both {row['both']}"
