"""The figures of the README and the pages in docs are those that commands wrote."""

import re

from training.pages import PAGES, fill, render_blocks


def test_figures_are_those_that_commands_wrote() -> None:
    blocks = render_blocks()
    for page in PAGES:
        text = page.read_text("utf8")
        assert fill(text, blocks) == text, f"{page}: run python docs/remake.py figures"


def test_a_figure_typed_by_hand_is_seen() -> None:
    blocks, whole = render_blocks(), "".join(page.read_text("utf8") for page in PAGES)
    for name, block in blocks.items():
        typed = whole.replace(block, re.sub(r"\d", "½", block, count=1))
        assert typed != whole, f"no page has the block {name}"
        assert fill(typed, blocks) == whole


def test_what_has_no_figures_stays_as_it_is() -> None:
    text = "<!-- a -->\nold\n<!-- /a -->\n<!-- b -->\nold\n<!-- /b -->\n<!-- a -->"
    assert fill(text, {"a": "new"}) == text.replace("old", "new", 1)
