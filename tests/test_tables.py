from pathlib import Path

import pandas as pd
import pytest

from framing.errors import FramingError
from framing.groups import group_articles
from framing.profiles import Profiles
from framing.profiling import build_profiles
from framing.records import Article, Label, LabelledSentence
from framing.tables import columns_of, to_frame, write_estimates


def profiles(*by: str) -> Profiles:
    """Two outlets of eight articles in two sections, ten sentences each; "loud" doubts four times as much."""
    articles = [
        Article(f"{outlet}{number}", outlet, "x", columns={"section": "home" if number % 2 else "world"})
        for outlet in ("calm", "loud")
        for number in range(8)
    ]
    labelled = [
        LabelledSentence(article.id, article.outlet, index, 0, 1, "x", {"doubt": 0.5}, labels)
        for article in articles
        for index in range(10)
        for labels in [(Label("doubt", 0.5),) if index < (4 if article.outlet == "loud" else 1) else ()]
    ]
    return build_profiles(labelled, draws=100, grouping=group_articles(by or ("outlet",), articles))


def test_one_row_an_estimate() -> None:
    frame = to_frame(profiles())
    assert tuple(frame.columns) == columns_of(profiles())
    assert not frame.duplicated(["outlet", "against", "varies", "code", "voice", "measure"]).any()
    observed = frame[(frame.measure == "observed") & (frame.outlet == "loud")].iloc[0]
    assert (observed.value, observed.positives, observed.sentences, observed.articles) == (0.4, 32, 80, 8)
    odds = frame[(frame.measure == "log_odds") & (frame.outlet == "loud")].iloc[0]
    assert odds.against == "(others)"
    assert odds.low < odds.value < odds.high
    assert odds.q < 0.05
    assert odds.sentences == 80


def test_groups_have_a_column_for_each_part_of_their_name() -> None:
    frame = to_frame(profiles("outlet", "section"))
    assert list(frame.columns[:2]) == ["outlet", "section"]
    odds = frame[frame.measure == "log_odds"]
    assert set(odds.varies) == {"outlet", "section"}
    assert set(odds.section) == {"home", "world"}


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_files_hold_the_same_table(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"estimates.{suffix}"
    write_estimates(profiles(), path)
    found = pd.read_csv(path) if suffix == "csv" else pd.read_parquet(path)
    expected = to_frame(profiles())
    assert list(found.columns) == list(expected.columns)
    pd.testing.assert_series_equal(found["value"], expected["value"])
    assert found["outlet"].tolist() == expected["outlet"].tolist()


def test_another_suffix_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FramingError, match=r"suffix '.xlsx', expected .csv or .parquet"):
        write_estimates(profiles(), tmp_path / "estimates.xlsx")
