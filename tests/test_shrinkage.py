import numpy as np

from framing.prevalence import Prevalence
from framing.shrinkage import shrink


def outlet(share: float, half: float, sentences: int = 1000) -> Prevalence:
    low, high = max(share - half, 0), share + half
    return Prevalence(int(share * sentences), sentences, 20, share, low, high, carrying=9)


def test_unsure_outlets_are_drawn_further_and_raw_figures_stay() -> None:
    found = [outlet(share, 0.02) for share in (0.05, 0.08, 0.11, 0.14)] + [outlet(0.3, 0.3, 50)]
    shrunk = shrink(found)
    moved = [abs((one.shrunk or 0) - one.observed) for one in shrunk]
    assert moved[-1] > 5 * max(moved[:-1])
    assert [one.observed for one in shrunk] == [one.observed for one in found]
    assert [one.low for one in shrunk] == [one.low for one in found]


def test_with_few_outlets_or_without_intervals_nothing_is_shrunk() -> None:
    few = [outlet(share, 0.02) for share in (0.05, 0.08, 0.11, 0.14)]
    assert shrink(few) == few
    unsure = Prevalence(1, 20, 2, 0.05, reason="no interval: 2 articles, it takes 10")
    more = shrink([*few, outlet(0.1, 0.02), unsure])
    assert more[-1] == unsure
    assert all(one.shrunk is not None for one in more[:-1])


def test_shrunk_figures_err_less_and_their_intervals_cover() -> None:
    random = np.random.default_rng(0)
    raw, drawn, covered = [], [], []
    for _ in range(200):
        truths = np.clip(random.normal(0.1, 0.02, 12), 0.01, 1)
        sizes = random.choice([100, 400, 1600], 12)
        errors = np.sqrt(3 * 0.1 * 0.9 / sizes)
        shares = np.clip(random.normal(truths, errors), 0.001, 1)
        found = shrink([outlet(s, 1.96 * e, int(n)) for s, e, n in zip(shares, errors, sizes, strict=True)])
        for one, truth in zip(found, truths, strict=True):
            assert one.shrunk is not None
            assert one.shrunk_low is not None
            assert one.shrunk_high is not None
            raw.append(abs(one.observed - truth))
            drawn.append(abs(one.shrunk - truth))
            covered.append(one.shrunk_low <= truth <= one.shrunk_high)
    assert np.mean(drawn) < 0.8 * np.mean(raw)
    assert 0.92 <= np.mean(covered) <= 0.99
