"""CSV files -> rows, by the line they start on; behind a broken row it goes on with the next."""

import csv
from collections import Counter
from collections.abc import Iterator
from typing import BinaryIO

from framing.errors import FramingError
from framing.rows import Reject, Row, decode, stop

_SEPARATORS = {";": "';'", "\t": "tabs", "|": "'|'"}


def csv_rows(stream: BinaryIO, name: str, encoding: str, reject: Reject = stop) -> Iterator[Row]:
    """Reads comma-separated rows below a header; a row's line is the one it starts on.

    Raises:
        FramingError: The header cannot be read. Broken rows are what `reject` gets.
    """
    records = _Records(stream, name, encoding)
    header: list[str] = []
    while True:
        try:
            record = records.read()
            if record is None:
                return
            place, cells = record
            if not any(cells):
                continue
            row = dict(_named_cells(header, cells, place)) if header else None
        except FramingError as error:
            if not header:
                raise
            reject(error)
            continue
        if row is None:
            header = _check_header(cells, place)
        else:
            yield place, row


class _Lines:
    """The lines of a stream, decoded; one that can't be is patched, and `error` says what is wrong."""

    def __init__(self, stream: BinaryIO, name: str, encoding: str) -> None:
        self._stream, self._name, self._encoding = stream, name, encoding
        self._offset = 0
        self.read = 0
        self.last = ""
        self.quotes = 0
        self.error: FramingError | None = None

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        raw = next(self._stream)
        self.read += 1
        try:
            self.last = decode(raw, self._encoding, self._name, self.read, self._offset)
        except FramingError as error:
            self.error = self.error or error
            self.last = raw.decode(self._encoding, errors="replace")
        self._offset += len(raw)
        self.quotes += self.last.count('"')
        return self.last


class _Records:
    """The rows of a CSV file, the header among them, with where each stands."""

    def __init__(self, stream: BinaryIO, name: str, encoding: str) -> None:
        csv.field_size_limit(2**31 - 1)
        self._lines = _Lines(stream, name, encoding)
        self._reader = csv.reader(self._lines, strict=True)
        self._name = name
        self._spread = False  # whether a row so far took several lines

    def read(self) -> tuple[str, list[str]] | None:
        """Read a row; nothing at the end. After an error it goes on behind the broken row."""
        lines, start = self._lines, self._lines.read + 1
        lines.quotes, lines.error = 0, None
        place = f"{self._name}, line {start}"
        try:
            cells = next(self._reader, None)
        except csv.Error as error:
            unread = self._no_header(place) if start == 1 else None
            raise unread or self._broken(place, start, error) from None
        if lines.error:
            raise lines.error
        self._spread |= lines.read > start
        return None if cells is None else (place, cells)

    def _no_header(self, place: str) -> FramingError | None:
        """Tell what is wrong with a broken first line, where it is more than its quotes."""
        separator = _separator([self._lines.last])
        return self._lines.error or (_separated(place, separator) if separator else None)

    def _broken(self, place: str, start: int, error: csv.Error) -> FramingError:
        """Skip what belongs to a broken row, and tell what is wrong with it."""
        # The csv module goes on with the next line. Where texts take several, that may be the middle of a
        # text, whose commas would make an article of it; the row ends where its quotes are even in number.
        if self._spread and self._lines.quotes % 2:
            for _ in self._lines:
                if self._lines.quotes % 2 == 0:
                    break
        end = self._lines.read
        lost = f"; lines {start} to {end} cannot be read" if end > start else ""
        return FramingError(
            f"{place}: broken CSV ({error}), expected commas and double quotes; "
            f'write a quote within a text twice ("") and end each text with one{lost}'
        )


def _check_header(cells: list[str], place: str) -> list[str]:
    header = [cell.strip() for cell in cells]
    separator = _separator(header)
    if separator:
        raise _separated(place, separator)
    twice = [name for name, count in Counter(filter(None, header)).items() if count > 1]
    if twice:
        raise FramingError(f"{place}: column {twice[0]!r} stands twice in the header; rename one")
    return header


def _separator(cells: list[str]) -> str | None:
    """What separates a header that commas do not."""
    if len(cells) > 1:
        return None
    found = max(_SEPARATORS, key=cells[0].count)
    return found if cells[0].count(found) > cells[0].count(",") else None


def _separated(place: str, separator: str) -> FramingError:
    return FramingError(
        f"{place}: the header is separated by {_SEPARATORS[separator]}, expected ','; "
        "save the file as comma-separated (CSV UTF-8)"
    )


def _named_cells(header: list[str], cells: list[str], place: str) -> Iterator[tuple[str, str]]:
    """Yields the cells with their columns' names; those of columns without a name must be empty."""
    if len(cells) != len(header):
        raise FramingError(
            f"{place}: found {len(cells)} cells, expected {len(header)} as in the header; "
            "put texts with commas between double quotes"
        )
    nameless = header.count("")
    for name, cell in zip(header, cells, strict=True):
        if name or (cell and nameless == 1):  # pandas writes its index under one without a name
            yield name, cell
        elif cell.strip():
            raise FramingError(
                f"{place}: found {cell[:40]!r} in one of {nameless} columns without a name; "
                "name them in the header"
            )
