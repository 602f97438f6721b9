"""Any input file -> articles, one at a time; memory holds the ids seen and nothing else of the corpus."""

import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from framing.article_fields import (
    FIELDS,
    SIDECAR,
    Reading,
    article_of_file,
    article_of_row,
    check_mapping,
    sidecar_of,
)
from framing.csv_files import csv_rows
from framing.errors import FramingError
from framing.records import Article
from framing.rows import Reject, Row, check_encoding, jsonl_rows, parquet_rows, refused, stop

SUFFIXES = (".txt", ".jsonl", ".csv", ".parquet", ".html", ".htm")
STDIN = "-"

Placed = tuple[str, Article]
"""Where it stands, for error messages, and an article."""


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
        outlet: The outlet of rows that do not name their own, and of every `.txt` and `.html`.
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
    settings = Reading(outlet, dict(columns or {}), encoding, reject)
    return (article for _, article in read_placed(inputs, settings))


def read_placed(inputs: Iterable[str | Path], settings: Reading) -> Iterator[Placed]:
    """Reads articles as `read_articles` does, each with the place where it stands."""
    _check_columns(settings.columns)
    check_encoding(settings.encoding)
    paths = _paths(inputs)
    if not paths:
        raise FramingError(
            f"no input: name a file ({', '.join(SUFFIXES)}), a folder, or - for JSONL on stdin"
        )
    return _unique(paths, settings)


def _paths(inputs: Any) -> list[str | Path]:
    given: list[str | Path] = (
        [inputs] if isinstance(inputs, str | Path) or not isinstance(inputs, Iterable) else list(inputs)
    )
    table = hasattr(inputs, "itertuples")
    if odd := [one for one in given if table or not isinstance(one, str | Path)]:
        found = type(inputs if table else odd[0]).__name__
        advice = (
            "; make articles of its rows: [framing.Article(str(row.id), row.outlet, row.text) for row in "
            "table.itertuples()]"
        )
        raise FramingError(
            f"read_articles: found {found}, expected names of files or folders{advice if table else ''}"
        )
    return given


def _check_columns(columns: Mapping[str, str]) -> None:
    for name in columns:
        if name not in FIELDS:
            raise FramingError(f"columns: unknown field {name!r}, expected one of {', '.join(FIELDS)}")


def _unique(paths: list[str | Path], settings: Reading) -> Iterator[Placed]:
    seen: dict[str, str] = {}
    for given in paths:
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
            yield place, article
    for line in settings.oddities.lines():
        settings.warn(line)


def _articles(given: str | Path, settings: Reading) -> Iterator[Placed]:
    try:
        yield from _articles_of(given, settings)
    except OSError as error:
        settings.reject(refused(error, given))


def _articles_of(given: str | Path, settings: Reading) -> Iterator[Placed]:
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


def _files(folder: Path, settings: Reading) -> Iterator[Path]:
    """Yields a folder's files in sorted order, and says once which kinds it leaves out."""
    unsupported: Counter[str] = Counter()
    found = False
    for path in sorted(_walk(folder, settings)):
        if path.suffix.lower() not in SUFFIXES:
            unsupported[path.suffix or path.name] += 1
        elif path.is_symlink() and not os.access(path, os.F_OK):
            settings.reject(FramingError(f"{path}: the link leads to no file; mend or remove it"))
        elif path.is_file() and not (path.name == SIDECAR and sidecar_of(path.parent, settings)):
            found = True
            yield path
    if unsupported:
        kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(unsupported.items()))
        settings.warn(f"{folder}: skipped files of unsupported kinds: {kinds}")
    if not found:
        raise FramingError(f"{folder}: no article in this folder, expected files of {', '.join(SUFFIXES)}")


def _walk(folder: Path, settings: Reading) -> Iterator[Path]:
    """Yields what is no folder under a folder, in any order, but for what is hidden or a README."""
    linked: list[Path] = []
    for parent, folders, names in os.walk(folder, onerror=lambda e: settings.reject(refused(e, folder))):
        folders[:] = [name for name in folders if not name.startswith(".")]
        linked += [path for name in folders if (path := Path(parent, name)).is_symlink()]
        shown = (name for name in names if not name.startswith(".") and not name.upper().startswith("README"))
        yield from (Path(parent, name) for name in shown)
    if linked:
        settings.warn(
            f"{folder}: links to folders are not followed: {len(linked)}, first {min(linked)}; "
            "name their folders as inputs too"
        )


def _file(path: Path, name: str, settings: Reading) -> Iterator[Placed]:
    try:
        yield from _articles_in(path, name, settings)
    except OSError as error:
        settings.reject(refused(error, path))


def _articles_in(path: Path, name: str, settings: Reading) -> Iterator[Placed]:
    suffix = path.suffix.lower()
    if suffix in (".txt", ".html", ".htm"):
        try:
            article = article_of_file(path, name, settings)
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


def _structured(name: str, rows: Iterator[Row], settings: Reading) -> Iterator[Placed]:
    empty = True
    broken: list[FramingError] = []
    for place, row in _whole_rows(rows, broken):
        if empty:
            check_mapping(row, name, settings.columns)
            empty = False
        try:
            article = article_of_row(row, place, settings)
        except FramingError as error:
            settings.reject(error)
            continue
        yield place, article
    if broken:
        settings.reject(broken[0])
    elif empty:
        settings.reject(FramingError(f"{name}: no article in it, expected rows with {', '.join(FIELDS[:3])}"))


def _whole_rows(rows: Iterator[Row], broken: list[FramingError]) -> Iterator[Row]:
    """Yields the rows of a file until its end, or until it is broken, which goes into the list."""
    while True:
        try:
            row = next(rows, None)
        except FramingError as error:
            broken.append(error)
            return
        if row is None:
            return
        yield row
