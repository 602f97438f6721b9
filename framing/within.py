"""Outlets compared on the same stories: what one does more than the others that told the same event."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING

from framing.blocks import contrast_blocks
from framing.bootstrap import DRAWS, check_draws, make_generator
from framing.contrasts import OTHERS, PAIRED, adjust_p
from framing.copies import Copies, select_copies
from framing.counts import ALL, VOICE_ROWS, Key, check_codes, keys_of
from framing.errors import FramingError
from framing.records import LabelledSentence
from framing.stories import Stories, StoryArticle
from framing.within_stories import Coverage, Difference, WithinStories

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Told = Mapping[int, Mapping[str, Floats]]


def compare_within_stories(
    labelled: Iterable[LabelledSentence],
    stories: Stories,
    *,
    copies: Copies = "without",
    draws: int = DRAWS,
    seed: int = 0,
) -> WithinStories:
    """Compares outlets on the stories that several told: events are the same, so topics are.

    An outlet's share in a story is that of all its sentences in it; each story weighs the same, however long
    or often it was told. Intervals draw whole stories; `p` exchanges the outlets within each story at random
    (see `framing.blocks.contrast_blocks`).

    The pairs of outlets are compared too, unless there are more than 20 outlets.

    Args:
        labelled: Sentences of any number of outlets, labelled by one model.
        stories: Their stories, from the same articles.
        copies: Whether sentences that several outlets print are counted, left out, or alone counted.
        draws: Bootstrap draws an interval, at least 100.
        seed: Seed of draws and shuffles, 0 or more.

    Raises:
        FramingError: Labels and stories are not of the same articles, no story has two outlets, or a setting
            is out of range.
    """
    check_draws(draws, seed)
    shared = stories.shared()
    if not shared:
        raise FramingError(
            "no story is told by two outlets: there is nothing to compare; group more articles, or lower "
            "--threshold of framing stories"
        )
    counted = _Counts()
    numbers = {one.article_id: story for story, told in shared.items() for one in told}
    for sentence in select_copies(labelled, stories.by_id(), copies):
        if sentence.article_id in numbers:
            counted.add(numbers[sentence.article_id], sentence)
    told = counted.shares()
    if not told:
        raise FramingError(
            f"no story has labelled sentences of two outlets, {copies} copies: nothing to compare"
        )
    differences = list(_compare_all(told, counted.keys(), draws, seed))
    return WithinStories(
        _adjust(differences), _coverage(shared, told, counted), len(told), copies, draws, seed
    )


class _Counts:
    """Sentences and labels of each outlet in each story."""

    def __init__(self) -> None:
        self.found: dict[int, dict[str, Counter[Key | None]]] = defaultdict(lambda: defaultdict(Counter))
        self.articles: dict[tuple[int, str], set[str]] = defaultdict(set)
        self.codes: tuple[str, ...] = ()
        self.voiced = False

    def add(self, story: int, sentence: LabelledSentence) -> None:
        self.codes = self.codes or tuple(sentence.scores)
        check_codes(sentence, self.codes)
        self.voiced = self.voiced or any(label.voice is not None for label in sentence.labels)
        counts = self.found[story][sentence.outlet]
        counts[None] += 1
        counts.update(keys_of(sentence))
        self.articles[story, sentence.outlet].add(sentence.article_id)

    def keys(self) -> list[Key]:
        voices = (ALL, *VOICE_ROWS) if self.voiced else (ALL,)
        return [(code, voice) for code in self.codes for voice in voices]

    def shares(self) -> dict[int, dict[str, Floats]]:
        """The shares of each outlet in each story that two outlets or more tell, by `keys`."""
        import numpy as np

        keys = self.keys()
        return {
            story: {
                outlet: np.array([counts[key] for key in keys], dtype=np.float64) / counts[None]
                for outlet, counts in sorted(outlets.items())
            }
            for story, outlets in sorted(self.found.items())
            if len(outlets) > 1
        }


def _compare_all(told: Told, keys: Sequence[Key], draws: int, seed: int) -> Iterator[Difference]:
    outlets = sorted({outlet for shares in told.values() for outlet in shares})
    for outlet in outlets:
        own = [shares for shares in told.values() if outlet in shares]
        yield from _compare(outlet, OTHERS, own, keys, draws, seed)
    for pair in combinations(outlets, 2) if len(outlets) <= PAIRED else ():
        both = [{name: shares[name] for name in pair} for shares in told.values() if set(pair) <= set(shares)]
        if both:
            yield from _compare(*pair, both, keys, draws, seed)


def _compare(
    outlet: str,
    against: str,
    told: Sequence[Mapping[str, Floats]],
    keys: Sequence[Key],
    draws: int,
    seed: int,
) -> Iterator[Difference]:
    import numpy as np

    generator = make_generator(seed, f"{outlet}\n{against}")
    blocks = [np.stack(list(shares.values())) for shares in told]
    places = [list(shares).index(outlet) for shares in told]
    found = contrast_blocks(blocks, places, generator=generator, draws=draws)
    for (code, voice), one in zip(keys, found, strict=True):
        yield Difference(
            outlet, against, code, voice, one.blocks, one.share, one.other, one.difference,
            one.low, one.high, one.p, 1.0, one.reason,
        )  # fmt: skip


def _adjust(differences: Sequence[Difference]) -> tuple[Difference, ...]:
    """Gives each its q; a code that nobody used in these stories is no test."""
    tests = [
        ((one.voice, one.against == OTHERS), one.p if one.share or one.other else None) for one in differences
    ]
    return tuple(
        replace(one, q=1.0 if q is None else q) for one, q in zip(differences, adjust_p(tests), strict=True)
    )


def _coverage(
    shared: Mapping[int, Sequence[StoryArticle]], told: Told, counted: _Counts
) -> tuple[Coverage, ...]:
    copied: Counter[str] = Counter()
    for story in told:
        for article in shared[story]:
            copied[article.outlet] += len(article.copied)
    rows = []
    for outlet in sorted({outlet for shares in told.values() for outlet in shares}):
        own = [story for story, shares in told.items() if outlet in shares]
        articles = sum(len(counted.articles[story, outlet]) for story in own)
        sentences = sum(counted.found[story][outlet][None] for story in own)
        rows.append(Coverage(outlet, len(own), articles, sentences, copied[outlet]))
    return tuple(rows)
