"""Corrected prevalence: the classifier's errors, learned from development articles, taken out."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from framing.correction import Correction, load_correction
from framing.counts import Counted, GroupCounts
from framing.development import Development, load_development
from framing.draws import draw_group, estimate_group
from framing.encoder import hash_file
from framing.errors import FramingError
from framing.paths import default_model
from framing.records import Provenance

CODES = ("doubt", "slogans")
Floats = NDArray[np.float64]


def invent(
    seed: int, articles: int, rates: Floats, spread: float = 0.0
) -> tuple[NDArray[np.int64], NDArray[np.int8], Floats]:
    """Article, gold and scores of 20 sentences an article.

    A sentence with the code scores around .6, one without around .1; `spread` lets the scores of all
    sentences of an article rise with its rate.
    """
    random = np.random.default_rng(seed)
    article = np.repeat(np.arange(articles), 20)
    rate = rates[article]
    gold = (random.random(len(article)) < rate).astype(np.int8)
    middle = np.where(gold == 1, 0.6, 0.1) + spread * (rate - rates.mean())
    return article, gold, np.clip(random.normal(middle, 0.1), 0, 1)


def develop(seed: int = 0, spread: float = 0.0) -> Development:
    article, gold, scores = invent(seed, 200, np.random.default_rng(seed).beta(2, 8, 200), spread)
    scores = np.stack([scores, np.full(len(article), 0.1)], axis=1)  # slogans: scores say nothing
    voices = np.tile(np.array([[4, 1], [1, 4]]), (200, 1, 1))
    return Development(
        CODES, article, scores, scores >= 0.5, np.stack([gold, gold], axis=1), voices, "dev", "w", "d"
    )


def count(article: NDArray[np.int64], scores: Floats, own: float = 1.0) -> tuple[GroupCounts, Counted]:
    """One group's counts: slogans are never labelled, and `own` is the share of labels in its own voice."""
    articles = int(article.max()) + 1
    sums = np.bincount(article, scores, articles)
    labels = np.bincount(article, scores >= 0.5, articles).astype(np.int64)
    mine = np.rint(own * labels).astype(np.int64)
    none = np.zeros_like(labels)
    counted = Counted((), CODES, ("all", "outlet", "sources"))
    positives = np.stack([labels, mine, labels - mine, none, none, none])
    sentences = np.bincount(article).astype(np.int64)
    return GroupCounts("Herald", (), sentences, positives, np.stack([sums, none])), counted


def named(counts: GroupCounts) -> GroupCounts:
    return replace(counts, articles=tuple(str(n) for n in range(len(counts.sentences))))


def test_an_outlet_that_differs_is_brought_to_its_true_rate() -> None:
    correction = Correction(develop())
    for rate in (0.02, 0.4):
        article, gold, scores = invent(1, 100, np.full(100, rate))
        counts, counted = count(article, scores)
        found = estimate_group(named(counts), counted, correction, draws=500, seed=0)[0]
        truth, plain = float(gold.mean()), float(scores.mean())
        assert found.corrected is not None
        assert found.corrected_low is not None
        assert found.corrected_high is not None
        assert abs(found.corrected - truth) < abs(plain - truth) / 5
        assert found.corrected_low <= truth <= found.corrected_high
        assert found.method == "corrected"


def test_scores_that_rise_with_the_article_are_not_taken_for_more_of_the_code() -> None:
    truth, found = [], []
    correction = Correction(develop(3, spread=0.5))
    for rate in (0.05, 0.4):
        random = np.random.default_rng(7)
        article, gold, scores = invent(5, 200, random.beta(20 * rate, 20 * (1 - rate), 200), 0.5)
        scores = scores + 0.5 * (rate - 0.2)
        counts, counted = count(article, np.clip(scores, 0, 1))
        estimate = estimate_group(named(counts), counted, correction, draws=200, seed=0)[0].corrected
        assert estimate is not None
        truth.append(float(gold.mean()))
        found.append(estimate)
    # By sentences alone the slope is about .5, between articles nearer to 1: the former would overshoot.
    assert found == pytest.approx(truth, abs=0.06)


def test_a_code_that_the_model_cannot_tell_is_not_corrected_and_says_so() -> None:
    counts, counted = count(*invent(1, 20, np.full(20, 0.1))[::2])
    slogans = estimate_group(named(counts), counted, Correction(develop()), draws=100, seed=0)[3]
    assert slogans.corrected is None
    assert slogans.method is None
    assert "hardly tells" in str(slogans.corrected_reason)


def test_voices_are_split_by_what_is_given_less_its_errors() -> None:
    article, _, scores = invent(2, 60, np.full(60, 0.3))
    counts, counted = count(article, scores, own=0.8)
    both, own, lent, *_ = estimate_group(named(counts), counted, Correction(develop()), draws=200, seed=0)
    assert None not in (both.corrected, own.corrected, lent.corrected)
    # Development: a fifth of each voice is given the other; .8 given as own thus means all of them.
    assert own.corrected == pytest.approx(both.corrected, rel=0.1)
    assert (own.corrected or 0) + (lent.corrected or 0) == pytest.approx(both.corrected)


def test_an_outlet_whose_labels_stand_in_one_article_has_voices_in_every_draw() -> None:
    counts, counted = count(*invent(2, 30, np.full(30, 0.3))[::2])
    few = counts.positives.copy()
    few[:3] = 0
    few[:2, 0] = 1
    drawn = draw_group(
        named(replace(counts, positives=few)), counted, Correction(develop()), draws=200, seed=0
    )
    assert not np.isnan(drawn.corrected[:, :3]).any()
    none = named(replace(counts, positives=0 * few))
    found = estimate_group(none, counted, Correction(develop()), draws=100, seed=0)
    assert found[0].corrected is not None
    assert found[1].corrected_reason == "not corrected: no label tells whose words it is"


def test_every_group_meets_the_same_draws_of_the_development_articles() -> None:
    correction = Correction(develop())
    counts, counted = count(*invent(1, 400, np.full(400, 0.6))[::2])
    one = draw_group(named(counts), counted, correction, draws=300, seed=4)
    other = draw_group(replace(named(counts), group="Tide"), counted, correction, draws=300, seed=4)
    own = np.corrcoef(one.observed[:, 0], other.observed[:, 0])[0, 1]
    shared = np.corrcoef(one.corrected[:, 0], other.corrected[:, 0])[0, 1]
    assert abs(own) < 0.2
    assert shared > 0.3
    assert np.isnan(one.corrected[:, 3]).all()


def test_articles_that_score_unlike_development_articles_are_doubted_and_others_are_not() -> None:
    correction = Correction(develop())
    article, _, scores = invent(1, 100, np.full(100, 0.1))
    alike, counted = count(article, scores)
    lower, _ = count(article, scores * 0.5)
    assert estimate_group(named(alike), counted, correction, draws=300, seed=0)[0].doubt is None
    assert "score lower" in str(estimate_group(named(lower), counted, correction, draws=300, seed=0)[0].doubt)


def test_few_articles_give_a_corrected_share_without_interval() -> None:
    counts, counted = count(*invent(1, 9, np.full(9, 0.3))[::2])
    found = estimate_group(named(counts), counted, Correction(develop()), draws=100, seed=0)[0]
    assert found.corrected is not None
    assert found.corrected_low is None
    assert found.corrected_reason == "no interval: 9 articles, it takes 10"


PROVENANCE = Provenance("tiny", "w", "b", "1", CODES, "torch", "cpu", "fp32", {}, "i", 1, 1)


def test_the_file_keeps_everything_and_only_its_own_labels_are_corrected(tmp_path: Path) -> None:
    made = develop()
    made.save(tmp_path)
    read = load_development(tmp_path)
    assert read is not None
    np.testing.assert_array_equal(read.gold, made.gold)
    np.testing.assert_allclose(read.scores, made.scores, atol=5e-5)
    correction, info = load_correction(PROVENANCE, tmp_path)
    assert correction is not None
    assert (info.articles, info.sentences, info.corpus) == (200, 4000, "dev")
    for other in (
        replace(PROVENANCE, weights_sha256="x"),
        replace(PROVENANCE, files={"decisions.json": "x"}),
    ):
        correction, info = load_correction(other, tmp_path)
        assert correction is None
        assert "not made by this model" in str(info.note)
    assert load_correction(None, tmp_path)[0] is None
    assert load_correction(PROVENANCE, tmp_path / "none")[1].note == "the model has no development sentences"


def test_a_broken_development_file_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "development.npz").write_bytes(b"nothing")
    with pytest.raises(FramingError, match=r"development\.npz: broken"):
        load_development(tmp_path)


def test_the_model_that_ships_holds_development_sentences_of_its_own() -> None:
    made = load_development(default_model())
    assert made is not None
    (weights,) = default_model().glob("*.safetensors")
    assert made.weights_sha256 == hash_file(weights)
    assert made.decisions_sha256 == hash_file(default_model() / "decisions.json")
    assert sum(reason is None for reason in Correction(made).reasons) >= 5
