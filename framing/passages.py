"""The sentences behind a report's figures: which are kept, and how a page's script reads them."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from framing.counts import source_of
from framing.errors import FramingError
from framing.evidence import cut_pieces, mark_characters
from framing.profiles import Profiles
from framing.records import VOICES, Article, Label, LabelledSentence, Span
from framing.stories import Stories

LONGEST = 600  # characters of a sentence; longer ones are cut around the first words that carry a label
MOST = 5000  # sentences of an outlet and code that are ever held
BUDGET = 4_000_000  # bytes of all sentences on a page: with the figures it stays well below 8 MB
_CAPS = (200, 100, 50, 25, 10, 5, 3, 1)

Cell = tuple[str, str]
"""An outlet and a code."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A labelled sentence, and how strong its label is beside others. Sorts by strength, then by place."""

    rank: tuple[float, str, int]
    sentence: LabelledSentence
    label: Label


Passages = Mapping[Cell, Sequence[Passage]]


def collect_passages(
    labelled: Iterable[LabelledSentence], profiles: Profiles, most: int = MOST
) -> dict[Cell, list[Passage]]:
    """Collects the labelled sentences of each outlet and code, the highest scores first.

    Args:
        labelled: The sentences that the profiles were made from, in any order; read once.
        profiles: The profiles.
        most: At most so many an outlet and code, at least 1.

    Raises:
        FramingError: The sentences are not those of the profiles.
    """
    kept: dict[Cell, list[Passage]] = defaultdict(list)
    sizes: Counter[str] = Counter()
    for sentence in labelled:
        sizes[sentence.outlet] += 1
        for label in sentence.labels:
            cell = kept[sentence.outlet, label.code]
            cell.append(Passage((-label.score, sentence.article_id, sentence.index), sentence, label))
            if len(cell) >= 2 * most:
                cell[:] = _first(cell, most)
    expected = {profile.outlet: profile.sentences for profile in profiles.profiles}
    for outlet in sorted(expected.keys() | sizes.keys()):
        if sizes[outlet] != (wanted := expected.get(outlet, 0)):
            raise FramingError(
                f"the labels hold {sizes[outlet]} sentences of {outlet!r}, the profiles {wanted}: "
                "give the labels that the profiles were made from, or profile these"
            )
    return {key: _first(cell, most) for key, cell in kept.items()}


def strongest(passages: Sequence[Passage], limit: int) -> list[Passage]:
    """The first so many, a text that occurs again left out."""
    found: dict[str, Passage] = {}
    for passage in passages:
        found.setdefault(" ".join(passage.sentence.text.casefold().split()), passage)
    return list(found.values())[:limit]


def pieces_of(sentence: LabelledSentence, spans: Sequence[Span]) -> tuple[tuple[str, bool], ...]:
    """Cuts a sentence at its spans; one that runs on and on is shortened around the first of them."""
    text, start, low, high = _shortened(sentence, spans)
    pieces = cut_pieces(text, mark_characters(text, start, spans), 0, len(text))
    return (*([("… ", False)] if low else []), *pieces, *([(" …", False)] if high else []))


def web_address(url: str | None) -> str | None:
    """The address if it is one that leads to a web page, else nothing: no script hides behind a link."""
    try:
        parts = urlsplit(url or "")
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and parts.hostname else None


def pack_passages(
    passages: Passages,
    profiles: Profiles,
    names: Sequence[str],
    *,
    most: int,
    articles: Mapping[str, Article],
    stories: Stories | None,
) -> dict[str, Any]:
    """Everything the page's script shows, as lists of plain values that name each other by place.

    Offsets count UTF-16 units of the sentence's text as packed, which is what a script counts.

    Args:
        passages: The sentences.
        profiles: Their profiles, for the order of outlets and codes.
        names: What the codes are called, in the order of `profiles.codes`.
        most: At most so many sentences an outlet and code, at least 1; fewer where they are over `BUDGET`.
        articles: Titles, dates and addresses by id; those that are missing go without.
        stories: Which story an article tells, where that is known.

    Returns:
        ``outlets``, ``codes`` (code and name), ``articles`` (id, title, date, address, outlet, story),
        ``sentences`` (article, index, text, labels: code, score, voice or -1, source or -1, spans),
        ``sources`` (names), and ``held``: the most sentences an outlet and code that are there, or 0 where
        none was left out.
    """
    chosen, held = _within_budget(passages, most)
    outlets = [profile.outlet for profile in profiles.profiles]
    places = {outlet: place for place, outlet in enumerate(outlets)}
    codes = {code: place for place, code in enumerate(profiles.codes)}
    sources: dict[str, int] = {}
    rows: dict[str, int] = {}
    told: list[list[Any]] = []
    by_id = stories.by_id() if stories else {}
    packed = []
    for sentence in chosen:
        if sentence.article_id not in rows:
            rows[sentence.article_id] = len(rows)
            article, story = articles.get(sentence.article_id), by_id.get(sentence.article_id)
            title = (article and article.title) or (story and story.title) or ""
            date = (article and article.date) or (story and story.date) or ""
            link = web_address(article.url if article else None) or ""
            number = story.story if story else 0
            told.append([sentence.article_id, title, date, link, places[sentence.outlet], number])
        packed.append([rows[sentence.article_id], sentence.index, *_pack(sentence, codes, sources)])
    return {
        "outlets": outlets,
        "codes": [list(pair) for pair in zip(profiles.codes, names, strict=True)],
        "articles": told,
        "sentences": packed,
        "sources": list(sources),
        "held": held,
    }


def to_script(content: Any) -> str:
    """JSON that may stand inside a page's script element: no character in it can begin or end markup."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def _first(cell: list[Passage], most: int) -> list[Passage]:
    return sorted(cell, key=lambda passage: passage.rank)[:most]


def _within_budget(passages: Passages, most: int) -> tuple[list[LabelledSentence], int]:
    """The sentences to show, by outlet and place, and the cap an outlet and code that they needed, or 0."""
    for cap in (most, *(cap for cap in _CAPS if cap < most)):
        chosen = {passage.rank[1:]: passage.sentence for cell in passages.values() for passage in cell[:cap]}
        size = sum(len(s.text.encode(errors="replace")) + 60 * len(s.labels) for s in chosen.values())
        if size <= BUDGET:
            break
    ordered = sorted(chosen.values(), key=lambda s: (s.outlet, s.article_id, s.index))
    return ordered, cap if any(len(cell) > cap for cell in passages.values()) else 0


def _shortened(sentence: LabelledSentence, spans: Sequence[Span]) -> tuple[str, int, bool, bool]:
    """The text, where it starts in the article, and whether something before and after it is left out."""
    first = min((start - sentence.start for start, _ in spans), default=0)
    low = max(0, min(first - LONGEST // 4, len(sentence.text) - LONGEST))
    high = min(len(sentence.text), low + LONGEST)
    return sentence.text[low:high], sentence.start + low, low > 0, high < len(sentence.text)


def _pack(sentence: LabelledSentence, codes: Mapping[str, int], sources: dict[str, int]) -> tuple[str, Any]:
    spans = [span for label in sentence.labels for span in label.spans]
    text, start, before, after = _shortened(sentence, spans)
    lead = "… " if before else ""
    labels = []
    for label in sentence.labels:
        voice = VOICES.index(label.voice) if label.voice else -1
        name = source_of(label)
        source = sources.setdefault(name, len(sources)) if name else -1
        labels.append(
            [codes[label.code], round(label.score, 2), voice, source, _units(label.spans, start, lead, text)]
        )
    return lead + text + (" …" if after else ""), labels


def _units(spans: Sequence[Span], start: int, lead: str, text: str) -> list[int]:
    """Begin and end of each span in UTF-16 units, one after the other."""
    offsets = []
    for first, stop in spans:
        low, high = max(first - start, 0), min(stop - start, len(text))
        if low < high:
            offsets += [len(lead) + _utf16(text[:low]), len(lead) + _utf16(text[:high])]
    return offsets


def _utf16(text: str) -> int:
    return len(text) + sum(ord(sign) > 0xFFFF for sign in text)
