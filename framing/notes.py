"""What a reader needs to know of codes and voices: their names, and what a code means."""

from __future__ import annotations

from dataclasses import dataclass

from framing.codebook import Codebook

FAMILY_NAMES = {"technique": "Persuasion techniques", "device": "Framing devices", "": "Other labels"}
VOICE_NAMES = {  # in the order of the page
    "outlet": "In the outlet's own words",
    "sources": "In the words of its sources",
    "all": "Whoever speaks",
}


@dataclass(frozen=True, slots=True)
class Note:
    """What a reader needs to know of a code."""

    code: str
    name: str
    definition: str
    family: str


def note_of(code: str, codebook: Codebook) -> Note:
    """What a codebook says of a code; the code itself where the codebook lacks it."""
    # A model trained on somebody's own labels carries its own codebook, which may not be at hand here.
    if code not in codebook:
        return Note(code, code.replace("_", " ").capitalize(), "", "")
    entry = codebook[code]
    return Note(code, entry.name, entry.definition, entry.family)
