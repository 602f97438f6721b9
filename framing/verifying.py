"""A labels file set against labelling again: how far the scores moved, and which labels flipped."""

import random
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from framing.errors import FramingError
from framing.labels import Tally
from framing.records import Article, LabelledSentence, Provenance
from framing.sentences import require_sentences
from framing.store import read_labels, read_provenance

if TYPE_CHECKING:
    from framing.labelling import Model

Rows = tuple[LabelledSentence, ...]
IDENTITY = ("model", "weights_sha256", "base_sha256", "codebook_version", "codes", "files")
CONDITIONS = ("engine", "device", "precision", "versions", "machine")
INPUT = ("input_sha256", "articles", "sentences")


@dataclass(frozen=True, slots=True)
class Verification:
    """What labelling again gave.

    Attributes:
        articles: How many were labelled again.
        sentences: How many rows that are.
        largest: The largest difference of a score, in [0, 1].
        where: Where that is: article, sentence and code; nothing where there is none.
        flipped: Labels given before and not now, or now and not before.
        labels: Labels given before.
        changed: Rows that differ in anything at all.
        tolerance: What the file's provenance states for these conditions, in [0, 1].
        conditions: What differs from the conditions that the file was made under; nothing where all is same.
    """

    articles: int
    sentences: int
    largest: float
    where: str
    flipped: int
    labels: int
    changed: int
    tolerance: float
    conditions: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Whether the differences stay within the tolerance; where that is 0, no row may differ at all."""
        return self.largest <= self.tolerance and (self.tolerance > 0 or not self.changed)


def verify_labels(
    path: Path, model: "Model", articles: Iterable[Article], *, sample: int | None = 50, seed: int = 0
) -> Verification:
    """Label articles of a labels file again, and compare.

    Args:
        path: The labels file.
        model: The model that made it, under any conditions.
        articles: The inputs that it was made from, in the same order; others between them do no harm.
        sample: How many articles to label again, drawn at random; all if nothing.
        seed: Of the drawing.

    Raises:
        FramingError: If the file does not say how it was made, was made by another model, or its articles are
            not in the input as they were.
    """
    before = read_provenance(path)
    if before is None:
        raise FramingError(f"{path}: does not say how it was made, expected its provenance; label again")
    now = model.provenance(Tally())
    other = _differing(before, now, IDENTITY)
    if other:
        raise FramingError(f"{path}: made by another model ({', '.join(other)} differ); give it with --model")
    conditions = _differing(before, now, CONDITIONS)
    where = "precision" if "precision" in conditions else "elsewhere" if conditions else "same"
    tolerance = before.tolerance.get(where)
    if tolerance is None:
        raise FramingError(f"{path}: its provenance states no tolerance; label again with this version")
    chosen = _choose(path, sample, seed)
    return _compare(_pairs(path, chosen, model, articles), tolerance, conditions)


def check_kept(path: Path, model: "Model", articles: Iterable[Article]) -> None:
    """Make sure that a labels file is whole, and what labelling these articles would give.

    Args:
        path: The labels file.
        model: The model that would label.
        articles: All that would be labelled, in order.

    Raises:
        FramingError: If it was made by anything else, of other articles, or lacks rows.
    """
    before, tally = read_provenance(path), Tally()
    for article in articles:
        tally.add(article, len(require_sentences(article)))
    now = model.provenance(tally)
    other = _differing(before, now, (*IDENTITY, *CONDITIONS, *INPUT)) if before else ("provenance",)
    if not other and sum(1 for _ in read_labels(path)) != now.sentences:
        other = ("rows",)
    if other:
        raise FramingError(
            f"{path}: exists already, and labelling would make another ({', '.join(other)} differ); "
            "give another name, or --force to replace it"
        )


def _differing(before: Provenance, now: Provenance, names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in names if getattr(before, name) != getattr(now, name))


def _choose(path: Path, sample: int | None, seed: int) -> frozenset[str] | None:
    """Return the ids of the articles to label again; nothing for all."""
    if sample is None:
        return None
    ids = [article_id for article_id, _ in groupby(read_labels(path), key=lambda row: row.article_id)]
    return frozenset(random.Random(seed).sample(ids, min(sample, len(ids))))


def _pairs(
    path: Path, chosen: frozenset[str] | None, model: "Model", articles: Iterable[Article]
) -> Iterator[tuple[Rows, Rows]]:
    """Yield each article's rows as they are in the file, and as they are now."""
    waiting: deque[Rows] = deque()

    def wanted() -> Iterator[Article]:
        for article, rows in _matched(path, chosen, iter(articles)):
            waiting.append(rows)
            yield article

    for now in model.label_each(wanted()):
        yield waiting.popleft(), now


def _matched(
    path: Path, chosen: frozenset[str] | None, articles: Iterator[Article]
) -> Iterator[tuple[Article, Rows]]:
    for article_id, group in groupby(read_labels(path), key=lambda row: row.article_id):
        if chosen is not None and article_id not in chosen:
            continue
        article = next((one for one in articles if one.id == article_id), None)
        if article is None:
            raise FramingError(
                f"{path}: article {article_id!r} is not in the input, or not in the file's order; "
                "give the inputs of that run"
            )
        rows = tuple(group)
        if any(article.text[row.start : row.end] != row.text for row in rows):
            raise FramingError(
                f"{path}: article {article_id!r} has another text now; give the inputs of that run"
            )
        yield article, rows


def _compare(
    pairs: Iterable[tuple[Rows, Rows]], tolerance: float, conditions: tuple[str, ...]
) -> Verification:
    articles = sentences = flipped = labels = changed = 0
    largest, where = 0.0, ""
    for before, now in pairs:
        if [(row.start, row.end) for row in before] != [(row.start, row.end) for row in now]:
            raise FramingError(
                f"article {before[0].article_id!r} has other sentences now; give the title it had, and the "
                "version of framing that made the file"
            )
        articles += 1
        for old, new in zip(before, now, strict=True):
            sentences += 1
            changed += old != new
            labels += len(old.labels)
            flipped += len({one.code for one in old.labels} ^ {one.code for one in new.labels})
            code, moved = max(
                ((code, abs(score - new.scores[code])) for code, score in old.scores.items()),
                key=lambda pair: pair[1],
            )
            if moved > largest:
                largest, where = moved, f"article {old.article_id!r}, sentence {old.index}, {code}"
    # Scores are written with four digits; what the difference of two such has beyond is not theirs.
    return Verification(
        articles, sentences, round(largest, 6), where, flipped, labels, changed, tolerance, conditions
    )
