import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from framing.estimates import design_effects, estimate_prevalence
from framing.prevalence import Prevalence

Counts = NDArray[np.int64]


def counts(*values: int) -> Counts:
    return np.array(values, dtype=np.int64)


def one(positives: Counts, sentences: Counts, *, seed: int = 0, draws: int = 1000) -> Prevalence:
    generator = np.random.default_rng(seed)
    return estimate_prevalence(positives[np.newaxis], sentences, generator=generator, draws=draws)[0]


def test_observed_is_sentences_over_sentences_not_a_mean_of_articles() -> None:
    found = one(counts(1, 0), counts(2, 8))
    assert (found.positives, found.sentences, found.articles, found.observed) == (1, 10, 2, 0.1)


@pytest.mark.parametrize(
    ("carrying", "articles", "reason"),
    [
        (9, 9, "no interval: 9 articles, it takes 10"),
        (4, 30, "no interval: 4 of 30 articles carry it, it takes 5"),
        (5, 10, None),
    ],
)
def test_too_few_articles_give_no_interval(carrying: int, articles: int, reason: str | None) -> None:
    positives = np.array([1 + n % 2 for n in range(carrying)] + [0] * (articles - carrying))
    found = one(positives, np.full(articles, 10))
    assert found.reason == reason
    assert found.carrying == carrying
    assert (found.low is None) == (reason is not None)


@pytest.mark.parametrize(
    ("positives", "sentences", "reason"),
    [
        (counts(3), counts(9), "1 article, it takes 10"),
        (np.zeros(10, dtype=np.int64), np.arange(5, 15), "never labelled"),
        (np.arange(1, 11), 4 * np.arange(1, 11), "every article has the same share"),
        (np.full(10, 2), np.full(10, 2), "every article has the same share"),
    ],
)
def test_too_little_to_go_by_gives_no_interval_but_a_reason(
    positives: Counts, sentences: Counts, reason: str
) -> None:
    found = one(positives, sentences)
    assert found.low is None
    assert found.high is None
    assert reason in str(found.reason)


def test_the_seed_decides_and_other_codes_do_not() -> None:
    random = np.random.default_rng(5)
    sentences = random.integers(5, 30, 20)
    positives = random.binomial(sentences, 0.3, (3, 20))
    together = estimate_prevalence(positives, sentences, generator=np.random.default_rng(1))
    assert [one(row, sentences, seed=1) for row in positives] == together
    assert one(positives[0], sentences, seed=2) != together[0]


def test_it_is_the_bootstrap_of_scipy() -> None:
    random = np.random.default_rng(3)
    sentences = random.integers(5, 30, 400)
    positives = random.binomial(sentences, random.beta(1, 9, (4, 400)))
    ours = estimate_prevalence(positives, sentences, generator=np.random.default_rng(0), draws=4000)
    theirs = stats.bootstrap(
        (positives, sentences),
        lambda found, total, axis: found.sum(axis) / total.sum(axis),
        paired=True,
        n_resamples=4000,
        method="percentile",
        axis=-1,
        batch=500,
        rng=np.random.default_rng(0),
    ).confidence_interval
    # With 400 articles the widening for small samples is far below the noise of the draws.
    np.testing.assert_allclose([ends(found)[0] for found in ours], theirs.low, atol=0.001)
    np.testing.assert_allclose([ends(found)[1] for found in ours], theirs.high, atol=0.001)


def test_intervals_cover_the_truth_where_sentences_of_an_article_are_alike() -> None:
    random = np.random.default_rng(11)
    articles, worlds, rate = 30, 300, 0.1
    # Worlds stand where codes stand; articles' own rates vary, so sentences are far from independent.
    sentences = random.integers(10, 40, articles)
    positives = random.binomial(sentences, random.beta(8 * rate, 8 * (1 - rate), (worlds, articles)))
    found = [one(row, sentences, seed=seed, draws=500) for seed, row in enumerate(positives)]
    covered = np.mean([low <= rate <= high for low, high in map(ends, found)])
    naive = [stats.binomtest(item.positives, item.sentences).proportion_ci() for item in found]
    assert 0.89 <= covered <= 0.985
    assert np.mean([ends.low <= rate <= ends.high for ends in naive]) < 0.75


def test_few_articles_get_wider_intervals_than_plain_percentiles() -> None:
    random = np.random.default_rng(2)
    sentences = random.integers(10, 40, 10)
    found = one(random.binomial(sentences, random.beta(2, 8, 10)), sentences)
    assert found.reason is None
    low, high = ends(found)
    weights = np.random.default_rng(0).multinomial(10, np.full(10, 1 / 10), size=1000)
    random = np.random.default_rng(2)
    sentences = random.integers(10, 40, 10)
    positives = random.binomial(sentences, random.beta(2, 8, 10))
    plain = np.quantile((weights @ positives) / (weights @ sentences), [0.025, 0.975])
    assert low < plain[0] < plain[1] < high


def ends(found: Prevalence) -> tuple[float, float]:
    assert found.low is not None
    assert found.high is not None
    return found.low, found.high


@pytest.mark.parametrize(
    ("positives", "sentences"),
    [(counts(1, 2), counts(3)), (counts(), counts()), (counts(4), counts(3)), (counts(0), counts(0))],
)
def test_counts_that_do_not_fit_are_refused(positives: Counts, sentences: Counts) -> None:
    with pytest.raises(ValueError, match="expected"):
        one(positives, sentences)


def test_the_design_effect_is_one_for_independent_sentences_and_the_size_for_articles_of_one_kind() -> None:
    random = np.random.default_rng(4)
    sentences = np.full(4000, 20)
    positives = np.stack([random.binomial(20, 0.1, 4000), 20 * random.binomial(1, 0.1, 4000)])
    independent, of_one_kind = design_effects(positives, sentences)
    assert independent == pytest.approx(1, abs=0.1)
    assert of_one_kind == pytest.approx(20, abs=0.1)
