"""Arguments and options that several commands take."""

from collections.abc import Callable
from pathlib import Path

import click

config_argument = click.argument("config", type=click.Path(path_type=Path))
corpora_option = click.option(
    "--corpora", type=click.Path(path_type=Path), required=True, help="Folder that holds the corpora."
)
encoder_option = click.option(
    "--encoder", type=click.Path(path_type=Path), help="Folder of the base encoder."
)
guesses_option = click.option(
    "--guesses", type=click.Path(path_type=Path), multiple=True, help="What `guess` wrote, to learn from too."
)
json_option = click.option(
    "-o", "--output", type=click.Path(path_type=Path), required=True, help="The figures as JSON."
)
model_option = click.option(
    "--model", type=click.Path(path_type=Path), help="Model folder; the one that ships if not given."
)
run_option = click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="Folder of the run; runs/NAME if not given."
)
threads_option = click.option(
    "--threads", type=click.IntRange(1), help="CPU threads; all cores if not given."
)


def learning(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command what every run that learns takes: settings, corpora, encoder, guesses."""
    for add in (guesses_option, encoder_option, corpora_option, config_argument):
        command = add(command)
    return command
