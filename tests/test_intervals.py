import numpy as np
import pytest

from training.calibration import Decided
from training.corpora import GoldArticle
from training.evaluation import evaluate_labels
from training.intervals import draw_articles, ends, figure, resampled_rows
from training.predictions import Predictions

PROBABILITIES = np.array([[0.9, 0.1], [0.4, 0.4], [0.1, 0.2]])


def test_draws_are_those_of_the_seed() -> None:
    # What every figure published so far was drawn with.
    expected = np.random.default_rng(7).integers(0, 5, (1000, 5))
    np.testing.assert_array_equal(draw_articles(5, 7), expected)
    rng = np.random.default_rng(7)
    one_by_one = [rng.integers(0, 5, 5) for _ in range(200)]
    np.testing.assert_array_equal(draw_articles(5, 7, 200), one_by_one)


def test_no_article_is_drawn_from_none() -> None:
    assert draw_articles(0, 1).shape == (1000, 0)


def test_an_article_brings_all_its_rows() -> None:
    rows = resampled_rows(np.array([0, 0, 1, 2, 2]), np.array([[2, 2, 1], [0, 1, 2]]))
    assert [one.tolist() for one in rows] == [[3, 4, 3, 4, 2], [0, 1, 2, 3, 4]]


def test_ends_are_percentiles() -> None:
    assert ends(list(range(101))) == pytest.approx((2.5, 97.5))
    assert figure(50, np.arange(101.0)) == pytest.approx({"value": 50, "low": 2.5, "high": 97.5})


def three_sentences() -> Predictions:
    """One article, whose second sentence carries nothing."""
    gold = np.array([[True, False], [False, False], [False, True]])
    empty = np.zeros((0, 2))
    return Predictions(
        ("a", "b"), (GoldArticle("x", "1", "x", (), (), frozenset()),), PROBABILITIES, gold,
        np.ones_like(gold), np.zeros(3, dtype=np.int64), ((),), (empty,), (empty,),
    )  # fmt: skip


def test_labels_from_a_score_on_by_hand() -> None:
    found = evaluate_labels(three_sentences(), Decided(PROBABILITIES, PROBABILITIES >= 0.2), seed=1)
    precisions = [row["precision"]["value"] for row in found["by_score"]]
    assert [row["predicted"] for row in found["by_score"]] == [4, 3, 1, 1]
    assert precisions == pytest.approx([2 / 4, 1 / 3, 1, 1])
    assert [row["recall"]["value"] for row in found["by_score"]] == [1, 0.5, 0.5, 0.5]


def test_two_rules_for_any_code_have_two_names() -> None:
    predictions, probabilities = three_sentences(), PROBABILITIES
    chosen = probabilities >= 0.5
    alone = evaluate_labels(predictions, Decided(probabilities, chosen), seed=1)
    assert "any_f1" not in alone
    assert alone["any_label_f1"]["value"] == pytest.approx(2 / 3)  # one found, two there
    assert "calibration_error_any" not in alone
    any_chosen, stated = np.ones(3, dtype=bool), np.array([1.0, 0.5, 1.0])
    both = evaluate_labels(predictions, Decided(probabilities, chosen, stated, any_chosen), seed=1)
    assert both["calibration_error_any"] == pytest.approx(0.5 / 3)
    assert both["any_f1"]["value"] == pytest.approx(0.8)  # three found, two of them there
    assert both["any_label_f1"] == alone["any_label_f1"]
