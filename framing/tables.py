"""All estimates of profiles in one tidy table: one row an estimate."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from framing.errors import FramingError
from framing.files import write_table, written
from framing.groups import TAKEN
from framing.profiles import Profiles

if TYPE_CHECKING:
    import pandas as pd

SUFFIXES = (".csv", ".parquet")
FIGURES = ("value", "low", "high", "p", "q")
COUNTS = ("articles", "sentences", "positives")
SHARES = {"observed": ("low", "high", "reason"), **{
    name: (f"{name}_low", f"{name}_high", "corrected_reason") for name in ("corrected", "shrunk")
}}  # fmt: skip


def columns_of(profiles: Profiles) -> tuple[str, ...]:
    """The table's columns: those of `Profiles.by`, then `framing.groups.TAKEN`."""
    return profiles.by + TAKEN


def estimate_rows(profiles: Profiles) -> Iterator[dict[str, Any]]:
    """All estimates, one a row.

    Yields:
        Rows with a key for each column:

        - the columns that the groups are made of (``outlet``): whose estimate it is;
        - ``against``: the group that it is set against, or ``(others)``; ``varies``: the column in which the
          two differ; both nothing for a share;
        - ``code`` (nothing for a distance) and ``voice``: ``all``, ``outlet`` or ``sources``;
        - ``measure``: ``observed``, ``corrected`` or ``shrunk`` (a share of sentences, in [0, 1]),
          ``log_odds`` (a contrast of what was labelled), ``difference_corrected`` (of corrected shares, in
          [-1, 1], for the same two sides), ``distance_observed`` or ``distance_corrected`` (Jensen–Shannon,
          in [0, 1], of counted and of corrected shares);
        - ``value``, and ``low`` and ``high``, the ends of its 95 % interval; nothing where there is none;
        - ``p`` and ``q`` of a contrast;
        - ``reason``: why something is missing or to be distrusted;
        - ``articles``, ``sentences``, ``positives`` (sentences labelled) of the group.
    """
    values = {profile.outlet: profile.values or (profile.outlet,) for profile in profiles.profiles}
    sizes = {one.outlet: {"articles": one.articles, "sentences": one.sentences} for one in profiles.profiles}
    empty: dict[str, Any] = dict.fromkeys(columns_of(profiles))
    for profile in profiles.profiles:
        whose = empty | dict(zip(profiles.by, values[profile.outlet], strict=True)) | sizes[profile.outlet]
        for (code, voice), found in profile.estimates.items():
            of = whose | {"code": code, "voice": voice, "positives": found.positives}
            for measure, (low, high, reason) in SHARES.items():
                figures = {"value": getattr(found, measure), "low": getattr(found, low)}
                figures |= {"high": getattr(found, high), "reason": getattr(found, reason)}
                if figures["value"] is not None or figures["reason"]:
                    yield of | {"measure": measure} | figures
    for one in profiles.contrasts:
        row = {name: getattr(one, name) for name in empty if hasattr(one, name)}
        whose = dict(zip(profiles.by, values[one.group], strict=True)) | sizes[one.group]
        of = empty | row | whose
        yield of | {"measure": "log_odds", "value": one.log_odds}
        if one.corrected is not None or one.corrected_reason:
            figures = {"value": one.corrected, "low": one.corrected_low, "high": one.corrected_high}
            more = {"p": None, "q": None, "reason": one.corrected_reason}
            yield of | {"measure": "difference_corrected"} | figures | more
    for gap in profiles.distances:
        row = {name: getattr(gap, name) for name in empty if hasattr(gap, name)}
        whose = dict(zip(profiles.by, values[gap.group], strict=True)) | sizes[gap.group]
        yield empty | row | whose | {"measure": f"distance_{gap.basis}", "value": gap.distance}


def to_frame(profiles: Profiles) -> pd.DataFrame:
    """The table of `estimate_rows` as a data frame; missing figures are NaN, missing texts None."""
    import pandas as pd

    columns = columns_of(profiles)
    kinds = dict.fromkeys(FIGURES, "float64") | dict.fromkeys(COUNTS, "Int64")
    frame = pd.DataFrame(list(estimate_rows(profiles)), columns=list(columns))
    return frame.astype({name: kinds.get(name, "object") for name in columns})


def write_estimates(profiles: Profiles, path: Path | str) -> None:
    """Writes the table of `estimate_rows` as `.csv` or `.parquet`; a file already there is replaced.

    Raises:
        FramingError: The suffix is neither, or the file cannot be written.
    """
    path = Path(path)
    if path.suffix == ".csv":
        write_table(path, columns_of(profiles), estimate_rows(profiles))
    elif path.suffix == ".parquet":
        with written(path) as part:
            to_frame(profiles).to_parquet(part, index=False)
    else:
        raise FramingError(f"{path}: found the suffix {path.suffix!r}, expected {' or '.join(SUFFIXES)}")
