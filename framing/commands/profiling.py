"""The verbs from labels to a report: profile, report."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from framing.commands.inputs import read_again
from framing.commands.options import ARTICLES, BY, COPIES, FORCE, PATH, STATISTICS
from framing.commands.stories import Selection, copies_chosen, stories_from
from framing.commands.tables import print_table

if TYPE_CHECKING:
    from framing.codebook import Codebook
    from framing.copies import Copies
    from framing.groups import Grouping
    from framing.profiles import Profiles
    from framing.records import Article, LabelledSentence
    from framing.stories import Stories

TERMINAL_COLUMNS = 5  # counts, articles and notes stand in the report
REPORT_SUFFIXES = (".html", ".md")
NOTES = (
    "? doubtful: the articles differ from those that the correction was learned from. "
    "In brackets: the interval of a count. No interval: too little data."
)
CONTRAST_NOTES = (
    "Labelled, others, odds ratio and q are of labels as counted. Corrected: the difference once the model's "
    "errors are taken out, with its 95 % interval; ? it may be none."
)


@click.command()
@click.argument("labels", type=PATH)
@click.option("-o", "--output", type=PATH, required=True, help="Profiles file, .json.")
@click.option("--csv", "table", type=PATH, help="Also a tidy table, .csv: a row an outlet, code and voice.")
@click.option("--estimates", type=PATH, help="Also all estimates, .csv or .parquet: a row an estimate.")
@BY
@ARTICLES
@COPIES
@click.option("--within-story", is_flag=True, help="Compare outlets on the stories that several told.")
@click.option(
    "--model", type=PATH, help="Folder of the model that made the labels, if not the one that ships."
)
@click.option("--gold", type=PATH, help="Sentences of the labels that you labelled: see framing sample.")
@STATISTICS
@FORCE
def profile(
    labels: Path,
    output: Path,
    table: Path | None,
    estimates: Path | None,
    by: str,
    articles: tuple[str, ...],
    stories: Path | None,
    copies: str | None,
    within_story: bool,
    model: Path | None,
    gold: Path | None,
    force: bool,
    draws: int,
    seed: int,
    **reading: Any,
) -> None:
    """Profile the outlets of a labels file."""
    from framing.groups import parse_by
    from framing.store import check_output
    from framing.tables import SUFFIXES, write_estimates

    inputs = (labels, *articles, stories, gold)
    check_output(output, (".json",), force=force, inputs=inputs)
    if table:
        check_output(table, (".csv",), force=force, inputs=inputs)
    if estimates:
        check_output(estimates, SUFFIXES, force=force, inputs=inputs)
    if table and estimates and table.resolve() == estimates.resolve():
        raise click.UsageError("--csv and --estimates name the same file: give two")
    if within_story:
        if by != "outlet" or estimates or articles or model or gold:
            raise click.UsageError(
                "--within-story compares outlets as labelled: leave --by, --estimates, --articles, --model "
                "and --gold away"
            )
        compare_within(labels, output, table, stories, copies or "without", draws, seed)
        return
    select, grouping = copies_chosen(stories, copies), grouping_from(parse_by(by), articles, reading)
    made = profile_file(labels, draws, seed, select, grouping, model=model, gold=gold)
    made.write_json(output)
    if table:
        made.write_csv(table)
    if estimates:
        write_estimates(made, estimates)
    print_profiles(made)


@click.command()
@click.argument("profiles", type=PATH)
@click.option("--labels", type=PATH, required=True, help="The labels file that the profiles came from.")
@click.option("-o", "--output", type=PATH, required=True, help="Report, .html or .md.")
@COPIES
@ARTICLES
@FORCE
def report(
    profiles: Path,
    labels: Path,
    output: Path,
    stories: Path | None,
    copies: str | None,
    articles: tuple[str, ...],
    force: bool,
    **reading: Any,
) -> None:
    """Write a report of profiles. Every figure leads to its sentences; stories are shown if given."""
    from framing.profiles import Profiles
    from framing.store import check_output

    check_output(output, REPORT_SUFFIXES, force=force, inputs=(profiles, labels, stories, *articles))
    from framing.stories import read_stories

    made = Profiles.read_json(profiles)
    select, grouping = copies_chosen(stories, copies), grouping_from(made.by, articles, reading)
    told = {article.id: article for article in read_again(articles, reading)()} if articles else {}
    ids: set[str] = set()
    report_file(
        made,
        labels,
        output,
        lambda labelled: _noted(grouping.regroup(select(labelled)), ids),
        articles=told.values(),
        stories=read_stories(stories) if stories else None,
    )
    if articles and (missing := ids - told.keys()):
        click.echo(
            f"titles and links: {len(ids) - len(missing)} of {len(ids)} articles found in "
            f"{', '.join(articles)}, expected what was labelled; not there: {min(missing)!r}",
            err=True,
        )


def _noted(labelled: "Iterator[LabelledSentence]", ids: set[str]) -> "Iterator[LabelledSentence]":
    """Yield labelled sentences; note the articles that they come from."""
    for sentence in labelled:
        ids.add(sentence.article_id)
        yield sentence


def compare_within(
    labels: Path, output: Path, table: Path | None, stories: Path | None, copies: str, draws: int, seed: int
) -> None:
    """Compare outlets on the stories that several told; write and print it."""
    from framing.wholeness import read_whole
    from framing.within import compare_within_stories

    told = stories_from(stories, "--within-story")
    made = compare_within_stories(
        read_whole(labels), told, copies=cast("Copies", copies), draws=draws, seed=seed
    )
    made.write_json(output)
    if table:
        made.write_csv(table)
    heading, *rows = made.to_rows()
    print_table(made.title, heading, rows)
    click.echo("No interval: fewer than 10 stories, or fewer than 5 that carry the label on either side.")


def grouping_from(by: tuple[str, ...], articles: tuple[str, ...], reading: dict[str, Any]) -> "Grouping":
    """Return the grouping by columns of articles, read as the options of `ARTICLES` say."""
    from framing.groups import BY_OUTLET, group_articles

    if by == BY_OUTLET.by:
        return BY_OUTLET
    if not articles:
        raise click.UsageError(
            f"groups by {','.join(by)} need --articles INPUT, what was labelled: labels name outlets only"
        )
    return group_articles(by, read_again(articles, reading)())


def profile_file(
    labels: Path,
    draws: int,
    seed: int,
    select: Selection = iter,
    grouping: "Grouping | None" = None,
    *,
    model: Path | None = None,
    gold: Path | None = None,
) -> "Profiles":
    """Profile the outlets of a labels file, or other groups."""
    from framing.gold import read_gold
    from framing.groups import BY_OUTLET
    from framing.profiling import build_profiles
    from framing.store import read_provenance
    from framing.wholeness import read_whole

    read = read_gold(gold) if gold else None
    return build_profiles(
        select(read_whole(labels)),
        draws=draws,
        seed=seed,
        provenance=read_provenance(labels),
        model=model,
        grouping=grouping or BY_OUTLET,
        gold=read,
    )


def print_profiles(profiles: "Profiles") -> None:
    """Print the most frequent labels of each outlet, and what sets it apart."""
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
    if profiles.correction.note:
        click.echo(f"Counts, not corrected: {profiles.correction.note}.")
    click.echo(NOTES)
    print_contrasts(profiles, book, whose)


def print_contrasts(profiles: "Profiles", book: "Codebook", whose: str) -> None:
    """Print what sets outlets apart, where they can be compared at all."""
    from framing.contrasts import rows_of

    if not profiles.contrasts:
        return
    _, *rows = rows_of(profiles.contrasts, profiles.first_voice)
    if rows:
        shown = []
        previous = ""
        for group, code, share, other, ratio, ends, q, points in rows:
            name = book[code].name if code in book else code
            first = "" if group == previous else group
            shown.append((first, name, f"{share} / {other}", f"{ratio} ({ends})", q, points))
            previous = group
        heading = ("outlet", "code", "labelled / others %", "odds ratio (95 %)", "q", "corrected, points")
        print_table(f"What sets each outlet apart from the others{whose} (q < .05)", heading, shown)
        click.echo(CONTRAST_NOTES)
    else:
        click.echo(f"No outlet can be told from the others{whose} at q < .05.")


def report_file(
    profiles: "Profiles",
    labels: Path,
    output: Path,
    select: Selection = iter,
    *,
    articles: "Iterable[Article]" = (),
    stories: "Stories | None" = None,
) -> None:
    """Write the report of profiles and the labels they came from."""
    from framing.reports import write_report
    from framing.store import read_labels

    write_report(profiles, select(read_labels(labels)), output, articles=articles, stories=stories)
