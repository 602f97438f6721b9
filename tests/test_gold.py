"""Samples for people to read, and estimates from what they found."""

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from framing.cli import cli
from framing.errors import FramingError
from framing.gold import GoldSums, estimate_from_gold, read_gold
from framing.profiling import build_profiles
from framing.records import Label, LabelledSentence
from framing.sampling import allocate, draw_sample, write_sample
from framing.store import to_line


def some(outlets: tuple[str, ...] = ("Herald", "Tide"), articles: int = 30) -> list[LabelledSentence]:
    """Each article has 8 sentences; the model gives doubt to the first and third."""
    return [
        LabelledSentence(
            f"{outlet}-{article}",
            outlet,
            index,
            0,
            4,
            "Why?",
            {"doubt": 0.9 if index in (0, 2) else 0.1},
            (Label("doubt", 0.9),) if index in (0, 2) else (),
        )
        for outlet in outlets
        for article in range(articles)
        for index in range(8)
    ]


def test_strata_give_the_same_number_and_a_small_one_what_it_has() -> None:
    assert allocate({("a",): 100, ("b",): 3, ("c",): 100}, 43) == {("a",): 20, ("b",): 3, ("c",): 20}
    assert sum(allocate({("a",): 4, ("b",): 3}, 100).values()) == 7
    assert allocate({("a",): 9, ("b",): 9}, 1) == {("a",): 1, ("b",): 0}


def test_a_sample_holds_each_stratum_and_how_likely_each_sentence_was() -> None:
    labelled = some()
    rows = draw_sample(lambda: labelled, 40, strata=("outlet", "labelled"), seed=3)
    assert Counter(row["outlet"] for row in rows) == {"Herald": 20, "Tide": 20}
    assert sorted({row["probability"] for row in rows}) == [10 / 180, 10 / 60]
    assert all(row["labels"] is None for row in rows)
    assert rows == draw_sample(lambda: labelled, 40, strata=("outlet", "labelled"), seed=3)
    assert rows != draw_sample(lambda: labelled, 40, strata=("outlet", "labelled"), seed=4)
    with pytest.raises(FramingError, match="cannot stratify by 'day'"):
        draw_sample(lambda: labelled, 40, strata=("day",), seed=3)


def fill(rows: list[dict[str, object]], path: Path) -> Path:
    """Readers find doubt in every first sentence only: half of what the model labels."""
    filled = [{**row, "labels": ["doubt"] if row["index"] == 0 else []} for row in rows]
    path.write_text("".join(json.dumps(row) + "\n" for row in filled))
    return path


@pytest.mark.parametrize("strata", [("outlet",), ("outlet", "labelled")])
def test_gold_brings_the_share_to_what_readers_find(strata: tuple[str, ...], tmp_path: Path) -> None:
    labelled = some()
    rows = draw_sample(lambda: labelled, 400, strata=strata, seed=1)
    gold = read_gold(fill(rows, tmp_path / "gold.jsonl"))
    for profile in build_profiles(labelled, gold=gold).profiles:
        found = profile.estimates["doubt", "all"]
        assert found.method == "gold"
        assert found.observed == 0.25
        assert found.corrected == pytest.approx(0.125, abs=0.03)
        assert found.corrected_low is not None
        assert found.corrected_high is not None
        assert found.corrected_low <= 0.125 <= found.corrected_high


def test_an_outlet_with_too_little_gold_keeps_its_figures(tmp_path: Path) -> None:
    labelled = some()
    rows = [row for row in draw_sample(lambda: labelled, 400, strata=(), seed=1) if row["outlet"] == "Tide"]
    herald, tide = build_profiles(labelled, gold=read_gold(fill(rows, tmp_path / "g.jsonl"))).profiles
    assert herald.estimates["doubt", "all"].method is None
    assert tide.estimates["doubt", "all"].method == "gold"


def test_intervals_cover_and_are_narrower_than_the_sample_alone() -> None:
    random = np.random.default_rng(0)
    covered, widths, alone = [], [], []
    for _ in range(300):
        articles, size, truth = 60, 40, 0.15
        rates = random.beta(3, 17, articles)
        gold = random.random((articles, size)) < rates[:, None]
        scores = np.clip(np.where(gold, 0.7, 0.2) + random.normal(0, 0.1, gold.shape), 0, 1)
        read = random.random(gold.shape) < 0.1
        sums = GoldSums(
            read.sum(1),
            read.sum(1) * 10.0,
            10.0 * (gold & read).sum(1)[None],
            10.0 * (scores * read).sum(1)[None],
        )
        weights = np.vstack([np.ones(articles), random.multinomial(articles, [1 / articles] * articles, 300)])
        for kept, given in ((widths, scores), (alone, np.zeros_like(scores))):
            own = GoldSums(sums.count, sums.weight, sums.gold, 10.0 * (given * read).sum(1)[None])
            (found,) = estimate_from_gold(own, given.sum(1)[None], np.full(articles, size), weights)
            assert found is not None
            kept.append(found[2] - found[1])
            if kept is widths:
                covered.append(found[1] <= truth <= found[2])
    assert 0.91 <= np.mean(covered) <= 0.99
    assert np.mean(widths) < 0.75 * np.mean(alone)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"article_id": "a", "index": 0, "probability": 1, "labels": null}', "1 sentences without labels"),
        ('{"article_id": "a", "index": 0, "labels": []}', "line 1: KeyError 'probability'"),
        ('{"article_id": "a", "index": 0, "probability": 2, "labels": []}', "above 0 and at most 1"),
        ("{", "expected JSONL as framing sample writes it"),
        ("", "0 sentences without labels"),
    ],
)
def test_gold_that_is_not_ready_is_one_clear_line(text: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "gold.jsonl").write_text(text)
    with pytest.raises(FramingError, match=message):
        read_gold(tmp_path / "gold.jsonl")


def test_gold_says_where_a_line_is_broken_and_which_is_not_labelled(tmp_path: Path) -> None:
    path = tmp_path / "gold.jsonl"
    row = {"article_id": "a", "index": 0, "probability": 1, "labels": []}
    path.write_text(f"{json.dumps(row)}\n\n{{\n")
    with pytest.raises(FramingError, match=r"gold\.jsonl:line 3: .* at character 1; expected JSONL"):
        read_gold(path)
    path.write_text("\n".join(json.dumps({**row, "index": n, "labels": [[], None][n > 0]}) for n in range(3)))
    with pytest.raises(FramingError, match="2 sentences without labels, first at line 2;"):
        read_gold(path)
    path.write_text(json.dumps([{"data": row, "annotations": [{"result": []}]}, {"annotations": []}]))
    with pytest.raises(FramingError, match=r"gold\.jsonl:task 2: KeyError 'data'"):
        read_gold(path)


def test_gold_may_hold_any_line_end_and_a_byte_order_mark(tmp_path: Path) -> None:
    odd = "Why\u2028not\u0085now\u2029?"
    labelled = [replace(one, text=odd, end=len(odd)) for one in some(("Herald",))]
    gold = fill(draw_sample(lambda: labelled, 200, strata=(), seed=1), tmp_path / "gold.jsonl")
    rows = [json.loads(line) for line in gold.read_text("utf8").split("\n") if line]
    gold.write_text("\r\n".join(json.dumps(row, ensure_ascii=False) for row in rows), "utf-8-sig")
    (profile,) = build_profiles(labelled, gold=read_gold(gold)).profiles
    assert profile.estimates["doubt", "all"].method == "gold"


def test_gold_of_a_sentence_that_has_changed_is_refused(tmp_path: Path) -> None:
    rows = draw_sample(some, 400, strata=(), seed=1)
    gold = read_gold(fill(rows, tmp_path / "gold.jsonl"))
    changed = [replace(one, text="Who?") if one.article_id == "Tide-3" else one for one in some()]
    with pytest.raises(FramingError, match=r"found the text 'Why\?', expected 'Who\?' as in the labels"):
        build_profiles(changed, gold=gold)
    bare = [{name: value for name, value in row.items() if name != "text"} for row in rows]
    assert build_profiles(changed, gold=read_gold(fill(bare, tmp_path / "bare.jsonl")))


def test_gold_of_other_labels_or_codes_is_refused(tmp_path: Path) -> None:
    row = {"article_id": "Herald-0", "index": 99, "probability": 0.5, "labels": []}
    (tmp_path / "gold.jsonl").write_text(json.dumps(row))
    with pytest.raises(FramingError, match="not among the labels, first sentence 99 of article 'Herald-0'"):
        build_profiles(some(), gold=read_gold(tmp_path / "gold.jsonl"))
    (tmp_path / "gold.jsonl").write_text(json.dumps({**row, "index": 1, "labels": ["nonsense"]}))
    with pytest.raises(FramingError, match="code 'nonsense' is not one that the model scores"):
        build_profiles(some(), gold=read_gold(tmp_path / "gold.jsonl"))


def test_label_studio_gets_tasks_and_gives_them_back(tmp_path: Path) -> None:
    rows = draw_sample(some, 40, strata=(), seed=1)
    tasks, page = write_sample(tmp_path / "sample.jsonl", rows, {"doubt": 'Doubt & "more"'})
    made = json.loads(tasks.read_text())
    assert made[0]["data"]["text"] == "Why?"
    assert "labels" not in made[0]["data"]
    assert 'value="doubt"' in page.read_text()
    for task in made:
        chosen = ["doubt"] if task["data"]["index"] == 0 else []
        result = [{"from_name": "labels", "type": "choices", "value": {"choices": chosen}}] if chosen else []
        task["annotations"] = [{"was_cancelled": True, "result": []}, {"result": result}]
    exported = tmp_path / "export.json"
    exported.write_text(json.dumps(made))
    filled = fill(rows, tmp_path / "gold.jsonl")
    found = [build_profiles(some(), gold=read_gold(path)).profiles for path in (exported, filled)]
    assert found[0] == found[1]
    del made[0]["annotations"]
    exported.write_text(json.dumps(made))
    with pytest.raises(FramingError, match="1 sentences without labels"):
        read_gold(exported)


def test_the_commands_draw_and_take_back(tmp_path: Path) -> None:
    labels, sample = tmp_path / "labels.jsonl", tmp_path / "sample.jsonl"
    labels.write_bytes(b"".join(map(to_line, some())))
    run = CliRunner()
    drawn = run.invoke(
        cli, ["sample", str(labels), "-n", "300", "--stratify", "outlet,labelled", "-o", str(sample)]
    )
    assert drawn.exit_code == 0, drawn.output
    fill([json.loads(line) for line in sample.read_text().splitlines()], tmp_path / "gold.jsonl")
    output = tmp_path / "profiles.json"
    made = run.invoke(
        cli, ["profile", str(labels), "--gold", str(tmp_path / "gold.jsonl"), "-o", str(output)]
    )
    assert made.exit_code == 0, made.output
    rows = json.loads(output.read_text())["outlets"][0]["estimates"]
    assert rows[0]["method"] == "gold"
