"""What sets an outlet apart: its use of each code against that of the others, and of each of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from math import exp
from typing import TYPE_CHECKING

from framing.counts import Counted
from framing.groups import BY_OUTLET, Grouping

if TYPE_CHECKING:
    from framing.counts import Floats
    from framing.differences import CorrectedShares
    from framing.logodds import Sums

OTHERS = "(others)"
STANDS = 0.05
TERMINAL: tuple[str, ...] = (
    *("outlet", "code", "labelled %", "others %", "odds ratio", "95 % interval", "q"),
    "corrected, points",
)
PAIRED = 20  # with more groups than this, each is set against the others together only


@dataclass(frozen=True, slots=True)
class Contrast:
    """A group's use of a code against that of others: as labelled, and the difference of corrected shares.

    All but the `corrected` fields is of labels, as counted. A classifier that errs more in one outlet than in
    another makes a contrast of labels without one of words: that is what the corrected difference is for.

    Attributes:
        group: The outlet, or the values of what else the articles are grouped by.
        against: Another group, or `OTHERS`: the sentences of all that differ from it in `varies` only.
        varies: The column in which both sides differ; in the others they are alike.
        code: A code of the labels.
        voice: ``all``, ``outlet`` (own words) or ``sources`` (quoted or attributed).
        articles: Articles of the group.
        other_articles: Articles of what it is set against.
        positives: Sentences of the group that carry the code in this voice.
        other_positives: The same on the other side.
        share: `positives` over all sentences of the group, in [0, 1]; not corrected.
        other: The same on the other side.
        log_odds: Log odds ratio, above 0 where the group uses the code more; its exponential is the odds
            ratio. Nothing where there is too little data.
        low: Lower end of its 95 % interval.
        high: Upper end of it.
        p: Of no difference, in (0, 1]; see `framing.logodds.contrast`.
        q: The same after Benjamini & Hochberg (1995), over all groups and codes of one voice and column that
            varies; those against the others and those of pairs apart.
        reason: Why there is no contrast; else nothing.
        corrected: The group's corrected share less that of the other side, in [-1, 1]: groups of several
            weigh by their sentences. Nothing where the code is not corrected.
        corrected_low: Lower end of its 95 % interval, articles of both sides and development articles drawn.
        corrected_high: Upper end of it.
        corrected_reason: Why there is no corrected difference, or no interval; else nothing.
    """

    group: str
    against: str
    varies: str
    code: str
    voice: str
    articles: int
    other_articles: int
    positives: int
    other_positives: int
    share: float
    other: float
    log_odds: float | None
    low: float | None
    high: float | None
    p: float | None
    q: float | None
    reason: str | None
    corrected: float | None = None
    corrected_low: float | None = None
    corrected_high: float | None = None
    corrected_reason: str | None = None

    @property
    def stands(self) -> bool:
        """Whether it stands among all that was compared: q < .05."""
        return self.q is not None and self.q < STANDS

    @property
    def survives(self) -> bool | None:
        """Whether the corrected difference points the same way, its interval clear of 0; None without one."""
        if self.log_odds is None or self.corrected_low is None or self.corrected_high is None:
            return None
        return self.corrected_low > 0 if self.log_odds > 0 else self.corrected_high < 0


def rows_of(contrasts: Sequence[Contrast], voice: str, *, top: int = 5) -> list[tuple[str, ...]]:
    """What sets each group apart from the others at q < .05, as text for a terminal.

    Args:
        contrasts: As `contrast_groups` gives them.
        voice: Which voice.
        top: At most so many a group and column that varies, those furthest from 1 first.

    Returns:
        The headings, then the rows. Names are as the input gave them: escape markup when printing.
    """
    found: dict[tuple[str, str], list[tuple[float, tuple[str, ...]]]] = defaultdict(list)
    for one in contrasts:
        if one.voice == voice and one.against == OTHERS and one.stands and one.log_odds is not None:
            ratios = [f"{exp(value):.1f}" for value in (one.log_odds, one.low or 0, one.high or 0)]
            shares = f"{100 * one.share:.1f}", f"{100 * one.other:.1f}"
            ends = f"{ratios[1]} to {ratios[2]}"
            row = one.group, one.code, *shares, ratios[0], ends, f"{one.q:.3f}", points_of(one)
            found[one.group, one.varies].append((-abs(one.log_odds), row))
    return [TERMINAL, *(row for rows in found.values() for _, row in sorted(rows)[:top])]


def points_of(one: Contrast) -> str:
    """The corrected difference in percentage points: ``+2.1 (0.4 to 3.9)``; ``?`` where it may be none."""
    if one.corrected is None:
        return ""
    value = f"{100 * one.corrected:+.1f}"
    if one.corrected_low is None or one.corrected_high is None:
        return value
    mark = "" if one.survives else "?"
    return f"{value}{mark} ({100 * one.corrected_low:.1f} to {100 * one.corrected_high:.1f})"


@dataclass(frozen=True, slots=True)
class _Family:
    """Contrasts that are judged together.

    Attributes:
        varies: The column in which the two sides of each differ.
        circles: Places of groups that are alike in the other columns.
        members: A group's place and its circle's: it is set against the rest of its circle.
        paired: Whether the circles are pairs.
    """

    varies: str
    circles: Sequence[Sequence[int]]
    members: Sequence[tuple[int, int]]
    paired: bool = False


def contrast_groups(
    counted: Counted, grouping: Grouping = BY_OUTLET, corrected: CorrectedShares | None = None
) -> tuple[Contrast, ...]:
    """Sets each group against the others, and pairs of groups against each other.

    A group is set against those that differ in one column only: with ``outlet,month`` an outlet's month
    against the other outlets in that month, and against the other months of that outlet. Pairs are there
    where groups are made of one column, and are not more than 20.

    Args:
        counted: What the articles of each group hold.
        grouping: What the groups are made of.
        corrected: The groups' corrected shares; without them there are no corrected differences.

    Returns:
        By column that varies, group against others, then pairs, each with all codes and voices.
        Nothing where there is one group only.
    """
    from framing.logodds import intraclass, stack, sum_articles

    sums = stack([sum_articles(one.positives, one.sentences) for one in counted.groups])
    correlation = intraclass(sums)
    found: list[Contrast] = []
    for family in _families(counted, grouping):
        contrasts = list(_contrasts(counted, sums, correlation, family))
        if corrected is not None:
            contrasts = list(_add_corrected(contrasts, corrected, family))
        found += [
            one if q is None else replace(one, q=q)
            for one, q in zip(contrasts, adjust_p([(one.voice, one.p) for one in contrasts]), strict=True)
        ]
    return tuple(found)


def _add_corrected(
    contrasts: Sequence[Contrast], corrected: CorrectedShares, family: _Family
) -> Iterator[Contrast]:
    """Yields a family's contrasts, which come member by member, with their corrected differences."""
    circles = [corrected.together(circle) for circle in family.circles]
    keys = len(contrasts) // len(family.members) if family.members else 0
    for number, (place, at) in enumerate(family.members):
        found = corrected.against_rest(place, circles[at])
        for one in contrasts[number * keys : (number + 1) * keys]:
            more = found[one.code, one.voice]
            yield replace(
                one,
                corrected=more.value,
                corrected_low=more.low,
                corrected_high=more.high,
                corrected_reason=more.reason,
            )


def _families(counted: Counted, grouping: Grouping) -> Iterator[_Family]:
    values = [grouping.values_of(one.group) for one in counted.groups]
    for column, varies in enumerate(grouping.by):
        alike: dict[tuple[str, ...], list[int]] = defaultdict(list)
        for place, value in enumerate(values):
            alike[value[:column] + value[column + 1 :]].append(place)
        circles = [circle for circle in alike.values() if len(circle) > 1]
        yield _Family(varies, circles, [(place, at) for at, circle in enumerate(circles) for place in circle])
    if len(grouping.by) == 1 and 2 < len(values) <= PAIRED:
        pairs = [list(pair) for pair in combinations(range(len(values)), 2)]
        yield _Family(grouping.by[0], pairs, [(pair[0], at) for at, pair in enumerate(pairs)], paired=True)


def _contrasts(counted: Counted, sums: Sums, correlation: Floats, family: _Family) -> Iterator[Contrast]:
    import numpy as np

    from framing.logodds import contrast, stack

    if not family.members:
        return
    places, circles = np.array(family.members).T
    first = sums.take(places)
    second = stack([sums.take(np.array(circle)).total() for circle in family.circles]).take(circles) - first
    found = contrast(first, second, correlation)
    shares, others = (side.positives / side.sentences for side in (first, second))
    counts = np.stack([first.positives, second.positives, first.carrying + second.carrying], -1)
    figures = np.stack([shares, others, found.log_odds, found.low, found.high, found.p], -1)
    for row, (place, at) in enumerate(family.members):
        against = OTHERS
        if family.paired:
            against = next(counted.groups[one].group for one in family.circles[at] if one != place)
        articles = int(first.articles[row, 0]), int(second.articles[row, 0])
        for column, (code, voice) in enumerate(counted.keys):
            yes, no, carrying = map(int, counts[row, column])
            share, other, *tested = figures[row, column].tolist()
            enough = found.enough[row, column]
            odds, low, high, p = tested if enough else (None,) * 4
            yield Contrast(
                counted.groups[place].group, against, family.varies, code, voice, *articles, yes, no,
                share, other, odds, low, high, p, None, None if enough else _too_little(articles, carrying),
            )  # fmt: skip


def _too_little(articles: tuple[int, int], carrying: int) -> str:
    from framing.logodds import LEAST

    if min(articles) < LEAST:
        where = "here" if articles[0] < LEAST else "on the other side"
        return f"no contrast: {min(articles)} articles {where}, it takes at least {LEAST}"
    if carrying < LEAST:
        return f"no contrast: {carrying} articles carry it on both sides, it takes at least {LEAST}"
    return "no contrast: every sentence carries it"


def adjust_p(tests: Sequence[tuple[Hashable, float | None]]) -> list[float | None]:
    """The q of each p after Benjamini & Hochberg (1995), family by family.

    Args:
        tests: The family of each, and its p; nothing where there was no test.

    Returns:
        In the same order; nothing where there is no p.
    """
    from scipy.stats import false_discovery_control

    families: dict[Hashable, list[tuple[int, float]]] = defaultdict(list)
    for number, (family, p) in enumerate(tests):
        if p is not None:
            families[family].append((number, p))
    adjusted: list[float | None] = [None] * len(tests)
    for members in families.values():
        for (number, _), q in zip(members, false_discovery_control([p for _, p in members]), strict=True):
            adjusted[number] = float(q)
    return adjusted
