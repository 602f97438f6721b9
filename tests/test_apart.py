"""What a report draws of contrasts."""

from collections.abc import Sequence
from math import log

import pytest

from framing.apart import MOST, Mark, apart_of
from framing.contrasts import OTHERS, Contrast
from framing.notes import Note

NOTES = {code: Note(code, code.capitalize(), "", "technique") for code in "abcdefgh"}


def contrast(
    code: str = "a",
    ratio: float | None = 2.0,
    *,
    q: float | None = 0.01,
    group: str = "Herald",
    against: str = OTHERS,
    voice: str = "outlet",
) -> Contrast:
    middle = None if ratio is None else log(ratio)
    ends = (None, None) if middle is None else (middle - log(2), middle + log(2))
    return Contrast(
        group, against, "outlet", code, voice, 30, 90, 12, 9, 0.04, 0.01, middle, *ends, q, q, None
    )  # fmt: skip


def marks(*contrasts: Contrast) -> Sequence[Mark]:
    return apart_of(contrasts, NOTES).marks["outlet"]["Herald", "outlet"]


def test_only_what_stands_against_the_others_is_shown() -> None:
    shown = apart_of(
        [
            contrast("a"),
            contrast("b", q=0.05),
            contrast("c", ratio=None, q=None),
            contrast("d", against="Tide"),
            contrast("e", group="Tide", voice="all"),
        ],
        NOTES,
    )
    assert {voice: list(groups) for voice, groups in shown.marks.items()} == {
        "outlet": [("Herald", "outlet")],
        "all": [("Tide", "outlet")],
    }
    assert [mark.note.code for mark in shown.marks["outlet"]["Herald", "outlet"]] == ["a"]


def test_the_largest_differences_come_first_in_either_direction() -> None:
    ratios = {"a": 2, "b": 1 / 7, "c": 3, "d": 1 / 4, "e": 6, "f": 5, "g": 1.5}
    shown = marks(*(contrast(code, ratio) for code, ratio in ratios.items()))
    assert len(shown) == MOST
    assert [mark.note.code for mark in shown] == ["b", "e", "f", "d", "c", "a"]


def test_a_mark_lies_where_the_ticks_say() -> None:
    (twice,) = marks(contrast(ratio=2))
    assert (twice.low, twice.at, twice.high) == ("50.0", "66.7", "83.3")  # ticks at sixths: 1, 2, 4
    assert (twice.shares, twice.ratio, twice.interval) == (("4.0", "1.0"), "2", "1 to 4")
    assert twice.words == (
        "A: more than the others; 4.0 % of sentences labelled against 1.0 %; odds ratio 2 (1 to 4), q = 0.010"
    )


def test_far_differences_get_a_longer_axis() -> None:
    near, far = apart_of([contrast()], NOTES), apart_of([contrast(), contrast("b", 16)], NOTES)
    assert near.ticks == ("⅛", "¼", "½", "1", "2", "4", "8")
    assert far.ticks[-2:] == ("16", "64")
    places = {mark.note.code: mark.at for mark in far.marks["outlet"]["Herald", "outlet"]}
    assert places == {"a": "58.3", "b": "83.3"}


@pytest.mark.parametrize(("ratio", "text", "at"), [(500, ">100", "100.0"), (1 / 500, "<0.01", "0.0")])
def test_a_ratio_beyond_the_axis_feigns_no_precision(ratio: float, text: str, at: str) -> None:
    (mark,) = marks(contrast(ratio=ratio))
    assert (mark.ratio, mark.at) == (text, at)


def test_nothing_that_stands_is_no_mark() -> None:
    assert apart_of([contrast(q=0.4)], NOTES).marks == {}
    assert apart_of([], NOTES).ticks[3] == "1"
