"""The figures of the pages on speed are those measured."""

from tests.conftest import load_script


def test_figures_of_the_pages_are_those_measured() -> None:
    made = load_script("speed")
    for page in made.PAGES:
        text = page.read_text("utf8")
        assert made.fill(text) == text, "run python docs/speed.py"


def test_every_block_is_on_some_page() -> None:
    made = load_script("speed")
    whole = "".join(page.read_text("utf8") for page in made.PAGES)
    assert [name for name in made.BLOCKS if f"<!-- {name} -->" not in whole] == []
