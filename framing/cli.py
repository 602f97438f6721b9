"""The command line: one verb for each step from articles to report."""

import sys
from io import TextIOWrapper

import click

from framing.commands.benching import bench
from framing.commands.codebook import codebook
from framing.commands.labelling import label, show
from framing.commands.profiling import profile, report
from framing.commands.running import run
from framing.commands.sampling import sample
from framing.commands.stories import stories, story
from framing.commands.verifying import verify
from framing.errors import FramingError


class InOrder(click.Group):
    """Lists its verbs in the order in which they were added."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of the verbs."""
        return list(self.commands)


@click.group(
    cls=InOrder,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="To begin with: framing run ARTICLES -o out, then open out/report.html in a browser.",
)
@click.version_option(package_name="framing")
def cli() -> None:
    """How does this outlet frame the story?

    Label framing and propaganda techniques in every sentence of English news articles, and profile their
    outlets.
    INPUT is .txt, .jsonl, .csv, .parquet or .html files, folders of them, or - for JSONL on standard input.
    """


for command in (run, label, profile, report, show, codebook, stories, story, sample, verify, bench):
    cli.add_command(command)


def main() -> None:
    """Run the command line; an error of ours is one line and exit code 1."""
    import logging

    logging.basicConfig(format="%(message)s", stream=sys.stderr)
    if isinstance(sys.stdout, TextIOWrapper) and sys.stdout.errors == "strict":
        sys.stdout.reconfigure(errors="replace")  # texts hold what a terminal's encoding may lack
    try:
        cli()
    except FramingError as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(1)
