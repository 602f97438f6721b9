import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from framing.development import load_development
from framing.paths import default_model
from training.__main__ import cli


def test_made_up_outlets_are_profiled_and_corrected_as_labels_of_the_model_are(tmp_path: Path) -> None:
    if load_development(default_model()) is None:
        pytest.skip("the model that ships has no development sentences")
    labels, output = tmp_path / "labels.jsonl", tmp_path / "scale.json"
    settings = ["--labels", str(labels), "--outlets", "2", "--draws", "100", "-o", str(output)]
    made = CliRunner().invoke(cli, ["scale", *settings])
    assert made.exit_code == 0, made.output
    found = json.loads(output.read_text())
    assert (found["outlets"], found["sentences"], found["voices"]) == (2, 2000, 3)
    assert found["corrected"] is not None
    assert found["read_s"] < found["profile_s"]
