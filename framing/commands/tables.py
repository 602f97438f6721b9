"""Tables on the terminal."""

from collections.abc import Iterable, Sequence
from typing import Literal

LONGEST = 24  # letters; a word of more may be cut


def print_table(title: str, heading: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table of which the first two columns are words, the others figures; no word is cut."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    rows = list(rows)
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for place, name in enumerate(heading):
        words = " ".join([name, *(row[place] for row in rows)]).split()
        longest = min(max(map(len, words), default=1), LONGEST)
        justify: Literal["left", "right"] = "left" if place < 2 else "right"
        table.add_column(name, justify=justify, overflow="fold", min_width=longest)
    for row in rows:
        table.add_row(*map(Text, row))
    Console().print(table)
