"""Which articles tell the same story: close in what title and lead say, and in time where dates are known."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from framing.errors import FramingError
from framing.files import written
from framing.records import Article, Sentence
from framing.rows import jsonl_rows

if TYPE_CHECKING:
    from framing.copies import CopyFinder
    from framing.embeddings import Embedder

THRESHOLD = 0.65
WINDOW = 7
LEAD = 5


@dataclass(frozen=True, slots=True)
class StoryArticle:
    """One row of a stories file: an article and the story that it tells.

    Attributes:
        article_id: As in the articles and in a labels file.
        outlet: Who published it.
        story: From 1; the stories of most outlets come first. Articles of one number tell one story.
        sentences: How many sentences it has, at least 1: the check that labels are of the same text.
        copied: Indices of its sentences that other outlets print too, rising.
        title: Its title, where known, else its first sentence.
        date: ISO 8601, where known.
    """

    article_id: str
    outlet: str
    story: int
    sentences: int
    copied: tuple[int, ...] = ()
    title: str = ""
    date: str | None = None

    def __post_init__(self) -> None:
        if self.story < 1 or self.sentences < 1:
            raise ValueError(f"story is {self.story}, sentences {self.sentences}, expected 1 or more of both")
        if any(not 0 <= index < self.sentences for index in self.copied):
            raise ValueError(f"copied holds an index out of range, expected 0 to {self.sentences - 1}")


@dataclass(frozen=True, slots=True)
class Stories:
    """Articles in their stories.

    Attributes:
        articles: Sorted by story, then by outlet and id.
    """

    articles: tuple[StoryArticle, ...]

    def write(self, path: Path | str) -> None:
        """Writes a stories file: JSONL, one row an article, as `read_stories` reads it.

        Raises:
            FramingError: The file cannot be written.
        """
        with (
            written(Path(path)) as part,
            part.open("w", encoding="utf8", errors="replace", newline="\n") as file,
        ):
            for article in self.articles:
                file.write(json.dumps(asdict(article), ensure_ascii=False) + "\n")

    def by_id(self) -> dict[str, StoryArticle]:
        """The articles by their ids."""
        return {article.article_id: article for article in self.articles}

    def groups(self) -> dict[int, tuple[StoryArticle, ...]]:
        """The articles of each story, by its number."""
        found: dict[int, list[StoryArticle]] = defaultdict(list)
        for article in self.articles:
            found[article.story].append(article)
        return {story: tuple(articles) for story, articles in found.items()}

    def shared(self) -> dict[int, tuple[StoryArticle, ...]]:
        """The stories that at least two outlets tell."""
        return {story: told for story, told in self.groups().items() if len({a.outlet for a in told}) > 1}


def find_stories(
    articles: Iterable[Article],
    *,
    embedder: Embedder,
    threshold: float = THRESHOLD,
    window: int = WINDOW,
) -> Stories:
    """Groups articles into stories, and marks sentences that several outlets print.

    Memory holds titles, leads and vectors; all pairs only within what chains of like articles connect. The
    result does not depend on the order of the articles.

    Args:
        articles: Any number, ids unique; dates are used where given.
        embedder: Turns title and lead into vectors.
        threshold: Least mean cosine similarity within a story, between 0 and 1. The default is measured: see
            `training/stories.py`.
        window: Most days between two articles of one story, where both have dates; 0 or more.

    Raises:
        FramingError: An article has no sentence, or a setting is out of range.
    """
    import numpy as np

    from framing.clusters import group_vectors
    from framing.copies import CopyFinder

    if not 0 < threshold < 1 or window < 0:
        raise FramingError(
            f"threshold is {threshold}, window {window}: expected 0 < threshold < 1 and a window of 0 or more"
        )
    finder = CopyFinder()
    read = sorted((_read(article, finder) for article in articles), key=lambda pair: pair[0].article_id)
    if not read:
        raise FramingError("no article to group, expected at least one")
    found, leads = [one for one, _ in read], [lead for _, lead in read]
    days = np.array([day_of(one.date) for one in found], dtype=np.float64)
    groups = group_vectors(embedder.embed(leads), days, threshold=threshold, window=window)
    stories = {one.article_id: int(group) for one, group in zip(found, groups, strict=True)}
    return _number(found, groups.tolist(), finder.find(stories))


def read_stories(path: Path | str) -> Stories:
    """Reads a stories file.

    Args:
        path: The file, as `Stories.write` or `framing stories` wrote it.

    Raises:
        FramingError: It cannot be read, holds no row, repeats an article, or a row is not as `Stories.write`
            writes it.
    """
    path = Path(path)
    if not path.is_file():
        raise FramingError(f"{path}: no such file, expected stories as framing stories writes them")
    found: dict[str, StoryArticle] = {}
    with path.open("rb") as stream:
        for place, row in jsonl_rows(stream, str(path), "utf8"):
            one = _from_row(row, place)
            if one.article_id in found:
                raise FramingError(f"{place}: article {one.article_id!r} is there twice; make the file again")
            found[one.article_id] = one
    if not found:
        raise FramingError(f"{path}: holds no row, expected stories as framing stories writes them")
    return Stories(tuple(found.values()))


def _from_row(row: Mapping[str, Any], place: str) -> StoryArticle:
    try:
        texts = [row["article_id"], row["outlet"], row["title"], row["date"] or ""]
        if not all(isinstance(text, str) for text in texts):
            raise TypeError("article_id, outlet, title and date must be text")
        return StoryArticle(**{**row, "copied": tuple(int(index) for index in row["copied"])})
    except (KeyError, TypeError, ValueError) as error:
        what = f"no field {error}" if isinstance(error, KeyError) else str(error)
        raise FramingError(f"{place}: {what}; expected a row as framing stories writes it") from None


def _read(article: Article, finder: CopyFinder) -> tuple[StoryArticle, str]:
    from framing.sentences import require_sentences

    sentences = require_sentences(article)
    finder.add(article.id, article.outlet, sentences)
    title = (article.title or sentences[0].text).strip()
    one = StoryArticle(article.id, article.outlet, 1, len(sentences), title=title, date=article.date)
    return one, lead(article.title, sentences)


def lead(title: str | None, sentences: Sequence[Sentence], length: int = LEAD) -> str:
    """Title and first `length` sentences of an article, a line each; a title that opens the text stands once.

    Where there is no title, the first sentence is taken for one.
    """
    texts = [sentence.text.strip() for sentence in sentences[: length + 1]]
    title = (title or "").strip() or texts[0]
    return "\n".join([title, *(text for text in texts if text.casefold() != title.casefold())][: length + 1])


def day_of(value: str | None) -> float:
    """The number of an ISO 8601 date's day; not a number for none."""
    return float(date.fromisoformat(value).toordinal()) if value else float("nan")


def _number(
    articles: Sequence[StoryArticle], groups: Sequence[int], copied: Mapping[str, tuple[int, ...]]
) -> Stories:
    """Numbers the stories, those of most outlets first, then those of most articles, then by first id."""
    members: dict[int, list[StoryArticle]] = defaultdict(list)
    for article, group in zip(articles, groups, strict=True):
        members[group].append(article)
    ranked = sorted(
        members.values(), key=lambda told: (-len({a.outlet for a in told}), -len(told), told[0].article_id)
    )
    rows = [
        replace(a, story=number, copied=copied.get(a.article_id, ()))
        for number, told in enumerate(ranked, 1)
        for a in sorted(told, key=lambda a: (a.outlet, a.article_id))
    ]
    return Stories(tuple(rows))
