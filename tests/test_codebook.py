"""The codebook: the shipped one is complete, somebody's own loads, and every mistake gets one clear line."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

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
