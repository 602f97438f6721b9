import json
from pathlib import Path

import pytest

from framing.store import read_labels
from tests.test_cli import framing

GOOD = {"id": "a", "outlet": "Herald", "text": "The gang will attack our people now."}


def put(path: Path, *rows: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"\n".join(r if isinstance(r, bytes) else json.dumps(r).encode() for r in rows) + b"\n")
    return path


def label(folder: Path, model: Path, source: Path, *options: object, code: int) -> Path:
    output = folder / "labels.jsonl"
    framing("label", source, "-o", output, "--model", model, "--device", "cpu", *options, code=code)
    return output


def reasons(output: Path) -> list[str]:
    path = output.with_name(output.name + ".rejects.jsonl")
    return [json.loads(line)["reason"] for line in path.read_text("utf8").splitlines()]


def test_broken_articles_do_not_stop_the_others(
    tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = (GOOD, b"{", {"id": "b", "outlet": "x"}, {**GOOD, "id": "c", "text": "..."}, GOOD, b"\xff")
    source = put(tmp_path / "in.jsonl", *rows, {**GOOD, "id": "z"})
    output = label(tmp_path, tiny_model, source, "--on-error", "skip", code=3)
    assert [row.article_id for row in read_labels(output)] == ["a", "z"]
    said = ("line 2: broken JSON", "line 3: field 'text' is missing", "already used", "line 6: byte 0xff")
    found = reasons(output)
    assert len(found) == len(said) + 1
    assert all(any(words in reason for reason in found) for words in (*said, "no sentence"))
    assert "left out: 5 articles" in capsys.readouterr().err


def test_the_first_stops_the_command_if_nothing_else_is_said(tiny_model: Path, tmp_path: Path) -> None:
    output = label(tmp_path, tiny_model, put(tmp_path / "in.jsonl", GOOD, b"{"), code=1)
    assert not output.exists()


def test_files_that_are_broken_from_some_place_on(tiny_model: Path, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    put(
        folder / "a.csv", b"id,outlet,text", b"1,Herald,The gang will attack.", b"2,Herald", b'3,Herald,"open'
    )
    put(folder / "b.parquet", b"no parquet")
    put(folder / "c.txt", b"")
    put(folder / "d.txt", b"The gang will attack our people now.")
    output = label(tmp_path, tiny_model, folder, "--on-error", "skip", code=3)
    assert [row.article_id for row in read_labels(output)] == ["1", "d"]
    assert len(reasons(output)) >= 4


def test_where_nothing_is_left_out_there_is_no_file(tiny_model: Path, tmp_path: Path) -> None:
    source = put(tmp_path / "in.jsonl", GOOD, b"{")
    output = label(tmp_path, tiny_model, source, "--on-error", "skip", code=3)
    assert len(reasons(output)) == 1
    label(tmp_path, tiny_model, put(source, GOOD), "--on-error", "skip", "--force", code=0)
    assert not output.with_name(output.name + ".rejects.jsonl").exists()


def test_where_everything_is_left_out_it_is_an_error(
    tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = put(tmp_path / "in.jsonl", b"{", {**GOOD, "text": "..."})
    output = label(tmp_path, tiny_model, source, "--on-error", "skip", code=1)
    said = capsys.readouterr().err
    assert "the first: " in said
    assert "in.jsonl, line 1: broken JSON" in said
    assert "see " + str(output) + ".rejects.jsonl" in said
    assert any("in.jsonl, line 2: article 'a' (Herald): no sentence" in reason for reason in reasons(output))


def test_what_is_odd_is_said_once_though_the_input_is_read_twice(
    tiny_model: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    put(tmp_path / "in" / "a.pdf", b"x")
    put(tmp_path / "in" / "a.jsonl", {**GOOD, "date": "May"})
    label(tmp_path, tiny_model, tmp_path / "in", code=0)
    said = [record.getMessage() for record in caplog.records if record.name == "framing"]
    assert [line.partition(": ")[0] for line in said] == [str(tmp_path / "in"), "dates left out"]


def test_show_says_where_the_outlet_comes_from(
    tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = put(tmp_path / "a.txt", GOOD["text"].encode())
    framing("show", source, "--model", tiny_model, "--device", "cpu")
    assert "outlet named: 1 by folder" in capsys.readouterr().err
