"""Pairs of outlets of known truth: do intervals of the distance between their mixes of codes hold it?"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from framing.correction import Correction
from framing.counts import ALL, SOURCES, Counted
from framing.development import Development
from framing.distances import Distance, compare_groups, divergence
from training.simulation import (
    VOICES,
    Floats,
    Pool,
    confuse_voices,
    draw_development,
    draw_outlet,
    make_pools,
)

ARTICLES = (30, 60, 120)
APART = (0.0, 0.3, 0.6, 1.0, 1.5)  # spread of the logarithm of one outlet's shares by the other's
USUAL = 0.03  # the middle share of a code
SPREAD = 0.8  # of the logarithms of an outlet's shares
SHARES = (0.002, 0.3)  # the least and the greatest
LEAST_GIVEN = 30  # intervals of a cell that is looked at for the worst coverage

Row = tuple[str, int, float, float, Distance]
"""Basis, articles, how far apart the logarithms are, the true distance, and what was found."""


def simulate_distances(
    development: Development,
    *,
    worlds: int,
    draws: int,
    seed: int,
    articles: Sequence[int] = ARTICLES,
) -> dict[str, Any]:
    """Measure error and coverage of distances, by basis: of counted shares, and of corrected ones.

    Every world draws development articles anew, learns the correction from them, and draws pairs of outlets
    of every number of `articles` and every spread in `APART`. Distances of counts are set against
    those of what a count of many more articles would give.
    """
    pools, rows = make_pools(development), []
    for world in range(worlds):
        rng = np.random.default_rng([seed, world, 1])
        correction = Correction(draw_development(pools, development, rng))
        for count in articles:
            for apart in APART:
                shares = draw_shares(len(pools), apart, rng)
                found = _measure(pools, shares, count, correction, confuse_voices(development), draws, rng)
                truths = {"corrected": shares, "observed": _labelled(pools, shares)}
                for one in found:
                    known = [code for code, why in enumerate(correction.reasons) if why is None]
                    columns = known if one.basis == "corrected" else range(len(pools))
                    truth = float(np.sqrt(divergence(*truths[one.basis][:, list(columns)])))
                    rows.append((one.basis, count, apart, truth, one))
    return {"worlds": worlds, "draws": draws, "seed": seed, **summarise(rows)}


def draw_shares(codes: int, apart: float, rng: np.random.Generator) -> Floats:
    """The true shares of two outlets, (2, codes); the same where `apart` is 0."""
    first = np.clip(USUAL * np.exp(SPREAD * rng.normal(size=codes)), *SHARES)
    return np.stack([first, np.clip(first * np.exp(apart * rng.normal(size=codes)), *SHARES)])


def summarise(rows: Sequence[Row]) -> dict[str, Any]:
    """Error and coverage of each basis: where outlets differ, where they do not, and where it is worst."""
    cells: dict[tuple[str, int, float], list[Row]] = defaultdict(list)
    for row in rows:
        cells[row[:3]].append(row)
    found = [
        {"basis": basis, "articles": articles, "apart": apart, **_sum_up(cell)}
        for (basis, articles, apart), cell in cells.items()
    ]
    return {
        "bases": {
            basis: {
                "apart": _sum_up([row for row in rows if row[0] == basis and row[2] > 0]),
                "alike": _sum_up([row for row in rows if row[0] == basis and row[2] == 0]),
                "worst": min(
                    (cell for cell in found if cell["basis"] == basis and cell["given"] >= LEAST_GIVEN),
                    key=lambda cell: cell["covered"],
                    default=None,
                ),
            }
            for basis in dict.fromkeys(row[0] for row in rows)
        },
        "cells": found,
    }


def _measure(
    pools: Sequence[Pool],
    shares: Floats,
    articles: int,
    correction: Correction,
    confusion: Floats,
    draws: int,
    rng: np.random.Generator,
) -> Iterator[Distance]:
    """Yields the distances of all words by both bases, and of the outlets' own words by corrected shares."""
    groups = tuple(
        draw_outlet(pools, own.tolist(), articles, confusion, rng, name)
        for name, own in zip("ab", shares, strict=True)
    )
    counted = Counted(groups, tuple(pool.code for pool in pools), VOICES)
    found, _ = compare_groups(counted, (), correction, draws=draws, seed=int(rng.integers(2**31)))
    for one in found:  # what is counted in one voice depends on the voices' errors, which are drawn too
        if one.voice != SOURCES and (one.voice == ALL or one.basis == "corrected"):
            yield one


def _labelled(pools: Sequence[Pool], shares: Floats) -> Floats:
    """The shares that the model would label in many articles, (2, codes)."""
    rates = np.stack([pool.rates() for pool in pools], axis=1)
    return np.asarray((1 - shares) * rates[0] + shares * rates[1])


def _sum_up(rows: Sequence[Row]) -> dict[str, Any]:
    given = [(truth, one) for *_, truth, one in rows if one.low is not None and one.high is not None]
    held = [(one.low or 0.0) <= truth <= (one.high or 0.0) for truth, one in given]
    errors = [(one.distance or 0.0) - truth for truth, one in given]
    return {
        "truth": float(np.mean([truth for truth, _ in given])) if given else None,
        "bias": float(np.mean(errors)) if given else None,
        "mean_absolute_error": float(np.mean(np.abs(errors))) if given else None,
        "given": len(given),
        "of": len(rows),
        "covered": float(np.mean(held)) if given else None,
    }
