"""Scoring a model on news that was kept aside, by the labels of the project's own readers."""

from pathlib import Path

import pytest

from framing.errors import FramingError
from training.annotation import Annotation, Mark, digest
from training.config import known_families
from training.corpora import GoldArticle, read_corpus
from training.evaluation import evaluate_model


def kept_aside(corpora: Path) -> GoldArticle:
    folder = corpora / "newswcl50" / "1-raw-articles" / "event_0"
    folder.mkdir(parents=True)
    (folder / "0_LL.txt").write_text("The gang came back. Why did nobody hear it? Rain fell.", "utf8")
    (found,) = read_corpus("newswcl50", corpora, "test")
    return found


def read_for_techniques(article: GoldArticle) -> list[Annotation]:
    words = article.text.index("gang")
    marks = [(Mark("name_calling_labeling", "outlet", ((words, words + 4),)),), (), ()]
    return [
        Annotation(
            *("newswcl50", "test", article.id, s.start, s.end, digest(s.text), its, "a", "natural", 1),
            read_for=known_families()["techniques"],
        )
        for s, its in zip(article.sentences, marks, strict=True)
    ]


def test_news_kept_aside_is_scored_by_our_labels(
    tiny_model: Path, tiny_base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    article = kept_aside(tmp_path)
    monkeypatch.setattr("training.evaluation.read_settled", lambda _: read_for_techniques(article))
    folder = tmp_path / "newswcl50"
    found = evaluate_model(tiny_model, "newswcl50", folder, "test", annotations=["x"], encoder=tiny_base)
    techniques = found["families"]["techniques"]
    assert (techniques["articles"], techniques["sentences"], techniques["sentences_with_any"]) == (1, 3, 1)
    assert {row["code"]: row["gold"] for row in techniques["per_label"]}["name_calling_labeling"] == 1
    with pytest.raises(FramingError, match="no part 'dev' of NewsWCL50 is read, expected test"):
        evaluate_model(tiny_model, "newswcl50", folder, "dev", annotations=["x"], encoder=tiny_base)


def test_news_without_labels_is_not_scored(tiny_model: Path, tiny_base: Path, tmp_path: Path) -> None:
    kept_aside(tmp_path)
    with pytest.raises(FramingError, match="newswcl50 test: nobody's labels of it"):
        evaluate_model(tiny_model, "newswcl50", tmp_path / "newswcl50", "test", encoder=tiny_base)
