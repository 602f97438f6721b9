"""The verb that does everything: run."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from framing.commands.inputs import read_again
from framing.commands.labelling import end, label_file
from framing.commands.options import BY, FORCE, MODEL, ON_ERROR, PATH, READING, STATISTICS
from framing.commands.profiling import print_profiles, profile_file, report_file
from framing.commands.rejects import Rejects
from framing.commands.stories import stories_of
from framing.errors import FramingError

LABELS = "labels.jsonl"
PROFILES, TABLE, STORIES, REPORT = "profiles.json", "profiles.csv", "stories.jsonl", "report.html"


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

    labels = output / LABELS
    _check_outputs(inputs, output, force=force)
    rejects = Rejects(settings["on_error"])
    read = read_again(inputs, settings, rejects)
    grouping = group_articles(parse_by(by), read())
    left_out = label_file(read, rejects, labels, settings, keep=not force)
    made = profile_file(labels, draws, seed, grouping=grouping, model=settings["model"])
    stories = stories_of(read, settings) if len(made.profiles) > 1 else None
    with _all_or_nothing(output) as folder:
        made.write_json(folder / PROFILES)
        made.write_csv(folder / TABLE)
        if stories:
            stories.write(folder / STORIES)
        report_file(made, labels, folder / REPORT, grouping.regroup, articles=read(), stories=stories)
    print_profiles(made)
    click.echo(f"report: {output / REPORT}")
    end(left_out)


def _check_outputs(inputs: tuple[str, ...], output: Path, *, force: bool) -> None:
    """Make sure that everything can be written; labels that are there may be those of a run cut off later."""
    from framing.store import check_output, is_read

    if any(is_read(output / LABELS, Path(given)) for given in inputs):
        raise FramingError(
            f"{output}: lies in the input, and what is written there would be read as articles; name a "
            "folder outside it"
        )
    for path in (output / name for name in (LABELS, PROFILES, TABLE, REPORT, STORIES)):
        check_output(path, (path.suffix,), force=force or path.name == LABELS, inputs=inputs)


@contextmanager
def _all_or_nothing(output: Path) -> Iterator[Path]:
    """Give a folder to write files in that come to `output` once all are whole: none stops a second run."""
    folder = output / ".framing-unfinished"
    shutil.rmtree(folder, ignore_errors=True)
    try:
        folder.mkdir()
        yield folder
        for path in folder.iterdir():
            path.replace(output / path.name)
    except OSError as error:
        raise FramingError(f"{error.filename or output}: cannot be written ({error.strerror})") from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)
