"""Invented news, written for this project and labelled by whoever wrote it, as articles and annotations."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from framing.codebook import load_codebook
from framing.errors import FramingError
from framing.records import VOICES
from training.annotation import Annotation, Mark, digest, read_annotations, write_annotations


def add_own_text(files: Sequence[Path], folder: Path, read_for: Sequence[str]) -> list[Annotation]:
    """Add articles to the project's own text.

    A file is JSONL, an article a line: `id`, and `sentences`, each with its `text` and, where it carries a
    label, `marks`: `code`, `voice`, and `words`, the stretches that carry it as they stand in the sentence.

    Args:
        files: Each by one writer, whose name is the file's stem.
        folder: `training/annotations`; its `written/articles.jsonl` and `written.jsonl` grow.
        read_for: The codes that the writers marked wherever they occur.

    Returns:
        The annotations added.

    Raises:
        FramingError: With every fault of the files, one a line; nothing is added then. Also if a code is not
            known, or an article is there already.
    """
    codebook = load_codebook()
    if unknown := [code for code in read_for if code not in codebook]:
        raise FramingError(f"code {unknown[0]!r} is not known, expected codes of `framing codebook`")
    texts = folder / "written" / "articles.jsonl"
    there = [json.loads(line) for line in texts.read_text("utf8").splitlines()] if texts.is_file() else []
    taken = {row["id"] for row in there}
    added: list[Annotation] = []
    faults: list[str] = []
    for path in files:
        if not path.is_file():
            raise FramingError(f"{path}: no such file, expected articles of the project's own as JSONL")
        for number, line in enumerate(path.read_text("utf8").splitlines(), 1):
            try:
                row, annotations = _read_article(line, path.stem, read_for, taken)
            except (ValueError, KeyError, TypeError) as error:
                faults.append(f"{path}:{number}: {error}")
                continue
            taken.add(row["id"])
            there.append(row)
            added += annotations
    if faults:
        raise FramingError("\n".join(faults))
    known = folder / "written.jsonl"
    write_annotations([*(read_annotations(known) if known.is_file() else []), *added], known)
    texts.parent.mkdir(parents=True, exist_ok=True)
    texts.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in there), "utf8")
    return added


def _read_article(
    line: str, writer: str, read_for: Sequence[str], taken: set[str]
) -> tuple[dict[str, str], list[Annotation]]:
    article: dict[str, Any] = json.loads(line)
    if article["id"] in taken:
        raise ValueError(f"article {article['id']!r} is there already, expected a new id")
    annotations: list[Annotation] = []
    start = 0
    for sentence in article["sentences"]:
        text = sentence["text"]
        if not text.strip() or text != " ".join(text.split()):
            raise ValueError(f"sentence {text[:60]!r} is empty or holds more than single spaces")
        marks = [_mark(mark, text, start, read_for) for mark in sentence.get("marks", ())]
        end = start + len(text)
        annotations.append(
            Annotation(
                "written",
                "train",
                article["id"],
                start,
                end,
                digest(text),
                tuple(marks),
                annotator=writer,
                sample="written",
                reading=1,
                read_for=tuple(read_for),
            )
        )
        start = end + 1
    return {"id": article["id"], "text": "\n".join(s["text"] for s in article["sentences"])}, annotations


def _mark(mark: dict[str, Any], text: str, start: int, read_for: Sequence[str]) -> Mark:
    if mark["code"] not in read_for:
        raise ValueError(f"code {mark['code']!r} is not among those read for")
    if mark["voice"] not in VOICES:
        raise ValueError(f"voice {mark['voice']!r} is not known, expected one of {', '.join(VOICES)}")
    missing = [words for words in mark["words"] if words not in text]
    if missing or not mark["words"]:
        raise ValueError(f"the sentence {text[:60]!r} does not hold {missing}, expected its own words")
    places = [text.index(words) for words in mark["words"]]
    spans = sorted(
        (start + at, start + at + len(words)) for at, words in zip(places, mark["words"], strict=True)
    )
    return Mark(mark["code"], mark["voice"], tuple(spans))
