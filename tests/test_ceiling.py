"""Agreement of annotators, on an invented article whose counts are worked out by hand."""

from pathlib import Path

import pytest

from training import ceiling
from training.ceiling import count_pairs, measure_ceiling
from training.polnear import AttributedArticle, GoldAttribution

TEXT = "Ana said it ends."


def article(name: str, annotator: str, *contents: tuple[int, int]) -> AttributedArticle:
    attribution = GoldAttribution(sources=((0, 3),), cues=((4, 8),), contents=contents)
    return AttributedArticle(name, "paper", TEXT, (attribution,), annotator)


def test_each_pair_of_annotators_counts_once() -> None:
    three = [article("a", "x", (9, 16)), article("a", "y", (9, 16)), article("a", "z", (12, 17))]
    # source and cue: 3 pairs, 3 and 4 letters. Content: "it ends" has 6 letters, "ends." 5, 4 in common;
    # neither is more than half of the sentence's 14.
    assert count_pairs(three).tolist() == [[9, 9, 9], [12, 12, 12], [6 + 4 + 4, 18, 6 + 5 + 5], [0, 0, 0]]


def test_articles_of_one_annotator_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def read(path: Path, part: str) -> list[AttributedArticle]:
        if part == "dev":
            return [article("alone", "x", (9, 16))]
        return [article("a", "x", (9, 16)), article("a", "y", (9, 17)), article("b", "x", (9, 16))]

    monkeypatch.setattr(ceiling, "read_polnear_annotators", read)
    found = measure_ceiling(Path("anywhere"))
    assert (found["articles"], found["pairs"]) == (1, 1)
    assert found["f1"]["content"] == {"value": pytest.approx(12 / 13), "low": None, "high": None}
    assert [(row["article"], row["part"], row["annotators"]) for row in found["each"]] == [("a", "train", 2)]
    assert found["each"][0]["source"] == 1
    assert found["each"][0]["sentence"] is None  # nobody marked the greater part of a sentence
