"""The training command line: `python -m training …`."""

import sys

import click

from framing.errors import FramingError
from training.commands import engine, fitting, profiles, reading, scoring


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """Train, evaluate and document the models of framing."""


for room in (engine, fitting, profiles, reading, scoring):
    for command in vars(room).values():
        if isinstance(command, click.Command):
            cli.add_command(command)


def main() -> None:
    """Run the command line; an error of ours is one line and exit code 1."""
    try:
        cli()
    except (FramingError, OSError) as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
