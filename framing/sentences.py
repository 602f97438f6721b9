"""Article -> sentences, each with the offsets where it stands in the text.

Lines first (what is furniture, what is wrapped prose), then sentences within a paragraph: `sentencex`
finds the ends, a few rules repair what scraped news does to them (quotations, lost spaces).
"""

import re
from collections.abc import Iterator, Sequence

from sentencex import segment

from framing.errors import FramingError
from framing.furniture import ends_a_sentence, mark_furniture
from framing.records import Article, Sentence, Span

_LINE = re.compile(r"[^\n\r\u2028\u2029\x0b\x0c\x85]+")
_BLANK = re.compile(r"\n[^\S\n]*\n|\r[^\S\r\n]*\r")
# Same length, but no quotes and brackets: sentencex keeps a whole quotation in one piece, and one
# that is opened and never closed makes it quadratic.
_UNQUOTED = str.maketrans(dict.fromkeys("\"'“”„‟‘’‚‛«»‹›()[]{}\n\r\t\u00a0\u2028\u2029\x0b\x0c\x85", " "))
_ADDRESS = re.compile(
    r"(?:https?://|www\.)[^\s\"“”<>]*[\w/]|\b[\w-]+\.(?:com|org|net|gov|edu|co|uk)\b", re.IGNORECASE
)
_DOT_WITHIN = re.compile(r"\.\w")
_CLOSERS = frozenset("'”’»›)]}")
_OPENERS = frozenset("\"'“‘„«‹([{")
_ENDS = frozenset(".!?…")

_STARTER = (
    r"(?:The|He|She|It|They|We|But|And|However|This|That|These|Those|There|His|Her|Its|Their|If|When|While|"
    r"As|After|Although|According|In|On|At|For|Mr|Mrs|Ms|What|Why|Who|I|You)"
)
# An abbreviation that may also end a sentence, or a word that looks like one ("art.", "no."), does so
# before a word that starts one.
_AFTER_ABBREVIATION = re.compile(
    r"\.(?:(?<=[A-Z]\.[A-Z]\.)|(?<=\b[ap]\.m\.)|(?<=\b(?:Inc|Ltd|etc)\.)|(?<=\b(?:Co|Jr|Sr)\.)|(?<=\bCorp\.)"
    r"|(?<=\s[a-z]{3}\.)|(?<=\s[a-z]{4}\.)|(?<=\sno\.)|(?<=\w['’]s\.))"
    rf"[\"'”’)\]]*(?=\s+[\"“‘'(]*{_STARTER}\s)"
)
_GLUED_EXCLAMATION = re.compile(r"[?!](?<=[a-z]{2}[?!])(?<!Yahoo!)(?=[A-Z][a-z]+ )")
# A subhead that lost its line break: "… EuropeThe paper said".
_GLUED_SUBHEAD = re.compile(
    r"[a-z](?=[TWHA])(?<=[a-z]{3})(?=(?:The|This|These|They|There|When|While|However|According|After)\s)"
)
_REPORTING = re.compile(
    r"(?:[A-Z][\w.'’-]*\s+){1,5}(?:had |has |then |also )?"
    r"(?:said|says|asked|asks|added|adds|wrote|writes|tweeted|told|replied|shouted|exclaimed|wondered|continued|warned|joked|quipped|cried|demanded)\b"
)
_GLUED = re.compile(r"(?:[a-z\d%]|\b(?:[A-Z]\.)*[A-Z])\.$")
_LATIN = ("i.e.", "e.g.", "cf.", "vs.")
_FORM_OF_ADDRESS = re.compile(r"\b(?:Ms|Mr|Mrs|Dr)\.$")
_NUMBERING = re.compile(r"^\(?(?:\d{1,3}|[A-Za-z]|[ivx]{1,4})[.)]$")
_STRAY_STOP = re.compile(r"(?:\s+[.,;])+$")
_SOFT_SUFFIX = re.compile(r"\s+[|–—-]\s+[^|–—-]{2,40}$")
_STUCK = re.compile(r"(?:-\s)?(?:Advertisement|ADVERTISEMENT)(?:\s-)?(?=[A-Z][a-z]* [\w'’]+ )")
_TITLE_LINES = 20


def split_sentences(article: Article) -> tuple[Sentence, ...]:
    """Finds the sentences of an article; page furniture yields none, the headline does.

    Args:
        article: Its `title`, where given, tells the masthead above the headline from the article, and its
            `outlet` a line that is only a name.

    Returns:
        The sentences in their order, without overlap, stripped, none empty; nothing where the text is
        furniture alone. Offsets count code points of `article.text`.
    """
    return tuple(
        Sentence(index, start, end, article.text[start:end])
        for index, (start, end) in enumerate(_spans(article))
    )


def require_sentences(article: Article) -> tuple[Sentence, ...]:
    """Splits an article, and insists on a sentence.

    Raises:
        FramingError: It has none.
    """
    sentences = split_sentences(article)
    if not sentences:
        raise _no_sentence(article)
    return sentences


def check_sentence(article: Article) -> None:
    """Insists that an article has a sentence, and looks for no second one.

    Raises:
        FramingError: It has none.
    """
    if next(_spans(article), None) is None:
        raise _no_sentence(article)


def _no_sentence(article: Article) -> FramingError:
    return FramingError(
        f"article {article.id!r} ({article.outlet}): no sentence in its {len(article.text)} characters, "
        "expected running text; leave it out, or check which field holds the text"
    )


def _spans(article: Article) -> Iterator[Span]:
    for start, end, whole in _paragraphs(article):
        if whole:
            yield start, end
        else:
            yield from _split(article.text, start, end)


# Lines and paragraphs


def _paragraphs(article: Article) -> Iterator[tuple[int, int, bool]]:
    """Yields start, end, and whether that is the headline and so one sentence."""
    text = article.text
    lines, title = _place_title(text, list(_lines(text)), article.title)
    marks = mark_furniture([text[start:end] for start, end in lines], title=title, outlet=article.outlet)
    block: list[Span] = []
    for number, (start, end) in enumerate(lines):
        if marks[number] or number == title or (block and _BLANK.search(text, block[-1][1], start)):
            yield from _join_wrapped(text, block)
            block = []
        if number == title:
            yield start, end, True
        elif not marks[number]:
            block.append((start, end))
    yield from _join_wrapped(text, block)


def _lines(text: str) -> Iterator[Span]:
    for match in _LINE.finditer(text):
        span = _strip(text, *match.span())
        if span is None:
            continue
        stuck = _STUCK.match(text, *span)
        if stuck:
            yield stuck.span()
            yield stuck.end(), span[1]
        else:
            yield span


def _strip(text: str, start: int, end: int) -> Span | None:
    piece = text[start:end]
    start += len(piece) - len(piece.lstrip())
    end -= len(piece) - len(piece.rstrip())
    return (start, end) if start < end else None


def _place_title(text: str, lines: list[Span], title: str | None) -> tuple[list[Span], int | None]:
    """Finds the headline's line near the top, cutting it free of furniture stuck to it."""
    for wanted in _title_patterns(title):
        for number, (start, end) in enumerate(lines[:_TITLE_LINES]):
            found = wanted.search(text, start, end)
            if found is None or not _stands_alone(text, (start, end), found.span()):
                continue
            parts = [_strip(text, start, found.start()), found.span(), _strip(text, found.end(), end)]
            pieces = [part for part in parts if part is not None]
            return lines[:number] + pieces + lines[number + 1 :], number + pieces.index(found.span())
    return lines, None


def _title_patterns(title: str | None) -> Iterator[re.Pattern[str]]:
    """The headline with any white space and any kind of quote; then without the site's name at its end."""
    whole = (title or "").strip()
    for wording in dict.fromkeys((whole, _SOFT_SUFFIX.sub("", whole))):
        if wording:
            escaped = r"\s+".join(re.escape(word) for word in wording.split())
            yield re.compile(re.sub("[\"'“”‘’]", "[\"'“”‘’]", escaped))


def _stands_alone(text: str, line: Span, title: Span) -> bool:
    """Whether the words are the headline, and not a part of a sentence that happens to hold them."""
    before, after = text[line[0] : title[0]].strip(), text[title[1] : line[1]].strip()
    if not before and not after:
        return True
    if len(text[slice(*title)].split()) < 4:
        return False
    clean_start = not before or (len(before.split()) <= 6 and before[-1] not in ",;")
    clean_end = not after or not (after[0].islower() or after[0] in ",;:'’")
    return clean_start and clean_end


def _join_wrapped(text: str, block: Sequence[Span]) -> Iterator[tuple[int, int, bool]]:
    """Yields the paragraphs of a block without blank lines, hard-wrapped lines made one."""
    if not block:
        return
    wrapped = _is_wrapped(text, block)
    start, end = block[0]
    for next_start, next_end in block[1:]:
        continued = wrapped or (
            text[next_start].islower() and not ends_a_sentence(text[max(start, end - 8) : end])
        )
        if not continued:
            yield start, end, False
            start = next_start
        end = next_end
    yield start, end, False


def _is_wrapped(text: str, block: Sequence[Span]) -> bool:
    """Whether the lines are full to one margin and mostly break off within a sentence."""
    inner = block[:-1]
    lengths = [end - start for start, end in inner]
    if len(inner) < 2 or min(lengths) < 45 or max(lengths) > 100 or max(lengths) - min(lengths) > 25:
        return False
    open_ends = sum(not ends_a_sentence(text[start:end]) for start, end in inner)
    lower_starts = sum(text[start].islower() for start, _ in block[1:])
    return open_ends >= len(inner) / 2 and lower_starts >= len(inner) / 4


# Sentences


def _split(text: str, start: int, end: int) -> Iterator[Span]:
    paragraph = text[start:end]
    begin = 0
    previous: Span | None = None
    for cut in [*_cuts(paragraph), len(paragraph)]:
        span = _tidy(paragraph, begin, cut)
        if span is None:
            begin = cut
            continue
        if _NUMBERING.match(paragraph[slice(*span)]) and cut < len(paragraph):
            continue
        if previous is not None:
            yield start + previous[0], start + previous[1]
        previous, begin = span, cut
    if previous is not None:
        yield start + previous[0], start + previous[1]


def _tidy(paragraph: str, start: int, end: int) -> Span | None:
    """Strips white space and stray stops; nothing is left of a piece without a letter or a figure."""
    span = _strip(paragraph, start, end)
    if span is None or not any(map(str.isalnum, paragraph[start:end])):
        return None
    stray = _STRAY_STOP.search(paragraph, max(span[0], span[1] - 12), span[1])
    return (span[0], stray.start()) if stray else span


def _cuts(paragraph: str) -> list[int]:
    """Where a new sentence begins within the paragraph, in order."""
    masked = paragraph
    if _DOT_WITHIN.search(paragraph):
        masked = _ADDRESS.sub(lambda match: "x" * len(match[0]), paragraph)
    masked = masked.translate(_UNQUOTED)
    cuts = set()
    position = 0
    for piece in segment("en", masked):
        position += len(piece)
        cut = _after_quotes(paragraph, masked, position)
        if 0 < cut < len(paragraph) and _is_end(paragraph, cut):
            cuts.add(cut)
    for extra in (_AFTER_ABBREVIATION, _GLUED_EXCLAMATION, _GLUED_SUBHEAD):
        cuts.update(match.end() for match in extra.finditer(paragraph))
    return sorted(cuts)


def _after_quotes(paragraph: str, masked: str, position: int) -> int:
    """Moves a boundary to just behind the final punctuation and the quotes that close there."""
    stop = len(masked[:position].rstrip())
    while stop < position:
        character = paragraph[stop]
        if character == '"':
            glued = stop + 1 < len(paragraph) and paragraph[stop + 1].isalnum()
            if glued and paragraph.count('"', 0, stop) % 2 == 0:
                break
        elif character not in _CLOSERS:
            break
        stop += 1
    return stop


def _is_end(paragraph: str, cut: int) -> bool:
    """Whether a sentence really ends before `cut`."""
    rest = paragraph[cut : cut + 80]
    following = rest.lstrip()
    if not following:
        return False
    first = following.lstrip("\"'“‘„«‹([{ ")[:1]
    if first.islower() and not (rest != following and following[0] in _OPENERS):
        return False
    before = paragraph[max(0, cut - 12) : cut]
    if before.endswith(_LATIN) or _FORM_OF_ADDRESS.search(before):
        return False
    if before[-1] in "\"”’'" and before.rstrip("\"”’'")[-1:] in ("!", "?", "…"):
        return _REPORTING.match(following) is None
    if rest == following and before[-1] == ".":
        initials = before[-2].isupper() and (following[1:2].isupper() or following[1:2] == ".")
        return _GLUED.search(before) is not None and not initials
    return True
