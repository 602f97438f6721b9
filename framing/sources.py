"""A source's name: a pronoun stands for the last named source where that is safe, and is kept elsewhere."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

from framing.quotations import find_paragraphs
from framing.records import Attribution, Span

Kind = Literal["man", "woman", "person", "several", "body"]


def _names(names: str) -> frozenset[str]:
    return frozenset(names.split())


_PRONOUNS: dict[str, Kind] = {
    **dict.fromkeys(("he", "him", "his", "himself"), "man"),
    **dict.fromkeys(("she", "her", "hers", "herself"), "woman"),
    **dict.fromkeys(("they", "them", "their", "theirs", "themselves"), "several"),
    **dict.fromkeys(("it", "its", "itself"), "body"),
}
_RELATIVES = frozenset(("who", "which"))
# Never candidates, never resolved: whose words these are depends on who is speaking.
_OTHERS = frozenset(
    ("i", "me", "my", "we", "us", "our", "you", "your", "that", "this", "these", "those", "one")
)
_FITS: dict[Kind, frozenset[Kind]] = {
    "man": frozenset(("man", "person")),
    "woman": frozenset(("woman", "person")),
    "several": frozenset(("several", "body")),
    "body": frozenset(("body",)),
}
_PERSONS: tuple[Kind, ...] = ("man", "woman", "person")
# No pronoun is resolved over more sources than this; it bounds the work in a paragraph of thousands.
_FAR = 50
_LONGEST_NAME = 4  # words; more capitals in a row are a headline
_FARTHER = 4  # paragraphs before its own that a pronoun looks at if the one before names nobody
_TITLES: dict[str, Kind] = {
    **dict.fromkeys(("Mr", "Sir", "Lord", "King", "Prince", "Imam", "Brother"), "man"),
    **dict.fromkeys(("Mrs", "Ms", "Miss", "Lady", "Dame", "Queen", "Princess", "Sister"), "woman"),
    **dict.fromkeys(("Dr", "Sen", "Rep", "Gov", "Gen", "Lt", "Col", "Capt", "Sgt", "Prof", "Rev"), "person"),
    **dict.fromkeys(("President", "Senator", "Governor", "Minister", "Chancellor", "Secretary"), "person"),
    **dict.fromkeys(("General", "Judge", "Justice", "Mayor", "Professor", "Representative"), "person"),
}
# The commonest given names of English-language and European news; any other name fits either.
_MEN = _names(
    "Adam Alan Albert Alexander Alexei Andrei Andrew Angelo Anthony Antonio Antony Arthur Barack Ben "
    "Benjamin Bernie Bill Bob Boris Brian Bruce Carl Carlos Charles Chris Christopher Chuck Craig "
    "Daniel David Dennis Dmitry Donald Doug Douglas Edward Emmanuel Eric Ernest Francis Frank Fred Gary "
    "George Gordon Greg Harold Harry Henry Ian Igor Ivan Jack Jacob James Jason Jeb Jeff Jeffrey Jens "
    "Jeremy Jerry Jim Joe Joel John Jonathan Jose Joseph Joshua Juan Justin Karl Keith Ken Kenneth "
    "Kevin Larry Lawrence Lindsey Luis Marco Mark Martin Matthew Matt Michael Miguel Mike Mitch Mitt "
    "Mohammed Muhammad Neil Nicholas Nicolas Nigel Oleg Olaf Oscar Patrick Paul Pavel Pedro Peter "
    "Philip Phil Ralph Raymond Recep Reince Richard Rick Robert Roger Ronald Roy Rudy Russell Samuel "
    "Scott Sean Sergei Sergey Simon Stephen Steve Steven Ted Terry Thomas Tim Timothy Todd Tom Tony "
    "Victor Viktor Vincent Vladimir Volodymyr Walter William Xavier"
)
_WOMEN = _names(
    "Alice Alicia Amanda Amy Andrea Angela Ann Anna Anne Annegret Annie Barbara Betty Beth Carla Carly "
    "Carol Caroline Catherine Charlotte Christina Christine Cynthia Deborah Debbie Denise Diana Diane "
    "Dianne Donna Dorothy Elena Elizabeth Ellen Emily Emma Erin Eva Eve Hannah Heather Heidi Helen "
    "Hillary Huma Irina Ivanka Jane Janet Jean Jennifer Jessica Jill Joan Joanna Josephine Joyce Judith "
    "Judy Julia Julie Karen Kate Katherine Kathleen Katie Kellyanne Laura Linda Lisa Liz Loretta Louise "
    "Lucy Margaret Maria Marie Marine Martha Mary Megan Melania Melissa Michelle Monica Nadia Nancy "
    "Natalia Nicola Nicole Nikki Olga Pamela Patricia Rachel Rebecca Rosa Rose Ruth Samantha Sandra "
    "Sara Sarah Sharon Sheila Sofia Sophia Sophie Stephanie Susan Susana Suzanne Svetlana Tatiana "
    "Teresa Theresa Ursula Valerie Vera Victoria Wendy"
)
_BODIES = re.compile(
    r"\b(?:administration|agency|alliance|army|association|authorit\w+|bank|board|body|bureau|cabinet|"
    r"campaign|caucus|center|centre|church|club|coalition|commission|committee|company|congress|"
    r"corporation|council|court|department|embassy|federation|firm|forces?|foundation|fund|government|group|"
    r"house|inc|institute|institution|journal|kremlin|league|magazine|ministry|nations?|nato|network|news|"
    r"newspaper|office|organi[sz]ation|parliament|party|pentagon|police|poll|post|report|republic|senate|"
    r"service|society|state|statement|states|study|survey|team|times|union|university|watchdog|website)\b",
    re.IGNORECASE,
)
_CAPITAL = r"(?:[^\W\d_a-zß-öø-ÿ][\w’'-]*)"
_ABBREVIATED = r"(?:(?:Mrs?|Ms|Dr|Sen|Rep|Gov|Gen|Lt|Col|Capt|Sgt|Prof|Rev|St|[A-Z])\.)"
_NAME = re.compile(rf"(?:\b(?:{_ABBREVIATED}|{_CAPITAL}) )*\b{_CAPITAL}")
_NAME_BEFORE = re.compile(rf"({_NAME.pattern}),?\s+$")
_MANY = re.compile(r"(?:many|some|several|both|most|few|two|three|others)\b", re.IGNORECASE)
_TITLE = r"(?:Mrs?|Ms|Dr|Sen|Rep|Gov|Gen|Lt|Col|Capt|Sgt|Prof|Rev|St)"
# A source that the network cut short: it ends with an article or a title, or begins behind one.
_TORN = re.compile(rf"(?:(?:^|\s)(?:[Tt]he|{_TITLE}\.?))$")
_CUT_OFF = re.compile(rf"(?:\b{_CAPITAL} )*\b(?:{_TITLE}|[A-Z])$")
_LINK = re.compile(r"(?:and|but|by|of|as)\s+(?=\w)", re.IGNORECASE)
# "The statement said": the words are those of whoever issued it.
_WRITING = re.compile(
    r"(?:the|this) (announcement|declaration|letter|memo|message|release|speech|statement|tweet)",
    re.IGNORECASE,
)
# No person's name stands behind these: "in New York", "the Supreme Court".
_NO_PERSON = re.compile(r"\b(?:the|in|at|near|across)\s+$", re.IGNORECASE)
_HEAD_ENDS = re.compile(r",| of | in | at | who | from | for ")
_POSSESSED = re.compile(r"^\S+(?: \S+)?['’]s? [a-z]")
_POSSESSIVE = re.compile(r"(?:['’]s|(?<=s)['’])?[\s,:;]*$")


class _Mention(NamedTuple):
    """A name that a pronoun could stand for; `key` is what two mentions of one actor share."""

    key: str
    kind: Kind | None
    name: str
    is_source: bool


class _Scene(NamedTuple):
    """What is known of an article: its text, its contents in order, and the gender of its surnames."""

    text: str
    contents: Sequence[Span]
    people: Mapping[str, Kind]


def resolve_source(text: str, attribution: Attribution, earlier: Sequence[Attribution]) -> str | None:
    """The name of one attribution's source; as `resolve_sources`, which is faster for all of an article.

    Args:
        text: The article's text.
        attribution: The one asked for.
        earlier: The attributions before it.

    Returns:
        Nothing where the attribution has no source.
    """
    return resolve_sources(text, (*earlier, attribution))[-1]


def resolve_sources(text: str, attributions: Sequence[Attribution]) -> tuple[str | None, ...]:
    """The name of each attribution's source.

    A pronoun (he, she, they, it, their cases) gets the name of a source in its paragraph or the one before
    it if that is the only name there that agrees with it in gender and number, names inside contents (whom a
    source talks about) aside; where no name there agrees, three paragraphs more are looked at. "Who" and
    "which" get the name right before them. Gender is known from titles anywhere in the article and from
    common given names; a name whose gender is unknown agrees with either, and so stands in the way of an
    answer. "The statement" gets the name of the source before it, if that was said to make one.

    Args:
        text: The article's text.
        attributions: All of the article's, in order.

    Returns:
        For each the source's text, without a possessive or comma at its end and with the whole of a name
        that it cuts in two, or the name that its pronoun
        stands for, or the pronoun where that is not safe; nothing where there is no source.
    """
    scene = _Scene(text, sorted({one.content for one in attributions}), _people(text))
    paragraphs = [start for start, _ in find_paragraphs(text)]
    spans = sorted({one.source for one in attributions if one.source is not None})
    names: dict[Span, str] = {}
    for at, span in enumerate(spans):
        written = _whole_name(text, span)
        wanted = _PRONOUNS.get(written.lower())
        found = None
        if written.lower() in _RELATIVES:
            found = _relative_to(scene, span[0], written.lower())
        elif wanted is not None:
            paragraph = bisect_right(paragraphs, span[0]) - 1
            before = spans[max(0, at - _FAR) : at]
            for reach in (1, _FARTHER):
                start = paragraphs[max(0, paragraph - reach)]
                near = [names[one] for one in before if one[0] >= start]
                fitting = _fitting(scene, (start, span[0]), near, wanted, sure=reach > 1)
                if fitting or wanted not in _PERSONS:
                    break
            found = next(iter(fitting.values())) if len(fitting) == 1 else None
        elif at and (writing := _WRITING.fullmatch(written)) is not None:
            start = paragraphs[max(0, bisect_right(paragraphs, span[0]) - 2)]
            if spans[at - 1][0] >= start and _makes(text[spans[at - 1][1] : span[0]], writing[1]):
                issuer = names[spans[at - 1]]
                found = None if issuer.lower() in (*_PRONOUNS, *_OTHERS, *_RELATIVES) else issuer
        names[span] = found or written
    return tuple(None if one.source is None else names[one.source] for one in attributions)


def _relative_to(scene: _Scene, at: int, pronoun: str) -> str | None:
    """The name right before "who", or before "which" if a body bears it."""
    before = _NAME_BEFORE.search(scene.text, max(0, at - 80), at)
    if before is None or (pronoun == "which" and _kind(before[1], scene.people) != "body"):
        return None
    return before[1]


def _whole_name(text: str, span: Span) -> str:
    """A source's text, without what links it to the words before, and no name in it cut in two."""
    start, end = span
    written = text[start:end]
    if text.startswith(" ", end) and _TORN.search(written):
        rest = _NAME.match(text, end + 1)
        end = rest.end() if rest is not None and rest[0].count(" ") < _LONGEST_NAME else end
    if written.startswith(". ") and (cut := _CUT_OFF.search(text, max(0, start - 40), start)):
        start = cut.start()
    elif link := _LINK.match(text, start, end):
        start = link.end()
    return _POSSESSIVE.sub("", text[start:end]).strip(" ,;:\n") or written


def _makes(text: str, writing: str) -> bool:
    """Whether "a statement" stands in what follows a source."""
    return re.search(rf"\b(?:an?|its|his|her|their) (?:\w+ )?{writing}\b", text, re.IGNORECASE) is not None


def _fitting(
    scene: _Scene, window: Span, near: Sequence[str], wanted: Kind, *, sure: bool
) -> dict[str, str | None]:
    """What a pronoun can stand for in a stretch of text: by key the name, nothing if no source bears it.

    `sure`: a name of which nothing is known does not count.
    """
    fitting: dict[str, str | None] = {}
    for mention in _mentions(scene, window, near, wanted):
        if mention.kind in _FITS[wanted] or (mention.kind is None and not sure):
            fitting[mention.key] = mention.name if mention.is_source else fitting.get(mention.key)
    return fitting


def _mentions(scene: _Scene, window: Span, near: Sequence[str], wanted: Kind) -> Iterator[_Mention]:
    """The names before a pronoun, but for those that a source only talks about; the sources' own last.

    Where a person is wanted, nor names of places and bodies, as "in" and "the" before them tell them.
    """
    for match in _NAME.finditer(scene.text, *window):
        name = _POSSESSIVE.sub("", match[0])
        words = name.split(" ")
        content = bisect_right(scene.contents, match.span()) - 1
        talked_about = content >= 0 and match.end() <= scene.contents[content][1]
        person = words[-1] in scene.people
        other = wanted in _PERSONS and _NO_PERSON.search(
            scene.text, max(0, match.start() - 10), match.start()
        )
        if not talked_about and (person or (len(words) > 1 and not other)):
            yield _Mention(words[-1], _kind(name, scene.people), name, is_source=False)
    for name in near:
        if name.lower() not in _OTHERS | _RELATIVES:
            proper = _NAME.search(name)
            kind = _kind(name, scene.people)
            single = kind not in ("several", "body")
            key = proper[0].split(" ")[-1] if proper is not None and single else name.lower()
            # A pronoun that stayed one, a thing that is somebody's and a person without a name stand in
            # the way of an answer and are none.
            named = not single or _HEAD_ENDS.split(name, maxsplit=1)[0].split(" ")[-1][:1].isupper()
            usable = named and name.lower() not in _PRONOUNS and not _POSSESSED.search(name)
            yield _Mention(key, _PRONOUNS.get(name.lower(), kind), name, is_source=usable)


def _people(text: str) -> dict[str, Kind]:
    """Surname -> gender, for everybody whom the article names with a title or a given name."""
    kinds: dict[str, set[Kind]] = {}
    for match in _NAME.finditer(text):
        words = _POSSESSIVE.sub("", match[0]).split(" ")
        kind = _kind_of_words(words)
        if kind is not None:
            kinds.setdefault(words[-1], set()).add(kind)
    # A couple of one name leaves its gender open.
    return {
        name: "person" if {"man", "woman"} <= found else min(found, key=_PERSONS.index)
        for name, found in kinds.items()
    }


def _kind_of_words(words: Sequence[str]) -> Kind | None:
    """What a title or a given name before a surname says; "President Donald Trump" is a man."""
    found: set[Kind] = set()
    for word in words[:-1]:
        if word in _MEN or word in _WOMEN:
            found.add("man" if word in _MEN else "woman")
        elif word.rstrip(".") in _TITLES:
            found.add(_TITLES[word.rstrip(".")])
    return min(found, key=_PERSONS.index, default=None)


def _kind(name: str, people: Mapping[str, Kind]) -> Kind | None:
    """What a source's text denotes; nothing where it does not show."""
    head = _HEAD_ENDS.split(name, maxsplit=1)[0]
    if " and " in head or _MANY.match(head):
        return "several"
    proper = _NAME.search(name)
    if proper is not None:
        words = proper[0].split(" ")
        kind = _kind_of_words(words) or people.get(words[-1])
        if kind is not None:
            return kind
    words = head.split() or [""]
    last = words[-1]
    if _BODIES.search(head) or (last.isupper() and len(last) > 1):
        return "body"
    if last.endswith("s") and not last.endswith(("ss", "us", "is")) and (last.islower() or len(words) == 1):
        return "several"
    if last.endswith("man"):
        return "woman" if last.endswith("woman") else "man"
    return "person" if last.islower() else None
