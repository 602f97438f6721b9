"""The verb that sets a labels file against labelling again: verify."""

from pathlib import Path
from typing import Any

import click

from framing.commands.inputs import read_again
from framing.commands.labelling import load
from framing.commands.options import MODEL, PATH, READING
from framing.commands.rejects import Rejects
from framing.errors import FramingError


@click.command()
@click.argument("labels", type=PATH)
@READING
@click.option(
    "--sample", default=50, show_default=True, type=click.IntRange(1), help="Articles to label again."
)
@click.option("--all", "everything", is_flag=True, help="Label all of them again.")
@click.option("--seed", default=0, show_default=True, type=click.IntRange(0), help="Seed of the sample.")
@MODEL
def verify(
    labels: Path, inputs: tuple[str, ...], sample: int, everything: bool, seed: int, **settings: Any
) -> None:
    """Label some articles again. Fails where scores moved further than the labels file states."""
    from framing.verifying import verify_labels

    rejects = Rejects("skip")  # what the run left out is not in its labels
    articles, size = read_again(inputs, settings, rejects)(), None if everything else sample
    try:
        found = verify_labels(labels, load(settings), articles, sample=size, seed=seed)
    except FramingError as error:
        why = f"; not all of the input can be read, the first: {rejects.first()}" if rejects else ""
        raise FramingError(f"{error}{why}") from None
    here = f"other {', '.join(found.conditions)}" if found.conditions else "the same conditions"
    where = f" ({found.where})" if found.where else ""
    click.echo(
        f"{found.articles} articles, {found.sentences} sentences labelled again, under {here}\n"
        f"largest difference of a score: {found.largest}{where}\n"
        f"labels that flipped: {found.flipped}, of {found.labels} given before\n"
        f"rows that differ in anything: {found.changed}"
    )
    if not found.holds:
        raise FramingError(
            f"{labels}: does not hold, expected no score to move by more than {found.tolerance}"
            + ("" if found.tolerance else ", and no row to differ")
        )
