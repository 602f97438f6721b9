"""From profiles and labelled sentences to a page to read: one self-contained HTML or Markdown file."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, sqrt
from pathlib import Path
from typing import Any

from framing.codebook import Codebook, load_codebook
from framing.counts import ALL, OWN, SOURCES
from framing.errors import FramingError
from framing.estimates import Prevalence
from framing.evidence import cut_pieces, mark_characters
from framing.profiles import Profile, Profiles, interval, percent, write_text
from framing.records import Label, LabelledSentence, Span

TEMPLATES = Path(__file__).parent / "templates"
SUFFIXES = (".html", ".md")
VOICE_NAMES = {  # in the order of the page
    OWN: "In the outlet's own words",
    SOURCES: "In the words of its sources",
    ALL: "Whoever speaks",
}
MOST_SOURCES = 6
FAMILY_NAMES = {"technique": "Persuasion techniques", "device": "Framing devices", "": "Other labels"}
# Background and text of a heat map cell, from none to most: one hue that darkens, so that order survives
# colour blindness and a grey printer. Every pair has a contrast of at least 4.5 (WCAG 2.2, AA).
SHADES = (
    ("#f5f6f7", "#5a646d"),
    ("#e6eef5", "#16202a"),
    ("#d0e1ef", "#16202a"),
    ("#b3cfe5", "#16202a"),
    ("#8fb8d8", "#16202a"),
    ("#6ca1ca", "#16202a"),
    ("#3a72a4", "#ffffff"),
    ("#265c8f", "#ffffff"),
    ("#164470", "#ffffff"),
)
LONGEST_EXAMPLE = 500
MARKDOWN = str.maketrans(
    {"<": "&lt;", ">": "&gt;", "&": "&amp;"} | {sign: f"\\{sign}" for sign in "\\`*_[]|~#$!^{}"}
)
NOT_SHOWN = (
    "The figures count what a classifier said. It misses sentences and labels wrong ones, and nothing here "
    "is corrected for that: outlets may differ because its errors do.",
    "A label says what the words do. It never says that a claim is false, or that the outlet believes it.",
    "Outlets choose what they cover. A difference may come from the topics, and the articles read here need "
    "not be typical of an outlet.",
    "An interval says how far a figure may move with other articles of this kind. It knows nothing of the "
    "classifier's errors, and it is no test of one outlet against another.",
)
NO_VOICE = (
    "Sentences in which a source is quoted or reported count like any other: this model does not tell whose "
    "words they are."
)
GUESSED_VOICE = "Whose words a sentence carries, the outlet's or a source's, is the model's reading too."


@dataclass(frozen=True, slots=True)
class Note:
    """What a reader needs to know of a code."""

    code: str
    name: str
    definition: str
    family: str


@dataclass(frozen=True, slots=True)
class Cell:
    """One figure of the heat map.

    Attributes:
        shade: A place in `SHADES`.
        unsure: Whether its interval is rough or missing.
        anchor: Where its examples are, if it has any.
    """

    number: str
    interval: str
    title: str
    shade: int
    unsure: bool
    anchor: str | None


@dataclass(frozen=True, slots=True)
class Example:
    """A sentence as pieces of text, each with whether it carries the label. Sorts by strength."""

    rank: tuple[float, str, int]
    text: str
    pieces: tuple[tuple[str, bool], ...]
    score: str
    article: str
    voice: str


Examples = Mapping[tuple[str, str], Sequence[Example]]


def write_report(
    profiles: Profiles,
    labelled: Iterable[LabelledSentence],
    path: Path | str,
    *,
    codebook: Codebook | None = None,
    examples: int = 3,
) -> Path:
    """Writes a page that shows the profiles and the sentences behind them.

    It needs no other file, no script and no network. Text of articles and names of outlets stay text.

    Args:
        profiles: The profiles.
        labelled: The sentences that they were made from, in any order; read once, and not at all where
            no examples are wanted.
        path: Where to write, `.html` or `.md`; a file already there is replaced.
        codebook: Names and definitions, by default those that ship; a code that it lacks goes by its own
            name.
        examples: At most so many sentences an outlet and code, the highest scores first; 0 or more.

    Returns:
        The path.

    Raises:
        FramingError: The suffix is another, the sentences are not those of the profiles, or the file
            cannot be written.
    """
    path = Path(path)
    if path.suffix.lower() not in SUFFIXES:
        raise FramingError(f"{path}: found the suffix {path.suffix!r}, expected {' or '.join(SUFFIXES)}")
    if examples < 0:
        raise FramingError(f"examples is {examples}, expected 0 or more")
    strongest = _strongest(labelled, profiles, examples) if examples else {}
    write_text(path, _render(path.suffix.lower(), _page(profiles, strongest, codebook or load_codebook())))
    return path


def escape_markdown(value: object) -> str:
    """Text on one line that Markdown and the HTML inside it show as it is."""
    return re.sub(r"\s+", " ", str(value).translate(MARKDOWN))


def _strongest(labelled: Iterable[LabelledSentence], profiles: Profiles, limit: int) -> Examples:
    """The sentences of the highest scores for each outlet and code, a text that occurs twice only once."""
    kept: dict[tuple[str, str], list[Example]] = defaultdict(list)
    sizes: Counter[str] = Counter()
    for sentence in labelled:
        sizes[sentence.outlet] += 1
        for label in sentence.labels:
            _keep(kept[sentence.outlet, label.code], sentence, label, limit)
    expected = {profile.outlet: profile.sentences for profile in profiles.profiles}
    for outlet in sorted(expected.keys() | sizes.keys()):
        if sizes[outlet] != (wanted := expected.get(outlet, 0)):
            raise FramingError(
                f"the labels hold {sizes[outlet]} sentences of {outlet!r}, the profiles {wanted}: "
                "give the labels that the profiles were made from, or profile these"
            )
    return kept


def _keep(kept: list[Example], sentence: LabelledSentence, label: Label, limit: int) -> None:
    rank = (-label.score, sentence.article_id, sentence.index)
    if len(kept) == limit and rank > kept[-1].rank:
        return
    found = Example(
        rank=rank,
        text=" ".join(sentence.text.casefold().split()),
        pieces=_pieces(sentence, label.spans),
        score=f"{label.score:.2f}",
        article=sentence.article_id,
        voice=_voice(label),
    )
    same = [other for other in kept if other.text == found.text]
    others = [other for other in kept if other.text != found.text]
    best = min([found, *same], key=lambda example: example.rank)
    kept[:] = sorted([*others, best], key=lambda example: example.rank)[:limit]


def _pieces(sentence: LabelledSentence, spans: Sequence[Span]) -> tuple[tuple[str, bool], ...]:
    """Cuts a sentence at its spans; one that runs on and on is shortened around the first of them."""
    carrying = mark_characters(sentence.text, sentence.start, spans)
    first = carrying.index(True) if True in carrying else 0
    low = max(0, min(first - LONGEST_EXAMPLE // 4, len(carrying) - LONGEST_EXAMPLE))
    high = min(len(carrying), low + LONGEST_EXAMPLE)
    pieces = cut_pieces(sentence.text, carrying, low, high)
    before = [("… ", False)] if low else []
    after = [(" …", False)] if high < len(carrying) else []
    return (*before, *pieces, *after)


def _voice(label: Label) -> str:
    if label.voice is None:
        return ""
    if label.voice == "outlet":
        return "the outlet's own words"
    return f"{label.voice}: {label.source}" if label.source else label.voice


def _page(profiles: Profiles, strongest: Examples, codebook: Codebook) -> dict[str, Any]:
    """Everything the templates show."""
    found = [profile.estimates for profile in profiles.profiles]
    seen = [code for code in profiles.codes if any(estimates[code, ALL].positives for estimates in found)]
    notes = {code: _note(code, codebook) for code in profiles.codes}
    most = max(prevalence.observed for estimates in found for prevalence in estimates.values())
    told = len(profiles.voices) > 1
    voices = {voice: name for voice, name in VOICE_NAMES.items() if voice in profiles.voices}
    maps = [
        (name, _map(profiles, voice, notes=notes, seen=seen, most=most, strongest=strongest))
        for voice, name in voices.items()
    ]
    return {
        "profiles": profiles,
        "provenance": profiles.provenance,
        "articles": sum(profile.articles for profile in profiles.profiles),
        "sentences": sum(profile.sentences for profile in profiles.profiles),
        "seen": [notes[code] for code in seen],
        "never": [note for note in notes.values() if note.code not in seen],
        "told": told,
        "maps": maps,
        "voices": voices,
        "spoken": [(profile, _spoken(profile, notes)) for profile in profiles.profiles if profile.sources],
        "examples": [
            _shown(profile, place, notes, strongest, profiles.first_voice)
            for place, profile in enumerate(profiles.profiles)
        ],
        "with_examples": bool(strongest),
        "shades": SHADES,
        "scale": [percent(most * (shade / (len(SHADES) - 1)) ** 2) for shade in range(len(SHADES))],
        "not_shown": (NOT_SHOWN[0], GUESSED_VOICE if told else NO_VOICE, *NOT_SHOWN[1:]),
        "percent": percent,
        "interval": interval,
    }


def _note(code: str, codebook: Codebook) -> Note:
    # A model trained on somebody's own labels carries its own codebook, which may not be at hand here.
    if code not in codebook:
        return Note(code, code.replace("_", " ").capitalize(), "", "")
    entry = codebook[code]
    return Note(code, entry.name, entry.definition, entry.family)


def _map(
    profiles: Profiles,
    voice: str,
    *,
    notes: Mapping[str, Note],
    seen: Sequence[str],
    most: float,
    strongest: Examples,
) -> list[tuple[str, list[tuple[Note, list[Cell]]]]]:
    """The heat map: for each family its codes, each with a cell an outlet."""
    groups: dict[str, list[tuple[Note, list[Cell]]]] = {}
    for code in seen:
        cells = []
        for place, profile in enumerate(profiles.profiles):
            found = profile.estimates[code, voice]
            anchor = _anchor(place, code) if found.positives and strongest else None
            cells.append(_cell(found, most, f"{notes[code].name}, {profile.outlet}", anchor))
        groups.setdefault(notes[code].family, []).append((notes[code], cells))
    return [(FAMILY_NAMES[family], rows) for family, rows in groups.items()]


def _cell(found: Prevalence, most: float, title: str, anchor: str | None) -> Cell:
    count = f"{found.positives} of {found.sentences} sentences, {found.articles} articles"
    ends = f"95 % interval {interval(found)} %" if found.low is not None else ""
    parts = [f"{title}: {percent(found.observed)} %", count, ends, found.reason or ""]
    # The root gives the many small shares more of the scale than the few large ones.
    shade = ceil((len(SHADES) - 1) * sqrt(found.observed / most)) if found.positives else 0
    return Cell(
        number=percent(found.observed),
        interval=interval(found) or ("no interval" if found.positives else ""),
        title="; ".join(part for part in parts if part),
        shade=min(shade, len(SHADES) - 1),
        unsure=found.positives > 0 and found.reason is not None,
        anchor=anchor,
    )


def _spoken(profile: Profile, notes: Mapping[str, Note]) -> list[tuple[Note, list[tuple[str, int]], int]]:
    """For each code that an outlet lends: its top sources with their sentences, and how many more."""
    sources: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for count in profile.sources:
        sources[count.code].append((count.source or "no source named", count.sentences))
    return [
        (notes[code], found[:MOST_SOURCES], max(0, len(found) - MOST_SOURCES))
        for code, found in sources.items()
    ]


def _shown(
    profile: Profile, place: int, notes: Mapping[str, Note], strongest: Examples, voice: str
) -> tuple[Profile, list[tuple[Note, Prevalence, str, Sequence[Example]]]]:
    """An outlet with its codes, the most frequent first, and the examples of each."""
    shown = [
        (note, profile.estimates[code, voice], _anchor(place, code), strongest[profile.outlet, code])
        for code, note in notes.items()
        if strongest.get((profile.outlet, code))
    ]
    return profile, sorted(shown, key=lambda item: -item[1].observed)


def _anchor(place: int, code: str) -> str:
    return f"e-{place}-{code}"


def _render(suffix: str, page: Mapping[str, Any]) -> str:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    html = suffix == ".html"
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=html,
        # Markdown has no autoescape of its own: whatever a template prints goes through this.
        finalize=None if html else escape_markdown,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template(f"report{suffix}").render(page)
