import json
from collections import defaultdict
from pathlib import Path

import pytest

from framing.copies import SIMILARITY
from framing.errors import FramingError
from framing.stories import LEAD, THRESHOLD, WINDOW
from training.stories import f1, pair_counts
from training.story_corpora import read_basil, read_newswcl50

FIGURES = Path(__file__).parents[1] / "training" / "measurements" / "stories.json"


def test_pairs_with_other_news_can_only_be_wrong() -> None:
    counts = pair_counts(["x", "x", "y", "y", None, None], [1, 1, 1, 2, 2, 2])
    assert counts == {"right": 1, "wrong": 4, "missed": 1, "wrong_with_other_news": 2}
    assert f1(counts) == 2 / 7
    assert f1(pair_counts(["x", "x", None], [1, 1, 2])) == 1


def test_corpora_are_read_with_their_stories(tmp_path: Path) -> None:
    row = {
        "uuid": "u", "source": "nyt", "title": "Dam", "date": "2021-01-01", "triplet-uuid": "t",
        "body-paragraphs": [["It rained.", "It broke."], ["It is gone."]],
    }  # fmt: skip
    (tmp_path / "articles").mkdir()
    (tmp_path / "articles" / "a.json").write_text(json.dumps(row), "utf8")
    (article,) = read_basil(tmp_path)
    assert (article.text, article.columns["story"]) == ("It rained. It broke.\n\nIt is gone.", "t")
    (tmp_path / "articles" / "a.json").write_text("{}", "utf8")
    with pytest.raises(FramingError, match=r"a\.json: KeyError"):
        read_basil(tmp_path)
    (tmp_path / "1-raw-articles" / "event_3").mkdir(parents=True)
    (tmp_path / "1-raw-articles" / "event_3" / "3_LL.txt").write_text("It rained.", "utf8")
    (article,) = read_newswcl50(tmp_path)
    assert (article.outlet, article.columns["story"]) == ("LL", "event_3")
    with pytest.raises(FramingError, match=r"no event_\*"):
        read_newswcl50(tmp_path / "articles")


def test_what_ships_is_what_was_chosen_and_measured() -> None:
    figures = json.loads(FIGURES.read_text("utf8"))
    scores: dict[tuple[int, float], float] = defaultdict(float)
    for fold in figures["basil"]["folds"]:
        for row in fold["grid"]:
            scores[row["lead"], row["threshold"]] += row["dated"] + row["undated"]
    assert max(scores, key=lambda settings: scores[settings]) == (LEAD, THRESHOLD)
    assert figures["shipped"] == {"lead": LEAD, "threshold": THRESHOLD, "window_days": WINDOW}
    assert figures["copies"]["shipped"] == SIMILARITY
    assert figures["basil"]["f1"]["alone"] >= 0.9
    assert figures["newswcl50"]["adjusted_rand"] >= 0.9
    assert (figures["one_story"]["stories"], figures["one_story"]["other_news_in_it"]) == (1, 0)
