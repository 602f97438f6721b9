import json
from pathlib import Path

import pytest

from framing.errors import FramingError
from training.corpora import read_corpus
from training.memes import FILE

TEXT = "WHAT ABOUT THE SHIPS?\n\nWE WILL WIN\n"


def write(folder: Path, *labels: dict[str, object]) -> None:
    path = folder / "semeval2021-task6" / FILE
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps([{"id": 7, "text": TEXT, "labels": labels}]), "utf8")


def test_memes_are_sentences_with_techniques(tmp_path: Path) -> None:
    write(
        tmp_path,
        {"technique": "Whataboutism", "start": 0, "end": 21},
        {"technique": "Appeal to fear/prejudice", "start": 23, "end": 34},
        {"technique": "Smears", "start": 0, "end": 34},
    )
    (meme,) = read_corpus("semeval2021-task6", tmp_path, "train")
    assert [meme.codes_of(sentence) for sentence in meme.sentences] == [
        {"whataboutism_straw_men_red_herring"},
        {"appeal_to_fear_prejudice"},
    ]
    assert "slogans" in meme.known


def test_a_technique_that_nobody_knows_is_named(tmp_path: Path) -> None:
    write(tmp_path, {"technique": "Irony", "start": 0, "end": 4})
    with pytest.raises(FramingError, match=r"training_set_task2\.txt: not memes .*'Irony'"):
        read_corpus("semeval2021-task6", tmp_path, "train")


def test_a_missing_file_and_a_missing_part_are_named(tmp_path: Path) -> None:
    with pytest.raises(FramingError, match="no such file, expected the memes"):
        read_corpus("semeval2021-task6", tmp_path, "train")
    with pytest.raises(FramingError, match="no part 'dev' of the memes"):
        read_corpus("semeval2021-task6", tmp_path, "dev")
