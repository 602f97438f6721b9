"""The figures of the pages on speed are those measured."""

import importlib.util
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).parents[1]


def pages() -> ModuleType:
    spec = importlib.util.spec_from_file_location("speed", ROOT / "docs" / "speed.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_figures_of_the_pages_are_those_measured() -> None:
    made = pages()
    for page in made.PAGES:
        text = page.read_text("utf8")
        assert made.fill(text) == text, "run python docs/speed.py"


def test_every_block_is_on_some_page() -> None:
    made = pages()
    whole = "".join(page.read_text("utf8") for page in made.PAGES)
    assert [name for name in made.BLOCKS if f"<!-- {name} -->" not in whole] == []
