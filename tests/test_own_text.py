import json
from pathlib import Path

import pytest

from framing.errors import FramingError
from training.annotation import annotate, read_annotations, read_settled
from training.corpora import read_corpus, read_written
from training.own_text import add_own_text

READ_FOR = ("slogans", "gangster_tactics")


def row(**changes: object) -> dict[str, object]:
    sentences = [
        {"text": "Harbour town votes"},
        {
            "text": "They hold us by the throat, he said, by the throat.",
            "marks": [{"code": "gangster_tactics", "voice": "quoted", "words": ["by the throat", "hold us"]}],
        },
    ]
    return {"id": "own-1", "sentences": sentences} | changes


def write(folder: Path, *rows: dict[str, object]) -> Path:
    path = folder / "w7.jsonl"
    path.write_text("".join(json.dumps(one) + "\n" for one in rows), "utf8")
    return path


def test_own_text_becomes_articles_and_annotations(tmp_path: Path) -> None:
    folder = tmp_path / "annotations"
    folder.mkdir()
    add_own_text([write(tmp_path, row())], folder, READ_FOR)
    add_own_text([write(tmp_path, row(id="own-2"))], folder, READ_FOR)
    articles = read_written(folder / "written", "train")
    assert [article.id for article in articles] == ["own-1", "own-2"]
    first, second = annotate(articles, "train", read_annotations(folder / "written.jsonl"))
    for one in (first, second):
        words = [one.text[span.start : span.end] for span in one.spans]
        assert words == ["hold us", "by the throat"]
        assert [one.known_of(sentence) for sentence in one.sentences] == [set(READ_FOR)] * 2
        assert one.codes_of(one.sentences[0]) == set()


@pytest.mark.parametrize(
    ("mark", "message"),
    [
        ({"code": "doubt", "voice": "quoted", "words": ["us"]}, "'doubt' is not among those read for"),
        ({"code": "slogans", "voice": "author", "words": ["us"]}, "voice 'author' is not known"),
        ({"code": "slogans", "voice": "quoted", "words": ["we"]}, r"does not hold \['we'\]"),
        ({"code": "slogans", "voice": "quoted", "words": []}, r"does not hold \[\]"),
    ],
)
def test_a_fault_is_named_with_its_line_and_nothing_is_added(
    tmp_path: Path, mark: dict[str, object], message: str
) -> None:
    bad = row(id="own-2", sentences=[{"text": "They hold us.", "marks": [mark]}])
    with pytest.raises(FramingError, match=rf"w7\.jsonl:2: .*{message}"):
        add_own_text([write(tmp_path, row(), bad)], tmp_path, READ_FOR)
    assert not (tmp_path / "written.jsonl").exists()


def test_an_article_is_added_once(tmp_path: Path) -> None:
    with pytest.raises(FramingError, match=r"w7\.jsonl:2: article 'own-1' is there already"):
        add_own_text([write(tmp_path, row(), row())], tmp_path, READ_FOR)


def test_the_text_that_ships_is_as_it_was_labelled() -> None:
    articles = annotate(read_corpus("written", Path("nowhere"), "train"), "train", read_settled(["written"]))
    unread = [a.id for a in articles if any(not a.known_of(sentence) for sentence in a.sentences)]
    assert articles
    assert not unread
