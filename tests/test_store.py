import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pyarrow import parquet

from framing.errors import FramingError
from framing.files import part_of
from framing.labels import Labels
from framing.records import Attribution, Label, LabelledSentence, Provenance
from framing.store import check_output, read_labels, read_provenance, to_line, write_labels

ROWS = (
    LabelledSentence(
        "a", "Wire", 0, 0, 9, "“Thugs!” x", {"doubt": 0.25, "slogans": 1.0},
        (Label("slogans", 1.0, ((1, 6), (7, 8)), "quoted", "Moscow"),), "quoted",
        (Attribution((0, 8), (9, 10), None),),
    ),
    LabelledSentence("a", "Wire", 1, 10, 12, "No", {"doubt": 0.0, "slogans": 0.5}),
    LabelledSentence("b", "=Herald", 0, 0, 2, "\u2028é", {"doubt": 0.0, "slogans": 0.5}),
)  # fmt: skip
LINE = to_line(ROWS[1]).decode()
MADE = Provenance(
    "m 1", "w", "b", "1.0", ("doubt", "slogans"), "torch", "cpu", "fp32", {"torch": "2"}, "i", 2, 3
)


@pytest.mark.parametrize("suffix", [".jsonl", ".parquet"])
def test_what_is_written_is_read(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"labels{suffix}"
    write_labels(path, ROWS, MADE)
    assert tuple(read_labels(path)) == ROWS
    assert read_provenance(path) == MADE
    assert not part_of(path).exists()


def test_the_row_is_the_format_of_the_design(tmp_path: Path) -> None:
    path = tmp_path / "labels.jsonl"
    write_labels(path, ROWS, MADE)
    first = path.read_text("utf8").split("\n")[0]
    assert json.loads(first) == {
        "article_id": "a", "outlet": "Wire", "index": 0, "start": 0, "end": 9, "text": "“Thugs!” x",
        "voice": "quoted", "scores": {"doubt": 0.25, "slogans": 1.0},
        "labels": [
            {"code": "slogans", "score": 1.0, "spans": [[1, 6], [7, 8]], "voice": "quoted",
             "source": "Moscow"}
        ],
        "attributions": [{"source": [9, 10], "cue": None, "content": [0, 8]}],
    }  # fmt: skip


@pytest.mark.parametrize("suffix", [".jsonl", ".parquet"])
def test_a_failure_leaves_no_half_file_under_the_name(tmp_path: Path, suffix: str) -> None:
    def broken() -> Iterator[LabelledSentence]:
        yield ROWS[0]
        raise FramingError("article 'z': no sentence")

    path = tmp_path / f"labels{suffix}"
    with pytest.raises(FramingError, match="article 'z'"):
        write_labels(path, broken(), MADE)
    assert not path.exists()


def test_a_file_without_provenance_says_nothing_of_it(tmp_path: Path) -> None:
    path = tmp_path / "labels.jsonl"
    write_labels(path, ROWS, MADE)
    (tmp_path / "labels.jsonl.provenance.json").unlink()
    assert read_provenance(path) is None


def test_provenance_of_an_older_version_is_read(tmp_path: Path) -> None:
    path = tmp_path / "labels.jsonl"
    write_labels(path, ROWS, MADE)
    beside = tmp_path / "labels.jsonl.provenance.json"
    older = json.loads(beside.read_text("utf8"))
    for name in ("files", "machine", "tolerance"):
        del older[name]
    beside.write_text(json.dumps(older), "utf8")
    assert read_provenance(path) == MADE


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.jsonl", "{}\n{", r"a\.jsonl:1: .* missing required field `article_id`"),
        ("a.jsonl", "[]", r"a\.jsonl:1: Expected `object`, got `array`"),
        ("a.jsonl", "{", r"a\.jsonl:1: Input data was truncated; expected a row as framing label writes it"),
        ("a.jsonl", LINE + LINE[:-2] + "\n", r"a\.jsonl:2: Input data was truncated"),
        (
            "a.jsonl",
            LINE + LINE.replace('"No"', "5"),
            r"a\.jsonl:2: Expected `str`, got `int` - at `\$.text`",
        ),
        ("a.jsonl", LINE.replace(',"labels":[]', ""), r"a\.jsonl:1: .* missing required field `labels`"),
        ("a.jsonl", LINE.replace('"voice":null', '"voice":"god"'), r"a\.jsonl:1: .* 'god' - at `\$\.voice`"),
        ("a.jsonl", LINE.replace('"No"', "[" * 9999), r"a\.jsonl:1: "),
        ("a.jsonl", "", "holds no row"),
        ("a.txt", "", r"found the suffix '\.txt'"),
        ("a.parquet", "PAR0", "not a Parquet file"),
    ],
)
def test_broken_labels_are_one_clear_line(tmp_path: Path, name: str, content: str, message: str) -> None:
    path = tmp_path / name
    path.write_text(content, "utf8")
    with pytest.raises(FramingError, match=message):
        list(read_labels(path))


def test_missing_labels_are_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(FramingError, match="no such file"):
        list(read_labels(tmp_path / "none.jsonl"))


def test_what_is_not_utf_8_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(LINE.encode() + LINE.encode().replace(b'"No"', b'"\xff"'))
    with pytest.raises(FramingError, match=r"a\.jsonl:2: 'utf-8' codec can't decode byte 0xff"):
        list(read_labels(path))


def test_a_table_without_labels_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    write_labels(path, ROWS, MADE)
    parquet.write_table(parquet.read_table(path).drop_columns("labels"), path)
    with pytest.raises(FramingError, match=r"a\.parquet:1: .* missing required field `labels`"):
        list(read_labels(path))


@pytest.mark.parametrize("suffix", [".jsonl", ".parquet"])
def test_labels_of_a_model_are_written_and_read_by_a_path_as_text(tmp_path: Path, suffix: str) -> None:
    path = f"{tmp_path}/labels{suffix}"
    write_labels(path, Labels(ROWS, MADE))
    assert tuple(read_labels(path)) == ROWS
    assert read_provenance(path) == MADE


def test_what_is_not_labels_is_one_clear_line(tmp_path: Path) -> None:
    path = tmp_path / "labels.jsonl"
    with pytest.raises(FramingError, match="nothing says how the labels were made"):
        write_labels(path, ROWS)
    with pytest.raises(FramingError, match="found tuple, expected a LabelledSentence"):
        write_labels(path, [ROWS], MADE)  # type: ignore[list-item]
    with pytest.raises(FramingError, match=r"found the suffix '\.csv'"):
        write_labels(tmp_path / "labels.csv", ROWS, MADE)
    with pytest.raises(FramingError, match="no such file"):
        read_provenance(path)
    assert not path.exists()


def test_a_score_out_of_range_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "labels.jsonl"
    write_labels(path, ROWS, MADE)
    lines = path.read_text("utf8").replace('"slogans":0.5', '"slogans":1.5')
    path.write_text(lines, "utf8")
    with pytest.raises(FramingError, match=r"labels\.jsonl:2: slogans: score is 1\.5, expected 0 to 1"):
        list(read_labels(path))


def test_outputs_are_checked_before_the_work(tmp_path: Path) -> None:
    path = tmp_path / "labels.jsonl"
    check_output(path, (".jsonl",))
    path.touch()
    with pytest.raises(FramingError, match="exists already"):
        check_output(path, (".jsonl",))
    check_output(path, (".jsonl",), force=True)
    with pytest.raises(FramingError, match=r"found the suffix '\.csv', expected \.jsonl or \.parquet"):
        check_output(tmp_path / "x.csv", (".jsonl", ".parquet"))
    with pytest.raises(FramingError, match="can't be written"):
        check_output(path / "below" / "x.jsonl", (".jsonl",))
    assert list(tmp_path.iterdir()) == [path]


def test_records_refuse_what_makes_no_sense() -> None:
    with pytest.raises(ValueError, match="score is 2"):
        Label("doubt", 2)
    with pytest.raises(ValueError, match="expected 0 <= start < end"):
        Label("doubt", 0.5, ((3, 3),))
    with pytest.raises(ValueError, match="voice is 'god'"):
        replace(ROWS[0], voice="god")


def test_a_byte_order_mark_and_blank_last_lines_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + LINE.encode() + b"\n\r\n")
    assert list(read_labels(path)) == [ROWS[1]]
    path.write_text(f"{LINE}\n{LINE}", "utf8")
    with pytest.raises(FramingError, match=r"a\.jsonl:2: empty line; expected a row"):
        list(read_labels(path))


def test_nothing_is_said_of_a_part_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FramingError, match=r"writing failed \(No such file or directory\)$"):
        write_labels(tmp_path / "none" / "l.jsonl", ROWS, MADE)
