"""The verb that does everything: run."""

from pathlib import Path
from typing import Any

import click

from framing.commands.labelling import label_file
from framing.commands.options import FORCE, MODEL, PATH, READING, STATISTICS
from framing.commands.profiling import print_profiles, profile_file, report_file


@click.command()
@READING
@click.option("-o", "--output", type=PATH, required=True, help="Folder for everything that is written.")
@MODEL
@STATISTICS
@FORCE
def run(inputs: tuple[str, ...], output: Path, force: bool, draws: int, seed: int, **settings: Any) -> None:
    """Label, profile and report in a row."""
    from framing.store import check_output

    names = ("labels.jsonl", "profiles.json", "profiles.csv", "report.html")
    labels, profiles, table, page = (output / name for name in names)
    for path in (labels, profiles, table, page):
        check_output(path, (path.suffix,), force=force)
    label_file(inputs, labels, settings)
    made = profile_file(labels, profiles, table, draws, seed)
    report_file(made, labels, page)
    print_profiles(made)
    click.echo(f"report: {page}")
