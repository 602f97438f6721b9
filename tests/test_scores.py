import dataclasses

import numpy as np
import pytest

from framing.decisions import Decision, Decisions, log_odds, sigmoid, softmax
from framing.errors import FramingError
from framing.evidence import bridge_spans, carrying_words, join_tokens
from training.calibration import (
    Decided,
    apply_curves,
    choose_thresholds,
    cross_validate,
    fit_curve,
    fit_curves,
)
from training.corpora import GoldArticle
from training.evaluation import evaluate_labels, expected_calibration_error
from training.metrics import BinaryDetection, MultiLabel, SpanIdentification, flatten
from training.predictions import Predictions, any_score, select
from training.scores import best_threshold, expected_threshold, macro_average_precision


def test_span_identification_by_hand() -> None:
    # gold [0,10) and [20,30); found [0,5) wholly right, [25,35) half right: P = (1 + .5)/2, R = (.5 + .5)/2
    found = SpanIdentification().compute(
        predictions=[flatten([(0, 5), (25, 35)])], references=[flatten([(0, 10), (20, 30)])]
    )
    assert found["precision"] == pytest.approx(0.75)
    assert found["recall"] == pytest.approx(0.5)
    assert found["f1"] == pytest.approx(0.6)


def test_span_identification_of_nothing() -> None:
    assert SpanIdentification().compute(predictions=[[]], references=[[0, 4]])["f1"] == 0.0


def test_detection_by_hand() -> None:
    found = BinaryDetection().compute(
        predictions=[0.9, 0.8, 0.3, 0.1], references=[1, 0, 1, 0], threshold=0.5
    )
    assert found["average_precision"] == pytest.approx((1 + 2 / 3) / 2)
    assert found["best_f1"] == pytest.approx(0.8)  # all three from .3 on: P = 2/3, R = 1
    assert found["f1"] == pytest.approx(0.5)


def test_average_precision_counts_the_codes_that_some_sentence_carries() -> None:
    scores, gold = np.array([[0.9, 0.1], [0.2, 0.8]]), np.array([[False, False], [True, False]])
    assert macro_average_precision(scores, gold) == pytest.approx(0.5)
    assert macro_average_precision(scores, np.zeros_like(gold)) == 0.0


def test_multi_label_by_hand() -> None:
    found = MultiLabel().compute(predictions=[[1, 0], [1, 1], [0, 0]], references=[[1, 0], [0, 1], [1, 0]])
    assert found["micro_f1"] == pytest.approx(2 * 2 / (3 + 3))
    assert found["f1"] == pytest.approx([0.5, 1.0])
    assert found["macro_f1"] == pytest.approx(0.75)


def test_calibration_error_by_hand() -> None:
    stated = np.array([0.1] * 10 + [0.9] * 10)
    gold = np.array([True] * 3 + [False] * 7 + [True] * 9 + [False])
    assert expected_calibration_error(stated, gold) == pytest.approx((0.2 + 0.0) / 2)


def test_any_score_is_the_chance_of_at_least_one() -> None:
    assert any_score(np.array([[0.5, 0.5], [0.0, 0.2]])) == pytest.approx([0.75, 0.2])


def test_curves_undo_a_distortion() -> None:
    rng = np.random.default_rng(0)
    logits = rng.normal(-1, 2, 20_000)
    gold = rng.random(20_000) < sigmoid(0.8 * logits + 0.5)
    slope, intercept = fit_curve(logits, gold)
    assert slope == pytest.approx(0.8, abs=0.05)
    assert intercept == pytest.approx(0.5, abs=0.08)


def test_few_examples_leave_a_curve_near_where_it_was() -> None:
    slope, intercept = fit_curve(np.array([3.0, -3.0]), np.array([False, True]))
    assert 0.5 < slope <= 1.0
    assert abs(intercept) < 1.0
    slope, intercept = fit_curve(np.full(50, -2.0), np.zeros(50, dtype=bool))
    assert np.isfinite([slope, intercept]).all()


def test_thresholds_between_shared_and_own() -> None:
    rng = np.random.default_rng(1)
    scores = rng.random((400, 2)) * np.array([1.0, 0.2])
    gold = np.stack([scores[:, 0] > 0.6, scores[:, 1] > 0.1], axis=1)
    shared = best_threshold(scores, gold)
    assert choose_thresholds(scores, gold, 0.0) == pytest.approx([min(shared, 0.5)] * 2)
    # even in [0, 1] and [0, .2]: the F1 to expect, (1 - t²) / (1.5 - t) and (.2 - 5t²) / (1.1 - 5t), is best
    # where t² - 3t + 1 = 0 and 25t² - 11t + 1 = 0
    assert choose_thresholds(scores, gold, 1.0) == pytest.approx([0.382, 0.128], abs=0.02)


def test_the_best_threshold_to_expect_by_hand() -> None:
    # of .8, .6, .4, .2 one, two, three, four are taken: F1 1.6/3, 2.8/4, 3.6/5, 4/6
    assert expected_threshold(np.array([0.2, 0.8, 0.4, 0.6])) == 0.4
    rng = np.random.default_rng(0)
    probabilities = rng.beta(0.3, 3.0, 200_000)
    gold = rng.random(200_000) < probabilities
    assert expected_threshold(probabilities) == pytest.approx(best_threshold(probabilities, gold), abs=0.02)


def predictions_of_noise(articles: int = 40) -> Predictions:
    rng = np.random.default_rng(2)
    owner = np.repeat(np.arange(articles), 10)
    gold = rng.random((len(owner), 2)) < 0.3
    empty = np.zeros((0, 2))
    gold_articles = tuple(GoldArticle("x", str(i), "x", (), (), frozenset()) for i in range(articles))
    return Predictions(
        ("a", "b"), gold_articles, rng.normal(size=gold.shape), gold, np.ones_like(gold), owner,
        ((),) * articles, (empty,) * articles, (empty,) * articles,
    )  # fmt: skip


def test_a_family_is_judged_on_the_articles_read_for_it() -> None:
    predictions = predictions_of_noise(4)
    known = predictions.known.copy()
    known[10:20, 1] = False  # an article that nobody read for the second code
    known[25, 1] = False  # and one read in part
    found = select(dataclasses.replace(predictions, known=known), ["b"])
    assert [article.id for article in found.articles] == ["0", "3"]
    assert found.article.tolist() == [0] * 10 + [1] * 10
    np.testing.assert_array_equal(found.logits[:, 0], predictions.logits[[*range(10), *range(30, 40)], 1])
    assert select(dataclasses.replace(predictions, known=known), ["a"]).gold.shape == (40, 1)
    known[:, 1] = False
    with pytest.raises(FramingError, match="no development article is annotated for b"):
        select(dataclasses.replace(predictions, known=known), ["b"])


def test_an_article_is_never_judged_by_itself() -> None:
    predictions = predictions_of_noise()
    before = cross_validate(predictions, balance=0.5)
    inside = predictions.article == 3
    changed = predictions.gold.copy()
    changed[inside] = ~changed[inside]
    after = cross_validate(dataclasses.replace(predictions, gold=changed), balance=0.5)
    np.testing.assert_array_equal(before.probabilities[inside], after.probabilities[inside])
    np.testing.assert_array_equal(before.chosen[inside], after.chosen[inside])
    np.testing.assert_array_equal(before.any_probabilities[inside], after.any_probabilities[inside])
    np.testing.assert_array_equal(before.any_chosen[inside], after.any_chosen[inside])
    assert (before.probabilities[~inside] != after.probabilities[~inside]).any()


def test_an_article_is_judged_by_all_others() -> None:
    predictions = predictions_of_noise(3)
    found = cross_validate(predictions, balance=0.5)
    others = predictions.article != 1
    curves = fit_curves(predictions.logits[others], predictions.gold[others])
    np.testing.assert_array_equal(
        found.probabilities[~others], apply_curves(curves, predictions.logits[~others])
    )


def test_optimistic_figures_by_hand() -> None:
    """Code a is split by .5 without an error, code b by .2; one threshold for both must miss or add one."""
    predictions = predictions_of_noise()
    gold = np.zeros_like(predictions.gold)
    gold[:2] = True
    probabilities = np.zeros(gold.shape)
    probabilities[:2], probabilities[2:, 0] = [0.6, 0.2], 0.5
    found = evaluate_labels(dataclasses.replace(predictions, gold=gold), Decided(probabilities, gold), seed=0)
    assert found["macro_f1_best_threshold"] == 1
    assert found["micro_f1_best_threshold"] == pytest.approx(2 * 2 / (2 + 4))  # .6 for both: b is never found


def test_decisions_calibrate_by_hand() -> None:
    decisions = Decisions({"a": Decision(2.0, -1.0, 0.3, 0.2), "b": Decision(1.0, 0.0, 0.5, 0.2)}, 0.4, "x")
    found = decisions.calibrate(np.array([[0.5, 0.0]]), ("a", "b"))
    assert found.tolist() == [[0.5, 0.5]]
    assert decisions.thresholds(("b", "a")).tolist() == [0.5, 0.3]
    assert log_odds(np.array([0.5, 0.8, 0.0, 1.0])).round(3).tolist() == [0.0, 1.386, -27.631, 27.631]
    assert softmax(np.zeros((2, 4))).tolist() == [[0.25] * 4] * 2
    assert softmax(np.zeros((0, 4))).shape == (0, 4)


def test_carrying_words_are_whole_words() -> None:
    text = "These cowardly, evil thugs’ friends"
    tokens = [(0, 5), (6, 10), (10, 14), (14, 15), (16, 20), (21, 26), (26, 27), (28, 35)]
    evidence = [0.0, 0.9, 0.1, 0.0, 0.8, 0.7, 0.0, 0.0]
    words = carrying_words(tokens, evidence, 0.5, text)
    assert [text[a:b] for a, b in words] == ["cowardly, evil thugs"]
    strongest = carrying_words(tokens, evidence, 0.95, text)
    assert [text[a:b] for a, b in strongest] == ["cowardly"]
    assert carrying_words([], [], 0.5, text) == ()


def test_join_tokens_over_blanks_only() -> None:
    assert join_tokens([(0, 2), (3, 5), (7, 9)], "ab cd, ef") == [(0, 5), (7, 9)]


def test_short_gaps_are_bridged_but_not_over_lines() -> None:
    text = "mad and very bad men said\nevil things one two three four five six dumb"
    spans = [(0, 3), (13, 16), (26, 30), (66, 70)]
    bridged = bridge_spans(spans, text, 2)
    assert [text[a:b] for a, b in bridged] == ["mad and very bad", "evil", "dumb"]
    assert bridge_spans(spans, text, 0) == spans
