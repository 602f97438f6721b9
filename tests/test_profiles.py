import csv
import json
import random
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from framing.errors import FramingError
from framing.profiles import COLUMNS, Profiles, interval, percent
from framing.profiling import build_profiles
from framing.records import Label, LabelledSentence, Provenance, Voice

CODES = ("doubt", "slogans", "war_metaphor")


def sentence(
    outlet: str, article: str, index: int, *labels: str, voice: Voice | None = None, text: str = "They lied."
) -> LabelledSentence:
    return LabelledSentence(
        article_id=article,
        outlet=outlet,
        index=index,
        start=0,
        end=len(text),
        text=text,
        scores={code: 0.9 if code in labels else 0.1 for code in CODES},
        labels=tuple(Label(code, 0.9, voice=voice) for code in labels),
        voice=voice,
    )


def some() -> list[LabelledSentence]:
    """Beta: 2 articles, 4 sentences, 1 doubt. Alpha: 1 article, 2 sentences, 2 doubt, 1 slogan."""
    return [
        sentence("beta", "b1", 0, "doubt"),
        sentence("beta", "b1", 1),
        sentence("beta", "b2", 0),
        sentence("beta", "b2", 1),
        sentence("alpha", "a1", 0, "doubt", "slogans"),
        sentence("alpha", "a1", 1, "doubt"),
    ]


PROVENANCE = Provenance(
    model="techniques",
    weights_sha256="a" * 64,
    base_sha256="b" * 64,
    codebook_version="1",
    codes=CODES,
    engine="torch",
    device="cpu",
    precision="fp32",
    versions={"torch": "2.8"},
    input_sha256="c" * 64,
    articles=3,
    sentences=6,
)


def test_counts_by_hand() -> None:
    profiles = build_profiles(some())
    alpha, beta = profiles.profiles
    assert (alpha.outlet, alpha.articles, alpha.sentences) == ("alpha", 1, 2)
    assert (beta.outlet, beta.articles, beta.sentences) == ("beta", 2, 4)
    assert alpha.estimates["doubt", "all"].observed == 1.0
    assert alpha.estimates["slogans", "all"].observed == 0.5
    doubt = beta.estimates["doubt", "all"]
    assert (doubt.positives, doubt.observed, doubt.carrying, doubt.low) == (1, 0.25, 1, None)
    assert beta.estimates["slogans", "all"].low is None
    assert profiles.codes == CODES
    assert profiles.voices == ("all",)


def test_voices_have_rows_as_soon_as_one_is_told() -> None:
    labelled = [
        sentence("alpha", "1", 0, "doubt", voice="outlet"),
        sentence("alpha", "1", 1, "doubt", voice="quoted"),
        sentence("alpha", "2", 0, "doubt", voice="attributed"),
        sentence("alpha", "2", 1, voice="outlet"),
    ]
    profiles = build_profiles(labelled)
    estimates = profiles.profiles[0].estimates
    assert profiles.voices == ("all", "outlet", "sources")
    assert [estimates["doubt", voice].positives for voice in profiles.voices] == [3, 1, 2]
    assert [estimates["doubt", voice].sentences for voice in profiles.voices] == [4, 4, 4]
    assert build_profiles(labelled[3:]).voices == profiles.voices


def test_sources_are_counted_by_code_and_sentence() -> None:
    def said(index: int, *sources: str | None) -> LabelledSentence:
        row = sentence("alpha", "1", index, "doubt", voice="quoted")
        return replace(
            row, labels=tuple(Label("doubt", 0.9, voice="quoted", source=source) for source in sources)
        )

    own = sentence("alpha", "2", 0, "doubt", "slogans", voice="outlet")
    rows = [said(0, "Moscow"), said(1, "the\nKremlin"), said(2, "The Kremlin", "Moscow"), said(3, None)]
    rows += [said(4, "the Kremlin"), said(5, "Moscow", "Moscow"), own]
    (profile,) = build_profiles(rows).profiles
    assert [(one.code, one.source, one.sentences) for one in profile.sources] == [
        ("doubt", "Moscow", 3),
        ("doubt", "the Kremlin", 3),
        ("doubt", None, 1),
    ]


def test_a_table_shows_the_own_voice_first_where_it_is_told() -> None:
    rows = [
        sentence("alpha", "1", 0, "doubt", voice="quoted"),
        sentence("alpha", "1", 1, "slogans", voice="outlet"),
    ]
    told = build_profiles(rows)
    assert [row[1] for row in told.to_rows()[1:]] == ["slogans"]
    assert {row[1] for row in told.to_rows(voice="all")[1:]} == {"doubt", "slogans"}
    assert build_profiles(some()).to_rows() == build_profiles(some()).to_rows(voice="all")


def test_voices_leave_the_figures_over_all_voices_as_they_are() -> None:
    told = [replace(row, voice="outlet") for row in some()]
    for plain, voiced in zip(build_profiles(some()).profiles, build_profiles(told).profiles, strict=True):
        assert plain.estimates == {key: voiced.estimates[key] for key in plain.estimates}


def test_a_code_twice_in_a_sentence_counts_once() -> None:
    row = replace(some()[0], labels=(Label("doubt", 0.9), Label("doubt", 0.8)))
    assert build_profiles([row]).profiles[0].estimates["doubt", "all"].positives == 1


def test_order_does_not_matter_nor_do_other_outlets() -> None:
    rows = [
        sentence(outlet, f"{number}", index, *(CODES[:1] if (number * index) % 3 == 1 else ()))
        for outlet in ("alpha", "beta", "gamma")
        for number in range(12)
        for index in range(5)
    ]
    profiles = build_profiles(rows)
    shuffled = rows[:]
    random.Random(1).shuffle(shuffled)
    assert build_profiles(iter(shuffled)) == profiles
    alone = build_profiles(row for row in rows if row.outlet == "beta")
    assert alone.profiles[0] == profiles.profiles[1]
    assert build_profiles(rows, seed=1) != profiles


def test_one_article_id_in_two_outlets_is_two_articles() -> None:
    profiles = build_profiles([sentence("alpha", "1", 0), sentence("beta", "1", 0)])
    assert [profile.articles for profile in profiles.profiles] == [1, 1]


def test_no_sentences_is_an_error() -> None:
    with pytest.raises(FramingError, match="no labelled sentences"):
        build_profiles([])


def test_sentences_of_two_models_are_an_error() -> None:
    other = replace(sentence("alpha", "7", 3), scores={"doubt": 0.1})
    with pytest.raises(FramingError, match=r"sentence 3 of article '7' .* \(slogans, war_metaphor\)"):
        build_profiles([*some(), other])
    with pytest.raises(FramingError, match="other codes"):
        build_profiles(some(), provenance=replace(PROVENANCE, codes=("doubt",)))
    with pytest.raises(FramingError, match="bandwagon"):
        build_profiles([replace(other, scores={"doubt": 0.1}, labels=(Label("bandwagon", 0.9),))])


def test_settings_out_of_range_are_an_error() -> None:
    with pytest.raises(FramingError, match="draws is 10"):
        build_profiles(some(), draws=10)
    with pytest.raises(FramingError, match="seed -1"):
        build_profiles(some(), seed=-1)


@pytest.mark.parametrize("provenance", [None, PROVENANCE])
def test_json_gives_back_what_was_written(tmp_path: Path, provenance: Provenance | None) -> None:
    profiles = build_profiles([*some(), sentence("Правда", "1", 0)], provenance=provenance)
    path = tmp_path / "profiles.json"
    profiles.write_json(path)
    assert Profiles.read_json(path) == profiles
    assert "Правда" in path.read_text(encoding="utf-8")


def test_json_is_the_same_bytes_each_time(tmp_path: Path) -> None:
    for name, rows in (("a", some()), ("b", some()[::-1])):
        build_profiles(rows, provenance=PROVENANCE).write_json(tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is not JSON"),
        ("{", "is not JSON"),
        ("[]", "format is None"),
        ('{"article_id": "1"}', "format is None"),
        ('{"format": "framing profiles 3"}', "damaged"),
    ],
)
def test_a_file_that_is_not_ours_is_one_clear_line(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "profiles.json"
    path.write_text(text)
    with pytest.raises(FramingError, match=message) as raised:
        Profiles.read_json(path)
    assert str(path) in str(raised.value)
    assert "\n" not in str(raised.value)


def _drop_estimate(content: dict[str, Any]) -> None:
    del content["outlets"][0]["estimates"][0]


def _negative_count(content: dict[str, Any]) -> None:
    content["outlets"][0]["estimates"][0]["positives"] = -1


def _text_for_number(content: dict[str, Any]) -> None:
    content["outlets"][0]["estimates"][0]["observed"] = "much"


def _no_outlets(content: dict[str, Any]) -> None:
    content["outlets"] = []


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (_drop_estimate, "estimates of 'alpha' are not codes × voices"),
        (_negative_count, "-1 positives"),
        (_text_for_number, "TypeError"),
        (_no_outlets, "no outlets"),
    ],
)
def test_damaged_profiles_are_an_error(
    tmp_path: Path, damage: Callable[[dict[str, Any]], None], message: str
) -> None:
    path = tmp_path / "profiles.json"
    build_profiles(some()).write_json(path)
    content = json.loads(path.read_text())
    damage(content)
    path.write_text(json.dumps(content))
    with pytest.raises(FramingError, match=f"damaged.*{message}"):
        Profiles.read_json(path)


def test_missing_and_unwritable_files_are_errors(tmp_path: Path) -> None:
    with pytest.raises(FramingError, match="cannot be read"):
        Profiles.read_json(tmp_path / "none.json")
    with pytest.raises(FramingError, match="cannot be written"):
        build_profiles(some()).write_json(tmp_path / "none" / "profiles.json")
    with pytest.raises(FramingError, match="cannot be written"):
        build_profiles(some()).write_csv(tmp_path)


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1"])
def test_a_csv_cell_is_never_a_formula(tmp_path: Path, name: str) -> None:
    path = tmp_path / "profiles.csv"
    build_profiles([sentence(name, "1", 0)]).write_csv(path)
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert tuple(rows[0]) == COLUMNS
    assert [row[0] for row in rows[1:]] == [f"'{name}"] * 3


def test_csv_keeps_every_figure(tmp_path: Path) -> None:
    profiles = build_profiles(some())
    path = tmp_path / "profiles.csv"
    profiles.write_csv(path)
    with path.open(encoding="utf-8", newline="") as file:
        read = list(csv.DictReader(file))
    assert [row["low"] for row in read] == [
        "" if r["low"] is None else str(r["low"]) for r in profiles.rows()
    ]


def test_pandas_is_tidy_in_one_call() -> None:
    frame = build_profiles(some()).to_pandas()
    assert tuple(frame.columns) == COLUMNS
    assert len(frame) == 2 * len(CODES)
    assert frame["low"].dtype == "float64"
    assert frame.groupby("outlet")["positives"].sum().to_dict() == {"alpha": 3, "beta": 1}


def test_rows_for_the_terminal_show_what_is_most_frequent() -> None:
    header, *rows = build_profiles(some()).to_rows(top=1)
    assert header[:5] == ("outlet", "code", "corrected %", "95 % interval", "counted %")
    assert rows[0][:7] == ("alpha", "doubt", "", "", "100.0", "2/2", "1")
    assert rows[1][:7] == ("beta", "doubt", "", "", "25.0", "1/4", "2")
    assert len(rows) == 2
    assert build_profiles([sentence("gamma", "1", 0)]).to_rows()[1][:5] == ("gamma", "(none)", "", "", "0")
    with pytest.raises(FramingError, match="no voice 'outlet'"):
        build_profiles(some()).to_rows(voice="outlet")


def test_shares_read_well() -> None:
    assert [percent(share) for share in (0, 0.0001, 0.001, 0.1234, 1)] == [
        "0",
        "<0.1",
        "0.1",
        "12.3",
        "100.0",
    ]
    assert interval(build_profiles(some()).profiles[0].estimates["doubt", "all"]) == ""


def test_importing_it_is_light() -> None:
    code = (
        "import sys, framing.profiles as p\n"
        "print(sorted({'numpy', 'scipy', 'pandas', 'jinja2', 'torch'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_public_functions_take_paths_as_text(tmp_path: Path) -> None:
    import framing

    path = str(tmp_path / "nowhere")
    with pytest.raises(FramingError, match="nowhere: found no readable file"):
        framing.load_codebook(path)
    with pytest.raises(FramingError, match="nowhere: cannot be read"):
        framing.read_gold(path)
    with pytest.raises(FramingError, match="nowhere: no such folder"):
        framing.load_model(path)
    with pytest.raises(FramingError, match="nowhere"):
        framing.read_stories(path)
    with pytest.raises(FramingError, match="nowhere"):
        list(framing.read_articles(path))  # type: ignore[arg-type]
    with pytest.raises(FramingError, match="nowhere"):
        list(framing.read_labels(path))
