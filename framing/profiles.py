"""The profile of each outlet: how often it uses each code, and in whose voice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from framing.contrasts import Contrast
from framing.correction import UNCORRECTED, CorrectionInfo
from framing.counts import ALL, OWN, Key, SourceCount
from framing.distances import Distance, Map
from framing.errors import FramingError
from framing.files import write_table
from framing.groups import OUTLET
from framing.prevalence import Prevalence
from framing.records import Provenance

if TYPE_CHECKING:
    import pandas as pd

    from framing.charts import Picture

COLUMNS = (
    "outlet",
    "code",
    "voice",
    "sentences",
    "articles",
    "carrying",
    "positives",
    "observed",
    "low",
    "high",
    "reason",
    "design_effect",
    "corrected",
    "corrected_low",
    "corrected_high",
    "corrected_reason",
    "method",
    "doubt",
    "shrunk",
    "shrunk_low",
    "shrunk_high",
)
TEXTS = ("outlet", "code", "voice", "reason", "corrected_reason", "method", "doubt")
COUNTS = ("sentences", "articles", "carrying", "positives")
TERMINAL: tuple[str, ...] = (
    "outlet",
    "code",
    "corrected %",
    "95 % interval",
    "counted %",
    "count",
    "articles",
    "note",
)


@dataclass(frozen=True, slots=True)
class Profile:
    """How one outlet words its news.

    Attributes:
        outlet: Its name, as the articles give it; with another grouping, the group's name.
        articles: Articles with at least one sentence.
        sentences: Their sentences.
        estimates: For each code and voice the share of *all* the outlet's sentences that carry the code
            in that voice, so that the voices of a code can be set against each other.
        sources: Whom the outlet lends each code to: in the order of the codes, the most frequent first.
        values: What the group is made of, a value for each of `Profiles.by`.
    """

    outlet: str
    articles: int
    sentences: int
    estimates: Mapping[Key, Prevalence]
    sources: tuple[SourceCount, ...] = ()
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Profiles:
    """Profiles of outlets that were labelled alike.

    Attributes:
        profiles: One an outlet, sorted by its name.
        codes: The codes looked for, in the model's order.
        voices: ``("all",)`` or, where the model tells voices apart, ``("all", "outlet", "sources")``.
        draws: Bootstrap draws behind each interval.
        seed: The seed of the draws.
        provenance: How the labels were made, where that is known.
        correction: What corrected them, or why nothing did.
        by: What the groups are made of: ``("outlet",)``, or as in ``("outlet", "month")``.
        contrasts: What sets each group apart; see `framing.contrasts.contrast_groups`.
        distances: How far pairs of groups lie apart in their mix of codes; see `framing.distances`.
        maps: Maps of these distances.
    """

    profiles: tuple[Profile, ...]
    codes: tuple[str, ...]
    voices: tuple[str, ...]
    draws: int
    seed: int
    provenance: Provenance | None = None
    correction: CorrectionInfo = UNCORRECTED
    by: tuple[str, ...] = (OUTLET,)
    contrasts: tuple[Contrast, ...] = ()
    distances: tuple[Distance, ...] = ()
    maps: tuple[Map, ...] = ()

    def rows(self) -> Iterator[dict[str, Any]]:
        """The tidy table: one row an outlet × code × voice, with the keys of `COLUMNS`, shares in [0, 1]."""
        for profile in self.profiles:
            for (code, voice), prevalence in profile.estimates.items():
                row = {"outlet": profile.outlet, "code": code, "voice": voice, **asdict(prevalence)}
                yield {column: row[column] for column in COLUMNS}

    def to_pandas(self) -> pd.DataFrame:
        """The tidy table as a data frame; see `rows`. A missing figure is NaN, a missing reason None."""
        import pandas as pd

        frame = pd.DataFrame(list(self.rows()), columns=list(COLUMNS))
        kinds = dict.fromkeys(TEXTS, "object") | dict.fromkeys(COUNTS, "int64")
        return frame.astype({name: kinds.get(name, "float64") for name in COLUMNS})

    @property
    def first_voice(self) -> str:
        """The voice to show first: the outlet's own where the model tells voices apart, else all."""
        return OWN if OWN in self.voices else ALL

    def to_rows(self, *, voice: str | None = None, top: int = 5) -> list[tuple[str, ...]]:
        """The most frequent codes of each outlet, as text for a terminal.

        Args:
            voice: One of `voices`, by default `first_voice`.
            top: At most so many codes an outlet, 1 or more; codes that it never shows are left out.

        Returns:
            The headings, then the rows. Names are as the input gave them: escape markup when printing.

        Raises:
            FramingError: The profiles have no such voice.
        """
        voice = voice or self.first_voice
        if voice not in self.voices:
            raise FramingError(f"no voice {voice!r} in these profiles, expected {', '.join(self.voices)}")
        rows = [TERMINAL]
        for profile in self.profiles:
            found = [(code, profile.estimates[code, voice]) for code in self.codes]
            seen = sorted((pair for pair in found if pair[1].positives), key=lambda pair: -pair[1].best[0])
            rows += [_row(profile, code, prevalence) for code, prevalence in seen[:top]]
            if not seen:
                rows.append(_row(profile, "(none)", found[0][1]))
        return rows

    def plot(self, **settings: Any) -> Picture:
        """Draws shares and intervals, a panel a code; see `framing.charts.plot_profiles` for the settings."""
        from framing.charts import plot_profiles

        return plot_profiles(self, **settings)

    def plot_contrasts(self, **settings: Any) -> Picture:
        """Draws what sets each outlet apart, with intervals; see `framing.charts.plot_contrasts`."""
        from framing.charts import plot_contrasts

        return plot_contrasts(self, **settings)

    def write_json(self, path: Path | str) -> None:
        """Writes everything to a JSON file that `read_json` reads; a file already there is replaced.

        Raises:
            FramingError: The file cannot be written.
        """
        from framing.profile_files import write_profiles

        write_profiles(self, path)

    @classmethod
    def read_json(cls, path: Path | str) -> Profiles:
        """Reads what `write_json` wrote.

        Raises:
            FramingError: The file cannot be read, is not JSON, or does not hold profiles.
        """
        from framing.profile_files import read_profiles

        return read_profiles(path)

    def write_csv(self, path: Path | str) -> None:
        """Writes the tidy table as CSV (UTF-8); a file already there is replaced.

        Text that a spreadsheet would take for a formula gets an apostrophe in front.

        Raises:
            FramingError: The file cannot be written.
        """
        write_table(path, COLUMNS, self.rows())


def percent(share: float) -> str:
    """A share in [0, 1] as per cent without the sign, one decimal: ``12.3``, ``<0.1``, ``0``."""
    if 0 < share < 0.0005:
        return "<0.1"
    return f"{100 * share:.1f}" if share else "0"


def interval(prevalence: Prevalence) -> str:
    """The 95 % interval in per cent: ``8.1–17.0``, that of a mere count in brackets; or nothing."""
    _, low, high = prevalence.best
    if low is None or high is None:
        return ""
    ends = f"{percent(low)}–{percent(high)}"
    return f"({ends})" if prevalence.corrected is None else ends


def _row(profile: Profile, code: str, found: Prevalence) -> tuple[str, ...]:
    """One row under `TERMINAL`; the interval is that of the corrected share, where there is one."""
    count = f"{found.positives}/{found.sentences}"
    corrected, note = "", found.reason or ""
    if found.corrected is not None:
        corrected = percent(found.corrected) + "?" * (found.doubt is not None)
        note = found.corrected_reason or found.doubt or ""
    figures = corrected, interval(found), percent(found.observed), count, str(found.articles), note
    return profile.outlet, code, *figures
