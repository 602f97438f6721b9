"""The map of outlets: true to scale, and names that can be read."""

from itertools import combinations

import numpy as np
import pytest

from framing.distances import Distance, Map, Place
from framing.outlet_map import LETTER, LINE, Chart, chart_of


def drawn(points: dict[str, tuple[float, float]]) -> Chart:
    return chart_of(Map("outlet", "observed", tuple(Place(o, *p) for o, p in points.items()), 0.87), [])


def boxes(chart: Chart) -> list[tuple[float, float, float, float]]:
    found = []
    for spot in chart.spots:
        if spot.text:
            x, base, anchor = spot.text
            wide = LETTER * len(spot.outlet)
            left = x - {"start": 0.0, "middle": wide / 2, "end": wide}[anchor]
            found.append((left, base - 7 - LINE / 2, left + wide, base - 7 + LINE / 2))
    return found


def test_lengths_can_be_compared() -> None:
    chart = drawn({"a": (0.0, 0.0), "b": (0.3, 0.0), "c": (0.0, 0.1)})
    a, b, c = chart.spots
    assert (b.x - a.x) / (c.y - a.y) == pytest.approx(3, abs=0.01)
    assert chart.unit / chart.unit_worth == pytest.approx((b.x - a.x) / 0.3, rel=0.01)
    assert chart.shown == "87"


@pytest.mark.parametrize("outlets", [7, 30, 50])
def test_no_name_covers_another_or_leaves_the_picture(outlets: int) -> None:
    rng = np.random.default_rng(outlets)
    points = {f"outlet {n:02}": tuple(rng.normal(size=2)) for n in range(outlets)}
    chart = drawn(points)  # type: ignore[arg-type]
    found = boxes(chart)
    assert chart.unnamed == outlets - len(found)
    assert chart.unnamed <= outlets / 5
    for one, other in combinations(found, 2):
        assert one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
    assert all(
        left >= 0 and top >= 0 and right <= 1000 and bottom <= 620 for left, top, right, bottom in found
    )


def test_a_name_stands_beside_its_dot_and_moves_only_for_others() -> None:
    alone, *_ = drawn({"a": (-1.0, 0.0), "b": (1.0, 0.0), "c": (0.0, 1.0)}).spots
    assert alone.text == (alone.x + 16, alone.y + 7, "start")
    assert not alone.leader
    close = drawn({"long name": (0.0, 0.0), "another name": (0.0001, 0.0), "c": (1.0, 1.0)}).spots
    assert close[0].text != close[1].text
    assert None not in (close[0].text, close[1].text)


def test_outlets_at_one_place_are_still_drawn() -> None:
    chart = drawn({"a": (0.0, 0.0), "b": (0.0, 0.0), "c": (0.0, 0.0)})
    assert {(spot.x, spot.y) for spot in chart.spots} == {(500.0, 310.0)}


def test_the_nearest_are_those_of_the_same_voice_and_basis() -> None:
    def distance(one: str, other: str, value: float | None, voice: str = "outlet") -> Distance:
        return Distance(one, other, voice, "observed", 5, value, None, None, None if value else "too little")

    distances = [
        distance("a", "b", 0.3),
        distance("a", "c", 0.1),
        distance("b", "c", None),
        distance("a", "b", 0.01, "all"),
    ]
    places = tuple(Place(group, n, n) for n, group in enumerate("abc"))
    spots = {
        spot.outlet: spot.nearest
        for spot in chart_of(Map("outlet", "observed", places, 1.0), distances).spots
    }
    assert spots == {"a": (("c", "0.10"), ("b", "0.30")), "b": (("a", "0.30"),), "c": (("a", "0.10"),)}
