"""How far estimates lie from a truth that is known, and how often their intervals hold it."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from framing.counts import ALL
from framing.prevalence import Prevalence

ENOUGH_ARTICLES, ENOUGH_POSITIVES = 30, 10
LEAST_GIVEN = 100  # intervals of a cell that is looked at for the worst coverage


@dataclass(frozen=True)
class Case:
    """One estimate beside the truth.

    Attributes:
        truth: The true share.
        labelled: The share of labels that a count of many more articles would give, where that is known.
        others: Estimates by other methods.
    """

    code: str
    voice: str
    estimate: Prevalence
    truth: float
    labelled: float | None = None
    others: Mapping[str, float] = field(default_factory=dict)


def summarise(cases: Sequence[Case]) -> dict[str, Any]:
    """Sum up errors and coverage: over all, by code, and by number of articles and true share."""
    every = [case for case in cases if case.voice == ALL]
    own = [case for case in cases if case.voice != ALL]
    enough = [
        case
        for case in every
        if case.estimate.articles >= ENOUGH_ARTICLES
        and case.truth * case.estimate.sentences >= ENOUGH_POSITIVES
    ]
    cells = _cells(every, lambda case: (case.estimate.articles, case.truth))
    return {
        "cases": len(every),
        "error": _errors(every),
        "coverage": {
            "corrected": _cover(every, "corrected"),
            "corrected_enough_data": _cover(enough, "corrected"),
            "corrected_own_voice": _cover(own, "corrected"),
            "counted_of_its_own_truth": _cover(every, "counted"),
            "counted_enough_data": _cover(enough, "counted"),
            "counted_of_the_truth": _cover(every, "truth"),
        },
        "worst": {
            name: min(
                (
                    {"articles": articles, "truth": truth, **found}
                    for (articles, truth), group in cells.items()
                    if (found := _cover(group, name))["given"] >= LEAST_GIVEN
                ),
                key=lambda row: row["covered"],
                default=None,
            )
            for name in ("corrected", "counted")
        },
        "doubted": _share([case.estimate.doubt is not None for case in every]),
        "by_code": [
            {
                "code": code,
                "error": _errors(group),
                "corrected": _cover(group, "corrected"),
                "doubted": _share([case.estimate.doubt is not None for case in group]),
            }
            for code, group in _cells(every, lambda case: case.code).items()
        ],
        "cells": [
            {
                "articles": articles,
                "truth": truth,
                "positives": float(np.mean([case.truth * case.estimate.sentences for case in group])),
                "error": _errors(group),
                "corrected": _cover(group, "corrected"),
                "counted": _cover(group, "counted"),
                "doubted": _share([case.estimate.doubt is not None for case in group]),
            }
            for (articles, truth), group in cells.items()
        ]
        if len(cells) <= 100
        else [],
    }


def _cells(cases: Sequence[Case], key: Callable[[Case], Any]) -> dict[Any, list[Case]]:
    found: dict[Any, list[Case]] = defaultdict(list)
    for case in cases:
        found[key(case)].append(case)
    return found


def _errors(cases: Sequence[Case]) -> dict[str, Any]:
    """Mean absolute errors in percentage points, and the corrected one's by the counted one's."""
    sums: dict[str, list[float]] = defaultdict(list)
    for case in cases:
        if case.estimate.corrected is None:
            continue
        values = {"counted": case.estimate.observed, "corrected": case.estimate.corrected, **case.others}
        for name, value in values.items():
            sums[name].append(100 * abs(value - case.truth))
    means = {name: float(np.mean(values)) for name, values in sums.items()}
    change = means["corrected"] / means["counted"] - 1 if means.get("counted") else 0.0
    return {"mean_absolute": means, "corrected_against_counted": change}


def _cover(cases: Sequence[Case], kind: str) -> dict[str, Any]:
    """How many intervals are given, and how many of them hold the truth."""
    held, given = [], 0
    for case in cases:
        found = case.estimate
        low, high = (
            (found.corrected_low, found.corrected_high) if kind == "corrected" else (found.low, found.high)
        )
        truth = case.labelled if kind == "counted" else case.truth
        if low is None or high is None or truth is None:
            continue
        given += 1
        held.append(low <= truth <= high)
    return {"given": given, "of": len(cases), "covered": _share(held)}


def _share(flags: Sequence[bool]) -> float | None:
    return float(np.mean(flags)) if flags else None


def draw_plot(found: Mapping[str, Any], path: Path) -> None:
    """Draw error and coverage of a simulation by true share, one line a number of articles, as SVG."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "framing"  # the same file every time
    from matplotlib import pyplot

    figure, (errors, covered) = pyplot.subplots(1, 2, figsize=(9, 3.4), layout="constrained")
    rows = found["cells"]
    counts = sorted({row["articles"] for row in rows})
    for shade, count in zip(np.linspace(0.75, 0, len(counts)), counts, strict=True):
        own = [row for row in rows if row["articles"] == count]
        shares = [100 * row["truth"] for row in own]
        colour = (shade, shade, 0.6 + 0.4 * shade)
        errors.plot(shares, [row["error"]["mean_absolute"]["corrected"] for row in own], color=colour)
        given = [row for row in own if row["corrected"]["covered"] is not None]
        covered.plot(
            [100 * row["truth"] for row in given],
            [100 * row["corrected"]["covered"] for row in given],
            color=colour,
            label=f"{count} articles",
        )
    most = [row for row in rows if row["articles"] == counts[-1]]
    errors.plot(
        [100 * row["truth"] for row in most],
        [row["error"]["mean_absolute"]["counted"] for row in most],
        color="black",
        linestyle="--",
        label=f"counted, {counts[-1]} articles",
    )
    covered.axhspan(93, 97, color="0.9")
    covered.set(xscale="log", xlabel="true share, %", ylabel="intervals that hold it, %", ylim=(80, 100))
    errors.set(xscale="log", yscale="log", xlabel="true share, %", ylabel="mean absolute error, points")
    errors.legend()
    covered.legend(ncols=2)
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)
