"""Quotation marks -> the stretches of text they enclose.

Straight and curly, single and double, and « ». Only outermost quotations are told: one that stands inside
another is part of it. A quotation that runs over paragraphs is opened again at the start of each and closed
once; it comes out as one range a paragraph, the later ones marked as continued.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from framing.records import Span

_LINE = re.compile(r"[^\n\r\u2028\u2029\x0b\x0c\x85]+")
_BLANK = re.compile(r"\n[^\S\n]*\n|\r[^\S\r\n]*\r")
_WIDEST_WRAPPED = 100
_SENTENCE_ENDS = frozenset(".!?…:;\"'“”‘’«»)]}")
_SINGLE = frozenset("'‘’")
_ALWAYS_OPENS = frozenset(("„", "«", "``"))
_ALWAYS_CLOSES = frozenset("”»")
_OPENS_BY_SHAPE = frozenset("“‟")
_MARK = re.compile("``|''|[\"“”„‟«»'‘’]")
# Words that begin with an apostrophe: what follows the mark, in lower case.
_ELISION = re.compile(
    r"(?:\d0s|\d\d|em|til|till|tis|twas|cause|bout|round|n|cuz|nuff|neath)\b", re.IGNORECASE
)
# Paragraphs without marks that a quotation runs through before the mark that closes it.
_MOST_BETWEEN = 8
_BEFORE_OPENING = frozenset("([{-–—/:,;.!?…*|>“\"„«‘'")


@dataclass(frozen=True, slots=True)
class Quotation:
    """One quotation, or the part of it that lies in one paragraph.

    Attributes:
        start: Offset of the opening mark.
        end: Offset behind the closing mark, or behind the paragraph's last character where the quotation is
            not closed in this paragraph.
        continued: It goes on from the paragraph before, which opened and did not close it.
        closed: Its closing mark stands in this paragraph.
    """

    start: int
    end: int
    continued: bool = False
    closed: bool = True

    @property
    def span(self) -> Span:
        """The range, marks included."""
        return self.start, self.end


@dataclass(frozen=True, slots=True)
class _Mark:
    start: int
    end: int
    single: bool
    opens: bool
    closes: bool
    ends: bool = False  # it cannot open
    possessive: bool = False


class _Paragraph(NamedTuple):
    start: int
    end: int
    marks: Sequence[_Mark]


def find_quotations(text: str) -> tuple[Quotation, ...]:
    """The outermost quotations of a text, in order and without overlap.

    Apostrophes do not count as marks. A quotation that a paragraph (a line) leaves open goes on if the next
    one opens it again at once, or if the next mark at all, a few paragraphs on at most, can only close it:
    some texts have a line for each sentence. Any other ends with its paragraph, so that a mark that was
    forgotten cannot swallow the article; one that would have to close twice opens where it was seen last.
    """
    paragraphs = [_Paragraph(*span, list(_marks(text, *span))) for span in find_paragraphs(text)]
    found: list[Quotation] = []
    pending = False
    last = -1  # the paragraph that closes the pending quotation without opening it again
    for at, (start, end, marks) in enumerate(paragraphs):
        if at < last:
            found.append(Quotation(start, end, continued=True, closed=False))
            continue
        # Re-opened at once: only then is it the same quotation, and not a mark that somebody forgot.
        again = pending and bool(marks) and marks[0].start == start and marks[0].opens
        opened = start if at == last else None
        found.extend(_pair(marks, end, again or opened is not None, opened))
        pending = bool(found) and found[-1].start >= start and not found[-1].closed
        last = _closing_paragraph(paragraphs, at) if pending else -1
    return tuple(found)


def _closing_paragraph(paragraphs: Sequence[_Paragraph], at: int) -> int:
    """The paragraph near behind one whose first mark can only close; -1 if the next mark may open."""
    for after in range(at + 1, min(at + 2 + _MOST_BETWEEN, len(paragraphs))):
        first = next((mark for mark in paragraphs[after].marks if not mark.single), None)
        if first is not None:
            return after if first.ends else -1
    return -1


@lru_cache(maxsize=4)  # three steps of decoding ask for the same text
def find_paragraphs(text: str) -> tuple[Span, ...]:
    """The paragraphs of a text, in order, without the white space around them.

    A paragraph is a line, except that a line which breaks off within a sentence goes on in the next. Where
    that is so for a quarter of a block's line breaks and no line is longer than 100 characters, the block is
    wrapped to a margin and all of it one paragraph.
    """
    found: list[Span] = []
    block: list[Span] = []
    for match in _LINE.finditer(text):
        line = match[0].strip()
        if not line:
            continue
        start = match.start() + len(match[0]) - len(match[0].lstrip())
        end = start + len(line)
        if block and _BLANK.search(text, block[-1][1], start):
            found += _join_wrapped(text, block)
            block = []
        block.append((start, end))
    return tuple(found + _join_wrapped(text, block))


def _join_wrapped(text: str, block: Sequence[Span]) -> list[Span]:
    breaks_off = [
        text[end - 1] not in _SENTENCE_ENDS and text[start].islower()
        for (_, end), (start, _) in pairwise(block)
    ]
    widest = max((end - start for start, end in block), default=0)
    wrapped = widest <= _WIDEST_WRAPPED and 4 * sum(breaks_off) >= len(breaks_off)
    joined = list(block[:1])
    for (start, end), goes_on in zip(block[1:], breaks_off, strict=True):
        if wrapped or goes_on:
            joined[-1] = joined[-1][0], end
        else:
            joined.append((start, end))
    return joined


def inside(span: Span, quotations: Sequence[Quotation]) -> Quotation | None:
    """The quotation that holds all of the span, if there is one."""
    at = bisect_right(quotations, span[0], key=lambda quotation: quotation.start) - 1
    return quotations[at] if at >= 0 and span[1] <= quotations[at].end else None


def touching(span: Span, quotations: Sequence[Quotation]) -> bool:
    """Whether some of the span stands in a quotation."""
    at = bisect_right(quotations, span[0], key=lambda quotation: quotation.end)
    return at < len(quotations) and quotations[at].start < span[1]


def _marks(text: str, start: int, end: int) -> Iterator[_Mark]:
    for match in _MARK.finditer(text, start, end):
        mark, at = match[0], match.start()
        before = text[at - 1] if at > start else " "
        after = text[match.end()] if match.end() < end else " "
        if mark in _SINGLE:
            opens = mark != "’" and _can_open(before, text, match.end(), end)
            closes = mark != "‘" and not before.isspace() and not after.isalnum()
            possessive = before == "s" and after.isspace()
            if opens or closes:
                yield _Mark(at, match.end(), single=True, opens=opens, closes=closes, possessive=possessive)
        else:
            closes = mark in _ALWAYS_CLOSES or (not before.isspace() and mark not in _ALWAYS_OPENS)
            if mark in _OPENS_BY_SHAPE:  # also closes, in „German“ style
                closes = not before.isspace() and not after.isalnum()
            opens = not after.isspace() and (mark not in _ALWAYS_CLOSES or before.isspace())
            ends = closes and mark not in _OPENS_BY_SHAPE and (mark in _ALWAYS_CLOSES or not after.isalnum())
            yield _Mark(at, match.end(), single=False, opens=opens, closes=closes, ends=ends)


def _can_open(before: str, text: str, after: int, end: int) -> bool:
    """Whether a single mark can open: at the start of a word that is no elision such as 'em."""
    if after >= end or text[after].isspace() or _ELISION.match(text, after, end):
        return False
    return before.isspace() or before in _BEFORE_OPENING


def _pair(marks: Sequence[_Mark], end: int, again: bool, opened: int | None = None) -> Iterator[Quotation]:
    """Pairs the marks of one paragraph.

    Args:
        marks: In order.
        end: Where the paragraph ends.
        again: The paragraph's first quotation goes on from the one before.
        opened: Where that begins, if no mark opens it again.
    """
    at = 0
    while at < len(marks):
        mark = marks[at]
        if mark.single:
            close = _single_close(marks, at) if opened is None and mark.opens else None
            if close is not None:
                yield Quotation(mark.start, marks[close].end)
                at = close
        elif opened is not None and mark.closes:
            yield Quotation(opened, mark.end, continued=again)
            opened, again = None, False
        elif mark.opens:
            # A second opening: the first was never closed, and nothing says where it should have been.
            again = again and opened is None
            opened = mark.start
        at += 1
    if opened is not None:
        yield Quotation(opened, end, continued=again, closed=False)


def _single_close(marks: Sequence[_Mark], opening: int) -> int | None:
    """Index of the mark that closes a single quotation, passing over possessives such as voters'.

    Nothing where there is none, or where it would cut a double quotation in two.
    """
    candidates: list[int] = []
    doubles = 0
    for index in range(opening + 1, len(marks)):
        mark = marks[index]
        if not mark.single:
            doubles += 1
        elif mark.opens and not mark.closes:
            break
        elif mark.closes and doubles % 2 == 0:
            candidates.append(index)
    certain = (index for index in candidates if not marks[index].possessive)
    return next(certain, candidates[0] if candidates else None)
