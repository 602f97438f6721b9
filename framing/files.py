"""Text and tables to files."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from framing.errors import FramingError


def write_text(path: Path | str, text: str) -> None:
    """Writes UTF-8 with plain line ends; half a surrogate pair becomes a question mark.

    The file is written in one move: whoever reads or stops meanwhile finds what was there before, or all.

    Raises:
        FramingError: The file cannot be written.
    """
    with written(Path(path)) as part:
        part.write_bytes(text.encode("utf-8", errors="replace"))


def part_of(path: Path) -> Path:
    """Returns the name under which a file is written until it is whole."""
    return path.with_name(path.name + ".part")


@contextmanager
def written(path: Path) -> Iterator[Path]:
    """Gives the name to write a file under, and the file its own name once it is whole; else it goes.

    Raises:
        FramingError: The file cannot be written.
    """
    part = part_of(path)
    try:
        try:
            yield part
            part.replace(path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise FramingError(f"{path}: cannot be written ({error.strerror or error})") from error


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Writes JSON; see `write_text`.

    Raises:
        FramingError: The file cannot be written.
    """
    write_text(path, json.dumps(content, ensure_ascii=False, indent=1) + "\n")


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
