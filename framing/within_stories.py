"""Differences between outlets on the same stories, as a table, as text and as files."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from framing.contrasts import OTHERS
from framing.copies import Copies
from framing.counts import ALL, OWN
from framing.files import write_table, write_text

if TYPE_CHECKING:
    import pandas as pd

    from framing.charts import Picture

FORMAT = "framing within stories 1"
TERMINAL = ("outlet", "code", "here %", "others %", "difference", "95 % interval", "q", "stories")


@dataclass(frozen=True, slots=True)
class Difference:
    """How far an outlet's use of a code differs from others' on the stories that both told.

    Attributes:
        outlet: Whose use.
        against: Another outlet, or `OTHERS`: all others that told the story, each weighing equally.
        code: A code of the labels.
        voice: ``all``, ``outlet`` (own words) or ``sources`` (quoted or attributed).
        stories: Stories that both told, at least 1.
        share: Mean over these stories of the share of the outlet's sentences, in [0, 1].
        other: The same of those it is set against, in [0, 1].
        difference: `share - other`, in [-1, 1]; each story weighs the same.
        low: Lower end of the 95 % interval; nothing where there is none.
        high: Upper end of it.
        p: Chance of a difference at least as large if the outlets of each story were exchanged at random,
            in (0, 1].
        q: The same after Benjamini & Hochberg, over all outlets and codes of one voice.
        reason: Why there is no interval; else nothing.
    """

    outlet: str
    against: str
    code: str
    voice: str
    stories: int
    share: float
    other: float
    difference: float
    low: float | None
    high: float | None
    p: float
    q: float
    reason: str | None


COLUMNS = tuple(field.name for field in fields(Difference))


@dataclass(frozen=True, slots=True)
class Coverage:
    """What of an outlet entered the comparison.

    Attributes:
        stories: Stories that it and at least one other told.
        articles: Its articles in them.
        sentences: Their sentences, those counted.
        copied: Sentences of these articles that other outlets print too, whether counted or not.
    """

    outlet: str
    stories: int
    articles: int
    sentences: int
    copied: int


@dataclass(frozen=True, slots=True)
class WithinStories:
    """Outlets compared on the stories that several told.

    Attributes:
        differences: By outlet, what it is set against, code and voice.
        coverage: One an outlet, sorted by name.
        stories: Stories that at least two outlets told.
        copies: ``with``, ``without`` or ``only``: how copied sentences were counted.
        draws: Bootstrap draws behind each interval.
        seed: Seed of the draws and shuffles.
    """

    differences: tuple[Difference, ...]
    coverage: tuple[Coverage, ...]
    stories: int
    copies: Copies
    draws: int
    seed: int

    def to_pandas(self) -> pd.DataFrame:
        """The tidy table: one row a difference, the columns those of `Difference`."""
        import pandas as pd

        frame = pd.DataFrame([asdict(one) for one in self.differences], columns=list(COLUMNS))
        return frame.astype({"low": "float64", "high": "float64", "reason": "object"})

    @property
    def title(self) -> str:
        """What was compared, on one line."""
        sentences, copied = (
            sum(getattr(one, name) for one in self.coverage) for name in ("sentences", "copied")
        )
        return (
            f"{self.stories} stories told by several of {len(self.coverage)} outlets: {sentences} sentences "
            f"({self.copies} the {copied} that several print)"
        )

    def to_rows(self, *, top: int = 5) -> list[tuple[str, ...]]:
        """What sets each outlet apart from the others on the same stories, as text for a terminal.

        Args:
            top: At most so many codes an outlet, the smallest q first; its own words where voices are told.

        Returns:
            The headings, then the rows. Names are as the input gave them: escape markup when printing.
        """
        voice = OWN if any(one.voice == OWN for one in self.differences) else ALL
        found: dict[str, list[Difference]] = defaultdict(list)
        for one in self.differences:
            if one.against == OTHERS and one.voice == voice and one.difference:
                found[one.outlet].append(one)
        rows: list[tuple[str, ...]] = [TERMINAL]
        for told in found.values():
            rows += [_row(one) for one in sorted(told, key=lambda one: (one.q, -abs(one.difference)))[:top]]
        return rows

    def plot(self, **settings: Any) -> Picture:
        """Draws what sets outlets apart, with intervals; see `framing.charts.plot_differences`."""
        from framing.charts import plot_differences

        return plot_differences(self, **settings)

    def write_json(self, path: Path | str) -> None:
        """Writes everything as JSON; a file already there is replaced.

        Raises:
            FramingError: The file cannot be written.
        """
        content = {"format": FORMAT, **asdict(self)}
        write_text(path, json.dumps(content, ensure_ascii=False, indent=1) + "\n")

    def write_csv(self, path: Path | str) -> None:
        """Writes the tidy table as CSV (UTF-8); what a spreadsheet would take for a formula gets a ``'``.

        Raises:
            FramingError: The file cannot be written.
        """
        write_table(path, COLUMNS, map(asdict, self.differences))


def _row(one: Difference) -> tuple[str, ...]:
    ends = "" if one.low is None or one.high is None else f"{100 * one.low:+.1f} to {100 * one.high:+.1f}"
    figures = (f"{100 * one.share:.1f}", f"{100 * one.other:.1f}", f"{100 * one.difference:+.1f}")
    return one.outlet, one.code, *figures, ends, f"{one.q:.3f}", str(one.stories)
