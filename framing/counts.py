"""What each outlet's articles hold: sentences, labels in each voice, and summed probabilities."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from framing.errors import FramingError
from framing.records import Label, LabelledSentence

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Counts = NDArray[np.int64]
    Floats = NDArray[np.float64]

ALL, OWN, SOURCES = "all", "outlet", "sources"
VOICE_ROWS: Mapping[str, tuple[str, ...]] = {OWN: ("outlet",), SOURCES: ("quoted", "attributed")}
SCALE = 10_000  # a score has four digits
BUFFER = 4096  # sentences

Key = tuple[str, str]
"""A code and a voice: ``all``, ``outlet`` (the outlet's own words) or ``sources`` (quoted or attributed)."""


@dataclass(frozen=True, slots=True)
class SourceCount:
    """How many of an outlet's sentences put a code into one source's mouth.

    Attributes:
        source: The source as the labels name it, in its most frequent spelling; None where none is named.
        sentences: At least 1.
    """

    code: str
    source: str | None
    sentences: int


@dataclass(frozen=True, slots=True)
class GroupCounts:
    """What the articles of one outlet (or of another group) hold.

    Attributes:
        group: The outlet's name, or what else the articles are grouped by.
        articles: Their ids, sorted; at least one.
        sentences: Sentences of each article, (articles,), each at least 1.
        positives: Sentences labelled with each code in each voice, (keys, articles).
        scores: Sum of the calibrated probabilities of each article's sentences, (codes, articles).
        sources: Whom the group lends each code to: in the order of the codes, the most frequent first.
    """

    group: str
    articles: tuple[str, ...]
    sentences: Counts
    positives: Counts
    scores: Floats
    sources: tuple[SourceCount, ...] = ()


@dataclass(frozen=True, slots=True)
class Counted:
    """All groups of a labels file.

    Attributes:
        groups: Sorted by name.
        codes: The codes looked for, in the model's order.
        voices: ``("all",)`` or, where the model tells voices apart, ``("all", "outlet", "sources")``.
    """

    groups: tuple[GroupCounts, ...]
    codes: tuple[str, ...]
    voices: tuple[str, ...]

    @property
    def keys(self) -> tuple[Key, ...]:
        """What the rows of `GroupCounts.positives` stand for: each code in each voice."""
        return tuple((code, voice) for code in self.codes for voice in self.voices)


class _Article:
    """The running counts of one article, and which it is."""

    __slots__ = ("number", "positives", "sentences")

    def __init__(self, number: int) -> None:
        self.number = number
        self.sentences = 0
        self.positives: Counter[Key] = Counter()


class _Sums:
    """Probabilities summed by article: whole ten-thousandths, exact in any order of the sentences."""

    def __init__(self, codes: int) -> None:
        self._codes = codes
        self._scores: list[float] = []
        self._owners: list[int] = []
        self._total: Counts | None = None

    def add(self, article: int, scores: Iterable[float]) -> None:
        """Add a sentence's probabilities to those of its article."""
        self._scores.extend(scores)
        self._owners.append(article)
        if len(self._owners) == BUFFER:
            self._flush()

    def total(self) -> Floats:
        """Sum of each article's probabilities, (articles or more, codes)."""
        import numpy as np

        self._flush()
        return np.zeros((0, self._codes)) if self._total is None else self._total / SCALE

    def _flush(self) -> None:
        import numpy as np

        if not self._owners:
            return
        needed, known = max(self._owners) + 1, 0 if self._total is None else len(self._total)
        if needed > known:
            grown = np.zeros((max(needed, 2 * known), self._codes), dtype=np.int64)
            if self._total is not None:
                grown[:known] = self._total
            self._total = grown
        assert self._total is not None
        scores = np.array(self._scores).reshape(len(self._owners), self._codes)
        owners = np.array(self._owners)
        starts = np.flatnonzero(np.diff(owners, prepend=-1))  # where another article's sentences begin
        runs = np.add.reduceat(np.rint(scores * SCALE).astype(np.int64), starts)
        np.add.at(self._total, owners[starts], runs)
        self._scores, self._owners = [], []


def outlet_of(sentence: LabelledSentence) -> str:
    """Name the group of a sentence where nothing else is asked for."""
    return sentence.outlet


def count_labels(
    labelled: Iterable[LabelledSentence],
    *,
    codes: tuple[str, ...] = (),
    group: Callable[[LabelledSentence], str | None] = outlet_of,
) -> Counted:
    """Counts the labels of each group's articles.

    Reads the sentences once and keeps counts an article only. The result does not depend on their order.

    Args:
        labelled: Sentences of any number of outlets, labelled by one model.
        codes: The codes every sentence is scored for; those of the first sentence if not given.
        group: Names the group of a sentence; nothing leaves it out.

    Returns:
        The counts. Voices are told apart as soon as one sentence or label tells its own.

    Raises:
        FramingError: There is no sentence, or sentences score different codes.
    """
    found: dict[str, dict[str, _Article]] = defaultdict(dict)
    spoken: dict[str, Counter[tuple[str, str | None]]] = defaultdict(Counter)
    sums: _Sums | None = None
    voiced, number = False, 0
    for sentence in labelled:
        codes = codes or tuple(sentence.scores)
        check_codes(sentence, codes)
        sums = sums or _Sums(len(codes))
        name = group(sentence)
        if name is None:
            continue
        article = found[name].get(sentence.article_id)
        if article is None:
            article = found[name][sentence.article_id] = _Article(number)
            number += 1
        article.sentences += 1
        sums.add(article.number, map(sentence.scores.__getitem__, codes))
        voiced = voiced or sentence.voice is not None
        if sentence.labels:
            voiced = voiced or any(label.voice is not None for label in sentence.labels)
            article.positives.update(keys_of(sentence))
            spoken[name].update(_spoken(sentence))
    if not found or sums is None:
        raise FramingError("no labelled sentences: there is nothing to profile")
    counted = Counted((), codes, (ALL, *VOICE_ROWS) if voiced else (ALL,))
    total = sums.total()
    groups = [_group(name, found[name], counted.keys, total, spoken[name], codes) for name in sorted(found)]
    return replace(counted, groups=tuple(groups))


def _group(
    name: str,
    articles: Mapping[str, _Article],
    keys: Sequence[Key],
    sums: Floats,
    spoken: Counter[tuple[str, str | None]],
    codes: tuple[str, ...],
) -> GroupCounts:
    import numpy as np

    ids = sorted(articles)
    ordered = [articles[one] for one in ids]
    places = {key: place for place, key in enumerate(keys)}
    positives = np.zeros((len(keys), len(ordered)), dtype=np.int64)
    for column, one in enumerate(ordered):
        for key, sentences in one.positives.items():
            positives[places[key], column] = sentences
    return GroupCounts(
        name,
        tuple(ids),
        np.array([one.sentences for one in ordered], dtype=np.int64),
        positives,
        sums[[one.number for one in ordered]].T,
        _count_sources(spoken, codes),
    )


def check_codes(sentence: LabelledSentence, codes: tuple[str, ...]) -> None:
    """Makes sure that a sentence is scored for these codes, and labelled with them only.

    Raises:
        FramingError: It is not.
    """
    unknown = [label.code for label in sentence.labels if label.code not in sentence.scores]
    same = tuple(sentence.scores) == codes or sentence.scores.keys() == set(codes)
    if unknown or not same or not codes:
        odd = unknown or sorted(sentence.scores.keys() ^ set(codes)) or ["none at all"]
        raise FramingError(
            f"sentence {sentence.index} of article {sentence.article_id!r} is scored for other codes than "
            f"the rest ({', '.join(odd[:3])}); label all articles with one model"
        )


def keys_of(sentence: LabelledSentence) -> set[Key]:
    """What the sentence adds one to: each code × voice, once however often it is there."""
    keys: set[Key] = set()
    for label in sentence.labels:
        keys.add((label.code, ALL))
        keys.update((label.code, row) for row, voices in VOICE_ROWS.items() if label.voice in voices)
    return keys


def _spoken(sentence: LabelledSentence) -> set[tuple[str, str | None]]:
    """Each code that the sentence puts into a source's mouth, with the source's name."""
    return {(label.code, source_of(label)) for label in sentence.labels if label.voice in VOICE_ROWS[SOURCES]}


def source_of(label: Label) -> str | None:
    """The source that a label names, on one line; nothing where it names none."""
    return " ".join(label.source.split()) if label.source else None


def _count_sources(
    spoken: Counter[tuple[str, str | None]], codes: tuple[str, ...]
) -> tuple[SourceCount, ...]:
    """Sum up names that differ in capitals only."""
    spellings: dict[tuple[str, str], Counter[str | None]] = defaultdict(Counter)
    for (code, source), sentences in spoken.items():
        spellings[code, (source or "").casefold()][source] += sentences
    found = [
        SourceCount(code, min(names, key=lambda name: (-names[name], name or "")), names.total())
        for (code, _), names in spellings.items()
    ]
    place = {code: at for at, code in enumerate(codes)}
    return tuple(sorted(found, key=lambda one: (place[one.code], -one.sentences, one.source or "")))
