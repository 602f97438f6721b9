"""Outlets compared on the same stories: what one does more than the others that told the same event."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any

from framing.blocks import contrast_blocks
from framing.bootstrap import DRAWS, check_draws, make_generator
from framing.contrasts import OTHERS, PAIRED, adjust_p
from framing.copies import Copies, select_copies
from framing.counts import ALL, OWN, VOICE_ROWS, Key, check_codes, keys_of
from framing.errors import FramingError
from framing.files import write_table, write_text
from framing.records import LabelledSentence
from framing.stories import Stories, StoryArticle

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from framing.charts import Picture

    Floats = NDArray[np.float64]
    Told = Mapping[int, Mapping[str, Floats]]

FORMAT = "framing within stories 1"
TERMINAL = ("outlet", "code", "here %", "others %", "difference", "95 % interval", "q", "stories")


@dataclass(frozen=True, slots=True)
class Difference:
    """How far an outlet's use of a code differs from others' on the stories that both told.

    Attributes:
        outlet: Whose use.
        against: Another outlet, or `OTHERS`: all others that told the story, each weighing equally.
        code: A code of the labels.
        voice: ``all``, ``outlet`` (own words) or ``sources`` (quoted or attributed).
        stories: Stories that both told, at least 1.
        share: Mean over these stories of the share of the outlet's sentences, in [0, 1].
        other: The same of those it is set against, in [0, 1].
        difference: `share - other`, in [-1, 1]; each story weighs the same.
        low: Lower end of the 95 % interval; nothing where there is none.
        high: Upper end of it.
        p: Chance of a difference at least as large if the outlets of each story were exchanged at random,
            in (0, 1].
        q: The same after Benjamini & Hochberg, over all outlets and codes of one voice.
        reason: Why there is no interval; else nothing.
    """

    outlet: str
    against: str
    code: str
    voice: str
    stories: int
    share: float
    other: float
    difference: float
    low: float | None
    high: float | None
    p: float
    q: float
    reason: str | None


COLUMNS = tuple(field.name for field in fields(Difference))


@dataclass(frozen=True, slots=True)
class Coverage:
    """What of an outlet entered the comparison.

    Attributes:
        stories: Stories that it and at least one other told.
        articles: Its articles in them.
        sentences: Their sentences, those counted.
        copied: Sentences of these articles that other outlets print too, whether counted or not.
    """

    outlet: str
    stories: int
    articles: int
    sentences: int
    copied: int


@dataclass(frozen=True, slots=True)
class WithinStories:
    """Outlets compared on the stories that several told.

    Attributes:
        differences: By outlet, what it is set against, code and voice.
        coverage: One an outlet, sorted by name.
        stories: Stories that at least two outlets told.
        copies: ``with``, ``without`` or ``only``: how copied sentences were counted.
        draws: Bootstrap draws behind each interval.
        seed: Seed of the draws and shuffles.
    """

    differences: tuple[Difference, ...]
    coverage: tuple[Coverage, ...]
    stories: int
    copies: Copies
    draws: int
    seed: int

    def to_pandas(self) -> pd.DataFrame:
        """The tidy table: one row a difference, the columns those of `Difference`."""
        import pandas as pd

        frame = pd.DataFrame([asdict(one) for one in self.differences], columns=list(COLUMNS))
        return frame.astype({"low": "float64", "high": "float64", "reason": "object"})

    @property
    def title(self) -> str:
        """What was compared, on one line."""
        sentences, copied = (
            sum(getattr(one, name) for one in self.coverage) for name in ("sentences", "copied")
        )
        return (
            f"{self.stories} stories told by several of {len(self.coverage)} outlets: {sentences} sentences "
            f"({self.copies} the {copied} that several print)"
        )

    def to_rows(self, *, top: int = 5) -> list[tuple[str, ...]]:
        """What sets each outlet apart from the others on the same stories, as text for a terminal.

        Args:
            top: At most so many codes an outlet, the smallest q first; its own words where voices are told.

        Returns:
            The headings, then the rows. Names are as the input gave them: escape markup when printing.
        """
        voice = OWN if any(one.voice == OWN for one in self.differences) else ALL
        found: dict[str, list[Difference]] = defaultdict(list)
        for one in self.differences:
            if one.against == OTHERS and one.voice == voice and one.difference:
                found[one.outlet].append(one)
        rows: list[tuple[str, ...]] = [TERMINAL]
        for told in found.values():
            rows += [_row(one) for one in sorted(told, key=lambda one: (one.q, -abs(one.difference)))[:top]]
        return rows

    def plot(self, **settings: Any) -> Picture:
        """Draws what sets outlets apart, with intervals; see `framing.charts.plot_differences`."""
        from framing.charts import plot_differences

        return plot_differences(self, **settings)

    def write_json(self, path: Path | str) -> None:
        """Writes everything as JSON; a file already there is replaced.

        Raises:
            FramingError: The file cannot be written.
        """
        content = {"format": FORMAT, **asdict(self)}
        write_text(path, json.dumps(content, ensure_ascii=False, indent=1) + "\n")

    def write_csv(self, path: Path | str) -> None:
        """Writes the tidy table as CSV (UTF-8); what a spreadsheet would take for a formula gets a ``'``.

        Raises:
            FramingError: The file cannot be written.
        """
        write_table(path, COLUMNS, map(asdict, self.differences))


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


def _row(one: Difference) -> tuple[str, ...]:
    ends = "" if one.low is None or one.high is None else f"{100 * one.low:+.1f} to {100 * one.high:+.1f}"
    figures = (f"{100 * one.share:.1f}", f"{100 * one.other:.1f}", f"{100 * one.difference:+.1f}")
    return one.outlet, one.code, *figures, ends, f"{one.q:.3f}", str(one.stories)
