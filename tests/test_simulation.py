"""What measures the correction: made-up outlets, outlets of known articles, and the methods beside ours."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from framing.correction import Correction
from framing.development import Development
from framing.distances import Distance
from framing.prevalence import Prevalence
from training.__main__ import cli
from training.coverage import Case, summarise
from training.pseudo_outlets import measure_pseudo_outlets
from training.simulated_distances import Row, simulate_distances
from training.simulated_distances import summarise as summarise_distances
from training.simulated_stories import simulate_stories
from training.simulation import draw_development, draw_sentences, make_pools, simulate


def develop() -> Development:
    """Sixty articles of 20 sentences; scores tell the code apart, and labels err to both sides."""
    rng = np.random.default_rng(0)
    article = np.repeat(np.arange(60), 20)
    gold = rng.random(1200) < rng.beta(1, 9, 60)[article]
    scores = np.clip(rng.normal(np.where(gold, 0.45, 0.08), 0.15), 0, 1)[:, None]
    voices = np.tile(np.array([[4, 1], [1, 4]]), (60, 1, 1))
    return Development(
        ("doubt",), article, scores, scores > 0.3, gold[:, None].astype(np.int8), voices, "dev", "", ""
    )


def test_made_up_sentences_err_as_the_development_sentences_do() -> None:
    made = develop()
    (pool,) = make_pools(made)
    rng = np.random.default_rng(1)
    gold, said = draw_sentences(pool, 0.3, np.full(500, 20), rng)
    assert gold.mean() == pytest.approx(0.3, abs=0.03)
    for kind in (0, 1):
        here, there = said[gold == kind], made.scores[made.gold[:, 0] == kind, 0]
        assert here[:, 0].mean() == pytest.approx(there.mean(), abs=0.03)
    again = draw_development([pool], made, rng)
    separation = Correction(made).separation[0]
    assert Correction(again).separation[0] == pytest.approx(separation, abs=0.08)


def test_a_simulation_finds_the_correction_nearer_to_the_truth_and_its_intervals_covering() -> None:
    found = simulate(develop(), worlds=12, draws=200, seed=1, articles=(5, 30))
    assert found["error"]["corrected_against_counted"] < -0.3
    assert found["coverage"]["corrected"]["covered"] > 0.85
    few = [cell for cell in found["cells"] if cell["articles"] == 5]
    assert all(cell["corrected"]["given"] == 0 for cell in few)
    assert found == simulate(develop(), worlds=12, draws=200, seed=1, articles=(5, 30))


def test_pseudo_outlets_compare_the_methods_on_articles_that_none_learned_from() -> None:
    pytest.importorskip("quapy")
    found = measure_pseudo_outlets(develop(), splits=3, draws=200, seed=1)
    assert set(found["error"]["mean_absolute"]) == {
        "counted",
        "corrected",
        "summed",
        "adjusted count",
        "probabilistic adjusted count",
        "expectation maximisation",
    }
    assert found["not_corrected"] == {}


def test_the_slope_between_sentences_is_that_of_quapy() -> None:
    pytest.importorskip("quapy")
    from training.quantifiers import Quantifiers

    made = develop()
    correction = Correction(made)
    gold, scores = made.gold[:, 0] == 1, made.scores[:, 0]
    theirs = Quantifiers(scores, made.labelled[:, 0], gold).estimate(scores[:300], made.labelled[:300, 0])
    ours = (scores[:300].mean() - scores[~gold].mean()) / correction.separation[0]
    assert theirs["probabilistic adjusted count"] == pytest.approx(ours)


def test_a_summary_counts_what_is_given_and_what_is_held() -> None:
    given = Prevalence(5, 100, 30, 0.05, 0.02, 0.09, carrying=5)
    given = replace(given, corrected=0.1, corrected_low=0.05, corrected_high=0.2, method="corrected")
    none = Prevalence(0, 100, 30, 0.0, reason="no interval")
    found = summarise(
        [
            Case("doubt", "all", given, 0.11, 0.06, {"summed": 0.2}),
            Case("doubt", "all", given, 0.3, 0.1),
            Case("doubt", "all", none, 0.3),
        ]
    )
    assert found["coverage"]["corrected"] == {"given": 2, "of": 3, "covered": 0.5}
    assert found["coverage"]["counted_of_its_own_truth"] == {"given": 2, "of": 3, "covered": 0.5}
    assert found["error"]["mean_absolute"]["corrected"] == pytest.approx((1 + 20) / 2)


def test_the_commands_write_figures_and_a_picture(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    develop().save(tmp_path / "model")
    output, plot = tmp_path / "simulation.json", tmp_path / "simulation.svg"
    settings = ["--model", str(tmp_path / "model"), "--worlds", "1", "--draws", "100"]
    made = CliRunner().invoke(cli, ["simulate", *settings, "-o", str(output), "--plot", str(plot)])
    assert made.exit_code == 0, made.output
    assert json.loads(output.read_text())["worlds"] == 1
    assert plot.read_text().startswith("<?xml")
    failed = CliRunner().invoke(cli, ["simulate", "--model", str(tmp_path), "-o", str(output)])
    assert "no development sentences" in str(failed.exception)


def develop_several() -> Development:
    """Four codes that err alike."""
    one = develop()
    parts = {name: np.tile(getattr(one, name), (1, 4)) for name in ("scores", "labelled", "gold")}
    return replace(one, codes=("doubt", "slogans", "flag_waving", "repetition"), **parts)


def test_distances_of_made_up_outlets_are_known_and_held_by_their_intervals() -> None:
    found = simulate_distances(develop_several(), worlds=3, draws=100, seed=1, articles=(30,))
    assert set(found["bases"]) == {"observed", "corrected"}
    for parts in found["bases"].values():
        assert parts["alike"]["truth"] == pytest.approx(0, abs=1e-7)
        assert parts["apart"]["truth"] > 0.05
        assert parts["apart"]["covered"] > 0.7
        assert abs(parts["apart"]["bias"]) < parts["apart"]["truth"] / 2


def test_coverage_of_distances_counts_the_intervals_that_are_given() -> None:
    def row(apart: float, truth: float, low: float | None, high: float | None) -> Row:
        reason = None if low is not None else "too little"
        found = Distance("a", "b", "all", "observed", 4, None if low is None else 0.2, low, high, reason)
        return "observed", 30, apart, truth, found

    rows = [row(1, 0.3, 0.1, 0.3), row(1, 0.3, 0.0, 0.2), row(1, 0.3, None, None), row(0, 0.0, 0.0, 0.2)]
    found = summarise_distances(rows)["bases"]["observed"]
    assert (found["apart"]["given"], found["apart"]["of"], found["apart"]["covered"]) == (2, 3, 0.5)
    assert found["apart"]["bias"] == pytest.approx(-0.1)
    assert (found["alike"]["covered"], found["worst"]) == (1, None)


def test_intervals_within_stories_hold_the_truth_where_they_are_given() -> None:
    found = simulate_stories(worlds=40, draws=200, seed=1)
    few, *enough = found["by_stories"]
    assert (few["stories"], few["given"]) == (5, 0)
    assert all(row["covered"] > 0.88 for row in enough)
    assert found["given"] == sum(row["given"] for row in enough) < found["of"]
