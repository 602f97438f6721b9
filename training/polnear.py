"""PolNeAR: brat stand-off files -> articles with their attributions.

Newell, Margolin & Ruths, "An Attribution Relations Corpus for Political News", LREC 2018.

The corpus names no authoritative annotator. Most articles have one; the 18 of train and dev that were
used to compare annotators have five or six. The articles of its quality control (`annotator-training`,
`parc3-replication`) are other folders, which are never read here.
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Literal, TypeVar

from framing.errors import FramingError
from framing.records import Article, Span

PARTS = ("train", "dev")  # that are read; nothing is measured on its test part
Role = Literal["source", "cue", "content"]
ROLES: tuple[Role, ...] = ("source", "cue", "content")
# A relation's arguments, by the role their spans play; `Content2` is what is left of an early scheme.
_ROLE_OF: dict[str, Role] = {"Source": "source", "Cue": "cue", "Content": "content", "Content2": "content"}
_RECORD = re.compile(r"^(?=[A-Z#]\d+\t)", re.MULTILINE)
_SPAN = re.compile(r"(T\d+)\t(\S+) (\d+ \d+(?:;\d+ \d+)*)\t(.*)", re.DOTALL)
_RELATION = re.compile(r"E\d+\t(\S+:T\d+(?: \S+:T\d+)*)")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class GoldAttribution:
    """One attribution as annotated; each role is in order, empty where the annotator named none.

    Attributes:
        sources: Who speaks or thinks: offsets into the article's text.
        cues: The words that say so.
        contents: The words that are the source's; several where something else stands between them.
    """

    sources: tuple[Span, ...] = ()
    cues: tuple[Span, ...] = ()
    contents: tuple[Span, ...] = ()

    def spans(self, role: Role) -> tuple[Span, ...]:
        """The spans of one role."""
        return {"source": self.sources, "cue": self.cues, "content": self.contents}[role]


@dataclass(frozen=True, slots=True)
class AttributedArticle:
    """One article with the attributions of one annotator, in the order of the text.

    Attributes:
        id: The name of its text file, without `.txt`.
        publisher: The corpus's code of the publisher, such as ``nyt``.
        text: The file's text, newlines untouched.
        attributions: Offsets count code points of `text`.
        annotator: The corpus's code of the annotator.
    """

    id: str
    publisher: str
    text: str
    attributions: tuple[GoldAttribution, ...]
    annotator: str = ""

    def spans(self) -> dict[Role, list[Span]]:
        """All spans of each role, in the order of the attributions; they may overlap."""
        return {role: [span for one in self.attributions for span in one.spans(role)] for role in ROLES}


def read_polnear(path: Path, part: str) -> list[AttributedArticle]:
    """Reads one part of PolNeAR, one annotator an article.

    Where an article has several annotators, the one whose spans agree most with the others' is taken
    (mean over the other annotators of the Dice coefficient of the annotated characters; the first by code
    where two are level): the corpus calls none of them the right one.

    Args:
        path: The corpus's folder, with `train` and `dev` in it.
        part: Which part.

    Returns:
        The articles, ordered by id.

    Raises:
        FramingError: A file is missing or not UTF-8, or a line of it does not fit the article's text.
    """
    articles = read_polnear_annotators(path, part)
    return [_most_agreed(list(group)) for _, group in groupby(articles, key=lambda article: article.id)]


def read_polnear_annotators(path: Path, part: str) -> list[AttributedArticle]:
    """Reads one part of PolNeAR, one entry for each article and annotator, ordered by both.

    Raises:
        FramingError: As `read_polnear`.
    """
    if part not in PARTS:
        raise FramingError(f"{path}: PolNeAR's part {part!r} is not here, expected {' or '.join(PARTS)}")
    files = sorted((path / part / "attributions").glob("*.ann"), key=lambda file: file.stem.rsplit("_", 1))
    if not files:
        raise FramingError(f"{path / part / 'attributions'}: no .ann file here, expected the PolNeAR corpus")
    return [_read_article(path / part, file) for file in files]


def read_polnear_articles(path: Path) -> list[Article]:
    """Reads the articles of train and dev as input for labelling: outlet and date are in their names."""
    return [
        Article(one.id, one.publisher, one.text, date=one.id.split("_")[1])
        for part in PARTS
        for one in read_polnear(path, part)
    ]


def _read_article(folder: Path, annotations: Path) -> AttributedArticle:
    article_id, _, annotator = annotations.stem.rpartition("_")
    text = _read_text(folder / "text" / f"{article_id}.txt")
    return AttributedArticle(
        id=article_id,
        publisher=article_id.split("_", 1)[0],
        text=text,
        attributions=_parse(annotations, _read_text(annotations), text),
        annotator=annotator,
    )


def _read_text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8")  # bytes: reading as text would translate newlines
    except FileNotFoundError:
        raise FramingError(f"{path}: no such file, expected by PolNeAR's naming") from None
    except UnicodeDecodeError as error:
        raise FramingError(f"{path}: not UTF-8 at byte {error.start}") from None


def _parse(path: Path, annotations: str, text: str) -> tuple[GoldAttribution, ...]:
    spans: dict[str, tuple[Span, ...]] = {}
    relations: list[tuple[int, str]] = []
    line = 1
    # Split by record, not by line: a span over a paragraph break prints its text on several lines.
    for record in _RECORD.split(annotations):
        if record.startswith("T"):
            name, found = _text_bound(f"{path}, line {line}", record.rstrip("\n"), text)
            spans[name] = found
        elif record.startswith("E"):
            relations.append((line, record.strip()))
        elif record.strip() and not record.startswith("#"):
            raise FramingError(
                f"{path}, line {line}: {record.splitlines()[0]!r} is no T, E or # line of brat's stand-off"
            )
        line += record.count("\n")
    found_attributions = [_attribution(f"{path}, line {line}", record, spans) for line, record in relations]
    return tuple(sorted((one for one in found_attributions if one is not None), key=_first_character))


def _text_bound(where: str, record: str, text: str) -> tuple[str, tuple[Span, ...]]:
    match = _SPAN.fullmatch(record)
    if match is None:
        raise FramingError(f"{where}: {record[:60]!r}, expected 'T1<tab>TYPE START END<tab>TEXT'")
    name, _, offsets, expected = match.groups()
    pairs = [pair.split(" ") for pair in offsets.split(";")]
    spans = tuple((int(start), int(end)) for start, end in pairs)
    found = " ".join(text[start:end] for start, end in spans)
    if found != expected or any(not start < end for start, end in spans):
        raise FramingError(f"{where}: {offsets} holds {found[:40]!r}, expected {expected[:40]!r}")
    return name, spans


def _attribution(where: str, record: str, spans: Mapping[str, tuple[Span, ...]]) -> GoldAttribution | None:
    """The attribution of one relation; nothing where it names none of source, cue and content."""
    match = _RELATION.fullmatch(record)
    if match is None:
        raise FramingError(f"{where}: {record[:60]!r}, expected 'E1<tab>ROLE:T1 ROLE:T2 …'")
    roles: dict[Role, list[Span]] = defaultdict(list)
    for argument in match[1].split(" "):
        role, _, target = argument.partition(":")
        if target not in spans:
            raise FramingError(f"{where}: {argument} points to a span that the file does not have")
        if role in _ROLE_OF:
            roles[_ROLE_OF[role]].extend(spans[target])
    if not roles:
        return None
    ordered = {role: tuple(sorted(roles[role])) for role in ROLES}
    return GoldAttribution(ordered["source"], ordered["cue"], ordered["content"])


def _first_character(attribution: GoldAttribution) -> int:
    return min(start for role in ROLES for start, _ in attribution.spans(role))


def _most_agreed(annotations: Sequence[AttributedArticle]) -> AttributedArticle:
    if len(annotations) == 1:
        return annotations[0]
    marked = [
        {
            (role, at)
            for attribution in article.attributions
            for role in ROLES
            for start, end in attribution.spans(role)
            for at in range(start, end)
        }
        for article in annotations
    ]
    agreement = [sum(_dice(one, other) for other in marked) for one in marked]
    return annotations[agreement.index(max(agreement))]


def _dice(one: set[T], other: set[T]) -> float:
    return 2 * len(one & other) / ((len(one) + len(other)) or 1)
