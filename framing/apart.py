"""What sets outlets apart, and a map of them: what a report draws of contrasts and distances."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, log
from typing import TYPE_CHECKING

from framing.contrasts import OTHERS, STANDS
from framing.figures import Note
from framing.profiles import percent

if TYPE_CHECKING:
    from framing.contrasts import Contrast
    from framing.distances import Distance, Map

MOST = 6  # labels an outlet
WIDEST = 8.0  # odds ratio at the ends of the axis
TICKS = ("⅛", "¼", "½", "1", "2", "4", "8")
NEAREST = 3
_WIDTH, _HEIGHT, _EDGE = 1000, 620, 70


@dataclass(frozen=True, slots=True)
class Mark:
    """One label that an outlet uses more or less than the others.

    Attributes:
        note: The label.
        at: Where the odds ratio lies on the axis, in per cent of its length; 50 is 1.
        low: Where its interval begins.
        high: Where its interval ends.
        words: The contrast as a sentence.
        ratio: The odds ratio with its interval, as text.
    """

    note: Note
    at: str
    low: str
    high: str
    words: str
    ratio: str


@dataclass(frozen=True, slots=True)
class Spot:
    """An outlet on a map: where it lies in a picture of 1,000 × 620, and which are nearest to it."""

    outlet: str
    x: float
    y: float
    left: bool
    nearest: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """A map to draw.

    Attributes:
        voice: ``outlet``, ``sources`` or ``all``.
        corrected: Whether corrected shares were compared.
        shown: Which part of the squared distances it shows, in per cent, as text.
        unit: How long a distance of `unit_worth` is in the picture.
        unit_worth: A round distance.
        spots: The outlets.
    """

    voice: str
    corrected: bool
    shown: str
    unit: float
    unit_worth: float
    spots: tuple[Spot, ...]


def marks_of(
    contrasts: Sequence[Contrast], notes: Mapping[str, Note]
) -> dict[str, dict[tuple[str, str], list[Mark]]]:
    """What stands (q < .05) between each group and the others, the largest differences first.

    Args:
        contrasts: As profiles hold them.
        notes: What the codes are called.

    Returns:
        By voice, then by group and what varies; at most six marks each.
    """
    found: dict[str, dict[tuple[str, str], list[tuple[float, Mark]]]] = defaultdict(lambda: defaultdict(list))
    for one in contrasts:
        if one.against == OTHERS and one.q is not None and one.q < STANDS and one.log_odds is not None:
            mark = _mark(one, notes[one.code])
            found[one.voice][one.group, one.varies].append((-abs(one.log_odds), mark))
    return {
        voice: {
            group: [mark for _, mark in sorted(marks, key=lambda pair: pair[0])[:MOST]]
            for group, marks in groups.items()
        }
        for voice, groups in found.items()
    }


def chart_of(drawn: Map, distances: Sequence[Distance]) -> Chart:
    """Lays a map out: the same scale in both directions, so that lengths can be compared."""
    xs, ys = [place.x for place in drawn.places], [place.y for place in drawn.places]
    wide, deep = max(max(xs) - min(xs), 1e-9), max(max(ys) - min(ys), 1e-9)
    scale = min((_WIDTH - 4 * _EDGE) / wide, (_HEIGHT - 2 * _EDGE) / deep)
    middle = (max(xs) + min(xs)) / 2, (max(ys) + min(ys)) / 2
    near = _nearest(distances, drawn.voice, drawn.basis)
    spots = []
    for place in sorted(drawn.places, key=lambda place: place.group):
        x = _WIDTH / 2 + (place.x - middle[0]) * scale
        y = _HEIGHT / 2 + (place.y - middle[1]) * scale
        spots.append(Spot(place.group, round(x, 1), round(y, 1), x > _WIDTH * 0.6, near.get(place.group, ())))
    worth = next((step for step in (0.2, 0.1, 0.05, 0.02, 0.01, 0.005) if step * scale < _WIDTH / 4), 0.002)
    shown = f"{100 * drawn.shown:.0f}"
    return Chart(drawn.voice, drawn.basis == "corrected", shown, round(worth * scale, 1), worth, tuple(spots))


def _mark(one: Contrast, note: Note) -> Mark:
    middle, low, high = one.log_odds or 0.0, one.low or 0.0, one.high or 0.0
    ratio = f"{_ratio(middle)} ({_ratio(low)} to {_ratio(high)})"
    more = "more" if middle > 0 else "less"
    words = (
        f"{note.name}: {more} than the others; {percent(one.share)} % of sentences labelled against "
        f"{percent(one.other)} %; odds ratio {ratio}, q = {max(one.q or 0, 0.001):.3f}"
    )
    return Mark(note, _place(middle), _place(low), _place(high), words, ratio)


def _ratio(log_odds: float) -> str:
    return (
        f"{exp(log_odds):.2g}" if abs(log_odds) < log(100) else ("over 100" if log_odds > 0 else "under 0.01")
    )


def _place(log_odds: float) -> str:
    share = 0.5 + log_odds / (2 * log(WIDEST))
    return f"{100 * min(max(share, 0.0), 1.0):.1f}"


def _nearest(distances: Sequence[Distance], voice: str, basis: str) -> dict[str, tuple[tuple[str, str], ...]]:
    """The three nearest of each group, with their distances as text."""
    found: dict[str, list[tuple[float, str]]] = defaultdict(list)
    for one in distances:
        if one.voice == voice and one.basis == basis and one.distance is not None:
            found[one.group].append((one.distance, one.against))
            found[one.against].append((one.distance, one.group))
    return {
        group: tuple((other, f"{distance:.2f}") for distance, other in sorted(others)[:NEAREST])
        for group, others in found.items()
    }
