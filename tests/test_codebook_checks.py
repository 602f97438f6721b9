from collections.abc import Callable
from typing import Any

import pytest

from framing.codebook import Codebook, load_codebook
from framing.errors import FramingError
from tests.test_codebook import CODES


def _set(*keys: str | int, value: object) -> Callable[[dict[str, Any]], None]:
    def change(data: dict[str, Any]) -> None:
        place: Any = data
        for key in keys[:-1]:
            place = place[key]
        place[keys[-1]] = value

    return change


def _drop(*keys: str | int) -> Callable[[dict[str, Any]], None]:
    def change(data: dict[str, Any]) -> None:
        place: Any = data
        for key in keys[:-1]:
            place = place[key]
        del place[keys[-1]]

    return change


DEVICE_1 = 'book.toml: device 1 "fake_news_campaign"'


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (_drop("version"), 'book.toml: top level: found no "version"; expected the keys version; add it'),
        (_set("version", value=1.0), 'version: found a number (1.0); expected a text; write version = "1.0"'),
        (_set("version", value=" "), "top level: version: found nothing"),
        (_set("devises", value=[]), 'found an unknown key "devises"; expected only'),
        (_set("devises", value=[]), 'rename it to "devices"'),
        (_set("qqq", value=1), "remove it"),
        (_drop("devices", 0, "definition"), f'{DEVICE_1}: found no "definition"'),
        (_drop("devices", 0, "code"), 'book.toml: device 1: found no "code"'),
        (_set("devices", 0, "definition", value="  \n"), f"{DEVICE_1}: definition: found nothing"),
        (_set("devices", 0, "name", value=3), f"{DEVICE_1}: name: found a number (3); expected a text"),
        (_set("devices", 0, "definiton", value="x"), 'unknown key "definiton"'),
        (_set("devices", 0, "definiton", value="x"), 'rename it to "definition"'),
        (_set("devices", 0, "ptc", value="Doubt"), f'{DEVICE_1}: found an unknown key "ptc"'),
        (_set("techniques", 5, "kind", value="x"), 'technique 6 "doubt": found an unknown key "kind"'),
        (
            _set("devices", 0, "code", value="Fake-News"),
            'found "Fake-News"; expected a code of small letters',
        ),
        (_set("devices", 0, "code", value="Fake-News"), 'write "fake_news"'),
        (_set("devices", 0, "code", value="1"), "choose another"),
        (_set("devices", 0, "code", value="a\nb"), 'write "a_b"'),
        (_set("devices", 2, "code", value="doubt"), 'device 3: found the code "doubt" of technique 6 again'),
        (_set("devices", 0, "examples", value="one"), f"{DEVICE_1}: examples: found a text (one)"),
        (_set("devices", 0, "examples", value=["one", ""]), f"{DEVICE_1}: examples, item 2: found nothing"),
        (_set("devices", value={"code": "x"}), "expected a list of tables; head each one with [[devices]]"),
        (_set("rules", value="Think."), "rules: found a text (Think.); expected a list of texts"),
        (_set("voices", value=["outlet"]), "voices: found a list"),
        (_set("voices", "outlets", value="x"), 'rename it to "outlet"'),
        (_set("voices", "outlet", value=""), "voices: outlet: found nothing"),
        (_set("close_calls", 0, "codes", value=["dubt"]), 'close call 1: codes: found "dubt"'),
        (_drop("close_calls", 0, "text"), 'close call 1: found no "text"'),
        (_set("codes", value=["doubt"]), "codes: found a list that does not match the entries at"),
        (_set("codes", value=[*CODES, "doubt"]), "does not match the entries at doubt;"),
    ],
)
def test_errors_say_where_what_and_how(change: Callable[[dict[str, Any]], None], message: str) -> None:
    data = load_codebook().to_dict()
    # The order is a matter of its own: without it, a changed code is not also an order that lacks one.
    del data["codes"]
    change(data)
    with pytest.raises(FramingError) as caught:
        Codebook.from_dict(data, "book.toml")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "expected" in str(caught.value)
