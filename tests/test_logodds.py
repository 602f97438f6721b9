import numpy as np
import pytest

from framing.logodds import SCALED, Sums, contrast, intraclass, stack, sum_articles

RATES = np.array([0.01, 0.05, 0.2])


def draw(rng: np.random.Generator, rates: np.ndarray, articles: int, spread: float = 0.05) -> Sums:
    """Articles whose own rates are beta-distributed: sentences of one article resemble each other."""
    sentences = np.maximum(3, rng.lognormal(3.4, 0.6, articles)).astype(np.int64)
    weight = 1 / spread - 1
    own = rng.beta((rates * weight)[:, None], ((1 - rates) * weight)[:, None], (len(rates), articles))
    return sum_articles(rng.binomial(sentences, own), sentences)


def test_collections_add_up_and_subtract() -> None:
    one = sum_articles(np.array([[1, 0, 2]]), np.array([4, 5, 6]))
    other = sum_articles(np.array([[0, 3]]), np.array([3, 3]))
    both = sum_articles(np.array([[1, 0, 2, 0, 3]]), np.array([4, 5, 6, 3, 3]))
    for found, expected in ((one + other, both), (both - other, one), (stack([one, other]).total(), both)):
        assert found.articles == expected.articles
        assert found.carrying == expected.carrying
        np.testing.assert_allclose(found.powers, expected.powers)
    expected = ((np.array([1, 0, 2]) - 0.2 * np.array([4, 5, 6])) ** 3 / np.array([4, 5, 6]) ** 1.5).sum()
    assert one.residuals(np.array([[0.2]]), SCALED[2]) == pytest.approx(expected)


def test_one_label_a_sentence_gives_the_log_odds_of_monroe_and_others() -> None:
    # articles of one sentence each: no clusters, so the variance is theirs
    one = sum_articles(np.array([[1] * 30 + [0] * 70]), np.ones(100, dtype=np.int64))
    other = sum_articles(np.array([[1] * 10 + [0] * 90]), np.ones(100, dtype=np.int64))
    found = contrast(one, other, np.zeros(1))
    expected = np.log((30 + 1) / (70 + 4)) - np.log((10 + 1) / (90 + 4))  # the prior: 1 in 5, as in both
    assert found.log_odds == pytest.approx(expected)
    error = np.sqrt(1 / 31 + 1 / 74 + 1 / 11 + 1 / 94)
    assert (found.high - found.low) / 2 == pytest.approx(1.973 * error, rel=0.02)


def test_sides_change_sign_only() -> None:
    rng = np.random.default_rng(0)
    one, other = draw(rng, RATES, 20), draw(rng, 2 * RATES, 40)
    there, back = contrast(one, other, np.zeros(3)), contrast(other, one, np.zeros(3))
    np.testing.assert_allclose(there.log_odds, -back.log_odds)
    np.testing.assert_allclose(there.low, -back.high)
    np.testing.assert_allclose(there.p, back.p)


def test_p_is_near_that_of_exchanged_articles() -> None:
    rng = np.random.default_rng(3)
    sentences = rng.integers(5, 60, 60)
    positives = rng.binomial(sentences, rng.beta(0.3, 5, 60))[None]
    first = np.arange(60) < 12
    positives[0, first] += (rng.random(12) < 0.4) & (positives[0, first] < sentences[first])
    found = contrast(
        *(sum_articles(positives[:, side], sentences[side]) for side in (first, ~first)), np.ones(1)
    )
    rate = positives.sum() / sentences.sum()
    residuals = positives[0] - rate * sentences
    drawn = np.array([rng.permutation(residuals)[:12].sum() for _ in range(20_000)])
    tail = min((drawn >= residuals[first].sum()).mean(), (drawn <= residuals[first].sum()).mean())
    assert found.p >= 2 * tail - 0.03  # the greater of two: never far below


def test_outlets_that_do_not_differ_are_seldom_told_apart() -> None:
    rng = np.random.default_rng(1)
    small = []
    for _ in range(120):
        sums = stack([draw(rng, RATES, 25) for _ in range(4)])
        found = contrast(sums, sums.total() - sums, intraclass(sums))
        small.append(found.p[found.enough] < 0.05)
    assert 0.005 < np.concatenate(small).mean() < 0.06


def test_intervals_hold_the_truth_and_real_differences_are_found() -> None:
    rng = np.random.default_rng(2)
    odds = RATES / (1 - RATES) * 2
    held, told = [], []
    for _ in range(120):
        sums = stack([draw(rng, odds / (1 + odds), 30), *(draw(rng, RATES, 30) for _ in range(3))])
        found = contrast(sums, sums.total() - sums, intraclass(sums))
        held.append((found.low[0] < np.log(2)) & (np.log(2) < found.high[0]))
        told.append(found.p[0] < 0.05)
    assert (np.mean(held, axis=0) > 0.91).all()
    assert np.mean(told, axis=0)[2] > 0.9


def test_sentences_of_one_article_count_for_less_than_as_many_of_different_ones() -> None:
    rng = np.random.default_rng(5)
    widths = []
    for spread in (0.01, 0.3):
        sums = stack([draw(rng, RATES, 60, spread) for _ in range(2)])
        found = contrast(sums, sums.total() - sums, intraclass(sums))
        widths.append((found.high - found.low)[0])
    assert (widths[1] > 1.5 * widths[0]).all()


def test_too_little_data_is_marked() -> None:
    few = sum_articles(np.array([[1, 1, 1, 1]]), np.full(4, 10))
    many = sum_articles(
        np.array(
            [
                [1] * 20,
            ]
        ),
        np.full(20, 10),
    )
    rare = sum_articles(np.array([[0] * 19 + [1]]), np.full(20, 10))
    everywhere = sum_articles(np.array([[10] * 20]), np.full(20, 10))
    assert not contrast(few, many, np.zeros(1)).enough.any()
    assert not contrast(rare, rare, np.zeros(1)).enough.any()
    assert not contrast(everywhere, everywhere, np.zeros(1)).enough.any()
    assert contrast(rare, many, np.zeros(1)).enough.all()
