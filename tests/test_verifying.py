import dataclasses
import json
from pathlib import Path

import pytest

from framing.errors import FramingError
from framing.files import part_of
from framing.labelling import Model
from framing.model_folder import load_model
from framing.records import Article, LabelledSentence
from framing.store import provenance_path, read_labels, write_labels
from framing.verifying import verify_labels
from tests.test_cli import framing

ARTICLES = [Article(str(n), "Herald", f"The gang will attack on {n}. Nobody knows why.") for n in range(9)]


@pytest.fixture(scope="module")
def model(tiny_model: Path) -> Model:
    return load_model(tiny_model, device="cpu", threads=1)


@pytest.fixture
def labels(model: Model, tmp_path: Path) -> Path:
    path = tmp_path / "labels.jsonl"
    made = model.label(ARTICLES)
    write_labels(path, made)
    return path


def change(path: Path, row: int, score: float) -> None:
    """Move the first score of a row."""
    lines = path.read_text("utf8").splitlines()
    changed = json.loads(lines[row])
    changed["scores"][next(iter(changed["scores"]))] = score
    lines[row] = json.dumps(changed)
    path.write_text("\n".join(lines) + "\n", "utf8")


def test_what_was_made_here_holds_to_the_last_digit(labels: Path, model: Model) -> None:
    found = verify_labels(labels, model, ARTICLES, sample=None)
    assert (found.articles, found.sentences, found.largest, found.changed) == (9, 18, 0.0, 0)
    assert (found.tolerance, found.conditions, found.holds) == (0.0, (), True)


def test_a_sample_is_drawn_by_its_seed(labels: Path, model: Model) -> None:
    assert verify_labels(labels, model, ARTICLES, sample=4, seed=1).articles == 4
    assert verify_labels(labels, model, ARTICLES, sample=100).articles == 9


def test_the_reference_engine_is_within_the_tolerance(labels: Path, tiny_model: Path) -> None:
    reference = load_model(tiny_model, device="cpu", engine="torch", threads=1)
    found = verify_labels(labels, reference, ARTICLES, sample=None)
    assert set(found.conditions) >= {"engine"}
    assert found.largest <= found.tolerance == 0.001
    assert found.holds


def test_a_score_that_moved_is_named(labels: Path, model: Model) -> None:
    before = list(read_labels(labels))[3]
    code, score = next(iter(before.scores.items()))
    change(labels, 3, score - 0.01 if score > 0.5 else score + 0.01)
    found = verify_labels(labels, model, ARTICLES, sample=None)
    assert found.largest == pytest.approx(0.01)
    assert found.where == f"article '1', sentence 1, {code}"
    assert (found.changed, found.holds) == (1, False)


def test_labels_that_flip_are_counted(labels: Path, model: Model) -> None:
    rows = [dataclasses.replace(row, labels=()) for row in read_labels(labels)]
    given = sum(len(row.labels) for row in read_labels(labels))
    assert given
    made = model.label(ARTICLES).provenance
    write_labels(labels, rows, made)
    found = verify_labels(labels, model, ARTICLES, sample=None)
    assert (found.flipped, found.labels, found.largest, found.holds) == (given, 0, 0.0, False)


def test_what_cannot_be_compared_is_one_clear_line(
    labels: Path, model: Model, tiny_model: Path, tmp_path: Path
) -> None:
    with pytest.raises(FramingError, match="article '0' is not in the input"):
        verify_labels(labels, model, ARTICLES[1:], sample=None)
    other = [dataclasses.replace(ARTICLES[0], text="Somebody else did this, people said.  "), *ARTICLES[1:]]
    with pytest.raises(FramingError, match="article '0' has another text now"):
        verify_labels(labels, model, other, sample=None)
    made = json.loads(provenance_path(labels).read_text("utf8"))
    provenance_path(labels).write_text(json.dumps({**made, "weights_sha256": "0"}), "utf8")
    with pytest.raises(FramingError, match=r"made by another model \(weights_sha256 differ\)"):
        verify_labels(labels, model, ARTICLES)
    provenance_path(labels).write_text(json.dumps({**made, "tolerance": {}}), "utf8")
    with pytest.raises(FramingError, match="states no tolerance"):
        verify_labels(labels, model, ARTICLES)
    provenance_path(labels).unlink()
    with pytest.raises(FramingError, match="does not say how it was made"):
        verify_labels(labels, model, ARTICLES)
    assert not part_of(labels).exists()


def test_the_command(tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, output = tmp_path / "articles.jsonl", tmp_path / "labels.jsonl"
    rows = [{"id": a.id, "outlet": a.outlet, "text": a.text} for a in ARTICLES]
    source.write_text("\n".join([*map(json.dumps, rows), "broken"]), "utf8")
    settings = ("--model", tiny_model, "--device", "cpu")
    framing("label", source, "-o", output, *settings, "--on-error", "skip", code=3)
    framing("verify", output, source, *settings, "--all")
    assert "9 articles, 18 sentences labelled again, under the same conditions" in capsys.readouterr().out
    row: LabelledSentence = next(read_labels(output))
    source.write_text(source.read_text("utf8").replace('{"id": "4"', '{id: "4"'), "utf8")
    framing("verify", output, source, *settings, "--all", code=1)
    said = capsys.readouterr().err
    assert "article '4' is not in the input" in said
    assert "line 5: broken JSON" in said
    source.write_text("\n".join(map(json.dumps, rows)), "utf8")
    change(output, 0, 0.9 if next(iter(row.scores.values())) < 0.5 else 0.1)
    framing("verify", output, source, *settings, "--all", code=1)
    assert "does not hold" in capsys.readouterr().err
