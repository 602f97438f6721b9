"""The fields of a row or of a file -> an article: which column is which, and whose outlet it is."""

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from framing.errors import FramingError
from framing.oddities import Oddities
from framing.pages import PLACED, host, read_sidecar, text_page, web_page
from framing.records import Article
from framing.rows import Reject, checked, field_text, is_nothing, refused

FIELDS = ("id", "outlet", "text", "title", "date", "url")
SIDECAR = "articles.csv"

_log = logging.getLogger("framing")


@dataclass(slots=True)
class Reading:
    """The settings of `framing.articles.read_articles`, and what is remembered while it reads.

    Attributes:
        outlet: The outlet of rows that do not name their own, and of every file of one article.
        columns: The file's name of a field where it differs.
        encoding: Of text files.
        reject: Called with the error of an article that can't be read.
        sidecars: What `sidecar_of` read, by folder.
        oddities: What is odd about the articles so far.
        warn: Called with a line about what is odd or skipped.
    """

    outlet: str | None
    columns: Mapping[str, str]
    encoding: str
    reject: Reject
    sidecars: dict[Path, Mapping[str, Mapping[str, Any]]] = field(default_factory=dict)
    oddities: Oddities = field(default_factory=Oddities)
    warn: Callable[[str], None] = _log.warning

    def __post_init__(self) -> None:
        self.outlet = (self.outlet or "").strip() or None


def check_mapping(row: Mapping[str, Any], name: str, columns: Mapping[str, str]) -> None:
    """Refuses columns that are mapped to a field but are not in the file, which is called `name`."""
    for ours, theirs in columns.items():
        if theirs not in row:
            raise FramingError(f"{name}: unknown column {theirs!r} for {ours}; columns found: {_names(row)}")


def article_of_row(row: Mapping[str, Any], place: str, settings: Reading) -> Article:
    """Makes an article of a row that stands at `place` in a file of many.

    Raises:
        FramingError: A field is missing, empty, or holds what no output file can.
    """
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
        if key not in source.values() and not is_nothing(value)
    }
    return _article(place, given, outlet_from, extra, settings)


def _missing(row: Mapping[str, Any], place: str, name: str, column: str) -> FramingError:
    found = f"field {column!r} is empty" if column in row else f"field {column!r} is missing"
    flag = ", or name the outlet of all with --outlet" if name == "outlet" else ""
    return FramingError(
        f"{place}: {found}; fields found: {_names(row)}; fill it, "
        f"or map a column with --columns {name}=COLUMN{flag}"
    )


def article_of_file(path: Path, name: str, settings: Reading) -> Article:
    """Makes an article of a text or a web page, under the id `name`.

    Raises:
        FramingError: There is no text in it, or its outlet is nowhere to be found.
    """
    raw = path.read_bytes()
    if not raw.strip():
        raise FramingError(f"{path}: the file is empty, expected the text of an article")
    read = text_page if path.suffix.lower() == ".txt" else web_page
    page = read(raw, path, settings.encoding)
    beside = sidecar_of(path.resolve().parent, settings).get(path.name, {})
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


def sidecar_of(folder: Path, settings: Reading) -> Mapping[str, Mapping[str, Any]]:
    """The rows of a folder's `articles.csv` by file name; none where that is a file of articles itself."""
    folder = folder.resolve()
    if folder not in settings.sidecars:
        path = folder / SIDECAR
        text = settings.columns.get("text", "text")
        try:
            found = read_sidecar(path, settings.encoding, text, settings.warn) if path.is_file() else {}
        except OSError as error:
            raise refused(error, path) from None
        settings.sidecars[folder] = found
    return settings.sidecars[folder]


def _as_text(value: Any, place: str, key: str) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return checked(text, place, f"field {key!r}")


def _article(
    place: str,
    given: Mapping[str, str | None],
    outlet_from: str,
    extra: dict[str, str],
    settings: Reading,
) -> Article:
    fields = {name: None if value is None else checked(value, place, name) for name, value in given.items()}
    day = _iso_date(fields["date"])
    if fields["date"] and day is None:
        extra = {**extra, "date": fields["date"]}
    text, outlet = fields["text"] or "", fields["outlet"] or ""
    settings.oddities.look(place, text, outlet, fields["date"], day)
    return Article(
        id=fields["id"] or "",
        outlet=outlet,
        text=text,
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


def _names(row: Mapping[str, Any]) -> str:
    return ", ".join(" ".join(name.split()) for name in row)
