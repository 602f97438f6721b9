"""Tables on the terminal."""

from collections.abc import Iterable, Sequence


def print_table(title: str, heading: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table of which the first two columns are words, the others figures."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD)
    for place, name in enumerate(heading):
        table.add_column(name, justify="left" if place < 2 else "right", overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row))
    Console().print(table)
