import json
from pathlib import Path
from typing import Any

import pytest

from framing.errors import FramingError
from framing.model_folder import load_model
from framing.records import Article


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("decisions.json", None, r"no file decisions\.json there"),
        (
            "decisions.json",
            '{"codes": {}, "any_evidence": 0.5, "chosen_on": ""}',
            "no entry 'loaded_language'",
        ),
        ("decisions.json", '{"codes": {"doubt": {"slop": 1}}}', "expected slope, intercept and threshold"),
        ("model.json", "{}", "expected the model's name and version"),
        ("config.json", None, r"no config\.json there"),
        ("tokenizer.json", None, r"no file tokenizer\.json there"),
    ],
)
def test_a_broken_model_folder_is_one_clear_line(
    tiny_model: Path, tmp_path: Path, name: str, content: str | None, message: str
) -> None:
    for file in tiny_model.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / name).unlink()
    if content is not None:
        (tmp_path / name).write_text(content, "utf8")
    with pytest.raises(FramingError, match=message):
        load_model(tmp_path, device="cpu")


def test_a_missing_model_folder_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(FramingError, match="no such folder"):
        load_model(tmp_path / "none", device="cpu")


def test_the_model_that_ships_is_whole_and_small() -> None:
    from framing.paths import default_model

    folder = default_model()
    weights = folder / "adapter_model.safetensors"
    assert weights.stat().st_size < 8_000_000
    about = json.loads((folder / "model.json").read_text("utf8"))
    assert about["base"]["sha256"].startswith("53aa5117")
    model = load_model(device="cpu")
    text = "These criminals and thugs want to destroy our great nation! The meeting starts at nine on Monday."
    loaded, plain = model.label([Article("a", "o", text)])
    assert {"loaded_language", "name_calling_labeling"} & {label.code for label in loaded.labels}
    assert plain.labels == ()


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"engine": "foo"}, "engine is 'foo', expected auto or onnx or torch"),
        ({"threads": 0}, "threads is 0, expected 1 or more"),
        ({"batch_size": 0}, "batch_size is 0, expected 1 or more"),
    ],
)
def test_settings_that_no_engine_knows(setting: dict[str, Any], message: str, tiny_model: Path) -> None:
    with pytest.raises(FramingError, match=message):
        load_model(tiny_model, device="cpu", **setting)
