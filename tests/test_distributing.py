import dataclasses
import json
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from framing.articles import read_articles
from framing.distributing import Labeller, Part
from framing.errors import FramingError
from framing.records import Article
from framing.store import provenance_path
from tests.test_cli import framing

TEXT = "The gang will attack our people on day {}, the minister said. Nobody knows why it happened now."


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    """Three files, one of them Parquet; their articles have no outlet but the folder's name."""
    import pandas

    folder = tmp_path / "Herald"
    folder.mkdir()
    rows = [{"id": str(number), "text": TEXT.format(number)} for number in range(90)]
    for name, part in (("a", rows[:40]), ("c", rows[40:45])):
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in part), "utf8")
    pandas.DataFrame(rows[45:]).to_parquet(folder / "b.parquet")
    return folder


def test_two_workers_write_the_bytes_of_one_process(
    articles: Path, tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ray = pytest.importorskip("ray")
    settings = ("--model", tiny_model, "--device", "cpu", "--outlet", "Herald")
    one, two = tmp_path / "one.jsonl", tmp_path / "two.jsonl"
    framing("label", articles, "-o", one, *settings)
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
    try:
        framing("label", articles, "-o", two, *settings, "--engine", "ray", "--workers", 2)
        (tmp_path / "broken.jsonl").write_text('{"id": "a"', "utf8")
        broken = (tmp_path / "broken.jsonl", "-o", tmp_path / "three.jsonl")
        framing("label", *broken, *settings, "--engine", "ray", "--workers", 1, code=1)
    finally:
        ray.shutdown()
    assert "broken.jsonl, line 1: broken JSON" in capsys.readouterr().err.splitlines()[-1]
    assert two.read_bytes() == one.read_bytes()
    assert provenance_path(two).read_bytes() == provenance_path(one).read_bytes()


class Alone:
    """A cluster without Ray: one worker, here; it dies where `until` ends."""

    until = 1000

    def __init__(self, reading: dict[str, Any], settings: dict[str, Any], workers: int | None) -> None:
        self._reading, self._labeller = reading, Labeller(settings)

    def made(self) -> str:
        return self._labeller._made

    def label(self, parts: Sequence[Part]) -> Iterator[dict[str, Any]]:
        left = (
            article
            for file, done in parts
            for article in islice(read_articles([file], **self._reading), done, None)
        )
        for number, article in enumerate(left):
            if number == self.until:
                raise FramingError("a worker failed: no room")
            labelled = self._labeller({"article": [json.dumps(dataclasses.asdict(article))]})
            yield {name: values[0] for name, values in labelled.items()}


def test_a_run_that_was_cut_off_goes_on(
    articles: Path,
    tiny_model: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("framing.distributing.Cluster", Alone)
    settings = ("--model", tiny_model, "--device", "cpu", "--outlet", "Herald")
    one, two = tmp_path / "one.jsonl", tmp_path / "two.jsonl"
    framing("label", articles, "-o", one, *settings)
    runs = ((50, "", 1), (10, "after 32 articles", 1), (40, "after 32 articles", 1), (50, "after 64", 0))
    for until, said, code in runs:
        monkeypatch.setattr(Alone, "until", until)
        capsys.readouterr()
        framing("label", articles, "-o", two, *settings, "--engine", "ray", code=code)
        assert said in capsys.readouterr().err
    assert two.read_bytes() == one.read_bytes()
    assert provenance_path(two).read_bytes() == provenance_path(one).read_bytes()
    assert not list(tmp_path.glob("*.unfinished"))


def test_a_run_on_other_articles_is_not_gone_on_with(
    articles: Path,
    tiny_model: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("framing.distributing.Cluster", Alone)
    monkeypatch.setattr(Alone, "until", 50)
    command = ("label", articles, "-o", tmp_path / "x.jsonl", "--model", tiny_model, "--device", "cpu")
    framing(*command, "--engine", "ray", "--outlet", "Herald", code=1)
    framing(*command, "--engine", "ray", "--outlet", "Wire", code=1)
    assert "article 1 was '0', has another text, title or outlet now" in capsys.readouterr().err
    monkeypatch.setattr(Alone, "made", lambda self: self._labeller._made.replace("fp32", "int8"))
    framing(*command, "--engine", "ray", "--outlet", "Herald", code=1)
    assert "precision was fp32, is int8" in capsys.readouterr().err


def test_a_batch_is_labelled_as_it_would_be_alone(tiny_model: Path) -> None:
    from framing.model_folder import load_model
    from framing.store import to_line

    made = [Article(str(number), "Herald", TEXT.format(number)) for number in range(3)]
    labeller = Labeller({"path": tiny_model, "device": "cpu", "threads": 1})
    found = labeller({"article": [json.dumps(dataclasses.asdict(article)) for article in made]})
    labels = load_model(tiny_model, device="cpu").label(made)
    assert b"".join(found["lines"]) == b"".join(map(to_line, labels))
    assert found["sentences"] == [2, 2, 2]


def test_what_it_cannot_do_is_one_clear_line(
    tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from framing.distributing import _join
    from framing.labels import Tally
    from framing.model_folder import load_model

    (tmp_path / "a.txt").write_text("The gang will attack.", "utf8")
    settings = ("-o", tmp_path / "x.jsonl", "--model", tiny_model, "--engine", "ray")
    framing("label", tmp_path, *settings, code=1)
    assert "no .jsonl or .parquet file there, as --engine ray expects" in capsys.readouterr().err
    framing("label", tmp_path, *settings, "--on-error", "skip", code=2)
    made = load_model(tiny_model, device="cpu").provenance(Tally())
    joined = _join([made, dataclasses.replace(made, machine="another")], Tally())
    assert joined.machine == "; ".join(sorted((made.machine, "another")))
    with pytest.raises(FramingError, match="the workers differ in precision"):
        _join([made, dataclasses.replace(made, precision="int8")], Tally())
