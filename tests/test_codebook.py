"""The codebook: the shipped one is complete, somebody's own loads, and every mistake gets one clear line."""

import json
import subprocess
import sys
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from framing.codebook import Codebook, load_codebook
from framing.codes import Device, Technique
from framing.errors import FramingError
from framing.records import VOICES

CODES = [
    "appeal_to_authority",
    "appeal_to_fear_prejudice",
    "bandwagon_reductio_ad_hitlerum",
    "black_and_white_fallacy",
    "causal_oversimplification",
    "doubt",
    "exaggeration_minimisation",
    "flag_waving",
    "loaded_language",
    "name_calling_labeling",
    "repetition",
    "slogans",
    "thought_terminating_cliches",
    "whataboutism_straw_men_red_herring",
    "fake_news_campaign",
    "gangster_tactics",
    "looming_threat",
    "history_repeating",
    "puppet_master",
    "provocation",
    "hidden_agenda",
    "double_standards",
    "broken_promise",
    "innocent_victims",
    "people_vs_elite",
    "weaponisation",
    "war_metaphor",
    "chaos_and_collapse",
    "show_of_strength",
    "false_alarm",
]

GROUPS = {
    "attack on reputation",
    "justification",
    "simplification",
    "distraction",
    "call",
    "manipulative wording",
}

OWN = """
version = "gun violence 2"

[[devices]]
code = "politics"
name = "Politics"
definition = \"\"\"
The story is told as a contest
of parties.\"\"\"

[[devices]]
code = "mental_health"
name = "Mental health"
definition = "The state of mind of the gunman explains the act."
examples = ["He had stopped taking his pills, a neighbour said."]
"""


@pytest.fixture(scope="module")
def shipped() -> Codebook:
    return load_codebook()


@pytest.fixture
def own(tmp_path: Path) -> Callable[[str], Path]:
    def write(text: str) -> Path:
        path = tmp_path / "own.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_shipped_codes_are_the_label_order(shipped: Codebook) -> None:
    assert shipped.codes == tuple(CODES)
    assert len(shipped) == 30
    assert [len(shipped.techniques), len(shipped.devices)] == [14, 16]
    assert shipped.version == "1.1"


@pytest.mark.parametrize("code", CODES)
def test_shipped_entries_are_complete(shipped: Codebook, code: str) -> None:
    entry = shipped[code]
    assert entry.name
    assert entry.definition.endswith(".")
    assert entry.not_when.endswith(".")
    assert len(entry.examples) == 2
    if isinstance(entry, Technique):
        assert entry.ptc.lower().replace(",", "_").replace("-", "_") == code
        assert entry.group in GROUPS
        assert entry.family == "technique"
        assert entry.heading == entry.group
    else:
        assert isinstance(entry, Device)
        assert entry.family == "device"
        assert entry.heading == f"{entry.kind}, {entry.function}"


def test_shipped_texts_are_distinct(shipped: Codebook) -> None:
    entries = [shipped[code] for code in shipped]
    examples = [example for entry in entries for example in entry.examples]
    assert len(set(examples)) == 60
    for texts in ([e.name for e in entries], [e.definition for e in entries], [e.not_when for e in entries]):
        assert len(set(texts)) == 30
    assert len({technique.ptc for technique in shipped.techniques}) == 14


def test_shipped_voices_rules_and_close_calls(shipped: Codebook) -> None:
    assert tuple(shipped.voices) == VOICES
    assert len(shipped.rules) == 6
    assert len(shipped.close_calls) == 15
    assert {code for call in shipped.close_calls for code in call.codes} < set(shipped.codes)


def test_the_package_file_is_read_wherever_one_stands(
    shipped: Codebook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert load_codebook() == shipped


def test_nothing_heavy_is_imported() -> None:
    code = "import sys, framing.codebook; print(*{'torch', 'pandas', 'rich', 'numpy'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_lookup(shipped: Codebook) -> None:
    assert shipped["puppet_master"].name == "Puppet master"
    assert "puppet_master" in shipped
    assert "puppets" not in shipped
    assert list(shipped) == CODES


@pytest.mark.parametrize(
    ("asked", "near"),
    [
        ("pupet_master", "puppet_master"),
        ("Puppet Master", "puppet_master"),
        ("war-metaphor", "war_metaphor"),
        ("Loaded_Language", "loaded_language"),
        ("whataboutism", "whataboutism_straw_men_red_herring"),
    ],
)
def test_unknown_code_names_the_near_ones(shipped: Codebook, asked: str, near: str) -> None:
    with pytest.raises(FramingError, match=rf'found no code "{asked}", .*did you mean .*{near}'):
        shipped[asked]


def test_unknown_code_without_near_ones_lists_all(shipped: Codebook) -> None:
    with pytest.raises(FramingError, match=r"choose from appeal_to_authority, .*, false_alarm"):
        shipped["qqq"]


def test_subset_keeps_the_order_given(shipped: Codebook) -> None:
    part = shipped.subset(["puppet_master", "doubt", "looming_threat"])
    assert part.codes == ("puppet_master", "doubt", "looming_threat")
    assert part["doubt"] == shipped["doubt"]
    assert part.version == shipped.version
    about = [call.codes for call in part.close_calls]
    assert about == [("looming_threat",), (), ()]
    assert Codebook.from_dict(part.to_dict()) == part


@pytest.mark.parametrize(
    ("codes", "message"),
    [([], "no codes"), (["doubt", "doubt"], '"doubt" twice'), (["dubt"], "did you mean doubt")],
)
def test_subset_errors(shipped: Codebook, codes: list[str], message: str) -> None:
    with pytest.raises(FramingError, match=message):
        shipped.subset(codes)


def test_round_trips(shipped: Codebook, tmp_path: Path) -> None:
    assert Codebook.from_dict(shipped.to_dict()) == shipped
    path = tmp_path / "codebook.json"
    path.write_text(shipped.to_json(), encoding="utf-8")
    assert load_codebook(path) == shipped
    assert json.loads(shipped.to_json()) == shipped.to_dict()


def test_own_codebook_loads(own: Callable[[str], Path]) -> None:
    book = load_codebook(own(OWN))
    assert book.codes == ("politics", "mental_health")
    assert book.version == "gun violence 2"
    assert book.techniques == ()
    assert book["politics"] == Device("politics", "Politics", "The story is told as a contest of parties.")
    assert book["politics"].heading == ""
    assert Codebook.from_dict(book.to_dict()) == book


def test_own_label_order(own: Callable[[str], Path]) -> None:
    book = load_codebook(own('codes = ["mental_health", "politics"]\n' + OWN))
    assert book.codes == ("mental_health", "politics")


def test_byte_order_mark_is_read(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(OWN, encoding="utf-8-sig")
    assert len(load_codebook(path)) == 2


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
def test_errors_say_where_what_and_how(
    shipped: Codebook, change: Callable[[dict[str, Any]], None], message: str
) -> None:
    data = deepcopy(shipped.to_dict())
    # The order is a matter of its own: without it, a changed code is not also an order that lacks one.
    del data["codes"]
    change(data)
    with pytest.raises(FramingError) as caught:
        Codebook.from_dict(data, "book.toml")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "expected" in str(caught.value)


def test_no_entries_at_all(own: Callable[[str], Path]) -> None:
    with pytest.raises(FramingError, match=r"own\.toml: top level: found no codes; .*add \[\[devices\]\]"):
        load_codebook(own('version = "1"'))


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ('version = "1"\n[[devices]]\ncode = doubt\n', "line 3, column 8"),
        ('version = "1"\nversion = "2"\n', "line 2, column 14"),
        ('version = "1"\nrules = ["a",', "line 2 (end of file)"),
        ('version = "1\n"', "line 1, column 13"),
    ],
)
def test_toml_syntax_error_has_its_line(own: Callable[[str], Path], text: str, where: str) -> None:
    with pytest.raises(FramingError) as caught:
        load_codebook(own(text))
    assert f"own.toml: {where}: found a syntax error (" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"version": "1",\n}', "line 2, column 1: found a syntax error"),
        ("[1]", "top level: found a list ([1]); expected an object"),
    ],
)
def test_json_errors(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "own.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(FramingError) as caught:
        load_codebook(path)
    assert message in str(caught.value)


def test_unreadable_files(tmp_path: Path) -> None:
    with pytest.raises(FramingError, match=r"gone\.toml: found no readable file \(No such file"):
        load_codebook(tmp_path / "gone.toml")
    with pytest.raises(FramingError, match="found no readable file"):
        load_codebook(tmp_path)
    latin = tmp_path / "latin.toml"
    latin.write_bytes('version = "é"'.encode("latin-1"))
    with pytest.raises(FramingError, match=r"position 11 that is not UTF-8; .*save the file as UTF-8"):
        load_codebook(latin)
