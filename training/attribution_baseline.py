"""Rules alone: quotation marks and verbs of saying. What the attribution head has to beat."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence

import numpy as np

from framing.attributions import decode_attributions
from framing.quotations import Quotation, find_quotations, inside
from framing.records import Attribution, Span
from framing.tagging import CONTENT, CUE, SOURCE, TAGS

_VERBS = (
    "said|says|say|saying|told|tells|telling|added|adds|adding|asked|asks|asking|argued|argues|argue|arguing"
    "|claimed|claims|claim|claiming|insisted|insists|insist|insisting|wrote|writes|tweeted|tweets|stated|states"
    "|noted|notes|noting|explained|explains|explaining|announced|announces|announcing|warned|warns|warning"
    "|suggested|suggests|suggesting|believes|believe|believed|thinks|think|thought|declared|declares|replied"
    "|responded|acknowledged|acknowledges|admitted|admits|denied|denies|deny|denying|called|calls|calling"
    "|accused|accuses|accusing|criticized|criticizes|praised|promised|promises|vowed|vows|pledged|hopes|hope"
    "|hoped|wants|want|wanted|predicted|predicts|reported|reports|reporting|found|finds|shows|showed|testified"
    "|alleged|alleges|concluded|concludes|described|describes|describing|expects|expected|urged|urges|urging"
    "|contends|contended|maintains|maintained|recalled|recalls|revealed|reveals|confirmed|confirms|demanded"
    "|quipped|joked|repeated|reiterated|agreed|agrees|disagreed|disagrees|dismissed|dismisses|rejected|rejects"
)
_CUE = re.compile(
    rf"\b(?:(?:has|have|had|is|are|was|were|also|then|later|would|will|did not|does not|do not|never) )*"
    rf"(?:{_VERBS})\b:?|\b[Aa]ccording to\b"
)
_CAPITALISED = r"[A-Z][\w’'.-]*"
_NOUN_PHRASE = (
    rf"(?:(?:[Tt]he|[Aa]n?|[Hh]is|[Hh]er|[Tt]heir|[Oo]ne|[Ss]ome|[Mm]any)(?: [\w’'-]+){{1,4}}"
    rf"|{_CAPITALISED}(?:(?: and| of| for| the)? {_CAPITALISED}){{0,5}}"
    r"|\b(?:he|she|they|it|we|I|who|which|officials|critics|experts|voters)\b)"
)
_SOURCE_BEFORE = re.compile(rf"({_NOUN_PHRASE})(?:, [^,.;“”\"]{{3,80}},)? (?:[a-z]+ly )?$")
_SOURCE_AFTER = re.compile(rf"\s+({_NOUN_PHRASE}(?:, (?:a|an|the|who)\b[^.;“”\"]{{3,80}})?)")
_TOKEN = re.compile(r"\w+|[^\w\s]")
_LONG_QUOTATION = 3
_CLAUSE = 2


def baseline_attributions(text: str, sentences: Sequence[Span]) -> list[Attribution]:
    """Attributions by rules alone.

    A cue is a verb of saying or thinking outside quotation marks, or "according to", with a noun phrase
    before or behind it for its source. Content is every quotation of three words or more, the clause behind
    a cue, and the clause before a cue that ends its sentence. Decoding is the package's own.

    Args:
        text: The article's text.
        sentences: Its sentences, in order.

    Returns:
        As `framing.attributions.decode_attributions`.
    """
    quotations = find_quotations(text)
    tokens = [match.span() for match in _TOKEN.finditer(text)]
    tags = np.zeros(len(tokens), dtype=np.int64)
    starts = [start for start, _ in tokens]

    def mark(span: Span, tag: int) -> None:
        tags[bisect_left(starts, span[0]) : bisect_left(starts, span[1])] = tag

    for quotation in quotations:
        if len(text[quotation.start : quotation.end].split()) >= _LONG_QUOTATION:
            mark(quotation.span, CONTENT)
    for sentence in sentences:
        for span, tag in _read_sentence(text, sentence, quotations):
            mark(span, tag)
    return list(decode_attributions(text, sentences, tokens, np.eye(len(TAGS))[tags], quotations))


def _read_sentence(text: str, sentence: Span, quotations: Sequence[Quotation]) -> Iterator[tuple[Span, int]]:
    """Contents first, so that the sources and cues in them stay what they are."""
    begin, end = sentence
    body = begin + len(text[begin:end].rstrip(" \n.!?"))
    cues = [match for match in _CUE.finditer(text, begin, body) if not inside(match.span(), quotations)]
    named: list[tuple[Span, int]] = []
    for at, cue in enumerate(cues):
        before = _SOURCE_BEFORE.search(text, begin, cue.start())
        after = _SOURCE_AFTER.match(text, cue.end(), body)
        inverted = cue[0].lower() == "according to" or before is None
        source = after if inverted else before
        stop = cues[at + 1].start() if at + 1 < len(cues) else body
        behind = source.end(1) if inverted and source else cue.end()
        clause = stop - len(text[behind:stop].lstrip(" ,")), stop
        head = begin, (before.start(1) if before and not inverted else cue.start())
        if len(text[slice(*clause)].split()) > _CLAUSE:
            yield clause, CONTENT
        elif at == 0 and len(text[slice(*head)].split()) > _CLAUSE:
            yield (head[0], head[0] + len(text[slice(*head)].rstrip(" ,"))), CONTENT
        named.append((cue.span(), CUE))
        if source is not None:
            named.append((source.span(1), SOURCE))
    yield from named
