"""Posts that a page embeds: words without marks, signed "— Ann Poe (@annpoe) May 1, 2020" by the network."""

import re
from bisect import bisect_right
from collections.abc import Sequence

from framing.quotations import find_paragraphs
from framing.records import Attribution, Span

_LONGEST = 280  # characters of a post
_SIGNED = re.compile(
    r"(?<!\S)(?:—|–|--) ?(?P<name>[^\s()—–][^\n()—–]{0,60}) \(@\w{1,20}\) [A-Z][a-z]+ \d{1,2}, 20\d\d\b"
)


def find_posts(text: str) -> list[Attribution]:
    """The embedded posts of a text, in order, without overlap: contents, and who signed them as sources.

    A post is what stands before its signature in the same paragraph, or, if that is nothing, the paragraph
    before. Some texts have a line for each sentence: lines further up are part of it as far as a post can be
    that long and neither an empty line, a quotation mark nor another signature comes between.
    """
    paragraphs = find_paragraphs(text)
    posts: list[Attribution] = []
    floor = 0  # where the signature before ends
    for signature in _SIGNED.finditer(text):
        last = bisect_right(paragraphs, signature.start(), key=lambda paragraph: paragraph[0])
        near = paragraphs[max(0, last - _LONGEST) : last]
        content = _content(text, near, floor, signature.start())
        floor = signature.end()
        if content is not None:
            posts.append(Attribution(content=content, source=signature.span("name")))
    return posts


def _content(text: str, paragraphs: Sequence[Span], floor: int, stop: int) -> Span | None:
    """The post in some paragraphs, the last of which its signature stands in, between two offsets."""
    start: int | None = None
    for first, end in reversed(paragraphs):
        begin = max(first, floor)
        words = text[begin : min(end, stop)]
        if start is not None and (
            stop - begin > _LONGEST or text[end:start].count("\n") > 1 or any(mark in words for mark in '"“”')
        ):
            break
        if words.strip():
            start = begin + len(words) - len(words.lstrip())
        if first < floor:
            break
    return None if start is None else (start, start + len(text[start:stop].rstrip()))
