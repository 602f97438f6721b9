"""The verb that draws sentences for people to read: sample."""

from pathlib import Path

import click

from framing.commands.options import FORCE, PATH


@click.command()
@click.argument("labels", type=PATH)
@click.option("-n", "size", default=200, show_default=True, type=click.IntRange(1), help="Sentences to draw.")
@click.option(
    "--stratify",
    default="outlet",
    show_default=True,
    help="outlet: as many from each; outlet,labelled: and half of them with labels; none.",
)
@click.option("--seed", default=0, show_default=True, type=click.IntRange(0), help="Seed of the draw.")
@click.option("-o", "--output", type=PATH, required=True, help="The sample, .jsonl, to be labelled.")
@FORCE
def sample(labels: Path, size: int, stratify: str, seed: int, output: Path, force: bool) -> None:
    """Draw sentences for you to label, for profile --gold.

    Beside the sample: tasks and a page for Label Studio, whose JSON export --gold takes as well.
    """
    from framing.codebook import load_codebook
    from framing.sampling import draw_sample, label_studio_paths, write_sample
    from framing.store import check_output, read_labels

    check_output(output, (".jsonl",), force=force, inputs=[labels])
    for beside in label_studio_paths(output):
        check_output(beside, (beside.suffix,), force=force, inputs=[labels])
    strata = () if stratify == "none" else tuple(part.strip() for part in stratify.split(","))
    rows = draw_sample(lambda: read_labels(labels), size, strata=strata, seed=seed)
    book = load_codebook()
    scored = next(iter(read_labels(labels))).scores
    tasks, page = write_sample(
        output, rows, {code: book[code].name if code in book else code for code in scored}
    )
    click.echo(f"{len(rows)} sentences: {output}; for Label Studio: {tasks}, {page}")
