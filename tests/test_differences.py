"""Corrected differences: by hand, and where the truth is known."""

from dataclasses import replace

import numpy as np
import pytest

from framing.contrasts import OTHERS, Contrast, contrast_groups, points_of
from framing.correction import Correction
from framing.counts import Counted
from framing.differences import CorrectedDifference, CorrectedShares, Gathering
from framing.draws import draw_group
from tests.test_simulation import develop_several
from training.simulation import VOICES, confuse_voices, draw_development, draw_outlet, make_pools

KEY = ("doubt", "all")


def shares(points: list[float], draws: np.ndarray, articles: int = 40) -> CorrectedShares:
    """Three groups of 100, 100 and 300 sentences, one key."""
    return CorrectedShares(
        {KEY: 0},
        {("slogans", "all"): "not corrected: too rare"},
        np.array([50]),
        np.array([100.0, 100.0, 300.0]),
        np.array([articles] * 3),
        np.array(points)[:, None],
        draws.astype(np.float32)[:, :, None],
    )


def test_the_rest_weigh_by_their_sentences() -> None:
    noise = np.random.default_rng(0).normal(0, 0.01, (3, 1000))
    points = [0.5, 0.1, 0.2]
    found = shares(points, np.array(points)[:, None] + noise)
    one = found.against_rest(0, found.together([0, 1, 2]))[KEY]
    assert one.value == pytest.approx(0.5 - (100 * 0.1 + 300 * 0.2) / 400)  # 0.325
    assert one.low is not None
    assert one.high is not None
    spread = 0.01 * np.sqrt(1 + (1 + 9) / 16)  # of the first, and of a quarter and three quarters
    assert (one.high - one.low) / 2 == pytest.approx(2.05 * spread, rel=0.1)
    pair = found.against_rest(1, found.together([1, 2]))[KEY]
    assert pair.value == pytest.approx(-0.1)


def test_errors_that_all_groups_share_leave_the_difference_alone() -> None:
    shared = np.random.default_rng(0).normal(0, 0.1, 1000)
    own = np.random.default_rng(1).normal(0, 0.001, (3, 1000))
    points = [0.5, 0.3, 0.3]
    found = shares(points, np.array(points)[:, None] + shared + own)
    one = found.against_rest(0, found.together([0, 1, 2]))[KEY]
    assert one.low is not None
    assert one.low > 0.19


def test_what_is_missing_says_why() -> None:
    found = shares([0.5, 0.1, 0.2], np.ones((3, 100)), articles=8)
    circle = found.together([0, 1])
    by_key = found.against_rest(0, circle)
    assert by_key[KEY] == CorrectedDifference(
        pytest.approx(0.4), reason="no interval: 8 articles, it takes 10"
    )
    assert by_key["slogans", "all"] == CorrectedDifference(reason="not corrected: too rare")


def contrast(log_odds: float, low: float | None, high: float | None) -> Contrast:
    figures = (40, 80, 30, 20, 0.1, 0.03, log_odds, log_odds - 0.5, log_odds + 0.5, 0.001, 0.01, None)
    return Contrast("a", OTHERS, "outlet", "doubt", "all", *figures, 0.02, low, high, None)


def test_a_contrast_survives_where_the_corrected_interval_is_clear_of_none() -> None:
    assert contrast(1.0, 0.01, 0.03).survives is True
    assert contrast(1.0, -0.01, 0.05).survives is False
    assert contrast(-1.0, 0.01, 0.03).survives is False  # corrected, it points the other way
    assert contrast(1.0, None, None).survives is None
    assert points_of(contrast(1.0, 0.01, 0.03)) == "+2.0 (1.0 to 3.0)"
    assert points_of(contrast(1.0, -0.01, 0.05)) == "+2.0? (-1.0 to 5.0)"
    assert points_of(replace(contrast(1.0, None, None), corrected=None)) == ""


def test_intervals_hold_the_true_difference() -> None:
    development = develop_several()
    pools, confusion = make_pools(development), confuse_voices(development)
    held, given, found_alike = 0, 0, 0
    for world in range(25):
        rng = np.random.default_rng([3, world])
        correction = Correction(draw_development(pools, development, rng))
        truths = {"a": [0.05, 0.1, 0.1, 0.2], "b": [0.15, 0.1, 0.2, 0.1]}
        groups = tuple(draw_outlet(pools, own, 40, confusion, rng, name) for name, own in truths.items())
        counted = Counted(groups, tuple(pool.code for pool in pools), VOICES)
        gathering = Gathering(counted, correction)
        for group in groups:
            gathering.add(draw_group(group, counted, correction, draws=200, seed=world))
        for one in contrast_groups(counted, corrected=gathering.shares()):
            if one.voice != "all" or one.group != "a" or one.corrected_low is None:
                continue
            at = counted.codes.index(one.code)
            truth = truths["a"][at] - truths["b"][at]
            assert one.corrected_high is not None
            held += one.corrected_low <= truth <= one.corrected_high
            given += 1
            found_alike += truth == 0 and one.survives is True
    assert given > 80
    assert held / given > 0.88
    assert found_alike <= 4
