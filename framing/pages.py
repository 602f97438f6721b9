"""Files of one article: plain text, a saved web page, and the `articles.csv` beside them."""

import logging
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from framing.csv_files import csv_rows
from framing.errors import FramingError
from framing.rows import check_encoding, decode

Page = Mapping[str, str | None]
"""What a page tells of its article: `text`, `title`, `date`, `url`."""

PLACED = "place"
"""Where a sidecar's row stands, among its columns."""

_URL = re.compile(r"https?://[^\s\"'<>“”]+")
_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?([\w-]+)", re.IGNORECASE)
_HEADER_LINES = 5
# A link to one of these in a page's header is a share button, not the page's own address.
_SHARED_ON = re.compile(
    r"(?:.*\.)?(?:facebook|twitter|x|youtube|instagram|linkedin|reddit|pinterest)\.com|t\.co|t\.me|youtu\.be|wa\.me"
)


def text_page(raw: bytes, path: Path, encoding: str) -> Page:
    """Reads a plain text: the text as it is, and the address in its head."""
    text = decode(raw, encoding, str(path))
    return {"text": text, "url": _header_address(text)}


def _header_address(text: str) -> str | None:
    """The first address in the head of a text, in a line that holds little else."""
    lines = [line for line in text[:4000].splitlines() if line.strip()]
    for line in lines[:_HEADER_LINES]:
        found = _URL.search(line)
        if found and len(line.split()) <= 6 and host(found[0]):
            return found[0]
    return None


def host(address: str) -> str | None:
    """The host of an address without ``www.``; nothing for a share button's."""
    try:
        name = (urlsplit(address).hostname or "").removeprefix("www.")
    except ValueError:
        return None
    return name if "." in name and not _SHARED_ON.fullmatch(name) else None


def web_page(raw: bytes, path: Path, encoding: str) -> Page:
    """Reads a page by trafilatura: main text (headline first), title, date and canonical address."""
    from trafilatura import bare_extraction

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # the error below says the same, and where
    # Guessing a date from the words of the text would find dates of what the article is about.
    page = bare_extraction(
        decode(raw, _declared_encoding(raw) or encoding, str(path)),
        with_metadata=True,
        include_comments=False,
        date_extraction_params={"extensive_search": False, "original_date": True},
    )
    text = page.text if page is not None else None
    if not text or not text.strip():
        raise FramingError(f"{path}: no main text found in the page; save its text as .txt instead")
    title: str | None = page.title
    if title and " ".join(title.split()).casefold() not in " ".join(text[:2000].split()).casefold():
        text = f"{title}\n\n{text}"
    return {"text": text, "title": title, "date": page.date, "url": page.url}


def _declared_encoding(raw: bytes) -> str | None:
    declared = _CHARSET.search(raw[:2048])
    if declared is None:
        return None
    try:
        check_encoding(declared[1].decode("ascii"))
    except FramingError:
        return None
    return declared[1].decode("ascii")


def read_sidecar(
    path: Path, encoding: str, text: str, warn: Callable[[str], None]
) -> Mapping[str, Mapping[str, Any]]:
    """Reads `articles.csv`: its rows by file name; none where it is a file of articles itself.

    Args:
        path: The file.
        encoding: Of the file.
        text: The column by which a file of articles is known.
        warn: Called with a line about what is odd.

    Raises:
        FramingError: The file is broken, or names a file twice.
    """
    rows: dict[str, Mapping[str, Any]] = {}
    with path.open("rb") as stream:
        for place, row in csv_rows(stream, str(path), encoding):
            name = row.get("file")
            if name is None and text not in row:
                warn(
                    f"{path}: not used, expected a column 'file' (or {text!r}, in a file of articles); "
                    f"columns found: {', '.join(row)}"
                )
            if name is None or text in row:
                return {}
            if name in rows:
                raise FramingError(
                    f"{place}: {name!r} was already named at {rows[name][PLACED]}; keep one row a file"
                )
            if not (path.parent / name).is_file():
                warn(f"{place}: there is no file {name!r}")
            rows[name] = {**row, PLACED: place}
    return rows
