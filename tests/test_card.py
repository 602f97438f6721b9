import json
from pathlib import Path

import pytest

from framing.encoder import hash_file
from framing.errors import FramingError
from framing.paths import default_model
from training.card import (
    CEILING,
    RECIPES,
    compare_published,
    compare_recipes,
    format_figure,
    render_card,
    shorten_ablations,
    write_card,
)
from training.reliability import plot_reliability

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


def test_published_figures_stand_beside_ours_where_we_have_them() -> None:
    card = json.loads((CARDS / "framing-minilm.json").read_text("utf8"))
    rows = compare_published(card["run"])
    assert {row["figure"] for row in rows} >= {"dev.spans.f1", "dev.families.techniques.micro_f1"}
    assert rows[0]["ours"] == card["run"]["dev"]["families"]["techniques"]["any_f1"]
    without = {"dev": {"spans": {"f1": rows[0]["ours"]}}}
    assert [row["figure"] for row in compare_published(without)] == ["dev.spans.f1"]
    assert rows[0]["by"] in render_card({**card, "published": rows})


def test_other_recipes_stand_beside_this_one() -> None:
    card = json.loads((CARDS / "framing-minilm.json").read_text("utf8"))
    rows = compare_recipes(card["run"])
    assert [row["name"] for row in rows] == [
        *sorted(path.stem for path in RECIPES.glob("*.json")),
        "this one",
    ]
    figures = rows[-1]["figures"]
    assert figures[0] == card["run"]["dev"]["families"]["techniques"]["any_average_precision"]["value"]
    alone = next(row["figures"] for row in rows if row["name"] == "techniques")
    assert len(alone) == len(figures)
    assert None not in alone[:5]
    assert alone[5:10] == [None] * 5  # no devices
    line = next(
        line
        for line in render_card({**card, "recipes": rows}).splitlines()
        if line.startswith("| techniques |")
    )
    assert line.startswith(f"| techniques | {alone[0]:.3f}".replace("0.", ".")), line
    assert line.count(" – |") == 9


def test_the_ablations_are_a_table_of_differences_from_the_base() -> None:
    card = json.loads((CARDS / "framing-minilm.json").read_text("utf8"))
    base = {"mean": 0.5, "sd": 0.01, "difference": 0.0, "error": 0.0, "low": 0.0, "high": 0.0}
    worse = {"mean": 0.48, "sd": None, "difference": -0.02, "error": 0.004, "low": -0.037, "high": -0.003}
    vague = {**worse, "difference": 0.01, "error": 0.01, "low": -0.033, "high": 0.053}
    table = {
        "base": {**card["run"]["settings"], "data": {**card["run"]["settings"]["data"], "shares": [0.3]}},
        "seeds": [1, 2],
        "variants": [
            {
                "name": "base",
                "why": "Plain.",
                "runs": [{}, {}],
                "scores": {"techniques_any_average_precision": base},
            },
            {
                "name": "other",
                "why": "Tried.",
                "runs": [{}, {}],
                "scores": {
                    "techniques_any_average_precision": worse,
                    "devices_macro_average_precision": vague,
                    "techniques_macro_f1": worse,
                },
            },
            {"name": "not begun", "why": "Later.", "runs": [], "scores": {}},
        ],
    }
    short = shorten_ablations(table)
    assert short["differences"] == 2
    page = render_card({**card, "ablations": short})
    assert "| base | Plain. | 2 | .500 (.010) | – | – | – | – | – |\n" in page
    assert "| other | Tried. | 2 | **−.020 (.004)** | – | – | – | – | +.010 (.010) |\n" in page
    assert "not begun" not in page


def test_the_picture_of_calibration_is_the_same_each_time(tmp_path: Path) -> None:
    bins = [{"stated": 0.1, "observed": 0.2, "count": 40}, {"stated": 0.8, "observed": 0.7, "count": 3}]
    for name in ("one.svg", "two.svg"):
        plot_reliability({"techniques": bins, "devices": bins[:1]}, tmp_path / name)
    picture = (tmp_path / "one.svg").read_text("utf8")
    assert picture == (tmp_path / "two.svg").read_text("utf8")
    assert all(word in picture for word in ("techniques", "devices", "as stated"))


def test_a_figure_is_shown_with_its_interval() -> None:
    assert format_figure({"value": 0.6514, "low": 0.6, "high": 1.0}) == ".651 (.600 to 1.000)"


def test_an_unfinished_run_has_no_card(tmp_path: Path) -> None:
    with pytest.raises(FramingError, match="expected a finished run"):
        write_card(tmp_path, tmp_path / "cards")
