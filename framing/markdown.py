"""The Markdown report: what only it shows, and how text stays text in it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from framing.notes import Note
from framing.passages import Passage, Passages, pieces_of, strongest
from framing.profiles import Profiles
from framing.records import Label

MARKDOWN = str.maketrans(
    {"<": "&lt;", ">": "&gt;", "&": "&amp;"} | {sign: f"\\{sign}" for sign in "\\`*_[]|~#$!^{}"}
)


@dataclass(frozen=True, slots=True)
class Example:
    """A sentence of the Markdown report: pieces of text, each with whether it carries the label."""

    pieces: tuple[tuple[str, bool], ...]
    score: str
    article: str
    voice: str


def escape_markdown(value: object) -> str:
    """Text on one line that Markdown and the HTML inside it show as it is."""
    return re.sub(r"\s+", " ", str(value).translate(MARKDOWN))


def examples_of(
    profiles: Profiles, passages: Passages, most: int, notes: Mapping[str, Note]
) -> dict[str, Any]:
    """The strongest sentences of each outlet and label, for the template.

    Args:
        profiles: The profiles.
        passages: Their sentences.
        most: At most so many an outlet and label.
        notes: What the codes are called.
    """
    shown = []
    for profile in profiles.profiles:
        codes = [
            (
                note,
                profile.estimates[code, profiles.first_voice],
                [_example(passage) for passage in strongest(passages[profile.outlet, code], most)],
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
