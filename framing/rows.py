"""Files -> rows: decoding, and the formats that hold many articles. Every error names file and line."""

import csv
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO

from framing.errors import FramingError

Row = tuple[str, Mapping[str, Any]]
"""Where it stands, for error messages, and its fields."""

Reject = Callable[[FramingError], None]
"""What becomes of an article that can't be read: the error is raised, or noted and the article left out."""


def stop(error: FramingError) -> None:
    """Raises the error: the `Reject` that leaves nothing out."""
    raise error


def decode(raw: bytes, encoding: str, name: str, line: int = 1, offset: int = 0) -> str:
    """Decodes a file or one line of it; `line` and `offset` (bytes) say where in the file it starts."""
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError as error:
        where = line + raw.count(b"\n", 0, error.start)
        looks = (
            " (the file looks like UTF-16)" if offset == 0 and raw[:2] in (b"\xff\xfe", b"\xfe\xff") else ""
        )
        raise FramingError(
            f"{name}, line {where}: byte 0x{raw[error.start]:02x} at byte offset {offset + error.start} is "
            f"not {encoding.removesuffix('-sig')}{looks}; convert the file to UTF-8, or name its encoding"
        ) from None
    return text.removeprefix("\ufeff") if offset == 0 else text


def decoded_lines(stream: BinaryIO, name: str, encoding: str) -> Iterator[str]:
    """Decodes a binary stream line by line, line ends kept."""
    offset = 0
    for number, raw in enumerate(stream, 1):
        yield decode(raw, encoding, name, number, offset)
        offset += len(raw)


def checked(value: str, place: str, name: str) -> str:
    """Refuses what no output file can hold: NUL and lone surrogates."""
    if "\x00" in value:
        raise FramingError(f"{place}: {name} holds a NUL character; remove it")
    try:
        value.encode("utf-8")
    except UnicodeEncodeError as error:
        code = ord(value[error.start])
        raise FramingError(
            f"{place}: {name} holds half a surrogate pair (\\u{code:04x}) at character {error.start}; "
            "remove it"
        ) from None
    return value


def check_encoding(encoding: str) -> None:
    """Refuses an encoding that does not exist or in which a line feed is not one byte (UTF-16)."""
    try:
        plain = '{",\n'.encode(encoding).endswith(b'{",\n')
    except (LookupError, UnicodeError):
        raise FramingError(
            f"unknown encoding {encoding!r}, expected a name such as utf-8 or windows-1252"
        ) from None
    if not plain:
        raise FramingError(f"encoding {encoding!r} cannot be read line by line; convert the files to UTF-8")


def jsonl_rows(stream: BinaryIO, name: str, encoding: str, reject: Reject = stop) -> Iterator[Row]:
    """Reads one JSON object a line; blank lines are skipped."""
    offset = 0
    for number, raw in enumerate(stream, 1):
        place = f"{name}, line {number}"
        try:
            line = decode(raw, encoding, name, number, offset)
            row = _json_object(line, place) if line.strip() else None
        except FramingError as error:
            reject(error)
            row = None
        offset += len(raw)
        if row is not None:
            yield place, row


def _json_object(line: str, place: str) -> Mapping[str, Any]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise FramingError(f"{place}: broken JSON ({error}), expected one JSON object a line") from None
    if not isinstance(row, dict):
        raise FramingError(
            f"{place}: found JSON of type {kind_of(row)}, expected an object with id, outlet, text"
        )
    return row


def csv_rows(stream: BinaryIO, name: str, encoding: str, reject: Reject = stop) -> Iterator[Row]:
    """Reads comma-separated rows below a header; a row's line is the one it starts on."""
    csv.field_size_limit(2**31 - 1)
    reader = csv.reader(decoded_lines(stream, name, encoding), strict=True)
    header: list[str] = []
    start = 1
    try:
        for cells in reader:
            place, start = f"{name}, line {start}", reader.line_num + 1
            if not any(cells):
                continue
            if not header:
                header = _csv_header(cells, place)
                continue
            if len(cells) != len(header):
                reject(
                    FramingError(
                        f"{place}: found {len(cells)} cells, expected {len(header)} as in the header; "
                        "put texts with commas between double quotes"
                    )
                )
                continue
            yield place, dict(zip(header, cells, strict=True))
    except csv.Error as error:
        raise FramingError(
            f"{name}, line {start}: broken CSV ({error}), expected commas and double quotes"
        ) from None


def _csv_header(cells: list[str], place: str) -> list[str]:
    header = [cell.strip() for cell in cells]
    twice = [name for name, count in Counter(header).items() if count > 1]
    if twice:
        raise FramingError(f"{place}: column {twice[0]!r} stands twice in the header; rename one")
    return header


def parquet_rows(path: Path) -> Iterator[Row]:
    """Reads a Parquet file in batches; rows count from 1."""
    import pyarrow as pa
    from pyarrow import parquet

    number = 0
    try:
        with parquet.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=256):
                for row in batch.to_pylist():
                    number += 1
                    yield f"{path}, row {number}", row
    except (pa.ArrowException, UnicodeDecodeError) as error:
        reason = str(error).splitlines()[0]
        raise FramingError(
            f"{path}: broken Parquet after row {number} ({reason}); write the file again"
        ) from error


def field_text(value: Any, place: str, name: str, column: str) -> str | None:
    """The text of one of our fields, from the file's column; nothing for null and blank.

    An id may be a whole number and a date a date. White space around a field goes, but not around `text`.
    """
    if name == "date" and isinstance(value, date):
        return value.isoformat()
    if name == "id" and isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if value is not None and not isinstance(value, str):
        raise FramingError(f"{place}: field {column!r} is of type {kind_of(value)}, expected text")
    if value is None or not value.strip():
        return None
    return value if name == "text" else value.strip()


def kind_of(value: Any) -> str:
    """The type of a value in plain words."""
    names = {dict: "object", list: "list", str: "text", bool: "true/false", type(None): "null"}
    return names.get(type(value), "number" if isinstance(value, int | float) else type(value).__name__)
