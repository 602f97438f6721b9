"""What sets outlets apart: the contrasts that a report shows, and where they lie on its axis."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, log
from typing import TYPE_CHECKING

from framing.contrasts import OTHERS, points_of
from framing.notes import Note
from framing.profiles import percent

if TYPE_CHECKING:
    from framing.contrasts import Contrast

MOST = 6  # labels an outlet
# Where the axis may end, an odds ratio, with its ticks.
_AXES = (
    (8.0, ("⅛", "¼", "½", "1", "2", "4", "8")),
    (64.0, ("1⁄64", "1⁄16", "¼", "1", "4", "16", "64")),
)


@dataclass(frozen=True, slots=True)
class Mark:
    """One label that an outlet uses more or less than the others.

    Attributes:
        note: The label.
        at: Where the odds ratio lies on the axis, in per cent of its length; 50 is 1.
        low: Where its interval begins.
        high: Where its interval ends.
        shares: Sentences labelled here and in the others, in per cent, as text.
        ratio: The odds ratio, as text.
        interval: Its 95 % interval, as text.
        words: All of it as a sentence.
        corrected: The difference of corrected shares, as `points_of` gives it.
    """

    note: Note
    at: str
    low: str
    high: str
    shares: tuple[str, str]
    ratio: str
    interval: str
    words: str
    corrected: str


@dataclass(frozen=True, slots=True)
class Apart:
    """What stands (q < .05) between each group and the others.

    Attributes:
        marks: By voice, then by group and what varies: at most six, the largest differences first.
        ticks: Of the axis, the same for all.
    """

    marks: Mapping[str, Mapping[tuple[str, str], Sequence[Mark]]]
    ticks: tuple[str, ...]


def apart_of(contrasts: Sequence[Contrast], notes: Mapping[str, Note]) -> Apart:
    """Chooses the contrasts that a report shows.

    Args:
        contrasts: As profiles hold them.
        notes: What the codes are called.
    """
    found: dict[str, dict[tuple[str, str], list[Contrast]]] = defaultdict(lambda: defaultdict(list))
    for one in contrasts:
        if one.against == OTHERS and one.stands and one.log_odds is not None:
            found[one.voice][one.group, one.varies].append(one)
    shown = {
        voice: {
            key: sorted(some, key=lambda one: -abs(one.log_odds or 0))[:MOST] for key, some in groups.items()
        }
        for voice, groups in found.items()
    }
    furthest = max(
        (abs(one.log_odds or 0) for groups in shown.values() for some in groups.values() for one in some),
        default=0.0,
    )
    end, ticks = _AXES[furthest > log(_AXES[0][0])]
    marks = {
        voice: {key: [_mark(one, notes[one.code], end) for one in some] for key, some in groups.items()}
        for voice, groups in shown.items()
    }
    return Apart(marks, ticks)


def _mark(one: Contrast, note: Note, end: float) -> Mark:
    middle, low, high = one.log_odds or 0.0, one.low or 0.0, one.high or 0.0
    shares = percent(one.share), percent(one.other)
    interval = f"{_ratio(low)} to {_ratio(high)}"
    words = (
        f"{note.name}: {'more' if middle > 0 else 'less'} than the others; {shares[0]} % of sentences "
        f"labelled against {shares[1]} %; odds ratio {_ratio(middle)} ({interval}), "
        f"q = {max(one.q or 0, 0.001):.3f}"
    )
    corrected = points_of(one)
    if corrected:
        words += f"; corrected, the shares differ by {corrected} percentage points"
    if one.survives is False:
        words += ": after correction there may be no difference"
    return Mark(
        note,
        _place(middle, end),
        _place(low, end),
        _place(high, end),
        shares,
        _ratio(middle),
        interval,
        words,
        corrected,
    )


def _ratio(log_odds: float) -> str:
    """An odds ratio to two digits; beyond 100 and under 0.01 a figure would feign precision."""
    if abs(log_odds) > log(100):
        return ">100" if log_odds > 0 else "<0.01"
    return f"{exp(log_odds):.2g}"


def _place(log_odds: float, end: float) -> str:
    share = 0.5 + log_odds / (2 * log(end))
    return f"{100 * min(max(share, 0.0), 1.0):.1f}"
