import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from framing.errors import FramingError
from framing.tagging import CONTENT, NONE
from training.agreement import measure_agreement, pair_readings
from training.annotation import (
    ANNOTATIONS,
    Annotation,
    Mark,
    annotate,
    digest,
    keep_devices,
    read_annotations,
    read_settled,
    settle,
    write_annotations,
)
from training.config import known_families
from training.corpora import GoldArticle, split_lines
from training.sheets import SHEET_SENTENCES, draw_articles, list_units, read_answers, read_units, write_sheets

TEXT = "A headline\nThe raiders  bled the town dry.\n“Lies, all of it,” he said.\nRain fell."


def article(number: int = 1, text: str = TEXT) -> GoldArticle:
    return GoldArticle("ptc", str(number), text, split_lines(text), (), frozenset({"doubt"}))


def sheet_of(folder: Path, *articles: GoldArticle) -> Path:
    (path,) = write_sheets([list_units(one, "train") for one in articles], folder, "train")
    return path


def answered(folder: Path, *lines: str, family: str = "devices") -> list[Annotation]:
    answers = folder / "answers.tsv"
    answers.write_text("\n".join(lines), "utf8")
    sheet = sheet_of(folder, article())
    return read_answers(sheet, answers, annotator="a", sample="natural", reading=1, family=family)


GOOD = (
    "1\t-",
    "2\tgangster_tactics\toutlet\traiders bled | Dry",
    "3\tfake_news_campaign\tquoted\tLies, all of it",
    "4\t-",
)


def test_answers_become_offsets_without_text(tmp_path: Path) -> None:
    found = answered(tmp_path, *GOOD)
    marked = [(m.code, m.voice, [TEXT[a:b] for a, b in m.spans]) for one in found for m in one.marks]
    assert marked == [
        ("gangster_tactics", "outlet", ["raiders  bled", "dry"]),
        ("fake_news_campaign", "quoted", ["Lies, all of it"]),
    ]
    path = tmp_path / "out.jsonl"
    write_annotations(found, path)
    assert read_annotations(path) == found
    assert "bled" not in path.read_text("utf8")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("2\tgangsters\toutlet\tbled", "code 'gangsters' is not known"),
        ("2\tgangster_tactics\tauthor\tbled", "voice 'author' is not known, expected one of outlet"),
        ("2\tgangster_tactics\toutlet\tblood", "does not hold 'blood'"),
        ("2\tgangster_tactics\toutlet\t", "does not hold ''"),
        ("2\tgangster_tactics", "found 2 fields"),
        ("9\t-", "found '9', expected the number of a sentence, 1 to 4"),
        ("4\tprovocation\toutlet\tRain", "sentence 4 has a label and '-'"),
    ],
)
def test_every_fault_of_an_answer_is_named(tmp_path: Path, line: str, message: str) -> None:
    with pytest.raises(FramingError, match=r"answers\.tsv") as raised:
        answered(tmp_path, GOOD[0], GOOD[3], line)
    assert message in str(raised.value)
    assert "no answer for sentence 3" in str(raised.value)


def test_answers_of_another_encoding_are_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "answers.tsv").write_bytes(b"1\t-\xff")
    with pytest.raises(FramingError, match=r"answers\.tsv: not UTF-8 at byte 3"):
        read_answers(
            sheet_of(tmp_path, article()),
            tmp_path / "answers.tsv",
            annotator="a",
            sample="natural",
            reading=1,
        )


def test_a_sheet_keeps_articles_together_and_shows_what_stood_before(tmp_path: Path) -> None:
    line = "Sentence number {}."
    long = article(2, "\n".join(line.format(i) for i in range(SHEET_SENTENCES - 2)))
    sheets = write_sheets([list_units(a, "train") for a in (article(), long)], tmp_path, "x")
    assert [path.name for path in sheets] == ["x-001.tsv", "x-002.tsv"]
    assert sheets[0].read_text("utf8").splitlines()[:2] == ["## article 1", "1\tA headline"]
    picked = list_units(article(), "train")[2:3]
    (only,) = write_sheets([picked], tmp_path, "y")
    assert only.read_text("utf8").splitlines()[1] == "~\tThe raiders bled the town dry."


def test_a_sheet_gives_back_sentences_that_hold_line_ends_of_other_kinds(tmp_path: Path) -> None:
    odd = article(text="Rain\u2028fell\u0085all day.\nIt stopped.")
    assert read_units(sheet_of(tmp_path, odd)) == list_units(odd, "train")


def test_whole_articles_are_drawn_until_they_are_enough() -> None:
    articles = [article(n) for n in range(10)]
    drawn = draw_articles(articles, sentences=10, rng=np.random.default_rng(0))
    assert len(drawn) == len({a.id for a in drawn}) == 3
    assert len(draw_articles(articles, sentences=10, least=5, rng=np.random.default_rng(0))) == 5
    with pytest.raises(FramingError, match="10 articles hold 40 sentences"):
        draw_articles(articles, sentences=50, rng=np.random.default_rng(0))


def test_gold_is_known_only_where_somebody_read(tmp_path: Path) -> None:
    first = answered(tmp_path, *GOOD)
    (gold, untouched) = annotate([article(), article(2)], "train", first[1:3])
    sentences = gold.sentences
    assert [sorted(gold.codes_of(s)) for s in sentences] == [
        [],
        ["gangster_tactics"],
        ["fake_news_campaign"],
        [],
    ]
    assert [len(gold.known_of(s)) for s in sentences] == [1, 17, 17, 1]
    assert untouched == article(2)
    assert annotate([article()], "dev", first) == [article()]
    with pytest.raises(FramingError, match=r"no sentence \[11, 42\] as it was annotated"):
        annotate([article(1, TEXT.replace("town", "city"))], "train", first)


def test_the_annotated_voice_becomes_a_tag_of_the_carrying_words(tmp_path: Path) -> None:
    (one,) = annotate([article()], "train", answered(tmp_path, *GOOD))
    found = [(role.tag, TEXT[role.start : role.end]) for role in one.voiced]
    assert found == [(NONE, "raiders  bled"), (NONE, "dry"), (CONTENT, "Lies, all of it")]


def test_a_third_reading_settles(tmp_path: Path) -> None:
    first = answered(tmp_path, *GOOD)
    second = [replace(one, reading=2, marks=()) for one in first]
    third = replace(first[1], reading=3, marks=(Mark("provocation", "outlet", ((11, 14),)),))
    kept = {one.start: one for one in settle([*second, third, *first])}
    assert len(kept) == 4
    assert kept[11].marks == third.marks
    assert kept[first[2].start].marks == first[2].marks


def test_techniques_are_read_beside_devices(tmp_path: Path) -> None:
    devices = answered(tmp_path, *GOOD)
    techniques = answered(tmp_path, "1\t-", "2\tslogans\toutlet\tdry", "3\t-", "4\t-", family="techniques")
    assert keep_devices([*devices, *techniques]) == devices
    assert len(settle([*techniques, *devices])) == 8
    (gold,) = annotate([article()], "train", [*techniques, *devices])
    assert gold.codes_of(gold.sentences[1]) == {"gangster_tactics", "slogans"}
    assert {len(gold.known_of(sentence)) for sentence in gold.sentences} == {30}
    (half,) = annotate([article()], "train", techniques)
    assert half.known_of(half.sentences[0]) == set(known_families()["techniques"])
    again = [replace(one, reading=2) for one in devices]
    for family, pairs in (("devices", 4), ("techniques", 0)):
        assert len(pair_readings([*devices, *techniques, *again], known_families()[family])) == pairs
    with pytest.raises(FramingError, match="code 'slogans' is not known"):
        answered(tmp_path, "2\tslogans\toutlet\tdry")


def test_techniques_count_in_the_files_that_are_named(tmp_path: Path) -> None:
    devices = answered(tmp_path, *GOOD)
    techniques = answered(tmp_path, "1\t-", "2\tslogans\toutlet\tdry", "3\t-", "4\t-", family="techniques")
    write_annotations(devices, tmp_path / "one.jsonl")
    write_annotations(techniques, tmp_path / "two.jsonl")
    names = ("one", "two")
    assert read_settled(names, tmp_path, techniques=["one"]) == read_settled(["one"], tmp_path)
    assert len(read_settled(names, tmp_path, techniques=["two"])) == len([*devices, *techniques])


def reading(number: int, which: int, *codes: str) -> Annotation:
    marks = tuple(Mark(code, "outlet", ((0, 1),)) for code in codes)
    return Annotation(
        "ptc", "dev", str(number // 4), number, number + 1, digest("x"), marks, "a", "natural", which
    )


def test_agreement_by_hand() -> None:
    # Krippendorff's alpha of 2 readers, yes or no, over 10 sentences: 1 both, 1 one only, 8 none.
    # 20 votes, 3 of them yes: observed disagreement 2/20, expected 2 * 3 * 17 / (20 * 19).
    rows = []
    for number in range(10):
        codes = ("provocation",) if number == 0 else ()
        rows.append(reading(number, 1, *codes, *(("weaponisation",) if number == 1 else ())))
        rows.append(reading(number, 2, *codes, *(("provocation",) if number == 1 else ())))
    devices = known_families()["devices"]
    found = measure_agreement(pair_readings([*rows, reading(99, 1)], devices), devices)
    alphas = {row["code"]: row for row in found["alpha"]}
    assert alphas["provocation"]["alpha"] == pytest.approx(1 - (2 / 20) / (2 * 3 * 17 / (20 * 19)))
    assert alphas["provocation"]["low"] <= alphas["provocation"]["alpha"] <= alphas["provocation"]["high"]
    assert alphas["any"]["alpha"] == 1.0
    assert alphas["false_alarm"]["alpha"] is None
    assert (found["sentences"], found["articles"]) == (10, 3)
    assert found["confusions"] == [{"one": "provocation", "other": "weaponisation", "sentences": 1}]
    assert found["voice"] == {"labels": 1, "same": 1}


def test_confusions_that_are_as_frequent_stand_in_the_alphabets_order() -> None:
    taken = [("weaponisation", "provocation"), ("war_metaphor", "false_alarm")]
    rows = [reading(n, which, pair[which - 1]) for n, pair in enumerate(taken) for which in (1, 2)]
    devices = known_families()["devices"]
    found = measure_agreement(pair_readings(rows, devices), devices)["confusions"]
    assert [(row["one"], row["other"]) for row in found] == [tuple(sorted(pair)) for pair in reversed(taken)]


@pytest.mark.parametrize("path", sorted(ANNOTATIONS.glob("*.jsonl")), ids=lambda path: path.stem)
def test_the_projects_own_annotations_hold_no_text(path: Path) -> None:
    for line in path.read_text("utf8").splitlines():
        row = json.loads(line)
        assert "text" not in row
        for mark in row["marks"]:
            assert all(row["start"] <= a < b <= row["end"] for a, b in mark["spans"])


def test_unknown_files_of_annotations_are_named(tmp_path: Path) -> None:
    with pytest.raises(FramingError, match=r"none\.jsonl: no such file"):
        read_settled(["none"], tmp_path)
    (tmp_path / "bad.jsonl").write_text('{"corpus": "ptc"}\n', "utf8")
    with pytest.raises(FramingError, match=r"bad\.jsonl:1: not a stand-off annotation"):
        read_settled(["bad"], tmp_path)
