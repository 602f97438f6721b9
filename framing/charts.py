"""Profiles and differences as pictures, by matplotlib: dots with their 95 % intervals, axes named."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from framing.codebook import Codebook, load_codebook
from framing.errors import FramingError
from framing.figures import VOICE_NAMES, note_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from framing.profiles import Profiles
    from framing.within import WithinStories

try:
    from matplotlib.figure import Figure
except ImportError as error:
    raise FramingError("matplotlib is not installed: pip install 'framing[plots]'") from error

DOT = "#1c5a94"
QUIET = "#8a949d"
COLUMNS = 3


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
    voice = voice or profiles.first_voice
    if voice not in profiles.voices:
        raise FramingError(f"no voice {voice!r} in these profiles, expected {', '.join(profiles.voices)}")
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
    return _draw(panels, title, "difference (percentage points)", zero=True)


def _name(code: str, codebook: Codebook | None) -> str:
    return note_of(code, codebook or load_codebook()).name


def _draw(panels: dict[str, list[Dot]], title: str, unit: str, *, zero: bool = False) -> Picture:
    """Draws panels of dots, at most three beside each other."""
    wide = min(COLUMNS, len(panels))
    deep = -(-len(panels) // wide)
    rows = max(map(len, panels.values()))
    figure = Picture(figsize=(3.9 * wide, deep * (1.1 + 0.28 * rows) + 0.4), layout="constrained")
    figure.suptitle(title, x=0.01, ha="left", fontweight="bold")
    grid = figure.subplots(deep, wide, squeeze=False).flatten()
    for axes, (name, dots) in zip(grid, panels.items(), strict=False):
        _panel(axes, name, dots, zero)
    for axes in grid[len(panels) :]:
        axes.set_visible(False)
    figure.supxlabel(unit, fontsize="medium")
    return figure


def _panel(axes: Axes, name: str, dots: Sequence[Dot], zero: bool) -> None:
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
    if zero:
        axes.axvline(0, color=QUIET, linewidth=1)
    else:
        axes.set_xlim(left=-0.02 * axes.get_xlim()[1])
