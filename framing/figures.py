"""A report's figures: each outlet and code as a cell, cells as a heat map, and as dots on an axis."""

from __future__ import annotations

import re
from dataclasses import dataclass

from framing.codebook import Codebook
from framing.notes import FAMILY_NAMES, Note, note_of
from framing.prevalence import Prevalence
from framing.profiles import Profile, Profiles, percent
from framing.shades import shade_of

SIDE_BY_SIDE = 8  # outlets; with more, each has a row instead of a column
# Where an axis may end: a quarter of each is a round number.
_ENDS = (0.004, 0.008, 0.02, 0.04, 0.08, 0.12, 0.16, 0.2, 0.24, 0.32, 0.4, 0.6, 0.8, 1.0)
_TOO_FEW = re.compile(r"^\d+ development sentences of \d+ articles carry it, it takes (\d+) of (\d+)$")


@dataclass(frozen=True, slots=True)
class Cell:
    """One outlet's use of one code in one voice.

    Attributes:
        outlet: The outlet's place among the profiles.
        code: The code.
        voice: ``outlet``, ``sources`` or ``all``.
        value: The share to show, in [0, 1]: corrected where there is such a share, else counted.
        low: Lower end of its 95 % interval; nothing where there is none.
        high: Upper end of it.
        number: The share in per cent, as text.
        interval: The interval in per cent, as text; or nothing.
        observed: The share that the classifier labelled, in [0, 1].
        counts: Labelled sentences of all, as text.
        raw: Whether the share is a mere count though others of the report are corrected.
        note: Why there is no interval, or what speaks against the figure; or nothing.
        shade: A place in `framing.shades.SHADES`.
        words: All of it as a sentence.
        sentences: How many sentences stand behind it.
    """

    outlet: int
    code: str
    voice: str
    value: float
    low: float | None
    high: float | None
    number: str
    interval: str
    observed: float
    counts: str
    raw: bool
    note: str
    shade: int
    words: str
    sentences: int

    @property
    def link(self) -> str:
        """Where the page shows its sentences."""
        return sentences_link(self.outlet, self.code, self.voice)


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a row or column of the heat map: an outlet, which has a place, or a code."""

    name: str
    title: str
    outlet: int | None = None
    code: str | None = None
    small: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HeatMap:
    """The figures of one voice as a table.

    Attributes:
        voice: ``outlet``, ``sources`` or ``all``.
        spans: Headings above the columns, each with how many it covers; none where columns are outlets.
        columns: The columns' heads.
        bands: Rows, a head and its cells each, under a heading; the heading is empty where rows are outlets.
    """

    voice: str
    spans: tuple[tuple[str, int], ...]
    columns: tuple[Head, ...]
    bands: tuple[tuple[str, tuple[tuple[Head, tuple[Cell, ...]], ...]], ...]


@dataclass(frozen=True, slots=True)
class DotPlot:
    """One code in one voice across outlets, the highest share first.

    Attributes:
        end: Where the axis ends, a share; it begins at 0 and has four even steps.
        ticks: The steps in per cent, as text.
        cells: One an outlet.
    """

    note: Note
    voice: str
    end: float
    ticks: tuple[str, ...]
    cells: tuple[Cell, ...]

    @property
    def found(self) -> bool:
        """Whether there is something to see."""
        return any(cell.value for cell in self.cells)

    @property
    def labelled(self) -> bool:
        """Whether any sentence carries it, even where nothing is left of the share once it is corrected."""
        return any(cell.sentences for cell in self.cells)

    def at(self, share: float | None) -> str:
        """Where a share lies on the axis, in per cent of its length."""
        return f"{100 * min((share or 0.0) / self.end, 1.0):.2f}".rstrip("0").rstrip(".")


@dataclass(frozen=True, slots=True)
class Figures:
    """All cells of a report.

    Attributes:
        cells: By voice and code, one an outlet in the order of the profiles.
        notes: The codes found anywhere, in the model's order.
        corrected: Whether any share is corrected for the classifier's errors.
        uncorrected: Reasons why codes are nowhere corrected though others are, with these codes.
        most: The highest share of any cell, the end of the scale of shades.
    """

    profiles: tuple[Profile, ...]
    cells: dict[tuple[str, str], tuple[Cell, ...]]
    notes: tuple[Note, ...]
    corrected: bool
    most: float
    uncorrected: tuple[tuple[str, tuple[Note, ...]], ...] = ()

    def heat_map(self, voice: str) -> HeatMap:
        """One voice as a table: outlets are columns, or rows where there are more than eight."""
        outlets = tuple(_outlet_head(place, profile) for place, profile in enumerate(self.profiles))
        families: dict[str, list[Note]] = {}
        for note in self.notes:
            families.setdefault(FAMILY_NAMES[note.family], []).append(note)
        if len(outlets) <= SIDE_BY_SIDE:
            bands = tuple(
                (family, tuple((_code_head(note), self.cells[voice, note.code]) for note in notes))
                for family, notes in families.items()
            )
            return HeatMap(voice, (), outlets, bands)
        ordered = [note for notes in families.values() for note in notes]
        rows = tuple(
            (head, tuple(self.cells[voice, note.code][place] for note in ordered))
            for place, head in enumerate(outlets)
        )
        spans = tuple((family, len(notes)) for family, notes in families.items())
        return HeatMap(voice, spans, tuple(map(_code_head, ordered)), (("", rows),))

    def by_share(self, voice: str) -> list[Note]:
        """The codes, the one with the highest share of any outlet first."""
        return sorted(self.notes, key=lambda note: -max(cell.value for cell in self.cells[voice, note.code]))

    def dot_plot(self, voice: str, note: Note) -> DotPlot:
        """One code across outlets; the axis is the same for all voices of the code."""
        ends = [
            max(cell.value, cell.observed, cell.high or 0.0)
            for (_, code), cells in self.cells.items()
            if code == note.code
            for cell in cells
        ]
        end = next(end for end in _ENDS if end >= min(max(ends), 1.0))
        ticks = tuple(f"{25 * step * end:g}" for step in range(5))
        cells = sorted(self.cells[voice, note.code], key=lambda cell: (-cell.value, cell.outlet))
        return DotPlot(note, voice, end, ticks, tuple(cells))


def make_figures(profiles: Profiles, codebook: Codebook) -> Figures:
    """Turns profiles into cells; codes that no sentence carries are left out."""
    found = [profile.estimates for profile in profiles.profiles]
    notes = tuple(
        note_of(code, codebook)
        for code in profiles.codes
        if any(estimates[code, "all"].positives for estimates in found)
    )
    every = [prevalence for estimates in found for prevalence in estimates.values()]
    corrected = any(prevalence.corrected is not None for prevalence in every)
    most = max(prevalence.best[0] for prevalence in every)
    cells = {
        (voice, note.code): tuple(
            _cell(place, profile.outlet, note, voice, profile.estimates[note.code, voice], most, corrected)
            for place, profile in enumerate(profiles.profiles)
        )
        for voice in profiles.voices
        for note in notes
    }
    return Figures(profiles.profiles, cells, notes, corrected, most, _uncorrected(profiles, notes, corrected))


def _uncorrected(
    profiles: Profiles, notes: tuple[Note, ...], corrected: bool
) -> tuple[tuple[str, tuple[Note, ...]], ...]:
    """Why codes have no corrected share, as the first outlet gives it, with the codes that share a reason."""
    if not corrected:
        return ()
    found: dict[str, list[Note]] = {}
    for note in notes:
        shares = [profile.estimates[note.code, "all"] for profile in profiles.profiles]
        if all(share.corrected is None for share in shares):
            reason = (shares[0].corrected_reason or "no reason given").removeprefix("not corrected: ")
            few = r"fewer than \1 development sentences, or of fewer than \2 articles, carry it"
            found.setdefault(_TOO_FEW.sub(few, reason), []).append(note)
    return tuple((reason, tuple(some)) for reason, some in found.items())


def sentences_link(
    outlet: int | None = None, code: str = "", voice: str = "", story: int | None = None
) -> str:
    """The address inside the page that shows these sentences; what is left out is not asked for."""
    parts = ["" if outlet is None else str(outlet), code, voice, "" if story is None else str(story)]
    return "#sentences/" + "/".join(parts).rstrip("/")


def counted(number: int, noun: str) -> str:
    """A number and what it counts: ``1 article``, ``1,200 articles``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _outlet_head(place: int, profile: Profile) -> Head:
    small = (counted(profile.articles, "article"), counted(profile.sentences, "sentence"))
    return Head(profile.outlet, f"{profile.outlet}: {small[0]}, {small[1]}", place, small=small)


def _code_head(note: Note) -> Head:
    return Head(note.name, note.definition, code=note.code)


def _cell(
    place: int, outlet: str, note: Note, voice: str, found: Prevalence, most: float, corrected: bool
) -> Cell:
    value, low, high = found.best
    ends = ends_of(low, high)
    counts = f"{found.positives:,} of {found.sentences:,}"
    labelled = f"{counts} sentences labelled" + (f" ({percent(found.observed)} %)" if corrected else "")
    raw = corrected and found.corrected is None
    why = found.reason if found.corrected is None else found.corrected_reason
    parts = [
        f"{note.name}, {outlet}: {percent(value)} %" + (", a count that is not corrected" if raw else ""),
        f"95 % interval {ends} %" if ends else "",
        f"{labelled}, {counted(found.articles, 'article')}",
        (raw and found.corrected_reason) or "",
        why or "",
        found.doubt or "",
    ]
    return Cell(
        outlet=place,
        code=note.code,
        voice=voice,
        value=value,
        low=low,
        high=high,
        number=percent(value),
        interval=ends,
        observed=found.observed,
        counts=counts,
        raw=raw,
        note="; ".join(filter(None, (why, found.doubt))) if value else "",
        shade=shade_of(value, most),
        words="; ".join(part for part in parts if part),
        sentences=found.positives,
    )


def ends_of(low: float | None, high: float | None) -> str:
    """An interval in per cent: ``8.1–17.0``; nothing where there is none."""
    return "" if low is None or high is None else f"{percent(low)}–{percent(high)}"
