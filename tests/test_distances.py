import numpy as np
import pytest

from framing.counts import Counted, GroupCounts
from framing.distances import Shares, compare_groups, divergence, measure_distances, place_groups
from framing.prevalence import Prevalence

MIX = np.array([0.2, 0.1, 0.05, 0.02, 0.01])


def shares(name: str, mix: np.ndarray, articles: int = 60, seed: int = 0) -> Shares:
    """An outlet of 20 sentences an article, with draws of its articles."""
    rng = np.random.default_rng([seed, *name.encode()])
    found = rng.binomial(20, mix[:, None], (len(mix), articles))
    drawn = found[:, rng.integers(0, articles, (300, articles))].sum(-1).T / (20 * articles)
    return Shares(name, articles, found.sum(1) / (20 * articles), drawn)


def test_divergence_is_zero_for_the_same_proportions_and_one_for_nothing_in_common() -> None:
    assert divergence(MIX, MIX / 3) == pytest.approx(0, abs=1e-12)
    assert divergence(np.array([0.1, 0, 0]), np.array([0, 0.2, 0.3])) == pytest.approx(1)


def test_divergence_is_that_of_scipy() -> None:
    from scipy.spatial.distance import jensenshannon

    other = MIX[::-1]
    assert np.sqrt(divergence(MIX, other)) == pytest.approx(jensenshannon(MIX, other, base=2))


def test_noise_is_not_taken_for_a_distance() -> None:
    found = [
        measure_distances([shares("a", MIX, seed=n), shares("b", MIX, seed=n)], "all", "observed")
        for n in range(40)
    ]
    single = [distances[0] for distances, _ in found]
    assert np.mean([one.low == 0 for one in single]) > 0.9
    assert np.median([one.distance or 0 for one in single]) < 0.05


def test_the_interval_holds_a_real_distance() -> None:
    truth = float(np.sqrt(divergence(MIX, MIX[::-1])))
    held = []
    for seed in range(60):
        one, _ = measure_distances(
            [shares("a", MIX, seed=seed), shares("b", MIX[::-1], seed=seed)], "all", "observed"
        )
        assert one[0].low is not None
        assert one[0].high is not None
        held.append(one[0].low <= truth <= one[0].high)
    assert np.mean(held) > 0.88


def test_too_little_data_has_no_distance_and_no_place() -> None:
    groups = [shares("few", MIX, 29), shares("none", 0 * MIX), *(shares(name, MIX) for name in "xyz")]
    distances, placed = measure_distances(groups, "all", "observed")
    reasons = {(one.group, one.against): one.reason for one in distances}
    assert reasons["few", "x"] == "no distance: few has 29 articles, it takes 30"
    assert reasons["none", "x"] == "no distance: none uses none of the codes"
    assert reasons["x", "y"] is None
    assert placed is not None
    assert [place.group for place in placed.places] == ["x", "y", "z"]


def test_two_groups_make_no_map() -> None:
    assert measure_distances([shares("a", MIX), shares("b", MIX)], "all", "observed")[1] is None


def test_many_groups_have_a_map_only() -> None:
    groups = [shares(f"{number:02}", MIX if number % 2 else MIX[::-1], 30) for number in range(21)]
    distances, placed = measure_distances(groups, "all", "observed")
    assert distances == []
    assert placed is not None
    sides = [place.x > 0 for place in placed.places]
    assert sides == [sides[0] if number % 2 == 0 else not sides[0] for number in range(21)]


def test_points_of_a_plane_come_back_but_for_turns() -> None:
    points = np.array([[0.0, 0.0], [3, 0], [0, 1], [2, 2]])
    squared = ((points[:, None] - points[None]) ** 2).sum(-1)
    axes, shown = place_groups(squared)
    np.testing.assert_allclose(((axes[:, None] - axes[None]) ** 2).sum(-1), squared, atol=1e-9)
    assert shown == pytest.approx(1)
    assert (axes[np.abs(axes).argmax(0), [0, 1]] > 0).all()


def test_groups_are_compared_voice_by_voice() -> None:
    rng = np.random.default_rng(0)
    groups = []
    for name, mix in (("a", MIX), ("b", MIX), ("c", MIX[::-1])):
        own = rng.binomial(20, mix[:, None], (5, 40))
        positives = np.stack([own, own, np.zeros_like(own)], axis=1).reshape(15, 40)
        ids = tuple(f"{name}{number:02}" for number in range(40))
        groups.append(GroupCounts(name, ids, np.full(40, 20), positives, np.zeros((5, 40))))
    counted = Counted(tuple(groups), ("v", "w", "x", "y", "z"), ("all", "outlet", "sources"))
    estimates = [
        [Prevalence(int(row.sum()), 800, 40, float(row.mean() / 20), reason="-") for row in one.positives]
        for one in groups
    ]
    distances, maps = compare_groups(counted, estimates, None, draws=200, seed=1)
    found = {(one.voice, one.group, one.against): one for one in distances}
    assert len(found) == 9
    assert {one.basis for one in distances} == {"observed"}
    assert (found["outlet", "a", "c"].low or 0) > (found["outlet", "a", "b"].distance or 0)
    assert found["sources", "a", "b"].reason == "no distance: a uses none of the codes"
    assert [one.voice for one in maps] == ["all", "outlet"]
    assert compare_groups(counted, estimates, None, draws=200, seed=1) == (distances, maps)
