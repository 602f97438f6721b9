"""Token tags -> stretches of source, cue and content, with the quotation marks as evidence beside them."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from framing.quotations import Quotation, touching
from framing.records import Span

Probabilities: TypeAlias = NDArray[np.floating]

TAGS = ("none", "source", "cue", "content")
"""The columns of the network's token probabilities, in order."""

NONE, SOURCE, CUE, CONTENT = range(len(TAGS))
# The mean probability of content that makes a quotation content wholly, by its words. In PolNeAR (train) 99 %
# of the quotations are content wholly or not at all: wholly 65 % of those of one or two words, 84 % of those
# of three to five, 98 % of longer ones.
_FLOORS = ((2, 0.5), (5, 0.4))
_LONG_FLOOR = 0.25
# How many untagged words or marks a stretch runs on over: a name's parts belong together. Chosen on PolNeAR
# train, as what follows on its dev part, where the halves of it agreed; a price for each change of tag was
# tried on both and only cost.
_BRIDGED = {SOURCE: 2, CUE: 1, CONTENT: 1}
# F1 is best where what is as likely as half of it is found (Lipton, Elkan & Narayanaswamy 2014, arXiv
# 1402.1892): about .35 for cues, whose F1 is .7 between people too.
_WEIGHTS = np.array([1.0, 1.0, 1.25, 1.0])
# The mean probability that content without marks needs, and that it is sure from.
_BARE_FLOOR, _SURE = 0.5, 0.9
# The mean probability of content that words behind a source and its cue need to be what is said.
_BEHIND_FLOOR = 0.3
# Verbs that make a sentence's first words the source of the rest: 94 % of PolNeAR's sentences (train) outside
# marks that begin with up to six words and one of these.
_SAYING = frozenset(
    [
        *("said", "says", "say", "told", "tells", "accused", "accuses", "denied", "denies", "warned"),
        *("warns", "insisted", "insists", "argued", "argues", "vowed", "vows", "blamed", "blames", "slammed"),
        *(
            "slams",
            "condemned",
            "condemns",
            "contended",
            "contends",
            "acknowledged",
            "suggested",
            "explained",
        ),
    ]
)
_NO_SUBJECT = frozenset(
    [
        *("In", "At", "On", "As", "While", "When", "If", "That", "This", "It", "But", "And", "Contrary"),
        *("After", "Before", "Since", "Because", "What", "Who", "How", "Why", "Where", "There", "Of", "From"),
        *("For", "I", "We", "You"),  # the last three speak in a transcript, and go on
    ]
)
# The most words before a cue that can be its subject, "Moscow slammed …", though they are taken for content.
_SUBJECT_WORDS = 6
_MARKS = re.compile("[.’'-]")  # within words
_ACRONYM = re.compile(r"\b(?:[A-Z]\.){2,}")
_CLAUSE_ENDS = frozenset(",;.:?!")
_BE = frozenset(("is", "are", "was", "were", "be", "been", "being"))
# What belongs to a cue right before it, beside adverbs in -ly: "has never said".
_AUXILIARIES = frozenset(
    [
        *("has", "have", "had", "is", "are", "was", "were", "be", "been", "being", "do", "does", "did"),
        *("will", "would", "can", "could", "may", "might", "should", "must", "not", "never", "ever"),
        *("also", "then", "once", "still", "already", "just", "now", "even", "again", "later"),
        *("always", "often"),
    ]
)


@dataclass(frozen=True, slots=True)
class TaggedSpans:
    """Stretches of one tag each, in order: offsets into the article's text.

    Attributes:
        unsure: The contents that only count where their own sentence names who speaks: those without
            marks whose words are not almost surely content.
        behind: For sources with a cue right behind them the words behind that, up to the clause's end, if
            they have no tag but are not unlikely content: what is said, where nothing else is.
    """

    sources: tuple[Span, ...] = ()
    cues: tuple[Span, ...] = ()
    contents: tuple[Span, ...] = ()
    unsure: frozenset[Span] = frozenset()
    behind: Mapping[tuple[Span, Span], Span] = field(default_factory=dict)


def tag_spans(
    text: str,
    sentences: Sequence[Span],
    tokens: Sequence[Span],
    probabilities: Probabilities,
    quotations: Sequence[Quotation],
) -> TaggedSpans:
    """Decides one tag for each word and joins neighbours of one tag.

    A word's tag is its most probable one, cues favoured a little. Then a quotation whose words are mostly
    content is content from mark to mark, and auxiliaries and adverbs before a cue are part of it. A stretch
    ends with its sentence, unless a quotation goes on. Content without marks has to be likely as a whole.
    What runs into a cue or a verb of speech from its sentence's start is no content but its source.

    Args:
        text: The article's text.
        sentences: Its sentences, in order.
        tokens: Its tokens, in order and without overlap; they may be parts of words.
        probabilities: Probability of each of `TAGS` for each token, in [0, 1], of shape (tokens, 4).
        quotations: What `framing.quotations.find_quotations` gives for the text.

    Returns:
        Stretches that begin and end with a word or a mark, never with a space.

    Raises:
        ValueError: The shape of the probabilities does not fit the tokens.
    """
    if probabilities.shape != (len(tokens), len(TAGS)):
        raise ValueError(
            f"probabilities have the shape {probabilities.shape}, expected {(len(tokens), len(TAGS))}"
        )
    if not tokens:
        return TaggedSpans()
    words, scores = _words(text, tokens, probabilities)
    starts = [start for start, _ in words]
    breaks = _breaks(starts, sentences, quotations)
    tags = (scores * _WEIGHTS).argmax(axis=1)
    content = [0.0, *np.cumsum(scores[:, CONTENT]).tolist()]
    for whole in _wholes(quotations):
        _fill(tags, starts, content, whole)
    _see_cues(text, words, tags, breaks)
    _widen_cues(text, words, tags, breaks)
    _name_subjects(text, words, tags, breaks)
    sources, cues, contents = (_runs(text, words, tags, breaks, role) for role in (SOURCE, CUE, CONTENT))
    bare = {
        (start, end): (content[right] - content[left]) / (right - left)
        for start, end in contents
        if not touching((start, end), quotations)
        for left, right in [(bisect_left(starts, start), bisect_left(starts, end))]
    }
    return TaggedSpans(
        sources,
        cues,
        tuple(one for one in contents if bare.get(one, 1) >= _BARE_FLOOR),
        frozenset(one for one, sure in bare.items() if _BARE_FLOOR <= sure < _SURE),
        dict(_behind(text, words, tags, breaks, content, sources, cues)),
    )


def _words(
    text: str, tokens: Sequence[Span], probabilities: Probabilities
) -> tuple[list[Span], Probabilities]:
    """Joins parts of words and of acronyms ("U.S."); a word's probabilities are the mean of its parts'."""
    first = [0]
    inside = {place for found in _ACRONYM.finditer(text) for place in range(found.start() + 1, found.end())}
    for at, ((_, end), (start, _)) in enumerate(pairwise(tokens), start=1):
        joined = text[end - 1].isalnum() and text[start].isalnum()
        if end < start or not (joined or start in inside):
            first.append(at)
    behind = [*first[1:], len(tokens)]
    words = [(tokens[left][0], tokens[right - 1][1]) for left, right in zip(first, behind, strict=True)]
    sizes = np.diff([*first, len(tokens)])
    return words, np.add.reduceat(probabilities, first, axis=0) / sizes[:, None]


def _breaks(
    starts: Sequence[int], sentences: Sequence[Span], quotations: Sequence[Quotation]
) -> NDArray[np.bool_]:
    """Which words begin a sentence outside a quotation opened before it, and one place behind the last."""
    breaks = np.zeros(len(starts) + 1, dtype=bool)
    breaks[[bisect_left(starts, start) for start, _ in sentences]] = True
    for quotation in quotations:
        breaks[bisect_left(starts, quotation.start) + 1 : bisect_left(starts, quotation.end)] = False
    return breaks


def _between(breaks: NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """From which word to behind which one each sentence goes."""
    return pairwise([*np.flatnonzero(breaks[:-1]).tolist(), len(breaks) - 1])


def _wholes(quotations: Sequence[Quotation]) -> list[list[Quotation]]:
    """Quotations as lists of their parts, one a paragraph."""
    wholes: list[list[Quotation]] = []
    for quotation in quotations:
        if quotation.continued and wholes:
            wholes[-1].append(quotation)
        else:
            wholes.append([quotation])
    return wholes


def _fill(
    tags: NDArray[np.intp], starts: Sequence[int], content: Sequence[float], quotation: Sequence[Quotation]
) -> None:
    """Makes a quotation, given in its parts, content where most of it is.

    Args:
        tags: Of each word; changed in place.
        starts: Where each word begins.
        content: The probabilities of content of all words before each, added up, and of all.
        quotation: Its parts, one a paragraph.
    """
    parts = [(bisect_left(starts, one.start), bisect_left(starts, one.end)) for one in quotation]
    size = sum(right - left for left, right in parts)
    if not size:
        return
    closed = quotation[-1].closed
    marks = 1 + closed
    floor = next((floor for most, floor in _FLOORS if size - marks <= most), _LONG_FLOOR)
    if not closed:  # its end is a guess
        floor = max(floor, 0.5)
    if sum(content[right] - content[left] for left, right in parts) >= floor * size:
        for left, right in parts:
            tags[left:right] = CONTENT


def _widen_cues(text: str, words: Sequence[Span], tags: NDArray[np.intp], breaks: NDArray[np.bool_]) -> None:
    """Makes the auxiliaries and adverbs right before a cue part of it; `tags` are changed in place."""
    for cue in np.flatnonzero(tags == CUE).tolist():
        at = cue
        while at and not breaks[at] and tags[at - 1] == NONE:
            word = text[slice(*words[at - 1])]
            if word not in _AUXILIARIES and not word.endswith("ly"):
                break
            at -= 1
            tags[at] = CUE


def _see_cues(text: str, words: Sequence[Span], tags: NDArray[np.intp], breaks: NDArray[np.bool_]) -> None:
    """Makes a verb of speech at a sentence's start a cue, and what is before it its source.

    "The Kremlin denies it is planning …" may be taken for content as a whole, where others are quoted around
    it; its words say themselves who speaks. `tags` are changed in place.
    """
    for first, last in _between(breaks):
        part = tags[first:last]
        if part[0] not in (SOURCE, CONTENT):
            continue
        told = [text[slice(*word)] for word in words[first : min(first + _SUBJECT_WORDS + 1, last)]]
        at = next((at for at, word in enumerate(told) if word in _SAYING), 0)
        subject = told[:at] if told[0] not in _NO_SUBJECT else []
        taken = part[at] == CONTENT and not np.isin(part[:at], (NONE, CUE)).any()
        if subject and taken and all(_MARKS.sub("", word).isalnum() for word in subject):
            part[:at], part[at] = SOURCE, CUE


def _name_subjects(
    text: str, words: Sequence[Span], tags: NDArray[np.intp], breaks: NDArray[np.bool_]
) -> None:
    """Makes the content that a sentence begins with the source of its cue; `tags` are changed in place.

    Only where the sentence has no source, more content follows, and the cue is no passive ("The bridge is
    expected to close"). Content that ends before its cue ends with a comma or a mark; what runs into the cue
    is its subject.
    """
    for first, last in _between(breaks):
        part = tags[first:last]
        cue = int((part == CUE).argmax())
        if part[cue] != CUE or not 0 < cue <= _SUBJECT_WORDS or (part == SOURCE).any():
            continue
        subject = text[words[first][0] : words[first + cue - 1][1]]
        plain = all(letter.isalnum() or letter in " .’'-" for letter in subject)
        told = [text[slice(*words[first + at])] for at in np.flatnonzero(part == CUE).tolist()]
        if plain and (part[:cue] == CONTENT).all() and (part[cue:] == CONTENT).any() and _BE.isdisjoint(told):
            part[:cue] = SOURCE


def _behind(
    text: str,
    words: Sequence[Span],
    tags: NDArray[np.intp],
    breaks: NDArray[np.bool_],
    content: Sequence[float],
    sources: Sequence[Span],
    cues: Sequence[Span],
) -> Iterator[tuple[tuple[Span, Span], Span]]:
    """What `TaggedSpans.behind` holds; arguments as in `_fill` and `_runs`."""
    starts = [start for start, _ in words]
    source_before = {bisect_left(starts, source[1]): source for source in sources}
    for cue in cues:
        first = stop = bisect_left(starts, cue[1])
        source = source_before.get(bisect_left(starts, cue[0]))
        while stop < len(words) and not breaks[stop] and tags[stop] == NONE:
            if text[words[stop][0]] in _CLAUSE_ENDS:
                break
            stop += 1
        if source is not None and content[stop] - content[first] > _BEHIND_FLOOR * (stop - first):
            yield (source, cue), (words[first][0], words[stop - 1][1])


def _runs(
    text: str, words: Sequence[Span], tags: NDArray[np.intp], breaks: NDArray[np.bool_], role: int
) -> tuple[Span, ...]:
    at = np.flatnonzero(tags == role)
    walls = np.cumsum(breaks[:-1] | ((tags != role) & (tags != NONE)))
    cuts = np.flatnonzero((np.diff(at) > 1 + _BRIDGED[role]) | (np.diff(walls[at]) > 0)) + 1
    runs = ((words[part[0]][0], words[part[-1]][1]) for part in np.split(at, cuts) if len(part))
    # A colon can be a cue; marks alone are nobody's name and nobody's words.
    return tuple(run for run in runs if role == CUE or any(map(str.isalnum, text[run[0] : run[1]])))
