import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from framing.samples import sample_articles_path
from training.__main__ import cli


def test_long_runs_are_measured(tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("training.speed.measure_operators", lambda articles, precision: {"MatMul": 1.0})
    monkeypatch.setattr("training.speed.LABEL", ("--model", str(tiny_model), "--device", "cpu"))
    output = tmp_path / "speed.json"
    options = ["--count", "3", "--count", "30", "--sentences", "2", "-o", str(output)]
    done = CliRunner().invoke(cli, ["speed", "--articles", str(sample_articles_path()), *options])
    assert done.exit_code == 0, done.output
    found = json.loads(output.read_text("utf8"))
    assert [(run["articles"], run["sentences"]) for run in found["runs"]] == [(3, 6), (30, 60)]
    assert all(run["peak_bytes"] > 1e7 and run["cpu_s"] > 0 for run in found["runs"])


def test_operations_are_timed(tiny_model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from framing.articles import read_articles
    from training.speed import measure_operators

    articles = list(read_articles([sample_articles_path()]))[:2]
    found = measure_operators(articles, "fp32", tiny_model)
    assert found["MatMul"] > 0
    assert {"BiasGelu", "MultiHeadAttention"} <= set(found)
