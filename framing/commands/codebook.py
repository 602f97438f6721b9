"""The verb that shows what the labels mean: codebook."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from framing.commands.options import PATH

if TYPE_CHECKING:
    from framing.codes import Code


@click.command()
@click.option("--json", "as_json", is_flag=True, help="As JSON, with everything.")
@click.option("--codebook", "path", type=PATH, help="A codebook file (.toml or .json); ours if not given.")
def codebook(as_json: bool, path: Path | None) -> None:
    """Show the labels and what they mean."""
    from framing.codebook import load_codebook

    book = load_codebook(path)
    if as_json:
        click.echo(book.to_json())
        return
    labelled = set() if path else _shipped_codes()
    for title, entries in (("Techniques", book.techniques), ("Framing devices", book.devices)):
        if entries:
            _print_entries(title, entries, labelled)
    if labelled and set(book.codes) - labelled:
        click.echo("* not yet labelled by the model that ships")


def _shipped_codes() -> set[str]:
    import json

    from framing.paths import default_model

    return set(json.loads((default_model() / "config.json").read_text("utf8"))["codes"])


def _print_entries(title: str, entries: "tuple[Code, ...]", labelled: set[str]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(title=title, title_justify="left", show_lines=True)
    table.add_column("code", no_wrap=True)
    table.add_column("a sentence carries it when …")
    table.add_column("not when …")
    for entry in entries:
        mark = "*" if labelled and entry.code not in labelled else ""
        table.add_row(Text(entry.code + mark, style="bold"), Text(entry.definition), Text(entry.not_when))
    Console().print(table)
