"""Attributions and quotation marks -> whose words these are. The codebook's part "Voice" is the rule."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from framing.attributions import decode_attributions
from framing.quotations import Quotation, find_quotations
from framing.records import Attribution, Label, LabelledSentence, Span, Voice
from framing.sources import resolve_sources
from framing.tagging import Probabilities

# One or two words in marks that no source said are scare quotes.
_SCARE_WORDS = 2
# A first line is a headline only up to this many characters.
_HEADLINE = 200


def voice_of(
    text: str, spans: Sequence[Span], attributions: Sequence[Attribution], quotations: Sequence[Quotation]
) -> Voice:
    """Whose words the greater part of some stretches of text is.

    The words are somebody else's where more than half of their characters, spaces aside, lie in contents.
    They are then ``quoted`` if at least half of those stand in quotation marks, else ``attributed``. The
    codebook's close calls: one or two words in marks without a source are scare quotes and the outlet's;
    words without marks are ``quoted`` where they are speech ("MAY: We will …"), but not in a headline, and
    the outlet's where neither a source nor a cue goes with them.

    Args:
        text: The article's text.
        spans: The words that carry a label, or one sentence; no two overlap.
        attributions: The article's, ordered by content, contents without overlap.
        quotations: What `framing.quotations.find_quotations` gives for the text.

    Returns:
        The voice; ``outlet`` where the spans hold no words.
    """
    total = sum(_letters(text, span) for span in spans)
    quoted = attributed = 0
    for attribution, part in _parts(spans, attributions):
        marked = 0
        for quotation, inner in _parts_of_quotations(part, quotations):
            letters = _letters(text, inner)
            marked += letters
            if attribution.source is not None or not _is_scare(text, quotation):
                quoted += letters
        bare = _letters(text, part) - marked
        if _is_speech(text, attribution):
            quoted += bare
        elif attribution.source is not None or attribution.cue is not None:
            attributed += bare
    if 2 * (quoted + attributed) <= total:
        return "outlet"
    return "quoted" if quoted >= attributed else "attributed"


def main_attribution(
    text: str, spans: Sequence[Span], attributions: Sequence[Attribution]
) -> Attribution | None:
    """The attribution whose content holds most of the spans' characters; the first where two are level.

    Args:
        text: The article's text.
        spans: The words that carry a label, or one sentence; no two overlap.
        attributions: The article's, ordered by content, contents without overlap.

    Returns:
        Nothing where no content touches the spans.
    """
    held: dict[Attribution, int] = {}
    for attribution, part in _parts(spans, attributions):
        held[attribution] = held.get(attribution, 0) + _letters(text, part)
    return max(held, key=held.__getitem__, default=None)


def _parts(spans: Iterable[Span], attributions: Sequence[Attribution]) -> Iterator[tuple[Attribution, Span]]:
    for span in spans:
        at = bisect_right(attributions, span[0], key=lambda one: one.content[1])
        while at < len(attributions) and attributions[at].content[0] < span[1]:
            start, end = attributions[at].content
            yield attributions[at], (max(start, span[0]), min(end, span[1]))
            at += 1


def _parts_of_quotations(span: Span, quotations: Sequence[Quotation]) -> Iterator[tuple[Quotation, Span]]:
    at = bisect_right(quotations, span[0], key=lambda one: one.end)
    while at < len(quotations) and quotations[at].start < span[1]:
        quotation = quotations[at]
        yield quotation, (max(quotation.start, span[0]), min(quotation.end, span[1]))
        at += 1


def _letters(text: str, span: Span) -> int:
    """Characters other than spaces."""
    return sum(map(len, text[span[0] : span[1]].split()))


def _is_scare(text: str, quotation: Quotation) -> bool:
    return len(text[quotation.start : quotation.end].split()) <= _SCARE_WORDS


def _is_speech(text: str, attribution: Attribution) -> bool:
    """Whether a content without marks is speech: a named speaker, a colon, a capital, and no headline."""
    if attribution.source is None:
        return False
    start, _ = attribution.content
    named = max(end for _, end in (attribution.source, attribution.cue or attribution.source))
    colon = text[named - 1] == ":" or text[named:start].lstrip().startswith(":")
    return named <= start and colon and text[start].isupper() and not _in_headline(text, start)


def _in_headline(text: str, at: int) -> bool:
    """Whether an offset lies in the text's first line, and that is short and not the whole text."""
    body = text.lstrip()
    offset = len(text) - len(body)
    headline, line_break, _ = body.partition("\n")
    return bool(line_break) and len(headline) <= _HEADLINE and at < offset + len(headline)


def _is_own_headline(text: str, attribution: Attribution) -> bool:
    """Whether a content is what the outlet says before the colon of a headline "X: Y warns of Z"."""
    if attribution.source is None or attribution.cue is None:
        return False
    end, source, cue = attribution.content[1], attribution.source[0], attribution.cue[0]
    return end <= source < cue and ":" in text[end - 1 : source] and _in_headline(text, cue)


def add_voices(
    text: str, labelled: Sequence[LabelledSentence], tokens: Sequence[Span], tags: Probabilities
) -> list[LabelledSentence]:
    """Say of each label and each sentence of an article whose voice it is in, and of each label whose words.

    Args:
        text: The article's text.
        labelled: All its sentences, in order.
        tokens: All its tokens, in order.
        tags: Probability of each of `framing.tagging.TAGS` for each token, of shape (tokens, 4).

    Returns:
        The same sentences, with `voice`, `attributions`, and each label's `voice` and `source`.
    """
    quotations = find_quotations(text)
    spans = [(sentence.start, sentence.end) for sentence in labelled]
    found = decode_attributions(text, spans, tokens, tags, quotations)
    attributions = [one for one in found if not _is_own_headline(text, one)]
    names = dict(zip(attributions, resolve_sources(text, attributions), strict=True))

    def voiced(sentence: LabelledSentence, label: Label) -> Label:
        words = label.spans or ((sentence.start, sentence.end),)
        voice = voice_of(text, words, attributions, quotations)
        main = None if voice == "outlet" else main_attribution(text, words, attributions)
        return replace(label, voice=voice, source=None if main is None else names[main])

    return [
        replace(
            sentence,
            voice=voice_of(text, [span], attributions, quotations),
            labels=tuple(voiced(sentence, label) for label in sentence.labels),
            attributions=tuple(dict.fromkeys(one for one, _ in _parts([span], attributions))),
        )
        for sentence, span in zip(labelled, spans, strict=True)
    ]
