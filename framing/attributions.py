"""Tagged stretches -> attributions: each content with the cue and the source it belongs to."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate
from typing import NamedTuple

from framing.quotations import Quotation, find_paragraphs, find_quotations, inside
from framing.records import Attribution, Span
from framing.tagging import CONTENT, CUE, NONE, SOURCE, Probabilities, TaggedSpans, tag_spans

# What a link costs beside the characters of untagged text that it spans: for each stretch it jumps over.
# Chosen on PolNeAR train.
_JUMP = {NONE: 0, SOURCE: 0, CONTENT: 30, CUE: 60}
# A partner is looked for among this many stretches on either side; without a bound, an endless "sentence"
# (a table, a list of names) would take quadratic time.
_REACH = 12


class _Unit(NamedTuple):
    """One tagged stretch and where it stands: first and last sentence, and paragraph, counted from 0."""

    start: int
    end: int
    role: int
    first: int
    last: int
    paragraph: int

    @property
    def span(self) -> Span:
        return self.start, self.end


def decode_attributions(
    text: str,
    sentences: Sequence[Span],
    tokens: Sequence[Span],
    probabilities: Probabilities,
    quotations: Sequence[Quotation] | None = None,
) -> tuple[Attribution, ...]:
    """Decodes one article's token tags.

    Args:
        text: The article's text.
        sentences: Its sentences, in order.
        tokens: Its tokens, in order and without overlap; they may be parts of words.
        probabilities: Probability of each of `framing.tagging.TAGS` for each token, in [0, 1], of shape
            (tokens, 4).
        quotations: What `find_quotations` gives for the text, where the caller has it already.

    Returns:
        The attributions, ordered by content; contents do not overlap. A content in several pieces, as
        around "he said", is several attributions that share source and cue.

    Raises:
        ValueError: The shape of the probabilities does not fit the tokens.
    """
    if quotations is None:
        quotations = find_quotations(text)
    tagged = tag_spans(text, sentences, tokens, probabilities, quotations)
    return link_attributions(text, sentences, tagged, quotations)


def link_attributions(
    text: str, sentences: Sequence[Span], tagged: TaggedSpans, quotations: Sequence[Quotation]
) -> tuple[Attribution, ...]:
    """Links each content with a cue, and through it with a source.

    Within a sentence, contents and cues that lie nearest to each other are paired one to one, then each
    content left over takes the nearest cue, or the nearest source that no cue has. Cues and sources are
    paired likewise; a second cue shares a source only where that stands before it ("she said … and added").
    A content whose sentence holds neither is dropped if it is unsure, else carries on another attribution:
    that of its own quotation in another paragraph, else the one before it in its paragraph, else the
    paragraph's next one, else the one before in the paragraph before.

    Args:
        text: The article's text.
        sentences: Its sentences, in order.
        tagged: What `framing.tagging.tag_spans` gives for it.
        quotations: What `framing.quotations.find_quotations` gives for it.

    Returns:
        One attribution a content that is not dropped, in order. A source and a cue that are left without
        content have the words behind them; where these can't be content, they come out nowhere.
    """
    units = _units(text, sentences, tagged)
    by_cue = sorted((cost, content, cue) for cost, cue, content in _pairs(units, CUE, CONTENT))
    by_name = sorted(_pairs(units, CUE, SOURCE))
    source_of = _one_to_one(by_name)
    for _, cue, source in by_name:
        if source < cue:  # "Asked about it, she said …": she is not who asked
            source_of.setdefault(cue, source)
    # Where a cue went unseen, a source that no cue has taken still says whose the content beside it is.
    taken = set(source_of.values())
    by_source = (pair for pair in _pairs(units, CONTENT, SOURCE) if pair[-1] not in taken)
    speaker_of = _one_to_one(by_cue)
    for _, content, speaker in sorted([*by_cue, *by_source]):
        speaker_of.setdefault(content, speaker)
    told = [
        at
        for at, unit in enumerate(units)
        if unit.role == CONTENT and (at in speaker_of or unit.span not in tagged.unsure)
    ]
    speaker_of |= _carried_on(units, speaker_of, quotations)
    found = [_attribution(units, at, speaker_of.get(at), source_of) for at in told]
    used = {span for one in found for span in (one.source, one.cue)}
    found += [
        Attribution(content=content, source=source, cue=cue)
        for (source, cue), content in tagged.behind.items()
        if source not in used and cue not in used
    ]
    return tuple(sorted(found, key=lambda one: one.content))


def _units(text: str, sentences: Sequence[Span], tagged: TaggedSpans) -> list[_Unit]:
    starts = [start for start, _ in sentences]
    paragraphs = [start for start, _ in find_paragraphs(text)]
    return sorted(
        _Unit(
            start=start,
            end=end,
            role=role,
            first=bisect_right(starts, start) - 1,
            last=bisect_right(starts, end - 1) - 1,
            paragraph=bisect_right(paragraphs, start) - 1,
        )
        for role, spans in ((SOURCE, tagged.sources), (CUE, tagged.cues), (CONTENT, tagged.contents))
        for start, end in spans
    )


def _attribution(
    units: Sequence[_Unit], content: int, speaker: int | None, source_of: Mapping[int, int]
) -> Attribution:
    if speaker is None:
        return Attribution(content=units[content].span)
    if units[speaker].role == SOURCE:
        return Attribution(content=units[content].span, source=units[speaker].span)
    source = source_of.get(speaker)
    return Attribution(
        content=units[content].span,
        source=None if source is None else units[source].span,
        cue=units[speaker].span,
    )


def _pairs(units: Sequence[_Unit], anchor: int, role: int) -> Iterator[tuple[int, int, int]]:
    """Cost, anchor, and unit of `role` for each pair that is near each other; both index `units`."""
    for at, unit in enumerate(units):
        if unit.role == anchor:
            for step in (-1, 1):
                for other, cost in _walk(units, at, step, role):
                    yield cost, at, other


def _walk(units: Sequence[_Unit], anchor: int, step: int, role: int) -> Iterator[tuple[int, int]]:
    """The units of `role` on one side of an anchor in its sentence, and what linking each costs."""
    cost = 0
    for at in range(anchor + step, anchor + step * (_REACH + 1), step):
        if not 0 <= at < len(units):
            return
        left, right = units[min(at, at - step)], units[max(at, at - step)]
        if left.last < right.first:
            return
        cost += max(0, right.start - left.end)
        if units[at].role == role:
            yield at, cost
        cost += _JUMP[units[at].role]


def _one_to_one(pairs: Iterable[tuple[int, int, int]]) -> dict[int, int]:
    """Second -> third, in the order of the pairs, nobody twice."""
    partner: dict[int, int] = {}
    taken: set[int] = set()
    for _, taker, other in pairs:
        if taker not in partner and other not in taken:
            partner[taker] = other
            taken.add(other)
    return partner


def _carried_on(
    units: Sequence[_Unit], speaker_of: Mapping[int, int], quotations: Sequence[Quotation]
) -> dict[int, int]:
    """Contents that their sentence names no speaker for -> the cue or source that goes on speaking."""
    chain_of = _chains(units, quotations)
    speaker_of_chain = {chain: speaker_of[at] for at, chain in chain_of.items() if at in speaker_of}
    following = _following_cues(units)
    carried: dict[int, int] = {}
    last, paragraph = -1, -2  # who spoke just before, and where those words stand
    for at, unit in enumerate(units):
        if unit.role == CUE:
            last, paragraph = at, unit.paragraph
        elif unit.role == CONTENT:
            speaker = speaker_of.get(at, speaker_of_chain.get(chain_of.get(at, -1), -1))
            if speaker < 0:
                before = last if paragraph == unit.paragraph else -1
                near = last if paragraph == unit.paragraph - 1 else -1
                speaker = next((one for one in (before, following[at], near) if one >= 0), -1)
            if speaker >= 0:
                carried[at] = speaker
                last, paragraph = speaker, unit.paragraph
    return carried


def _chains(units: Sequence[_Unit], quotations: Sequence[Quotation]) -> dict[int, int]:
    """Contents inside marks -> number of their quotation, the same over all its paragraphs."""
    number = list(accumulate(not quotation.continued for quotation in quotations))
    starts = [quotation.start for quotation in quotations]
    return {
        at: number[bisect_right(starts, unit.start) - 1]
        for at, unit in enumerate(units)
        if unit.role == CONTENT and inside(unit.span, quotations)
    }


def _following_cues(units: Sequence[_Unit]) -> list[int]:
    """For each unit the next cue of its paragraph; -1 where there is none."""
    following = [-1] * len(units)
    cue, paragraph = -1, -1
    for at in range(len(units) - 1, -1, -1):
        unit = units[at]
        following[at] = cue if paragraph == unit.paragraph else -1
        if unit.role == CUE:
            cue, paragraph = at, unit.paragraph
    return following
