"""Profiles, contrasts and differences as pictures, by matplotlib: dots with 95 % intervals, axes named."""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import exp
from typing import TYPE_CHECKING

from framing.codebook import Codebook, load_codebook
from framing.errors import FramingError
from framing.notes import VOICE_NAMES, note_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from framing.contrasts import Contrast
    from framing.profiles import Profiles
    from framing.within_stories import WithinStories

try:
    from matplotlib.figure import Figure
except ImportError as error:
    raise FramingError("matplotlib is not installed: pip install 'framing[plots]'") from error

DOT = "#1c5a94"
QUIET = "#8a949d"
COLUMNS = 3
FURTHEST = 512.0  # odds ratio; an axis goes no further


class Picture(Figure):
    """A matplotlib figure that a notebook shows by itself, once, whatever its backend."""

    def _repr_png_(self) -> bytes:
        picture = io.BytesIO()
        self.savefig(picture, format="png", dpi=80)
        return picture.getvalue()


@dataclass(frozen=True, slots=True)
class Dot:
    """One row of a panel; `value`, `low` and `high` in the unit of its axis."""

    name: str
    value: float
    low: float | None
    high: float | None
    solid: bool = True


def plot_profiles(
    profiles: Profiles,
    *,
    codes: Sequence[str] | None = None,
    voice: str | None = None,
    codebook: Codebook | None = None,
) -> Picture:
    """Draws the share of sentences that carry each code, a panel a code, a row an outlet.

    Args:
        profiles: The profiles.
        codes: Which codes, in this order; by default the six with the highest share.
        voice: One of `profiles.voices`, by default its first.
        codebook: What the codes are called; the codebook that ships if not given.

    Returns:
        A matplotlib figure; x axes are in per cent of the outlet's sentences. A filled dot is corrected for
        the classifier's errors, a ring is a count; a line is the 95 % interval, where there is one.

    Raises:
        FramingError: There is no such voice or code, or matplotlib is not installed.
    """
    voice = _voice_of(profiles, voice)
    if codes is None:
        highest = {
            code: max(profile.estimates[code, voice].best[0] for profile in profiles.profiles)
            for code in profiles.codes
        }
        codes = sorted(profiles.codes, key=lambda code: -highest[code])[:6]
    if unknown := [code for code in codes if code not in profiles.codes]:
        raise FramingError(f"no code {unknown[0]!r} in these profiles, expected {', '.join(profiles.codes)}")
    panels = {}
    for code in codes:
        dots = []
        for profile in profiles.profiles:
            found = profile.estimates[code, voice]
            value, low, high = (None if share is None else 100 * share for share in found.best)
            dots.append(Dot(profile.outlet, value or 0.0, low, high, found.corrected is not None))
        panels[_name(code, codebook)] = dots
    return _draw(panels, f"{VOICE_NAMES[voice]}: sentences with the label", "sentences (%)")


def plot_differences(
    within: WithinStories,
    *,
    voice: str | None = None,
    top: int = 8,
    codebook: Codebook | None = None,
) -> Picture:
    """Draws what sets each outlet apart from the others on the same stories, a panel an outlet.

    Args:
        within: The comparison within stories.
        voice: ``all``, ``outlet`` or ``sources``; by default the outlet's own where voices are told.
        top: At most so many codes an outlet, the smallest q first.
        codebook: What the codes are called; the codebook that ships if not given.

    Returns:
        A matplotlib figure; x axes are differences in percentage points. A filled dot has q below .05.

    Raises:
        FramingError: Nothing differs in this voice, or matplotlib is not installed.
    """
    from framing.contrasts import OTHERS

    voices = {one.voice for one in within.differences}
    voice = voice or ("outlet" if "outlet" in voices else "all")
    panels: dict[str, list[Dot]] = {}
    ranked = sorted(within.differences, key=lambda one: (one.q, -abs(one.difference)))
    for outlet in sorted({one.outlet for one in ranked}):
        own = [one for one in ranked if one.outlet == outlet and one.against == OTHERS]
        shown = [one for one in own if one.voice == voice and one.difference][:top]
        if shown:
            panels[outlet] = [
                Dot(
                    _name(one.code, codebook),
                    100 * one.difference,
                    None if one.low is None else 100 * one.low,
                    None if one.high is None else 100 * one.high,
                    one.q < 0.05,
                )
                for one in shown
            ]
    if not panels:
        raise FramingError(f"no outlet differs from the others in the voice {voice!r}: nothing to draw")
    title = f"{VOICE_NAMES[voice]}: against the others on the same stories"
    return _draw(panels, title, "difference (percentage points)", middle=0)


def plot_contrasts(
    profiles: Profiles,
    *,
    against: str | None = None,
    voice: str | None = None,
    top: int = 8,
    codebook: Codebook | None = None,
) -> Picture:
    """Draws what sets each outlet apart from the others, or from one of them, a panel an outlet.

    Args:
        profiles: The profiles.
        against: An outlet that the others are set against; by default each is set against all others.
        voice: One of `profiles.voices`, by default its first.
        top: At most so many codes an outlet, the smallest q first; at least 1.
        codebook: What the codes are called; the codebook that ships if not given.

    Returns:
        A matplotlib figure; x axes are odds ratios on a logarithmic scale, above 1 where the outlet of the
        panel uses the code more. A filled dot has q below .05; a line is the 95 % interval.

    Raises:
        FramingError: There is no such voice or outlet, nothing can be contrasted, or matplotlib is not
            installed.
    """
    from framing.contrasts import OTHERS, STANDS

    voice = _voice_of(profiles, voice)
    found: dict[str, list[Contrast]] = defaultdict(list)
    for one in profiles.contrasts:
        if one.voice == voice and one.log_odds is not None:
            if one.against == (against or OTHERS):
                found[one.group].append(one)
            elif one.group == against and one.against != OTHERS:
                found[one.against].append(_turned(one))
    outlets = [profile.outlet for profile in profiles.profiles]
    if against is not None and against not in outlets:
        raise FramingError(f"no outlet {against!r} in these profiles, expected {', '.join(outlets)}")
    if not found:
        raise FramingError(
            f"nothing can be contrasted in the voice {voice!r}: each side needs 5 articles, and 5 that "
            "carry a label; the reasons stand in profiles.contrasts"
        )
    panels = {
        group: [
            Dot(
                _name(one.code, codebook),
                exp(one.log_odds or 0.0),
                exp(one.low or 0.0),
                exp(one.high or 0.0),
                (one.q or 0.0) < STANDS,
            )
            for one in sorted(found[group], key=lambda one: (one.q, -abs(one.log_odds or 0.0)))[:top]
        ]
        for group in sorted(found)
    }
    title = f"{VOICE_NAMES[voice]}: against {against or 'all others'}"
    return _draw(panels, title, "odds ratio (above 1: used more)", middle=1)


def _turned(one: Contrast) -> Contrast:
    """The same contrast seen from the other side."""
    middle, low, high = (-(end or 0.0) for end in (one.log_odds, one.high, one.low))
    return replace(one, group=one.against, against=one.group, log_odds=middle, low=low, high=high)


def _voice_of(profiles: Profiles, voice: str | None) -> str:
    voice = voice or profiles.first_voice
    if voice not in profiles.voices:
        raise FramingError(f"no voice {voice!r} in these profiles, expected {', '.join(profiles.voices)}")
    return voice


def _name(code: str, codebook: Codebook | None) -> str:
    return note_of(code, codebook or load_codebook()).name


def _draw(panels: dict[str, list[Dot]], title: str, unit: str, *, middle: float | None = None) -> Picture:
    """Draws panels of dots, at most three beside each other; around a middle of 1 the axis is logarithmic."""
    wide = min(COLUMNS, len(panels))
    deep = -(-len(panels) // wide)
    rows = max(map(len, panels.values()))
    figure = Picture(figsize=(3.9 * wide, deep * (1.1 + 0.28 * rows) + 0.4), layout="constrained")
    figure.suptitle(title, x=0.01, ha="left", fontweight="bold")
    grid = figure.subplots(deep, wide, squeeze=False).flatten()
    for axes, (name, dots) in zip(grid, panels.items(), strict=False):
        _panel(axes, name, dots)
        if middle is None:
            axes.set_xlim(left=-0.02 * axes.get_xlim()[1])
        else:
            axes.axvline(middle, color=QUIET, linewidth=1)
        if middle == 1:
            _ratio_axis(axes, [dot for dots in panels.values() for dot in dots])
    for axes in grid[len(panels) :]:
        axes.set_visible(False)
    figure.supxlabel(unit, fontsize="medium")
    return figure


def _panel(axes: Axes, name: str, dots: Sequence[Dot]) -> None:
    """Draws one panel, the first dot on top."""
    axes.set_title(name, loc="left", fontsize="medium")
    for row, dot in enumerate(dots):
        if dot.low is not None and dot.high is not None:
            axes.hlines(row, dot.low, dot.high, color=DOT, alpha=0.6, linewidth=2)
        axes.plot(dot.value, row, "o", color=DOT, markerfacecolor=DOT if dot.solid else "white")
    axes.set_yticks(range(len(dots)), [dot.name for dot in dots])
    axes.set_ylim(len(dots) - 0.5, -0.5)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x", color="#e3e6e9", linewidth=0.8)
    axes.set_axisbelow(True)


def _ratio_axis(axes: Axes, dots: Sequence[Dot]) -> None:
    """Makes x an axis of ratios: as far up as down from 1, far enough for the dots of all panels."""
    ends = [end for dot in dots for end in (dot.value, dot.low, dot.high) if end]
    furthest = min(max(4.0, *ends, *(1 / end for end in ends)), FURTHEST)
    step = 2 if furthest <= 4 else 4 if furthest <= 16 else 8
    ups = [step**power for power in range(1, 4) if step**power <= furthest]
    axes.set_xscale("log")
    axes.set_xlim(1 / furthest / 1.1, furthest * 1.1)
    ticks = [*(1 / up for up in reversed(ups)), 1, *ups]
    axes.set_xticks(ticks, [*(f"1/{up}" for up in reversed(ups)), "1", *map(str, ups)])
    axes.minorticks_off()
