"""The verb that does everything: run."""

from pathlib import Path
from typing import Any

import click

from framing.commands.inputs import read_again
from framing.commands.labelling import end, label_file
from framing.commands.options import BY, FORCE, MODEL, ON_ERROR, PATH, READING, STATISTICS
from framing.commands.profiling import print_profiles, profile_file, report_file
from framing.commands.rejects import Rejects
from framing.commands.stories import stories_of


@click.command()
@READING
@click.option("-o", "--output", type=PATH, required=True, help="Folder for everything that is written.")
@MODEL
@ON_ERROR
@BY
@STATISTICS
@FORCE
def run(
    inputs: tuple[str, ...], output: Path, by: str, force: bool, draws: int, seed: int, **settings: Any
) -> None:
    """Label, profile and report in a row. Several outlets are also set side by side on the same stories."""
    from framing.groups import group_articles, parse_by
    from framing.store import check_output

    names = ("labels.jsonl", "profiles.json", "profiles.csv", "report.html", "stories.jsonl")
    labels, profiles, table, page, told = (output / name for name in names)
    for path in (labels, profiles, table, page, told):
        check_output(path, (path.suffix,), force=force)
    rejects = Rejects(settings["on_error"])
    read = read_again(inputs, settings, rejects)
    grouping = group_articles(parse_by(by), read())
    left_out = label_file(read, rejects, labels, settings)
    made = profile_file(labels, profiles, table, draws, seed, grouping=grouping, model=settings["model"])
    stories = None
    if len(made.profiles) > 1:
        stories = stories_of(read, settings)
        stories.write(told)
    report_file(made, labels, page, grouping.regroup, articles=read(), stories=stories)
    print_profiles(made)
    click.echo(f"report: {page}")
    end(left_out)
