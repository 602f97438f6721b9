import json
from pathlib import Path

import pytest

from framing import bench
from framing.agreement import compare_labels
from framing.bench import Bench, Timed
from framing.errors import FramingError
from framing.labelling import Model
from framing.records import Article, Label, LabelledSentence
from framing.samples import sample_articles_path
from framing.sentences import split_sentences
from framing.starting import measure_start
from framing.varied import vary_articles
from tests.test_cli import framing

TEXT = (
    "Border talks fail again\n\nThe gang will attack our people, the minister said. Nobody knows why it was."
)


def sentence(scores: dict[str, float], *given: str) -> LabelledSentence:
    return LabelledSentence("a", "o", 0, 0, 3, "abc", scores, tuple(Label(c, scores[c]) for c in given))


def test_agreement_counts_what_flips_either_way() -> None:
    before = [sentence({"a": 0.6, "b": 0.4}, "a"), sentence({"a": 0.6, "b": 0.9}, "a", "b")]
    after = [sentence({"a": 0.45, "b": 0.5}, "b"), sentence({"a": 0.6, "b": 0.9}, "a", "b")]
    found = compare_labels(before, after)
    assert (found.sentences, found.decisions, found.given, found.flipped) == (2, 4, 3, 2)
    assert found.largest == pytest.approx(0.15)
    assert (found.decisions_differ, found.labels_differ) == (0.5, pytest.approx(2 / 3))
    with pytest.raises(ValueError, match="shorter"):
        compare_labels(before, after[:1])


def test_figures_are_medians_and_set_beside_the_better_pipeline() -> None:
    ours = Timed("onnx", "fp32", 100, (1.0, 9.0, 2.0), (1.0, 1.5, 1.0))
    slow, quick = (Timed("pipeline", f"batch {n}", 100, (n, n, n)) for n in (10.0, 8.0))
    found = Bench(1, 100, 900, (ours,), (slow, quick))
    assert (ours.speed, ours.model_speed, ours.model_share) == (50.0, 100.0, 0.5)
    assert found.times_pipeline(ours) == 4.0
    assert Bench(1, 100, 900, (ours,), ()).times_pipeline(ours) is None


def test_copies_have_other_sentences_as_many_and_as_long() -> None:
    article = Article("a", "Herald", TEXT)
    first, second, third = vary_articles([article], 3)
    assert first == article
    assert len({a.id for a in (first, second, third)}) == 3
    assert len({a.text for a in (first, second, third)}) == 3
    for copy in (second, third):
        assert sorted(copy.text.split()) == sorted(TEXT.split())
        assert len(split_sentences(copy)) == len(split_sentences(article)) == 3
    assert list(vary_articles([article], 3)) == [first, second, third]


def test_the_command_measures_everything_that_runs_here(
    tiny_model: Path,
    tiny_base: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    output = tmp_path / "bench.json"
    settings = ("--model", tiny_model, "--encoder", tiny_base, "--device", "cpu", "--threads", 1)
    monkeypatch.setenv("COLUMNS", "80")
    framing("bench", "--articles", 2, "--repeats", 2, "--json", output, *settings)
    shown = capsys.readouterr().out
    assert max(map(len, shown.splitlines()[1:])) <= 80
    for words in ("sentences/s  model alone  its share", "labels that flip  of all decisions", "batch 32 "):
        assert words in shown
    assert "2 articles" in shown
    found = json.loads(output.read_text("utf8"))
    assert [(one["name"], one["setting"]) for one in found["engines"]][:2] == [
        ("onnx", "fp32"),
        ("onnx", "int8"),
    ]
    assert [one["setting"] for one in found["pipelines"]] == ["batch 1", "batch 32"]
    assert max(one["times_pipeline"] for one in found["pipelines"]) == 1.0
    for one in found["engines"]:
        assert len(one["seconds"]) == len(one["model_seconds"]) == 2
        assert one["agreement"]["sentences"] == found["sentences"] > 10
        assert one["agreement"]["labels_differ"] < 0.01
    assert found["machine"]["processor"]
    assert found["machine"]["gflops"] > 0
    assert found["tokens"] > found["sentences"] * 5


def test_a_bench_that_is_stopped_keeps_its_rounds(
    tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class StopError(Exception):
        pass

    output, rounds = tmp_path / "bench.json", iter(range(3))
    label = bench._label

    def label_until(source: Path, model: Model, labels: Path) -> None:
        if model.engine.precision == "fp32" and model.engine.name == "onnx" and next(rounds) == 2:
            raise StopError
        label(source, model, labels)

    monkeypatch.setattr(bench, "_label", label_until)
    with pytest.raises(StopError):
        framing(
            "bench",
            "--articles",
            1,
            "--json",
            output,
            "--model",
            tiny_model,
            "--device",
            "cpu",
            "--no-pipeline",
        )
    found = json.loads(output.read_text("utf8"))
    assert [len(one["seconds"]) for one in found["engines"]] == [2] * len(found["engines"])
    assert list(tmp_path.iterdir()) == [output]


def test_whole_processes_are_timed_with_their_start(
    tiny_model: Path, tiny_encoder: Path, tmp_path: Path
) -> None:
    source = tmp_path / "articles.jsonl"
    rows = [{"id": str(number), "outlet": "Herald", "text": TEXT} for number in range(2)]
    source.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf8")
    (found,) = measure_start(
        source,
        {"model": tiny_model, "device": "cpu", "encoder": None},
        encoder=tiny_encoder,
        codes=3,
        batch_sizes=(2,),
        threads=1,
        repeats=1,
    )
    assert found.first_s > found.later_s[0] > 0
    assert found.to_dict()["times_pipeline"] == found.pipeline_s[2][0] / found.whole_s[0]
    with pytest.raises(FramingError, match="a process of the measurement failed"):
        next(
            measure_start(
                source,
                {"model": tmp_path},
                encoder=tiny_encoder,
                codes=3,
                batch_sizes=(),
                threads=1,
                repeats=1,
            )
        )


def test_input_is_taken_as_it_is(tiny_model: Path, tmp_path: Path) -> None:
    output = tmp_path / "bench.json"
    settings = ("--model", tiny_model, "--device", "cpu", "--repeats", 1, "--no-pipeline")
    framing("bench", sample_articles_path(), "--json", output, *settings)
    found = json.loads(output.read_text("utf8"))
    assert found["articles"] == len(sample_articles_path().read_text("utf8").splitlines())
    assert found["pipelines"] == []
    framing("bench", "--json", tmp_path / "x.csv", *settings, code=1)
    framing("bench", "--articles", 1, "--start-up", "--json", output, *settings)
    found = json.loads(output.read_text("utf8"))
    assert found["first_s"] > 0
    assert found["times_pipeline"] is None
