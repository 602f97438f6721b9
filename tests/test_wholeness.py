"""Labels that were cut, merged or doubled are refused before they become figures."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from framing.cli import cli
from framing.errors import FramingError
from framing.profiling import build_profiles
from framing.records import LabelledSentence, Provenance
from framing.store import write_labels
from framing.wholeness import check_whole, read_whole

ROWS = [
    LabelledSentence(article, "Herald", index, 0, 4, "Why?", {"doubt": 0.1})
    for article in ("a", "b", "c")
    for index in range(4)
]
MADE = Provenance("tiny", "", "", "1", ("doubt",), "torch", "cpu", "fp32", {}, "", articles=3, sentences=12)

Damage = Callable[[list[LabelledSentence]], list[LabelledSentence]]


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda rows: rows[:8], "found 8 sentences of 2 articles, expected 12 of 3 as its provenance says"),
        (lambda rows: rows[1:], "found 11 sentences of 3 articles, expected 12 of 3"),
        (lambda rows: [*rows, rows[5]], r"labels\.jsonl:13: sentence 1 of article 'b' comes a second time"),
        (
            lambda rows: [*rows[:-1], replace(rows[-1], outlet="Tide")],
            r"labels\.jsonl:12: article 'c' is of outlet 'Tide', expected 'Herald'",
        ),
    ],
)
def test_a_damaged_file_makes_no_profile(damage: Damage, message: str, tmp_path: Path) -> None:
    path = tmp_path / "labels.jsonl"
    write_labels(path, damage(ROWS), MADE)
    with pytest.raises(FramingError, match=message):
        list(read_whole(path))
    made = CliRunner().invoke(cli, ["profile", str(path), "-o", str(tmp_path / "profiles.json")])
    assert isinstance(made.exception, FramingError)
    assert not (tmp_path / "profiles.json").exists()


def test_a_whole_file_may_have_any_order(tmp_path: Path) -> None:
    path = tmp_path / "labels.parquet"
    write_labels(path, ROWS[::-1], MADE)
    assert list(read_whole(path)) == ROWS[::-1]


def test_a_part_of_the_labels_has_profiles_but_no_sentence_counts_twice() -> None:
    assert build_profiles(ROWS[2:7], provenance=MADE).profiles[0].sentences == 5
    with pytest.raises(FramingError, match="labels:6: sentence 3 of article 'a' comes a second time"):
        build_profiles([*ROWS[2:7], ROWS[3]])


@pytest.mark.parametrize("other", [None, "labels.jsonl", ROWS[0], [None], ["a"]])
def test_what_is_no_labels_is_named(other: object) -> None:
    with pytest.raises(FramingError, match="expected labelled sentences as Model"):
        list(check_whole(other))  # type: ignore[arg-type]
