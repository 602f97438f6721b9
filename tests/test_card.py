import json
from pathlib import Path

import pytest

from framing.encoder import hash_file
from framing.errors import FramingError
from framing.paths import default_model
from training.card import CEILING, format_figure, render_card, write_card

CARDS = Path(__file__).parents[1] / "model_cards"


def test_every_card_is_compiled_from_its_numbers() -> None:
    numbers = sorted(CARDS.glob("*.json"))
    assert numbers
    for path in numbers:
        assert path.with_suffix(".md").read_text("utf8") == render_card(json.loads(path.read_text("utf8")))


def test_the_model_that_ships_has_its_card() -> None:
    folder = default_model()
    about = json.loads((folder / "model.json").read_text("utf8"))
    card = json.loads((CARDS / f"{about['name']}.json").read_text("utf8"))
    assert card["model"] == about
    assert card["decisions"] == json.loads((folder / "decisions.json").read_text("utf8"))
    assert about["weights_sha256"] == hash_file(folder / "adapter_model.safetensors")


def test_the_agreement_of_people_stands_beside_the_figures() -> None:
    card = json.loads((CARDS / "framing-minilm.json").read_text("utf8"))
    ceiling = json.loads(CEILING.read_text("utf8"))
    figure = format_figure(ceiling["f1"]["sentence"])
    assert f"sentence {figure}." in render_card({**card, "ceiling": ceiling})


def test_a_figure_is_shown_with_its_interval() -> None:
    assert format_figure({"value": 0.6514, "low": 0.6, "high": 1.0}) == ".651 (.600 to 1.000)"


def test_an_unfinished_run_has_no_card(tmp_path: Path) -> None:
    with pytest.raises(FramingError, match="expected a finished run"):
        write_card(tmp_path, tmp_path / "cards")
