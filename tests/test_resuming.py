import json
import multiprocessing
import os
import random
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from test_cli import framing

from framing import resuming
from framing.errors import FramingError
from framing.labelling import CHUNK, Model
from framing.model_folder import load_model
from framing.records import Article
from framing.resuming import label_into, unfinished_path
from framing.store import read_provenance, write_labels

WATCHED = ("store.py", "resuming.py")
ARTICLES = tuple(
    Article(str(n), "Herald", f"The gang will attack our people on day {n}. Nobody knows why.")
    for n in range(2 * CHUNK + 20)
)


@pytest.fixture(scope="module")
def model(tiny_model: Path) -> Model:
    return load_model(tiny_model, device="cpu", threads=1)


def stopped(after: int) -> Iterator[Article]:
    """Articles of a run that is cut off."""
    yield from ARTICLES[:after]
    raise RuntimeError("cut off")


def begin(output: Path, model: Model, after: int = CHUNK + 3) -> Path:
    with pytest.raises(RuntimeError, match="cut off"):
        label_into(output, model, stopped(after))
    return unfinished_path(output)


def arguments(folder: Path, output: Path, model: Path) -> list[str]:
    source = folder / "articles.jsonl"
    source.write_text(
        "\n".join(json.dumps({"id": a.id, "outlet": a.outlet, "text": a.text}) for a in ARTICLES), "utf8"
    )
    settings = ["--model", str(model), "--device", "cpu", "--threads", "1"]
    return ["label", str(source), "-o", str(output), *settings]


def run_until(line: int, command: list[str]) -> None:
    """Run in a process of its own, which kills itself before the `line`th line of the code that writes."""
    left = line

    def count(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal left
        if not frame.f_code.co_filename.endswith(WATCHED):
            return None
        left -= event == "line"
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return count

    sys.settrace(count)
    framing(*command)
    sys.settrace(None)


def lines_of(command: list[str]) -> int:
    """Return how many lines of the code that writes a whole run goes through."""
    counted = 0

    def count(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal counted
        if not frame.f_code.co_filename.endswith(WATCHED):
            return None
        counted += event == "line"
        return count

    before = sys.gettrace()
    sys.settrace(count)
    try:
        framing(*command)
    finally:
        sys.settrace(before)
    return counted


@pytest.mark.parametrize("suffix", [".jsonl", ".parquet"])
def test_a_run_killed_at_any_of_ten_points_ends_with_the_same_bytes(
    suffix: str, tiny_model: Path, tmp_path: Path
) -> None:
    whole, output = tmp_path / f"whole{suffix}", tmp_path / f"labels{suffix}"
    lines = lines_of(arguments(tmp_path, whole, tiny_model))
    command = arguments(tmp_path, output, tiny_model)
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(["framing.model_folder", "framing.cli", "pyarrow.parquet"])
    for point in random.Random(suffix).sample(range(lines), 10):
        process = processes.Process(target=run_until, args=(point, command))
        process.start()
        process.join(60)
        assert process.exitcode == -signal.SIGKILL, point
        if not output.exists():
            framing(*command)
        assert output.read_bytes() == whole.read_bytes(), point
        assert read_provenance(output) == read_provenance(whole), point
        for path in tmp_path.glob("labels*"):
            path.unlink()


def test_the_bytes_are_those_of_labels_kept_in_memory(model: Model, tmp_path: Path) -> None:
    for suffix in (".jsonl", ".parquet"):
        kept, output = tmp_path / f"kept{suffix}", tmp_path / f"labels{suffix}"
        labels = model.label(ARTICLES)
        write_labels(kept, labels)
        label_into(output, model, ARTICLES)
        assert output.read_bytes() == kept.read_bytes()
        assert not unfinished_path(output).exists()


def test_what_is_labelled_is_not_labelled_again(
    model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    output, seen = tmp_path / "labels.jsonl", []
    begin(output, model, after=2 * CHUNK + 1)
    run = model._run
    monkeypatch.setattr(model, "_run", lambda chunk: seen.append(len(chunk)) or run(chunk))
    tally = label_into(output, model, ARTICLES)
    assert seen == [20]
    assert (tally.articles, tally.sentences) == (len(ARTICLES), 2 * len(ARTICLES))
    assert f"going on after {2 * CHUNK} articles" in capsys.readouterr().err


def test_blocks_that_a_loss_of_power_left_empty_are_labelled_again(model: Model, tmp_path: Path) -> None:
    whole, output = tmp_path / "whole.jsonl", tmp_path / "labels.jsonl"
    label_into(whole, model, ARTICLES)
    journal = bytearray(begin(output, model, after=2 * CHUNK + 1).read_bytes())
    middle = journal.index(b"Nobody knows why", len(journal) // 2)
    journal[middle : middle + 6] = bytes(6)
    unfinished_path(output).write_bytes(journal)
    label_into(output, model, ARTICLES)
    assert output.read_bytes() == whole.read_bytes()


def test_a_torn_end_is_cut(model: Model, tmp_path: Path) -> None:
    whole, output = tmp_path / "whole.jsonl", tmp_path / "labels.jsonl"
    label_into(whole, model, ARTICLES)
    journal = begin(output, model, after=2 * CHUNK + 1).read_bytes()
    places = random.Random(0)
    for _ in range(6):
        cut = places.randrange(len(journal))
        torn = journal[:cut] + places.choice([b"", b"\0" * 5000, b"}\n{", b"\xff\n\n"])
        unfinished_path(output).write_bytes(torn)
        label_into(output, model, ARTICLES)
        assert output.read_bytes() == whole.read_bytes()


@pytest.mark.parametrize(
    ("articles", "expected"),
    [
        (
            (ARTICLES[0], Article("1", "Herald", "Another text."), *ARTICLES[2:]),
            "article 2 was '1', has another",
        ),
        ((Article("0", "Wire", ARTICLES[0].text), *ARTICLES[1:]), "article 1 was '0', has another"),
        (ARTICLES[1:], "article 1 was '0', is '1' now"),
        (ARTICLES[:5], "the input now has 5"),
    ],
)
def test_changed_inputs_are_not_mixed_in(
    articles: tuple[Article, ...], expected: str, model: Model, tmp_path: Path
) -> None:
    output = tmp_path / "labels.jsonl"
    before = begin(output, model).read_bytes()
    with pytest.raises(FramingError, match=expected):
        label_into(output, model, articles)
    assert not output.exists()
    assert unfinished_path(output).read_bytes()[:10_000] == before[:10_000]


def test_a_changed_model_is_named(model: Model, tiny_model: Path, tmp_path: Path) -> None:
    other, output = tmp_path / "other", tmp_path / "labels.jsonl"
    other.mkdir()
    for file in tiny_model.iterdir():
        (other / file.name).write_bytes(file.read_bytes())
    decisions = (other / "decisions.json").read_text("utf8")
    (other / "decisions.json").write_text(decisions.replace('"threshold": 0.5', '"threshold": 0.6'), "utf8")
    begin(output, model)
    with pytest.raises(FramingError, match=r"begun otherwise \(sha256 of decisions.json was \w+, is \w+\)"):
        label_into(output, load_model(other, device="cpu"), ARTICLES)
    assert label_into(output, model, ARTICLES).articles == len(ARTICLES)


def test_nothing_labelled_binds_to_nothing(model: Model, tmp_path: Path) -> None:
    output = tmp_path / "labels.jsonl"
    begin(output, model, after=3)
    assert label_into(output, model, ARTICLES[5:7]).articles == 2


def test_a_file_that_is_something_else_is_left_alone(model: Model, tmp_path: Path) -> None:
    unfinished_path(tmp_path / "labels.jsonl").write_text('{"my": "novel"}\n', "utf8")
    with pytest.raises(FramingError, match="found something else"):
        label_into(tmp_path / "labels.jsonl", model, ARTICLES)


def test_two_processes_do_not_write_into_one(model: Model, tmp_path: Path) -> None:
    output = tmp_path / "labels.jsonl"
    with (
        resuming.Journal(unfinished_path(output), {}),
        pytest.raises(FramingError, match="another process is labelling"),
    ):
        label_into(output, model, ARTICLES)


def test_a_full_disk_costs_nothing(model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    whole, output = tmp_path / "whole.jsonl", tmp_path / "labels.jsonl"
    label_into(whole, model, ARTICLES)
    for name in ("write_lines", "to_line"):
        with monkeypatch.context() as patch:
            patch.setattr(resuming, name, full)
            with pytest.raises(FramingError, match=r"No space left on device.*give the same command again"):
                label_into(output, model, ARTICLES)
        assert not output.exists()
    label_into(output, model, ARTICLES)
    assert output.read_bytes() == whole.read_bytes()


def test_who_stops_a_run_is_told_how_to_go_on(
    tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Stopped(resuming.Journal):
        def append(self, labelled: resuming.Labelled) -> None:
            super().append(labelled)
            signal.raise_signal(signal.SIGINT)

    output = tmp_path / "labels.jsonl"
    with monkeypatch.context() as patch:
        patch.setattr(resuming, "Journal", Stopped)
        framing(*arguments(tmp_path, output, tiny_model), code=1)
    said = capsys.readouterr().err
    assert "give the same command again" in said
    assert str(unfinished_path(output)) in said
    framing(*arguments(tmp_path, output, tiny_model))
    assert output.exists()
