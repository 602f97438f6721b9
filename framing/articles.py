"""Any input file -> articles, one at a time; memory holds the ids seen and nothing else of the corpus."""

import json
import logging
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from framing.errors import FramingError
from framing.pages import PLACED, host, read_sidecar, text_page, web_page
from framing.records import Article
from framing.rows import (
    Reject,
    Row,
    check_encoding,
    checked,
    csv_rows,
    field_text,
    jsonl_rows,
    parquet_rows,
    stop,
)

FIELDS = ("id", "outlet", "text", "title", "date", "url")
SUFFIXES = (".txt", ".jsonl", ".csv", ".parquet", ".html", ".htm")
SIDECAR = "articles.csv"
STDIN = "-"

_log = logging.getLogger("framing")


@dataclass(slots=True)
class _Settings:
    outlet: str | None
    columns: Mapping[str, str]
    encoding: str
    reject: Reject
    sidecars: dict[Path, Mapping[str, Mapping[str, Any]]] = field(default_factory=dict)
    said_date: bool = False


def parse_columns(value: str) -> dict[str, str]:
    """Reads ``text=body,outlet=publisher``: our field = the file's column.

    Raises:
        FramingError: A part without ``=``, an unknown field, or a field named twice.
    """
    columns: dict[str, str] = {}
    for part in filter(None, (part.strip() for part in value.split(","))):
        name, equals, column = (piece.strip() for piece in part.partition("="))
        if not (name and equals and column):
            raise FramingError(f"columns: found {part!r}, expected FIELD=COLUMN, such as text=body")
        if name in columns:
            raise FramingError(f"columns: {name!r} is named twice; name it once")
        columns[name] = column
    _check_columns(columns)
    return columns


def read_articles(
    inputs: Iterable[str | Path],
    *,
    outlet: str | None = None,
    columns: Mapping[str, str] | None = None,
    encoding: str = "utf-8-sig",
    reject: Reject = stop,
) -> Iterator[Article]:
    """Reads articles from files, folders (sorted, with their subfolders) or ``-`` (JSONL on standard input).

    Settings are checked at once, files when their turn comes.

    Args:
        inputs: `.txt` and `.html` hold an article each, `.jsonl`, `.csv` and `.parquet` many.
        outlet: The outlet of articles that do not name their own.
        columns: The file's name of a field where it differs: ``{"text": "body"}``.
        encoding: Of text files; a byte order mark is skipped. Parquet brings its own.
        reject: Called with the error of an article that can't be read; if it returns, the article is left
            out. Of a file that is broken from some place on, the rest is left out.

    Returns:
        An iterator, in the order of the inputs. `Article.outlet_from` says where each outlet comes from.

    Raises:
        FramingError: A setting is wrong; or, while iterating, a file cannot be read, holds no article,
            lacks a field, or repeats an id.
    """
    _check_columns(columns or {})
    check_encoding(encoding)
    paths: list[str | Path] = [inputs] if isinstance(inputs, str | Path) else list(inputs)
    if not paths:
        raise FramingError(
            f"no input: name a file ({', '.join(SUFFIXES)}), a folder, or - for JSONL on stdin"
        )
    return _unique(paths, _Settings((outlet or "").strip() or None, dict(columns or {}), encoding, reject))


def _check_columns(columns: Mapping[str, str]) -> None:
    for name in columns:
        if name not in FIELDS:
            raise FramingError(f"columns: unknown field {name!r}, expected one of {', '.join(FIELDS)}")


def _unique(paths: list[str | Path], settings: _Settings) -> Iterator[Article]:
    seen: dict[str, str] = {}
    for given in paths:
        try:
            for place, article in _articles(given, settings):
                if article.id in seen:
                    settings.reject(
                        FramingError(
                            f"{place}: id {article.id!r} was already used by {seen[article.id]}; "
                            "make the ids unique"
                        )
                    )
                    continue
                seen[article.id] = place
                yield article
        except OSError as error:
            name = error.filename or given
            raise FramingError(f"{name}: cannot be read ({error.strerror or error})") from error


def _articles(given: str | Path, settings: _Settings) -> Iterator[tuple[str, Article]]:
    path = Path(given)
    if str(given) == STDIN:
        yield from _structured(
            "standard input",
            jsonl_rows(sys.stdin.buffer, "standard input", settings.encoding, settings.reject),
            settings,
        )
    elif path.is_dir():
        for file in _files(path, settings):
            yield from _file(file, file.relative_to(path).with_suffix("").as_posix(), settings)
    elif not path.exists():
        raise FramingError(f"{path}: no such file or folder")
    elif path.suffix.lower() not in SUFFIXES:
        raise FramingError(f"{path}: unsupported kind {path.suffix!r}, expected {', '.join(SUFFIXES)}")
    else:
        yield from _file(path, path.stem, settings)


def _files(folder: Path, settings: _Settings) -> Iterator[Path]:
    """Yields a folder's files in sorted order, and says once which kinds it leaves out."""
    unsupported: Counter[str] = Counter()
    found = False
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if hidden or not path.is_file() or path.name.upper().startswith("README"):
            continue
        if path.suffix.lower() not in SUFFIXES:
            unsupported[path.suffix or path.name] += 1
        elif not (path.name == SIDECAR and _sidecar(path.parent, settings)):
            found = True
            yield path
    if unsupported:
        kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(unsupported.items()))
        _log.warning("%s: skipped files of unsupported kinds: %s", folder, kinds)
    if not found:
        raise FramingError(f"{folder}: no article in this folder, expected files of {', '.join(SUFFIXES)}")


def _file(path: Path, name: str, settings: _Settings) -> Iterator[tuple[str, Article]]:
    suffix = path.suffix.lower()
    if suffix in (".txt", ".html", ".htm"):
        try:
            article = _plain(path, name, settings)
        except FramingError as error:
            settings.reject(error)
            return
        yield str(path), article
    elif suffix == ".parquet":
        yield from _structured(str(path), parquet_rows(path), settings)
    else:
        rows = jsonl_rows if suffix == ".jsonl" else csv_rows
        with path.open("rb") as stream:
            yield from _structured(
                str(path), rows(stream, str(path), settings.encoding, settings.reject), settings
            )


# Files of many articles


def _structured(name: str, rows: Iterator[Row], settings: _Settings) -> Iterator[tuple[str, Article]]:
    empty = True
    for place, row in _whole_rows(rows, settings.reject):
        if empty:
            _check_known(row, name, settings.columns)
            empty = False
        try:
            article = _from_row(row, place, settings)
        except FramingError as error:
            settings.reject(error)
            continue
        yield place, article
    if empty:
        settings.reject(FramingError(f"{name}: no article in it, expected rows with {', '.join(FIELDS[:3])}"))


def _whole_rows(rows: Iterator[Row], reject: Reject) -> Iterator[Row]:
    """Yields the rows of a file until its end, or until it is broken."""
    while True:
        try:
            row = next(rows, None)
        except FramingError as error:
            reject(error)
            return
        if row is None:
            return
        yield row


def _check_known(row: Mapping[str, Any], name: str, columns: Mapping[str, str]) -> None:
    for ours, theirs in columns.items():
        if theirs not in row:
            raise FramingError(f"{name}: unknown column {theirs!r} for {ours}; columns found: {_names(row)}")


def _from_row(row: Mapping[str, Any], place: str, settings: _Settings) -> Article:
    source = {name: settings.columns.get(name, name) for name in FIELDS}
    given = {name: field_text(row.get(column), place, name, column) for name, column in source.items()}
    outlet_from = "field" if given["outlet"] else "flag"
    given["outlet"] = given["outlet"] or settings.outlet
    for name in FIELDS[:3]:
        if given[name] is None:
            raise _missing(row, place, name, source[name])
    extra = {
        key: _as_text(value, place, key)
        for key, value in row.items()
        if key not in source.values() and value is not None
    }
    return _article(place, given, outlet_from, extra, settings)


def _missing(row: Mapping[str, Any], place: str, name: str, column: str) -> FramingError:
    found = f"field {column!r} is empty" if column in row else f"field {column!r} is missing"
    flag = ", or name the outlet of all with --outlet" if name == "outlet" else ""
    return FramingError(
        f"{place}: {found}; fields found: {_names(row)}; fill it, "
        f"or map a column with --columns {name}=COLUMN{flag}"
    )


def _names(row: Mapping[str, Any]) -> str:
    return ", ".join(" ".join(name.split()) for name in row)


def _as_text(value: Any, place: str, key: str) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return checked(text, place, f"field {key!r}")


def _article(
    place: str,
    given: Mapping[str, str | None],
    outlet_from: str,
    extra: dict[str, str],
    settings: _Settings,
) -> Article:
    fields = {name: None if value is None else checked(value, place, name) for name, value in given.items()}
    day = _iso_date(fields["date"])
    if fields["date"] and day is None:
        extra = {**extra, "date": fields["date"]}
        if not settings.said_date:
            settings.said_date = True
            _log.warning(
                "%s: date %r is not ISO 8601 (such as 2021-11-20); such dates are left out",
                place,
                fields["date"],
            )
    return Article(
        id=fields["id"] or "",
        outlet=fields["outlet"] or "",
        text=fields["text"] or "",
        title=fields["title"],
        date=day,
        url=fields["url"],
        outlet_from=outlet_from,
        columns=extra,
    )


def _iso_date(value: str | None) -> str | None:
    try:
        return datetime.fromisoformat((value or "").strip()).date().isoformat()
    except ValueError:
        return None


# Files of one article


def _plain(path: Path, name: str, settings: _Settings) -> Article:
    raw = path.read_bytes()
    if not raw.strip():
        raise FramingError(f"{path}: the file is empty, expected the text of an article")
    read = text_page if path.suffix.lower() == ".txt" else web_page
    page = read(raw, path, settings.encoding)
    beside = _sidecar(path.resolve().parent, settings).get(path.name, {})
    given = {key: field_text(beside.get(key), str(path), key, key) or page.get(key) for key in FIELDS}
    given |= {"id": name, "text": page["text"]}
    address = given["url"]
    ways = {
        "flag": settings.outlet,
        "sidecar": given["outlet"],
        "address": host(address) if address else None,
        "folder": path.resolve().parent.name,
    }
    outlet_from, given["outlet"] = next(
        ((way, found) for way, found in ways.items() if found), ("folder", None)
    )
    if given["outlet"] is None or not (given["text"] or "").strip():
        missing = "outlet; name it with --outlet" if given["outlet"] is None else "text; remove the file"
        raise FramingError(f"{path}: the article has no {missing}")
    extra = {
        key: str(value) for key, value in beside.items() if key not in (*FIELDS, "file", PLACED) and value
    }
    return _article(str(path), given, outlet_from, extra, settings)


def _sidecar(folder: Path, settings: _Settings) -> Mapping[str, Mapping[str, Any]]:
    """The rows of a folder's `articles.csv` by file name; none where that is a file of articles itself."""
    folder = folder.resolve()
    if folder not in settings.sidecars:
        path = folder / SIDECAR
        settings.sidecars[folder] = read_sidecar(path, settings.encoding) if path.is_file() else {}
    return settings.sidecars[folder]
