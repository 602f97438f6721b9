"""From profiles and labelled sentences to a page to read: one self-contained HTML or Markdown file."""

from __future__ import annotations

import base64
import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from framing.apart import apart_of
from framing.codebook import Codebook, load_codebook
from framing.comparisons import StoryCounts, StoryView, Use
from framing.counts import OWN
from framing.errors import FramingError
from framing.figures import SIDE_BY_SIDE, Figures, make_figures, sentences_link
from framing.files import write_text
from framing.markdown import escape_markdown, examples_of
from framing.notes import VOICE_NAMES, Note, note_of
from framing.outlet_map import Chart, chart_of
from framing.passages import (
    MOST,
    Passages,
    collect_passages,
    pack_passages,
    to_script,
    web_address,
)
from framing.profiles import Profiles, interval, percent
from framing.records import Article, LabelledSentence
from framing.shades import DARK_SHADES, SHADES, scale
from framing.spoken import sources_spoken
from framing.stories import Stories

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).parent / "templates"
SUFFIXES = (".html", ".md")
MOST_STORIES = 50
MOST_USES = 5  # lines of a cell of a story
IN_MARKDOWN = 3  # sentences an outlet and code, where nothing else is asked for
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
        page |= examples_of(profiles, passages, examples, page["notes"])
    write_text(path, _render(suffix, page))
    return path


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
        "spoken": [
            (profile, sources_spoken(profile, notes)) for profile in profiles.profiles if profile.sources
        ],
        "apart": apart_of(profiles.contrasts, notes),
        "charts": _charts(profiles),
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
            for note in page["figures"].by_share(profiles.first_voice)
        ],
        "addresses": {one: link for one, article in by_id.items() if (link := web_address(article.url))},
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
        "title": min(view.articles, key=lambda article: article.date or "9999").title,  # who told it first
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
