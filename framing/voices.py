"""Attributions and quotation marks -> whose words these are. The codebook's part "Voice" is the rule."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from framing.attributions import decode_attributions
from framing.posts import find_posts
from framing.quotations import Quotation, find_quotations, touching
from framing.records import Attribution, Label, LabelledSentence, Span, Voice
from framing.sources import resolve_sources
from framing.tagging import Probabilities

# One or two words in marks that no source said are scare quotes.
_SCARE_WORDS = 2
# A first line is a headline only up to this many characters.
_HEADLINE = 200
_LINE_ENDS = frozenset(".!?…\"”»’'")
# Fewer words before a headline's colon name its topic ("Border crisis: …") and claim nothing.
_CLAIM_WORDS = 3
# The words found to carry a label run wide; an outlet that reports the rest in its own words puts marks on
# those that carry it: "said the probe was a “witch hunt”".
_MARKED = 0.25


def voice_of(
    text: str,
    spans: Sequence[Span],
    attributions: Sequence[Attribution],
    quotations: Sequence[Quotation],
    headline: Span | None = None,
    share: float = 0.5,
) -> Voice:
    """Whose words the greater part of some stretches of text is.

    The words are somebody else's where more than half of their characters, spaces aside, lie in contents.
    They are then ``quoted`` if enough of those stand in quotation marks, else ``attributed``. The
    codebook's close calls: one or two words in marks without a source are scare quotes and the outlet's;
    words without marks are ``quoted`` where they are speech ("MAY: We will …"), but not in a headline, and
    the outlet's where neither a source nor a cue goes with them.

    Args:
        text: The article's text.
        spans: The words that carry a label, or one sentence; no two overlap.
        attributions: The article's, ordered by content, contents without overlap.
        quotations: What `framing.quotations.find_quotations` gives for the text.
        headline: As `find_headline`.
        share: The share of those characters that makes the words ``quoted``, in (0, 1].

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
        if _is_speech(text, attribution, headline):
            quoted += bare
        elif attribution.source is not None or attribution.cue is not None:
            attributed += bare
    if 2 * (quoted + attributed) <= total:
        return "outlet"
    return "quoted" if quoted >= share * (quoted + attributed) else "attributed"


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


def _meet(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _letters(text: str, span: Span) -> int:
    """Characters other than spaces."""
    return sum(map(len, text[span[0] : span[1]].split()))


def _is_scare(text: str, quotation: Quotation) -> bool:
    return len(text[quotation.start : quotation.end].split()) <= _SCARE_WORDS


def _is_speech(text: str, attribution: Attribution, headline: Span | None) -> bool:
    """Whether a content without marks is speech: a named speaker, a colon, a capital, and no headline.

    Lines without a mark at their end are headlines too.
    """
    if attribution.source is None:
        return False
    start, _ = attribution.content
    named = max(end for _, end in (attribution.source, attribution.cue or attribution.source))
    colon = text[named - 1] == ":" or text[named:start].lstrip().startswith(":")
    if named > start or not colon or not text[start].isupper():
        return False
    stop = text.find("\n", start)
    ends = text[start : stop if stop >= 0 else None].rstrip()[-1] in _LINE_ENDS
    return ends and (headline is None or not headline[0] <= start < headline[1])


def find_headline(text: str, first: Span | None = None) -> Span | None:
    """The headline: the line of an article's first sentence, if it is short and not the whole article.

    Args:
        text: The article's text.
        first: Its first sentence, since furniture may stand before it; the first words if not given.

    Returns:
        Its offsets, without the white space around it.
    """
    at = len(text) - len(text.lstrip()) if first is None else first[0]
    start = text.rfind("\n", 0, at) + 1
    line, line_break, rest = text[start:].partition("\n")
    if not line_break or not rest.strip() or len(line.strip()) > _HEADLINE:
        return None
    return at, start + len(line.rstrip())


def find_claim(text: str, headline: Span | None, attributions: Sequence[Attribution]) -> Span | None:
    """What a headline of the kind "X: Y warns of Z" says in the outlet's own words: its part X.

    X is the outlet's only where Y, named behind the colon with its verb, is not X's source ("X: Y"), and X
    names no source itself ("Y: Z", "Y's word on Z: …"); and it is more than the name of a topic.

    Args:
        text: The article's text.
        headline: As `find_headline`.
        attributions: The article's.

    Returns:
        The offsets of X; nothing where there is no such headline.
    """
    if headline is None:
        return None
    colon = text.find(": ", *headline)
    claim = headline[0], colon
    if colon < 0 or len(text[slice(*claim)].split()) < _CLAIM_WORDS:
        return None
    named = [one for one in attributions if one.content[0] < headline[1]]
    inside = any(name is not None and name[0] < colon for one in named for name in (one.source, one.cue))
    behind = any(one.source and one.cue and one.source[1] <= headline[1] for one in named)
    return claim if behind and not inside else None


def _claims(text: str, words: Sequence[Span], claim: Span) -> bool:
    """Whether a headline's claim holds half of some words, or they half of it: it says the same itself."""
    shared = sum(_letters(text, (max(start, claim[0]), min(end, claim[1]))) for start, end in words)
    return shared > 0 and 2 * shared >= min(_letters(text, claim), sum(_letters(text, w) for w in words))


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
    posts = find_posts(text)
    signed = [Quotation(*post.content) for post in posts]
    marks = [one for one in find_quotations(text) if not touching(one.span, signed)]
    quotations = sorted([*marks, *signed], key=lambda one: one.start)
    spans = [(sentence.start, sentence.end) for sentence in labelled]
    decoded = decode_attributions(text, spans, tokens, tags, quotations)
    apart = [one for one in decoded if not touching(one.content, signed)]
    found = sorted([*apart, *posts], key=lambda one: one.content)
    headline = find_headline(text, *spans[:1])
    claim = find_claim(text, headline, found)
    attributions = [one for one in found if claim is None or not _meet(one.content, claim)]
    names = dict(zip(attributions, resolve_sources(text, attributions), strict=True))

    def voice(words: Sequence[Span], share: float = 0.5) -> Voice:
        if claim is not None and _claims(text, words, claim):
            return "outlet"
        return voice_of(text, words, attributions, quotations, headline, share)

    def voiced(sentence: LabelledSentence, label: Label) -> Label:
        words = label.spans or ((sentence.start, sentence.end),)
        given = voice(words, _MARKED)
        main = None if given == "outlet" else main_attribution(text, words, attributions)
        return replace(label, voice=given, source=None if main is None else names[main])

    return [
        replace(
            sentence,
            voice=voice([span]),
            labels=tuple(voiced(sentence, label) for label in sentence.labels),
            attributions=tuple(dict.fromkeys(one for one, _ in _parts([span], attributions))),
        )
        for sentence, span in zip(labelled, spans, strict=True)
    ]
