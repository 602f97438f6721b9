"""The figures of the README and the pages in docs are those that commands wrote."""

import json
import re

from framing.model_folder import hash_weights
from framing.paths import default_model
from training.pages import PAGES, fill, render_blocks
from training.templates import MEASUREMENTS


def test_figures_are_those_that_commands_wrote() -> None:
    blocks = render_blocks()
    for page in PAGES:
        text = page.read_text("utf8")
        assert fill(text, blocks) == text, f"{page}: run python docs/remake.py figures"


def test_what_was_measured_of_a_model_was_measured_of_the_one_that_ships() -> None:
    measured = {path.name: json.loads(path.read_text("utf8")) for path in MEASUREMENTS.glob("*.json")}
    made_with = {
        name: found["weights_sha256"] for name, found in measured.items() if "weights_sha256" in found
    }
    assert {"babe.json", "unseen.json", "simulation.json", "outlets.json"} <= set(made_with)
    assert set(made_with.values()) == {hash_weights(default_model())}


def test_a_figure_typed_by_hand_is_seen() -> None:
    blocks, whole = render_blocks(), "".join(page.read_text("utf8") for page in PAGES)
    for name, block in blocks.items():
        typed = whole.replace(block, re.sub(r"\d", "½", block, count=1))
        assert typed != whole, f"no page has the block {name}"
        assert fill(typed, blocks) == whole


def test_what_has_no_figures_stays_as_it_is() -> None:
    text = "<!-- a -->\nold\n<!-- /a -->\n<!-- b -->\nold\n<!-- /b -->\n<!-- a -->"
    assert fill(text, {"a": "new"}) == text.replace("old", "new", 1)
