"""A map of outlets to draw: dots, and a name beside each that covers no other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import cos, pi, sin
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from framing.distances import Distance, Map

NEAREST = 3
DOT = 8.0  # radius
LETTER, LINE = 15.0, 30.0  # width and height of a letter of the names on a phone, where they are largest
_WIDTH, _HEIGHT, _EDGE = 1000, 620, 70
_AWAY = (16.0, 34.0, 60.0, 95.0, 140.0, 190.0)  # how far from its dot a name may stand
_TURNS = (0, 8, 4, 12, 1, 15, 7, 9, 2, 14, 6, 10, 3, 5, 11, 13)  # sixteenths of a circle; 0 is right

Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""


@dataclass(frozen=True, slots=True)
class Spot:
    """An outlet on a map.

    Attributes:
        outlet: Its name.
        x: Where its dot lies, in a picture of 1,000 × 620.
        y: The same, from the top.
        text: Where its name stands: x, y of the baseline and ``start``, ``middle`` or ``end``; nothing where
            there is no room.
        leader: Whether the name is so far off that a line has to lead to it.
        nearest: The outlets nearest to it, with the distance as text.
    """

    outlet: str
    x: float
    y: float
    text: tuple[float, float, str] | None
    leader: bool
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

    @property
    def unnamed(self) -> int:
        """How many outlets have no room for a name."""
        return sum(spot.text is None for spot in self.spots)


def chart_of(drawn: Map, distances: Sequence[Distance]) -> Chart:
    """Lays a map out: the same scale in both directions, so that lengths can be compared.

    Args:
        drawn: The map.
        distances: Those that the profiles hold; the ones of the map's voice and basis name the nearest.
    """
    xs, ys = [place.x for place in drawn.places], [place.y for place in drawn.places]
    wide, deep = max(max(xs) - min(xs), 1e-9), max(max(ys) - min(ys), 1e-9)
    scale = min((_WIDTH - 4 * _EDGE) / wide, (_HEIGHT - 2 * _EDGE) / deep)
    middle = (max(xs) + min(xs)) / 2, (max(ys) + min(ys)) / 2
    dots = {
        place.group: (
            round(_WIDTH / 2 + (place.x - middle[0]) * scale, 1),
            round(_HEIGHT / 2 + (place.y - middle[1]) * scale, 1),
        )
        for place in sorted(drawn.places, key=lambda place: place.group)
    }
    worth = next((step for step in (0.2, 0.1, 0.05, 0.02, 0.01, 0.005) if step * scale < _WIDTH / 4), 0.002)
    unit = round(worth * scale, 1)
    near, names = _nearest(distances, drawn.voice, drawn.basis), _place_names(dots, _scale_box(unit))
    spots = []
    for outlet, (x, y) in dots.items():
        text, leader = names.get(outlet, (None, False))
        spots.append(Spot(outlet, x, y, text, leader, near.get(outlet, ())))
    shown = f"{100 * drawn.shown:.0f}"
    return Chart(drawn.voice, drawn.basis == "corrected", shown, unit, worth, tuple(spots))


def _scale_box(unit: float) -> Box:
    """What the scale below covers."""
    return 0.0, _HEIGHT - 50.0, 50.0 + unit + LETTER * len("distance 0.005"), float(_HEIGHT)


def _place_names(
    dots: Mapping[str, tuple[float, float]], scale: Box
) -> dict[str, tuple[tuple[float, float, str], bool]]:
    """Finds room for each name, as near to its dot as may be; those with most neighbours choose first."""
    taken: list[Box] = [scale, *((x - DOT, y - DOT, x + DOT, y + DOT) for x, y in dots.values())]
    crowd = {
        one: sum(abs(x - u) < _WIDTH / 5 and abs(y - v) < 2 * LINE for u, v in dots.values())
        for one, (x, y) in dots.items()
    }
    found = {}
    for outlet in sorted(dots, key=lambda one: (-crowd[one], one)):
        for text, box, leader in _candidates(outlet, *dots[outlet]):
            if not any(_meet(box, other) for other in taken):
                found[outlet] = text, leader
                taken.append(box)
                break
    return found


def _candidates(outlet: str, x: float, y: float) -> Iterator[tuple[tuple[float, float, str], Box, bool]]:
    """Where a name might stand, the best first: its place, what it covers, and whether it needs a line."""
    width = LETTER * len(outlet)
    for away in _AWAY:
        for turn in _TURNS:
            along, up = cos(turn * pi / 8), sin(turn * pi / 8)
            at, base = x + away * along, y - away * up
            anchor = "start" if along > 0.3 else "end" if along < -0.3 else "middle"
            left = at - {"start": 0.0, "middle": width / 2, "end": width}[anchor]
            box = left, base - LINE / 2, left + width, base + LINE / 2
            if box[0] >= 4 and box[2] <= _WIDTH - 4 and box[1] >= 4 and box[3] <= _HEIGHT - 4:
                yield (round(at, 1), round(base + 7, 1), anchor), box, away > _AWAY[1]


def _meet(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


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
