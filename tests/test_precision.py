import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from framing.decisions import Decision, Decisions
from framing.errors import FramingError
from training.__main__ import cli
from training.precision import compare
from training.predictions import Predictions

CODES = ("doubt", "loaded_language")


def answered(logits: list[list[float]]) -> Predictions:
    gold = np.array([[True, False], [False, False], [False, True]])
    known = np.ones_like(gold)
    return Predictions(CODES, (), np.array(logits), gold, known, np.zeros(3, int), (), (), ())


def test_what_differs_is_counted_with_the_thresholds_of_the_model() -> None:
    decisions = Decisions({code: Decision(1.0, 0.0, 0.5, 0.5) for code in CODES}, 0.5, "nothing")
    before = answered([[2, -2], [-2, -2], [-2, 1]])
    after = answered([[2, -2], [1, -2], [-2, -1]])
    found = compare({"fp32": before, "int8": after}, decisions)
    assert (found["fp32"]["any_f1"], found["int8"]["any_f1"]) == (1.0, 0.5)
    assert found["any_f1_change"] == -0.5
    assert found["fp32"]["any_average_precision"] == 1.0 > found["int8"]["any_average_precision"]
    agreement = found["agreement"]
    assert (agreement["given"], agreement["flipped"], agreement["decisions"]) == (2, 2, 6)
    assert agreement["largest"] == pytest.approx(1 / (1 + np.exp(-1)) - 1 / (1 + np.exp(2)), abs=1e-4)
    stricter = Decisions({code: Decision(1.0, 0.0, 0.8, 0.5) for code in CODES}, 0.5, "nothing")
    assert compare({"fp32": before, "int8": after}, stricter)["agreement"]["flipped"] == 0


def test_the_command_measures_int8_beside_fp32(tiny_model: Path, ptc_folder: Path, tmp_path: Path) -> None:
    output = tmp_path / "precision.json"
    command = ["precision", "--model", str(tiny_model), "--threads", "1", "-o", str(output)]
    done = CliRunner().invoke(cli, [*command, "--corpora", str(ptc_folder.parent)])
    assert done.exit_code == 0, done.output
    family = json.loads(output.read_text("utf8"))["families"]["techniques"]
    assert (family["codes"], family["articles"], family["agreement"]["sentences"]) == (3, 6, 60)
    assert abs(family["any_f1_change"]) < 0.1
    assert 0 < family["agreement"]["largest"] < 0.1
    assert "any of the techniques: F1 " in done.output
    missing = CliRunner().invoke(cli, [*command, "--corpora", str(tmp_path)])
    assert isinstance(missing.exception, FramingError)
    assert "expected PTC's articles; check --corpora" in str(missing.exception)
