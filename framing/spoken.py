"""Whom outlets let speak: the sources that each label is lent to."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping

from framing.notes import Note
from framing.profiles import Profile

MOST_SOURCES = 6
NOBODY = "not named, or he, she, they"
PRONOUNS = frozenset(
    [
        *("i", "he", "she", "it", "we", "they", "you", "who", "which"),
        *("that", "this", "one", "some", "others", "his", "her", "their"),
    ]
)

Spoken = tuple[Note, list[tuple[str, int]], int]
"""A label, its top sources with their sentences, and how many more sources there are."""


def sources_spoken(profile: Profile, notes: Mapping[str, Note]) -> list[Spoken]:
    """What an outlet lends its sources, label by label; one spelt with and without capitals is one."""
    sources: dict[str, Counter[str]] = defaultdict(Counter)
    spelt: dict[str, str] = {}
    for count in profile.sources:
        key = (count.source or "").casefold()
        name = NOBODY if not key or key in PRONOUNS else spelt.setdefault(key, count.source or "")
        sources[count.code][name] += count.sentences
    shown = []
    for code, found in sources.items():
        ranked = sorted(found.items(), key=lambda item: (item[0] == NOBODY, -item[1]))
        shown.append((notes[code], ranked[:MOST_SOURCES], max(0, len(ranked) - MOST_SOURCES)))
    return shown
