"""From token evidence to the words that carry a label."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

from framing.records import Span

BRIDGE = 2  # words; chosen on PTC dev


def join_tokens(tokens: Sequence[Span], text: str) -> list[Span]:
    """Join tokens, given in order, that follow each other with nothing but blanks between them."""
    joined: list[Span] = []
    for start, end in tokens:
        if joined and not text[joined[-1][1] : start].strip(" "):
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined


def bridge_spans(spans: Sequence[Span], text: str, most: int) -> list[Span]:
    """Join spans with at most so many words and no line break between them: people mark whole phrases."""
    bridged: list[Span] = []
    for start, end in spans:
        gap = text[bridged[-1][1] : start] if bridged else "\n"
        if "\n" not in gap and len(gap.split()) <= most:
            bridged[-1] = (bridged[-1][0], end)
        else:
            bridged.append((start, end))
    return bridged


def carrying_words(
    tokens: Sequence[Span], evidence: Sequence[float], threshold: float, text: str
) -> tuple[Span, ...]:
    """Return the words of a sentence that carry a label.

    Args:
        tokens: The sentence's tokens as offsets into the text, in order.
        evidence: For each token the evidence for the label, in the unit of the threshold.
        threshold: From where on a token counts. If none does, the strongest one is taken.
        text: The article's text.

    Returns:
        Spans of whole words, in order, none overlapping; none only for a sentence without tokens.
    """
    chosen = [token for token, value in zip(tokens, evidence, strict=True) if value >= threshold]
    if not chosen and tokens:
        chosen = [tokens[max(range(len(tokens)), key=lambda i: evidence[i])]]
    first, last = (tokens[0][0], tokens[-1][1]) if tokens else (0, 0)
    words = dict.fromkeys(_whole_word(token, text, first, last) for token in chosen)
    spans = bridge_spans(join_tokens(list(words), text), text, BRIDGE)
    return tuple(s for s in spans if any(c.isalnum() for c in text[slice(*s)])) or tuple(spans)


def _whole_word(token: Span, text: str, first: int, last: int) -> Span:
    start, end = token
    if text[start:end].isalnum():
        while start > first and text[start - 1].isalnum():
            start -= 1
        while end < last and text[end].isalnum():
            end += 1
    return start, end


def mark_characters(text: str, start: int, spans: Iterable[Span]) -> list[bool]:
    """Say of each character of a sentence that begins at `start` whether a span covers it."""
    marked = [False] * len(text)
    for first, stop in spans:
        for place in range(max(first, start), min(stop, start + len(text))):
            marked[place - start] = True
    return marked


def cut_pieces(text: str, marked: Sequence[bool], low: int, high: int) -> list[tuple[str, bool]]:
    """Cut a text from `low` to `high` wherever marked characters begin or end."""
    cuts = [low, *(at for at in range(low + 1, high) if marked[at] != marked[at - 1]), high]
    return [(text[a:b], marked[a]) for a, b in pairwise(cuts)]
