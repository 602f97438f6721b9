"""Sentences that several outlets print: wire copy, syndicated text, the same quotation."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from framing.errors import FramingError
from framing.records import LabelledSentence, Sentence

if TYPE_CHECKING:
    from framing.stories import StoryArticle

Copies = Literal["with", "without", "only"]
WORDS = 8  # shorter sentences are alike by chance
SHINGLE = 3
SIMILARITY = 0.6
PERMUTATIONS = 64

Place = tuple[str, int]
"""An article's id and the index of a sentence of it."""


class CopyFinder:
    """Finds sentences that stand in articles of at least two outlets.

    Case, marks and spaces aside, the same words are a copy wherever they stand. Nearly the same words are one
    within a story: at least `similarity` of the runs of three words are common (Jaccard). Candidates for that
    come from MinHash (Broder 1997, "On the resemblance and containment of documents") with banding, and are
    then compared exactly. Sentences of fewer than 8 words are never copies.

    Args:
        similarity: Least share of common runs, between 0 and 1.
        seed: Seed of the hashes.
    """

    def __init__(self, *, similarity: float = SIMILARITY, seed: int = 1) -> None:
        if not 0 < similarity <= 1:
            raise ValueError(f"similarity is {similarity}, expected above 0 and at most 1")
        self._similarity = similarity
        self._seed = seed
        self._places: dict[str, list[Place]] = defaultdict(list)
        self._outlets: dict[str, str] = {}

    def add(self, article_id: str, outlet: str, sentences: Iterable[Sentence]) -> None:
        """Takes in the sentences of an article."""
        self._outlets[article_id] = outlet
        for sentence in sentences:
            words = re.findall(r"\w+", sentence.text.casefold())
            if len(words) >= WORDS:
                self._places[" ".join(words)].append((article_id, sentence.index))

    def find(self, stories: Mapping[str, int]) -> dict[str, tuple[int, ...]]:
        """Finds the copies among all that was added.

        Args:
            stories: The story of each article, by its id.

        Returns:
            For each article that has any: the indices of its copied sentences, rising.
        """
        copied = {place for places in self._places.values() if self._several(places) for place in places}
        for texts in self._by_story(stories):
            for one, other in self._near(texts):
                places = [*texts[one], *texts[other]]
                if self._several(places):
                    copied.update(places)
        found: dict[str, list[int]] = defaultdict(list)
        for article, index in sorted(copied):
            found[article].append(index)
        return {article: tuple(indices) for article, indices in found.items()}

    def _several(self, places: Sequence[Place]) -> bool:
        return len({self._outlets[article] for article, _ in places}) > 1

    def _by_story(self, stories: Mapping[str, int]) -> Iterator[dict[str, list[Place]]]:
        """The texts of each story that at least two outlets tell, with where they stand."""
        outlets: dict[int, set[str]] = defaultdict(set)
        for article, story in stories.items():
            outlets[story].add(self._outlets[article])
        found: dict[int, dict[str, list[Place]]] = defaultdict(lambda: defaultdict(list))
        for text, places in self._places.items():
            for place in places:
                if len(outlets[stories[place[0]]]) > 1:
                    found[stories[place[0]]][text].append(place)
        yield from found.values()

    def _near(self, texts: Iterable[str]) -> Iterator[tuple[str, str]]:
        """Pairs of different texts that are alike."""
        from datasketch import MinHash, MinHashLSH

        # Weighed against misses: what is found too much falls by the exact comparison below.
        index = MinHashLSH(threshold=self._similarity, num_perm=PERMUTATIONS, weights=(0.1, 0.9))
        before: dict[str, frozenset[str]] = {}
        for text in texts:
            runs = _runs(text)
            mark = MinHash(num_perm=PERMUTATIONS, seed=self._seed)
            mark.update_batch([run.encode("utf-8", errors="surrogatepass") for run in runs])
            for other in index.query(mark):
                common = len(runs & before[other])
                if common >= self._similarity * (len(runs) + len(before[other]) - common):
                    yield text, other
            index.insert(text, mark)
            before[text] = runs


def _runs(text: str) -> frozenset[str]:
    words = text.split()
    return frozenset(" ".join(words[at : at + SHINGLE]) for at in range(len(words) - SHINGLE + 1))


def select_copies(
    labelled: Iterable[LabelledSentence], articles: Mapping[str, StoryArticle], copies: Copies
) -> Iterator[LabelledSentence]:
    """Passes on labelled sentences: all of them, those that no other outlet prints, or the copied ones only.

    Args:
        labelled: Sentences as labelled, article by article or not.
        articles: What a stories file says of each article, by its id.
        copies: ``with``, ``without`` or ``only``.

    Raises:
        FramingError: An article is in no story, or its sentences are not those that the stories were made
            from.
    """
    if copies not in (known := ("with", "without", "only")):
        raise FramingError(f"copies is {copies!r}, expected {', '.join(known)}")
    copied = {article: frozenset(one.copied) for article, one in articles.items()}
    counts: dict[str, int] = defaultdict(int)
    for sentence in labelled:
        if sentence.article_id not in articles:
            raise FramingError(
                f"article {sentence.article_id!r} is in no story; make the stories from the articles that "
                "were labelled"
            )
        counts[sentence.article_id] += 1
        if copies == "with" or (sentence.index in copied[sentence.article_id]) == (copies == "only"):
            yield sentence
    for article, count in counts.items():
        if count != (expected := articles[article].sentences):
            raise FramingError(
                f"article {article!r} has {count} labelled sentences, the stories were made from {expected}; "
                "make labels and stories from the same articles"
            )
