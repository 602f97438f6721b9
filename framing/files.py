"""Text and tables to files."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from framing.errors import FramingError


def write_text(path: Path | str, text: str) -> None:
    """Writes UTF-8 with plain line ends; half a surrogate pair becomes a question mark.

    Raises:
        FramingError: The file cannot be written.
    """
    try:
        Path(path).write_bytes(text.encode("utf-8", errors="replace"))
    except OSError as error:
        raise FramingError(f"{path}: cannot be written ({error.strerror})") from error


def write_table(path: Path | str, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    """Writes rows as CSV (UTF-8); what a spreadsheet would take for a formula gets an apostrophe in front.

    Raises:
        FramingError: The file cannot be written.
    """
    table = io.StringIO()
    writer = csv.DictWriter(table, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows({column: _cell(value) for column, value in row.items()} for row in rows)
    write_text(path, table.getvalue())


def _cell(value: object) -> object:
    if isinstance(value, str) and value.lstrip()[:1] in ("=", "+", "-", "@"):
        return f"'{value}"
    return value
