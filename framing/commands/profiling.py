"""The verbs from labels to a report: profile, report."""

from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from framing.commands.options import COPIES, FORCE, PATH, STATISTICS
from framing.commands.stories import Selection, copies_chosen, stories_from
from framing.commands.tables import print_table

if TYPE_CHECKING:
    from framing.copies import Copies
    from framing.profiles import Profiles

TERMINAL_COLUMNS = 5  # articles and notes stand in the report
REPORT_SUFFIXES = (".html", ".md")


@click.command()
@click.argument("labels", type=PATH)
@click.option("-o", "--output", type=PATH, required=True, help="Profiles file, .json.")
@click.option("--csv", "table", type=PATH, help="Also a tidy table, .csv: a row an outlet, code and voice.")
@COPIES
@click.option("--within-story", is_flag=True, help="Compare outlets on the stories that several told.")
@STATISTICS
@FORCE
def profile(
    labels: Path,
    output: Path,
    table: Path | None,
    stories: Path | None,
    copies: str | None,
    within_story: bool,
    force: bool,
    draws: int,
    seed: int,
) -> None:
    """Profile the outlets of a labels file."""
    from framing.store import check_output

    check_output(output, (".json",), force=force)
    if table:
        check_output(table, (".csv",), force=force)
    if within_story:
        compare_within(labels, output, table, stories, copies or "without", draws, seed)
    else:
        print_profiles(profile_file(labels, output, table, draws, seed, copies_chosen(stories, copies)))


@click.command()
@click.argument("profiles", type=PATH)
@click.option("--labels", type=PATH, required=True, help="The labels file that the profiles came from.")
@click.option("-o", "--output", type=PATH, required=True, help="Report, .html or .md.")
@COPIES
@FORCE
def report(
    profiles: Path, labels: Path, output: Path, stories: Path | None, copies: str | None, force: bool
) -> None:
    """Write a report of profiles: a heat map, and the strongest sentences."""
    from framing.profiles import Profiles
    from framing.store import check_output

    check_output(output, REPORT_SUFFIXES, force=force)
    report_file(Profiles.read_json(profiles), labels, output, copies_chosen(stories, copies))


def compare_within(
    labels: Path, output: Path, table: Path | None, stories: Path | None, copies: str, draws: int, seed: int
) -> None:
    """Compare outlets on the stories that several told; write and print it."""
    from framing.store import read_labels
    from framing.within import compare_within_stories

    told = stories_from(stories, "--within-story")
    made = compare_within_stories(
        read_labels(labels), told, copies=cast("Copies", copies), draws=draws, seed=seed
    )
    made.write_json(output)
    if table:
        made.write_csv(table)
    heading, *rows = made.to_rows()
    print_table(made.title, heading, rows)
    click.echo("~ rough: fewer than five stories differ. No interval: too little data.")


def profile_file(
    labels: Path, output: Path, table: Path | None, draws: int, seed: int, select: Selection = iter
) -> "Profiles":
    """Profile the outlets of a labels file, and write it."""
    from framing.profiles import build_profiles
    from framing.store import read_labels, read_provenance

    labelled = select(read_labels(labels))
    made = build_profiles(labelled, draws=draws, seed=seed, provenance=read_provenance(labels))
    made.write_json(output)
    if table:
        made.write_csv(table)
    return made


def print_profiles(profiles: "Profiles") -> None:
    """Print the most frequent labels of each outlet."""
    from framing.codebook import load_codebook

    book = load_codebook()
    heading, *rows = (row[:TERMINAL_COLUMNS] for row in profiles.to_rows())
    whose = " in its own words" if profiles.first_voice != "all" else ""
    shown = []
    previous = ""
    for outlet, code, *figures in rows:
        name = book[code].name if code in book else code
        shown.append(("" if outlet == previous else outlet, name, *figures))
        previous = outlet
    print_table(f"Most frequent labels of each outlet{whose}", heading, shown)
    click.echo("~ rough: fewer than five articles carry the label. No interval: too little data.")


def report_file(profiles: "Profiles", labels: Path, output: Path, select: Selection = iter) -> None:
    """Write the report of profiles and the labels they came from."""
    from framing.reports import write_report
    from framing.store import read_labels

    write_report(profiles, select(read_labels(labels)), output)
