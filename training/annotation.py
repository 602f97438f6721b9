"""Stand-off annotations of the project's own: where labels stand, never the text."""

import hashlib
import json
from collections.abc import Container, Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from framing.codebook import load_codebook
from framing.errors import FramingError
from framing.tagging import CONTENT, NONE
from training.corpora import GoldArticle, GoldRole, GoldSpan

ANNOTATIONS = Path(__file__).parent / "annotations"
SETTLING = (3, 1, 2)  # which reading counts, before which
Place = tuple[str, str, str, int]  # corpus, part, article, where the sentence starts


@dataclass(frozen=True, slots=True)
class Mark:
    """One label of one sentence; `spans` are offsets into the article's text."""

    code: str
    voice: str
    spans: tuple[tuple[int, int], ...]


@cache
def device_codes() -> tuple[str, ...]:
    """Return the codes that a sentence is read for unless its annotation says otherwise: all devices."""
    return tuple(device.code for device in load_codebook().devices)


@dataclass(frozen=True, slots=True)
class Annotation:
    """What one annotator said of one sentence; no marks: it carries none of the codes it was read for.

    Attributes:
        digest: First 12 hexadecimal digits of the SHA-256 of the sentence, so that another edition of the
            corpus is noticed.
        sample: ``natural`` for whole articles, ``picked`` for sentences looked for.
        reading: 1 for a first reading, 2 for a second that did not see it, 3 for one that settles them.
        read_for: The codes looked for; all framing devices if not given.
    """

    corpus: str
    part: str
    article: str
    start: int
    end: int
    digest: str
    marks: tuple[Mark, ...]
    annotator: str
    sample: str
    reading: int
    read_for: tuple[str, ...] = field(default_factory=device_codes)

    @property
    def place(self) -> Place:
        """Which sentence this is about."""
        return self.corpus, self.part, self.article, self.start


def digest(text: str) -> str:
    """Return what tells one edition of a sentence from another, without the sentence."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def write_annotations(annotations: Iterable[Annotation], path: Path) -> None:
    """Write stand-off annotations as JSONL, in the order of corpus, article and text."""
    ordered = sorted(
        annotations, key=lambda a: (a.corpus, a.part, a.article, a.start, a.reading, a.annotator)
    )
    path.write_text("".join(json.dumps(_row(a)) + "\n" for a in ordered), "utf8")


def _row(annotation: Annotation) -> dict[str, Any]:
    row = asdict(annotation)
    if annotation.read_for == device_codes():
        del row["read_for"]
    return row


def read_annotations(path: Path) -> list[Annotation]:
    """Read stand-off annotations.

    Raises:
        FramingError: If the file is missing or a line is not as expected.
    """
    found = []
    try:
        lines = path.read_text("utf8").splitlines()
    except FileNotFoundError:
        raise FramingError(f"{path}: no such file, expected stand-off annotations") from None
    for number, line in enumerate(lines, 1):
        try:
            found.append(_annotation(json.loads(line)))
        except (ValueError, TypeError, KeyError) as error:
            raise FramingError(f"{path}:{number}: not a stand-off annotation: {error}") from None
    return found


def _annotation(row: dict[str, Any]) -> Annotation:
    marks = tuple(
        Mark(mark["code"], mark["voice"], tuple((int(start), int(end)) for start, end in mark["spans"]))
        for mark in row.pop("marks")
    )
    read_for = tuple(str(code) for code in row.pop("read_for", device_codes()))
    return Annotation(**row, marks=marks, read_for=read_for)


def settle(annotations: Iterable[Annotation]) -> list[Annotation]:
    """Keep one annotation a sentence: of the third reading where there is one, else of the first.

    Readings for other codes are another matter: one is kept for each.
    """
    kept: dict[tuple[Place, tuple[str, ...]], Annotation] = {}
    for one in sorted(annotations, key=lambda a: (SETTLING.index(a.reading), a.annotator)):
        kept.setdefault((one.place, one.read_for), one)
    return list(kept.values())


def annotate(
    articles: Sequence[GoldArticle], part: str, annotations: Iterable[Annotation]
) -> list[GoldArticle]:
    """Add settled annotations to a part of a corpus: labels, whose words carry them, and what was read for.

    Raises:
        FramingError: If a sentence is not in the corpus as it was when it was annotated.
    """
    of_article: dict[tuple[str, str], list[Annotation]] = {}
    for one in annotations:
        if one.part == part:
            of_article.setdefault((one.corpus, one.article), []).append(one)
    done = []
    for article in articles:
        places = {s.start: s for s in article.sentences}
        spans, voiced = list(article.spans), list[GoldRole]()
        read: dict[int, frozenset[str]] = {}
        for one in of_article.get((article.corpus, article.id), []):
            sentence = places.get(one.start)
            if sentence is None or digest(sentence.text) != one.digest:
                raise FramingError(
                    f"{one.corpus} {one.article}: no sentence [{one.start}, {one.end}] as it was annotated; "
                    "expected the edition of the corpus that training/annotations/README.md names"
                )
            read[sentence.index] = read.get(sentence.index, frozenset()).union(one.read_for)
            for mark in one.marks:
                spans += [GoldSpan(mark.code, *span) for span in mark.spans]
                tag = NONE if mark.voice == "outlet" else CONTENT
                voiced += [GoldRole(tag, *span) for span in mark.spans]
        done.append(replace(article, spans=tuple(spans), voiced=tuple(voiced), known_here=read))
    return done


def keep_devices(annotations: Iterable[Annotation]) -> list[Annotation]:
    """Leave out what was said of techniques, and sentences that were read for techniques alone."""
    devices = device_codes()
    return [
        replace(one, marks=tuple(mark for mark in one.marks if mark.code in devices), read_for=devices)
        for one in annotations
        if any(code in devices for code in one.read_for)
    ]


def read_settled(
    names: Iterable[str], folder: Path = ANNOTATIONS, *, techniques: Container[str] | None = None
) -> list[Annotation]:
    """Read files of the project's annotations by name, one annotation a sentence.

    Args:
        names: The files' names without the suffix.
        folder: Where they are.
        techniques: Those whose techniques count; of the others, devices alone. All count if not given.
    """
    found: list[Annotation] = []
    for name in names:
        read = read_annotations(folder / f"{name}.jsonl")
        found += read if techniques is None or name in techniques else keep_devices(read)
    return settle(found)
