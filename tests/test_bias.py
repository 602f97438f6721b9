from pathlib import Path

import pytest

from framing.errors import FramingError
from training.bias import read_babe
from training.evaluation import evaluate_model

HEADER = "text;news_link;label_bias\n"


def babe(folder: Path, *rows: tuple[str, str]) -> Path:
    lines = [f"{text};https://x.org/{i};{label}" for i, (text, label) in enumerate(rows)]
    (folder / "final_labels_SG2.csv").write_text("\ufeff" + HEADER + "\n".join(lines), "utf8")
    return folder


def test_sentences_without_agreement_are_left_out(tmp_path: Path) -> None:
    rows = read_babe(babe(tmp_path, ("A gang.", "Biased"), ("Rain.", "Non-biased"), ("Hm.", "No agreement")))
    assert [(article.text, biased) for article, biased in rows] == [("A gang.", True), ("Rain.", False)]


def test_another_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(FramingError, match="no such file, expected BABE"):
        read_babe(tmp_path)
    (tmp_path / "final_labels_SG2.csv").write_text("text;link\n", "utf8")
    with pytest.raises(FramingError, match="no column label_bias"):
        read_babe(tmp_path)


def test_the_area_turns_around_with_the_labels(tiny_model: Path, tiny_base: Path, tmp_path: Path) -> None:
    texts = ("The gang will attack.", "The minister said that people will attack.")

    def area(*labels: str) -> dict[str, float]:
        rows = list(zip(texts, labels, strict=True)) * 6
        report = evaluate_model(tiny_model, "babe", babe(tmp_path, *rows), "dev", encoder=tiny_base)
        assert report["bias"]["sentences"] == 12
        return dict(report["bias"]["auc"])

    one, other = area("Biased", "Non-biased"), area("Non-biased", "Biased")
    assert {one["value"], other["value"]} == {0.0, 1.0}
    assert one["low"] <= one["value"] <= one["high"]
