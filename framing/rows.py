"""Files -> rows: decoding, and the formats that hold many articles. Every error names file and line."""

import json
import math
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


def refused(error: OSError, path: str | Path) -> FramingError:
    """The error of a file or folder that the system does not give; `path` where it names none."""
    return FramingError(f"{error.filename or path}: cannot be read ({error.strerror or error})")


def decode(raw: bytes, encoding: str, name: str, line: int = 1, offset: int = 0) -> str:
    """Decodes a file or one line of it; `line` and `offset` (bytes) say where in the file it starts."""
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError as error:
        where = line + raw.count(b"\n", 0, error.start)
        utf16 = offset == 0 and raw[:2] in (b"\xff\xfe", b"\xfe\xff")
        looks = " (the file looks like UTF-16)" if utf16 else ""
        naming = "" if utf16 else ", or name its encoding, such as --encoding windows-1252, what Excel writes"
        raise FramingError(
            f"{name}, line {where}: byte 0x{raw[error.start]:02x} at byte offset {offset + error.start} is "
            f"not {encoding.removesuffix('-sig')}{looks}; convert the file to UTF-8{naming}"
        ) from None
    return text.removeprefix("\ufeff") if offset == 0 else text


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
    if is_nothing(value):
        return None
    if name == "id" and _is_whole(value):
        return str(int(value))
    if not isinstance(value, str):
        whole = " or a whole number" if name == "id" else ""
        raise FramingError(
            f"{place}: field {column!r} is of type {kind_of(value)}, expected text{whole}; "
            "write it as text (in JSON between double quotes)"
        )
    if not value.strip():
        return None
    return value if name == "text" else value.strip()


def is_nothing(value: Any) -> bool:
    """Whether a value stands for none: null, or the NaN that pandas writes for it."""
    return value is None or (isinstance(value, float) and math.isnan(value))


def _is_whole(value: Any) -> bool:
    """Whether it is a whole number; pandas makes fractions of whole numbers where one of them is missing."""
    if isinstance(value, float):
        return value.is_integer() and abs(value) < 2**53  # beyond that, neighbours are the same
    return isinstance(value, int) and not isinstance(value, bool)


def kind_of(value: Any) -> str:
    """The type of a value in plain words."""
    names = {dict: "object", list: "list", str: "text", bool: "true/false", type(None): "null"}
    return names.get(type(value), "number" if isinstance(value, int | float) else type(value).__name__)
