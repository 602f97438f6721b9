"""Labelling that outlives a kill: what is labelled lies beside the output until the output is whole.

The file `OUTPUT.unfinished` begins with a line that says what makes the labels, and grows by one entry an
article: a line that names the article, and its rows as lines of the JSONL format. The same command goes on
behind the last whole entry. When all articles are in it, the output is made from it, and it goes.
"""

import hashlib
import json
import os
import sys
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, NamedTuple

from framing.errors import FramingError
from framing.labelling import CHUNK, Model
from framing.labels import Tally
from framing.records import Article, Provenance
from framing.store import sync, to_line, write_lines

SECONDS_UNSAFE = 5.0  # labelled work that a loss of power may cost; a killed process loses none of it
PER_RUN = ("input_sha256", "articles", "sentences", "tolerance", "agreement")  # not what makes labels


@dataclass(frozen=True, slots=True)
class Entry:
    """What the unfinished file says of an article before its rows.

    Attributes:
        article_id: Its id.
        sha256: Over all of the article that bears on its rows.
        sentences: How many rows follow.
        size: How many bytes these are.
        crc32: Of these bytes.
    """

    article_id: str
    sha256: str
    sentences: int
    size: int
    crc32: int


class Labelled(NamedTuple):
    """An article, how many sentences it has, and these as lines of the JSONL format."""

    article: Article
    sentences: int
    lines: bytes


def unfinished_path(output: Path) -> Path:
    """Return where the labels of a run lie until its output is whole."""
    return output.with_name(output.name + ".unfinished")


def label_into(
    output: Path,
    model: Model,
    articles: Iterable[Article],
    *,
    advance: Callable[[int], None] = lambda sentences: None,
) -> Tally:
    """Label articles into a file, or go on with a run that was cut off; the bytes are the same.

    Args:
        output: A `.jsonl` or `.parquet` file; it has its name only once it is whole.
        model: The model.
        articles: All articles of the run, those labelled before it was cut off too. Only a chunk of them
            is held at a time.
        advance: Called with the number of sentences of each article that is done.

    Returns:
        What was labelled, before and now.

    Raises:
        FramingError: If the inputs, the model or the settings are not those of the run that was cut off, no
            article is left, or a file can't be written.
    """

    def label(rest: Iterator[Article]) -> Iterator[Labelled]:
        for article, rows in model.label_pairs(rest):
            yield Labelled(article, len(rows), b"".join(map(to_line, rows)))

    return keep_labels(
        output, asdict(model.provenance(Tally())), iter(articles), label, model.provenance, advance
    )


def keep_labels(
    output: Path,
    made: Mapping[str, Any],
    articles: Iterator[Article],
    label: Callable[[Iterator[Article]], Iterator[Labelled]],
    provenance: Callable[[Tally], Provenance],
    advance: Callable[[int], None],
) -> Tally:
    """Do as `label_into` with whatever labels.

    Args:
        output: A `.jsonl` or `.parquet` file.
        made: What makes the labels, by the names of a provenance: a run that was cut off has to have the
            same, apart from what differs from run to run.
        articles: All articles of the run.
        label: Labels those that are left; `articles` stands behind the last one that is labelled then.
        provenance: Says how all of them were made.
        advance: Called with the number of sentences of each article that is done.
    """
    tally, path = Tally(), unfinished_path(output)
    try:
        with Journal(path, _what_makes_labels(made)) as journal:
            for article, sentences in journal.match(articles):
                tally.add(article, sentences)
                advance(sentences)
            for one in label(articles):
                journal.append(one)
                tally.add(one.article, one.sentences)
                advance(one.sentences)
            if not tally.articles:
                raise FramingError("no article in the input, expected at least one")
            write_lines(output, journal.lines(), lambda: provenance(tally))
    except OSError as error:
        raise FramingError(
            f"{output}: writing failed ({error.strerror or error}); put that right and give the same command "
            f"again: what was labelled until then is in {path}"
        ) from None
    path.unlink()
    return tally


class Journal:
    """The unfinished file, open and locked; whole as far as it goes.

    Args:
        path: Where it lies; made if it is not there.
        made: What makes the labels: name → value.

    Raises:
        FramingError: If another process has it open, or it was begun by something else than `made`.
        OSError: If it can't be written.
    """

    def __init__(self, path: Path, made: dict[str, str]) -> None:
        self.path = path
        self._file: BinaryIO = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o666), "r+b")
        try:
            _lock(self._file, path)
            before = self._read_header()
            self._start = self._file.tell()
            self.count = self._cut()
            if self.count:
                self._compare(before, made)
            else:
                self._begin(made)
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> "Journal":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def match(self, articles: Iterator[Article]) -> Iterator[tuple[Article, int]]:
        """Go through the articles that are labelled already, and make sure that they are still the same.

        Yields:
            Each article with the number of its sentences. `articles` stands behind the last one then.

        Raises:
            FramingError: If an article is another one now, or is gone.
        """
        if self.count:
            print(f"going on after {self.count} articles of {self.path}", file=sys.stderr)
        for done, (entry, _) in enumerate(self._entries()):
            yield self._find(entry, done, articles), entry.sentences

    def append(self, labelled: Labelled) -> None:
        """Add an article at the end."""
        article, sentences, lines = labelled
        entry = Entry(article.id, hash_article(article), sentences, len(lines), zlib.crc32(lines))
        self._file.write(json.dumps(asdict(entry)).encode() + b"\n" + lines)
        self._file.flush()
        if time.monotonic() - self._synced > SECONDS_UNSAFE:
            self._sync()

    def lines(self) -> Iterator[bytes]:
        """Yield every row of every article, as a line of a JSONL file."""
        for _, rows in self._entries():
            yield from rows.splitlines(keepends=True)

    def _entries(self) -> Iterator[tuple[Entry, bytes]]:
        """Yield the whole entries; the file stands behind the last one then."""
        self._file.seek(self._start)
        while found := _read_entry(self._file):
            yield found

    def _cut(self) -> int:
        """Cut off a torn end, and a chunk that is not whole: the next one begins where it always does."""
        whole, count = self._start, 0
        for count, _ in enumerate(self._entries(), 1):
            if count % CHUNK == 0:
                whole = self._file.tell()
        self._file.seek(whole)
        self._file.truncate()
        self._sync()
        return count // CHUNK * CHUNK

    def _sync(self) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())
        self._synced = time.monotonic()

    def _read_header(self) -> dict[str, Any]:
        """Return what made the labels that are there; nothing if not even that was written to its end."""
        header = self._file.readline()
        try:
            return dict(json.loads(header)["made"]) if header.endswith(b"\n") else {}
        except (ValueError, KeyError, TypeError):
            raise FramingError(
                f"{self.path}: found something else than the labels of a run that was cut off; remove it"
            ) from None

    def _begin(self, made: dict[str, str]) -> None:
        self._file.seek(0)
        self._file.truncate()
        self._file.write(json.dumps({"made": made}, ensure_ascii=False).encode() + b"\n")
        self._sync()
        sync(self.path.parent)
        self._start = self._file.tell()

    def _compare(self, before: dict[str, Any], made: dict[str, str]) -> None:
        names = [name for name in {**before, **made} if before.get(name) != made.get(name)]
        if names:
            changes = "; ".join(f"{n} was {before.get(n, 'none')}, is {made.get(n, 'none')}" for n in names)
            raise self._other(changes)

    def _find(self, entry: Entry, done: int, articles: Iterator[Article]) -> Article:
        article = next(articles, None)
        if article is None:
            raise self._other(f"it had at least {self.count} articles, the input now has {done}")
        if hash_article(article) != entry.sha256:
            what = (
                "has another text, title or outlet"
                if article.id == entry.article_id
                else f"is {article.id!r}"
            )
            raise self._other(f"article {done + 1} was {entry.article_id!r}, {what} now")
        return article

    def _other(self, what: str) -> FramingError:
        return FramingError(
            f"{self.path}: that run was begun otherwise ({what}); give its inputs, model and settings to go "
            "on with it, or remove this file to begin anew"
        )


def hash_article(article: Article) -> str:
    """Return a SHA-256 over all of an article that bears on its rows; the title tells its sentences."""
    whole = json.dumps([article.id, article.outlet, article.title, article.text])
    return hashlib.sha256(whole.encode()).hexdigest()


def _read_entry(file: BinaryIO) -> tuple[Entry, bytes] | None:
    try:
        entry = Entry(**json.loads(file.readline()))
        rows = file.read(entry.size)
    except (ValueError, TypeError):
        return None
    return (entry, rows) if zlib.crc32(rows) == entry.crc32 else None


def _what_makes_labels(made: Mapping[str, Any]) -> dict[str, str]:
    kept = {name: value for name, value in made.items() if name not in PER_RUN}
    versions, files, codes = kept.pop("versions"), kept.pop("files"), kept.pop("codes")
    return {
        **kept,
        "codes": ", ".join(codes),
        **{f"version of {name}": version for name, version in versions.items()},
        **{f"sha256 of {name}": digest for name, digest in files.items()},
    }


def _lock(file: BinaryIO, path: Path) -> None:
    """Refuse a second process; the system takes the lock away when this one ends, however it ends."""
    try:
        import fcntl
    except ImportError:  # not on Windows
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise FramingError(f"{path}: another process is labelling into it; let it end, or end it") from None
