"""From profiles and labelled sentences to a page to read: one self-contained HTML or Markdown file."""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from framing.apart import TICKS, Chart, chart_of, marks_of
from framing.codebook import Codebook, load_codebook
from framing.comparisons import StoryCounts, StoryView, Use
from framing.counts import OWN
from framing.errors import FramingError
from framing.figures import (
    DARK_SHADES,
    SHADES,
    SIDE_BY_SIDE,
    VOICE_NAMES,
    Figures,
    Note,
    make_figures,
    note_of,
    scale,
    sentences_link,
)
from framing.passages import (
    MOST,
    Passage,
    Passages,
    collect_passages,
    pack_passages,
    pieces_of,
    strongest,
    to_script,
)
from framing.profiles import Profile, Profiles, interval, percent, write_text
from framing.records import Article, Label, LabelledSentence
from framing.stories import Stories

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).parent / "templates"
SUFFIXES = (".html", ".md")
MOST_SOURCES = 6
MOST_STORIES = 50
MOST_USES = 5  # lines of a cell of a story
NOBODY = "not named, or he, she, they"
PRONOUNS = frozenset(
    [
        "i",
        "he",
        "she",
        "it",
        "we",
        "they",
        "you",
        "who",
        "which",
        "that",
        "this",
        "one",
        "some",
        "others",
        "his",
        "her",
        "their",
    ]
)
IN_MARKDOWN = 3  # sentences an outlet and code, where nothing else is asked for
MARKDOWN = str.maketrans(
    {"<": "&lt;", ">": "&gt;", "&": "&amp;"} | {sign: f"\\{sign}" for sign in "\\`*_[]|~#$!^{}"}
)
COUNTED = (
    "The figures count what a classifier said. It misses sentences and labels wrong ones, and nothing here "
    "is corrected for that: outlets may differ because its errors do."
)
CORRECTED = (
    "A classifier labelled the sentences; it misses some and labels others wrongly. Where its errors could "
    "be measured, on annotated articles, figures are corrected for them; that holds if it errs here as "
    "it did there. Figures in brackets are mere counts."
)
NOT_SHOWN = (
    "A label says what the words do. It never says that a claim is false, or that the outlet believes it.",
    "Outlets choose what they cover. A difference may come from the topics, and the articles read here need "
    "not be typical of an outlet.",
    "An interval says how far a figure may move with other articles of this kind, and, where the figure is "
    "corrected, with other articles to measure the errors on. It is no test of one outlet against another.",
)
NO_VOICE = (
    "Sentences in which a source is quoted or reported count like any other: this model does not tell whose "
    "words they are."
)
GUESSED_VOICE = "Whose words a sentence carries, the outlet's or a source's, is the model's reading too."


@dataclass(frozen=True, slots=True)
class Example:
    """A sentence of the Markdown report: pieces of text, each with whether it carries the label."""

    pieces: tuple[tuple[str, bool], ...]
    score: str
    article: str
    voice: str


def write_report(
    profiles: Profiles,
    labelled: Iterable[LabelledSentence],
    path: Path | str,
    *,
    codebook: Codebook | None = None,
    examples: int | None = None,
    articles: Iterable[Article] = (),
    stories: Stories | None = None,
) -> Path:
    """Writes a page that shows the profiles and the sentences behind them.

    It needs no other file and no network. Text of articles and names of outlets stay text.

    Args:
        profiles: The profiles.
        labelled: The sentences that they were made from, in any order; read once, and not at all where
            no examples are wanted.
        path: Where to write, `.html` or `.md`; a file already there is replaced.
        codebook: Names and definitions, by default those that ship; a code that it lacks goes by its own
            name.
        examples: At most so many sentences an outlet and code, the highest scores first; 0 or more. By
            default a page holds all, or as many as 4 MB do, and Markdown three.
        articles: Where titles, dates and links come from; those that are not given go by their ids.
        stories: Shown with their outlets side by side, the 50 that most outlets tell.

    Returns:
        The path.

    Raises:
        FramingError: The suffix is another, the sentences are not those of the profiles, or the file
            cannot be written.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise FramingError(f"{path}: found the suffix {path.suffix!r}, expected {' or '.join(SUFFIXES)}")
    if examples is None:
        examples = MOST if suffix == ".html" else IN_MARKDOWN
    if examples < 0:
        raise FramingError(f"examples is {examples}, expected 0 or more")
    codebook = codebook or load_codebook()
    told = StoryCounts(stories, sorted(stories.shared())[:MOST_STORIES]) if stories else None
    passages: Passages = {}
    if examples:
        labelled = told.watch(labelled) if told else labelled
        passages = collect_passages(labelled, profiles, max(examples, MOST) + 1)  # one more tells of a rest
    page = _page(profiles, make_figures(profiles, codebook), codebook)
    page["stories"] = (
        [_side_by_side(view, page["outlet_places"], page["notes"]) for view in told.views(codebook)]
        if told
        else []
    )
    if suffix == ".html":
        page |= _of_page(profiles, passages, examples, page, articles, stories)
    else:
        page |= _of_markdown(profiles, passages, examples, page["notes"])
    write_text(path, _render(suffix, page))
    return path


def escape_markdown(value: object) -> str:
    """Text on one line that Markdown and the HTML inside it show as it is."""
    return re.sub(r"\s+", " ", str(value).translate(MARKDOWN))


def _page(profiles: Profiles, figures: Figures, codebook: Codebook) -> dict[str, Any]:
    """What both templates show."""
    notes = {code: note_of(code, codebook) for code in profiles.codes}
    seen = {note.code for note in figures.notes}
    told = len(profiles.voices) > 1
    voices = {voice: name for voice, name in VOICE_NAMES.items() if voice in profiles.voices}
    return {
        "profiles": profiles,
        "outlets": profiles.profiles,
        "outlet_places": {profile.outlet: place for place, profile in enumerate(profiles.profiles)},
        "provenance": profiles.provenance,
        "articles": sum(profile.articles for profile in profiles.profiles),
        "sentences": sum(profile.sentences for profile in profiles.profiles),
        "figures": figures,
        "notes": notes,
        "never": [note for code, note in notes.items() if code not in seen],
        "told": told,
        "voices": voices,
        "maps": [(name, figures.heat_map(voice)) for voice, name in voices.items()],
        "spoken": [(profile, _spoken(profile, notes)) for profile in profiles.profiles if profile.sources],
        "scale": scale(figures.most),
        "not_shown": (
            CORRECTED if figures.corrected else COUNTED,
            GUESSED_VOICE if told else NO_VOICE,
            *NOT_SHOWN,
        ),
        "most_uses": MOST_USES,
        "percent": percent,
        "interval": interval,
    }


def _of_page(
    profiles: Profiles,
    passages: Passages,
    examples: int,
    page: Mapping[str, Any],
    articles: Iterable[Article],
    stories: Stories | None,
) -> dict[str, Any]:
    """What the HTML page shows besides."""
    from markupsafe import Markup

    script = (TEMPLATES / "report.js").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    names = [page["notes"][code].name for code in profiles.codes]
    by_id = {article.id: article for article in articles}
    packed = pack_passages(passages, profiles, names, most=examples, articles=by_id, stories=stories)
    return {
        "plots": [
            [page["figures"].dot_plot(voice, note) for voice in page["voices"]]
            for note in page["figures"].notes
        ],
        "marks": marks_of(profiles.contrasts, page["notes"]),
        "ticks": TICKS,
        "charts": _charts(profiles),
        "many": len(profiles.profiles) > SIDE_BY_SIDE,
        "with_sentences": bool(packed["sentences"]),
        "linked": any(article[3] for article in packed["articles"]),
        "held": packed["held"],
        "data": Markup(to_script(packed)),  # nothing in it can begin markup
        "script": Markup(script),  # ours
        "script_hash": digest,
        "shades": SHADES,
        "dark_shades": DARK_SHADES,
        "sentences_link": sentences_link,
    }


def _charts(profiles: Profiles) -> list[Chart]:
    """The maps to draw, one a voice: of corrected shares where there is such a map."""
    chosen = {
        drawn.voice: drawn for drawn in sorted(profiles.maps, key=lambda drawn: drawn.basis == "corrected")
    }
    return [
        chart_of(chosen[voice], profiles.distances)
        for voice in VOICE_NAMES
        if voice in chosen and len(chosen[voice].places) > 2
    ]


def _of_markdown(
    profiles: Profiles, passages: Passages, examples: int, notes: Mapping[str, Note]
) -> dict[str, Any]:
    """What the Markdown report shows besides."""
    shown = []
    for profile in profiles.profiles:
        codes = [
            (
                note,
                profile.estimates[code, profiles.first_voice],
                [_example(passage) for passage in strongest(passages[profile.outlet, code], examples)],
            )
            for code, note in notes.items()
            if passages.get((profile.outlet, code))
        ]
        shown.append((profile, sorted(codes, key=lambda item: -item[1].observed)))
    return {"examples": shown, "with_examples": bool(passages)}


def _example(passage: Passage) -> Example:
    label = passage.label
    pieces = pieces_of(passage.sentence, label.spans)
    return Example(pieces, f"{label.score:.2f}", passage.sentence.article_id, _voice(label))


def _voice(label: Label) -> str:
    if label.voice is None:
        return ""
    if label.voice == "outlet":
        return "the outlet's own words"
    return f"{label.voice}: {label.source}" if label.source else label.voice


def _spoken(profile: Profile, notes: Mapping[str, Note]) -> list[tuple[Note, list[tuple[str, int]], int]]:
    """For each code that an outlet lends: its top sources with their sentences, and how many more."""
    sources: dict[str, Counter[str]] = defaultdict(Counter)
    for count in profile.sources:
        named = count.source and count.source.casefold() not in PRONOUNS
        sources[count.code][count.source if count.source and named else NOBODY] += count.sentences
    shown = []
    for code, found in sources.items():
        ranked = sorted(found.items(), key=lambda item: (item[0] == NOBODY, -item[1]))
        shown.append((notes[code], ranked[:MOST_SOURCES], max(0, len(ranked) - MOST_SOURCES)))
    return shown


def _side_by_side(view: StoryView, places: Mapping[str, int], notes: Mapping[str, Note]) -> dict[str, Any]:
    """One story: its articles, its outlets, and a row for each code used, a cell an outlet."""
    outlets = [(outlet, places[outlet], sentences) for outlet, sentences in view.sentences.items()]
    cells: dict[str, dict[str, list[Use]]] = defaultdict(lambda: defaultdict(list))
    for use in sorted(view.uses, key=lambda use: (use.voice != OWN, -use.sentences)):
        cells[use.code][use.outlet].append(use)
    rows = []
    for code, used in sorted(cells.items(), key=lambda item: (-len(item[1]), notes[item[0]].name)):
        row = [
            [{"place": place, "own": use.voice == OWN, "text": str(use)} for use in used[outlet]]
            for outlet, place, _ in outlets
        ]
        rows.append((notes[code], row))
    return {
        "number": view.story,
        "title": view.articles[0].title,
        "articles": view.articles,
        "outlets": outlets,
        "rows": rows,
    }


def _render(suffix: str, page: Mapping[str, Any]) -> str:
    return _environment(html=suffix == ".html").get_template(f"report{suffix}").render(page)


def _environment(*, html: bool) -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=html,
        # Markdown has no autoescape of its own: whatever a template prints goes through this.
        finalize=None if html else escape_markdown,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
