"""Annotation by reading: sheets of sentences out, answers in.

A sheet is a tab-separated text that an annotator reads from top to bottom; beside it lies where each of its
sentences stands. An answer names a sentence by its number: ``12<tab>-`` for a sentence without a label, else
one line a label, ``12<tab>code<tab>voice<tab>carrying words``, the words as they stand in the sentence.
"""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from framing.errors import FramingError
from framing.records import VOICES
from training.annotation import Annotation, Mark, digest
from training.config import known_families
from training.corpora import GoldArticle

SHEET_SENTENCES = 110
NONE = "-"


@dataclass(frozen=True, slots=True)
class Unit:
    """A sentence to be read: where it stands, and its text, which is never stored with an annotation.

    Attributes:
        before: The sentence before it in the article, empty for the first.
    """

    corpus: str
    part: str
    article: str
    start: int
    end: int
    text: str
    before: str = ""


def list_units(article: GoldArticle, part: str) -> list[Unit]:
    """List an article's sentences as units."""
    texts = ["", *(s.text for s in article.sentences)]
    return [
        Unit(article.corpus, part, article.id, s.start, s.end, s.text, before)
        for s, before in zip(article.sentences, texts, strict=False)
    ]


def draw_articles(
    articles: Sequence[GoldArticle], *, sentences: int, least: int = 0, rng: np.random.Generator
) -> list[GoldArticle]:
    """Draw whole articles at random until they hold enough sentences and are enough.

    Raises:
        FramingError: If there are not that many.
    """
    drawn: list[GoldArticle] = []
    count = 0
    for at in rng.permutation(len(articles)):
        if count >= sentences and len(drawn) >= least:
            break
        drawn.append(articles[at])
        count += len(articles[at].sentences)
    if count < sentences or len(drawn) < least:
        raise FramingError(
            f"{len(articles)} articles hold {count} sentences, expected {least} and {sentences} at least"
        )
    return drawn


def write_sheets(groups: Iterable[Sequence[Unit]], folder: Path, name: str) -> list[Path]:
    """Write sheets of about `SHEET_SENTENCES` sentences; a group (an article) is not torn where it fits.

    Returns:
        The sheets, ``NAME-001.tsv`` and so on, each with a ``.units.jsonl`` beside it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    sheets: list[list[Unit]] = [[]]
    for group in groups:
        for at in range(0, len(group), SHEET_SENTENCES):
            piece = group[at : at + SHEET_SENTENCES]
            if sheets[-1] and len(sheets[-1]) + len(piece) > SHEET_SENTENCES:
                sheets.append([])
            sheets[-1].extend(piece)
    return [
        _write_sheet(units, folder / f"{name}-{number:03d}.tsv") for number, units in enumerate(sheets, 1)
    ]


def _write_sheet(units: Sequence[Unit], path: Path) -> Path:
    lines, previous = [], None
    for number, unit in enumerate(units, 1):
        if previous is None or (previous.corpus, previous.article) != (unit.corpus, unit.article):
            lines.append(f"## article {unit.article}")
        if unit.before and (previous is None or previous.text != unit.before):
            lines.append(f"~\t{_one_line(unit.before)}")
        lines.append(f"{number}\t{_one_line(unit.text)}")
        previous = unit
    path.write_text("\n".join(lines) + "\n", "utf8")
    rows = (json.dumps(asdict(unit), ensure_ascii=False) + "\n" for unit in units)
    path.with_suffix(".units.jsonl").write_text("".join(rows), "utf8")
    return path


def _one_line(text: str) -> str:
    return " ".join(text.split())


def read_units(sheet: Path) -> list[Unit]:
    """Read a sheet's sentences and where they stand."""
    with sheet.with_suffix(".units.jsonl").open(encoding="utf8") as lines:
        return [Unit(**json.loads(line)) for line in lines]


def read_answers(
    sheet: Path, answers: Path, *, annotator: str, sample: str, reading: int, family: str = "devices"
) -> list[Annotation]:
    """Read an annotator's answers to a sheet: one annotation for each of its sentences.

    Args:
        sheet: What was read.
        answers: What was written of it.
        annotator: Who read.
        sample: How the sentences were drawn, as `Annotation` has it.
        reading: Which reading it is, as `Annotation` has it.
        family: The family of codes that the sentences were read for.

    Raises:
        FramingError: With every fault of the file, one a line: an unknown code or voice, words that the
            sentence does not hold, a sentence without an answer or with an answer and ``-``.
    """
    units, codes = read_units(sheet), known_families()[family]
    marks: dict[int, list[Mark] | None] = {}
    faults: list[str] = []
    try:
        lines = answers.read_text("utf8").splitlines()
    except UnicodeDecodeError as error:
        raise FramingError(f"{answers}: not UTF-8 at byte {error.start}; save it as UTF-8") from None
    for line_number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            number, mark = _parse(line, units, codes)
            if number in marks and (mark is None or marks[number] is None):
                raise ValueError(f"sentence {number} has a label and {NONE!r}, expected one or the other")
        except ValueError as error:
            faults.append(f"{answers}:{line_number}: {error}")
            continue
        if mark is None:
            marks[number] = None
        else:
            marks[number] = [*(marks.get(number) or []), mark]
    faults += [f"{answers}: no answer for sentence {n}" for n in range(1, len(units) + 1) if n not in marks]
    if faults:
        raise FramingError("\n".join(faults))
    return [
        Annotation(
            unit.corpus,
            unit.part,
            unit.article,
            unit.start,
            unit.end,
            digest(unit.text),
            _merge(marks[number] or []),
            annotator,
            sample,
            reading,
            codes,
        )
        for number, unit in enumerate(units, 1)
    ]


def _parse(line: str, units: Sequence[Unit], codes: Sequence[str]) -> tuple[int, Mark | None]:
    fields = [field.strip() for field in line.split("\t")]
    if not fields[0].isdigit() or not 1 <= int(fields[0]) <= len(units):
        raise ValueError(f"found {fields[0]!r}, expected the number of a sentence, 1 to {len(units)}")
    number = int(fields[0])
    if fields[1:] == [NONE]:
        return number, None
    if len(fields) != 4:
        raise ValueError(f"found {len(fields)} fields, expected number, code, voice and words between tabs")
    _, code, voice, words = fields
    if code not in codes:
        raise ValueError(f"code {code!r} is not known, expected one of {', '.join(codes)}")
    if voice not in VOICES:
        raise ValueError(f"voice {voice!r} is not known, expected one of {', '.join(VOICES)}")
    unit = units[number - 1]
    spans = tuple(_find(piece.strip(), unit) for piece in words.split("|"))
    return number, Mark(code, voice, spans)


def _find(words: str, unit: Unit) -> tuple[int, int]:
    """Return where words stand in the article; runs of spaces count as one."""
    kept: list[str] = []
    places: list[int] = []
    for place, character in enumerate(unit.text):
        space = character.isspace()
        if not (space and kept and kept[-1] == " "):
            kept.append(" " if space else character)
            places.append(place)
    found = re.search(re.escape(_one_line(words)), "".join(kept), re.IGNORECASE) if words else None
    if found is None:
        raise ValueError(f"the sentence does not hold {words!r}, expected its own words, letter by letter")
    return unit.start + places[found.start()], unit.start + places[found.end() - 1] + 1


def _merge(marks: Sequence[Mark]) -> tuple[Mark, ...]:
    """Join marks of one code and voice."""
    spans: dict[tuple[str, str], set[tuple[int, int]]] = {}
    for mark in marks:
        spans.setdefault((mark.code, mark.voice), set()).update(mark.spans)
    return tuple(Mark(code, voice, tuple(sorted(found))) for (code, voice), found in sorted(spans.items()))
