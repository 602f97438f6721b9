"""Quotation marks, tags, links, voices and names of sources; every text is invented."""

import re
import time
from collections.abc import Iterable
from itertools import pairwise

import numpy as np
import pytest

from framing.attributions import decode_attributions
from framing.quotations import find_paragraphs, find_quotations, inside
from framing.records import Attribution, Span, Voice
from framing.sources import resolve_source, resolve_sources
from framing.tagging import CONTENT, CUE, NONE, SOURCE, TAGS, Probabilities, tag_spans
from framing.voices import find_headline, main_attribution, voice_of

_BRACKETS = {"<": SOURCE, "{": CUE, "[": CONTENT, ">": NONE, "}": NONE, "]": NONE}


class Marked:
    """A text whose sources are written <so>, cues {so} and contents [so]; sentences end at .!? or a line."""

    def __init__(self, marked: str, sure: float = 0.97) -> None:
        letters, tags, tag = [], [], NONE
        for letter in marked:
            if letter in _BRACKETS:
                tag = _BRACKETS[letter]
            else:
                letters.append(letter)
                tags.append(tag)
        self.text = "".join(letters)
        ends = re.finditer(r"\S.*?(?:(?<!Mr)(?<!Mrs)[.!?]+[\"”’']*(?=\s)(?!\s+[a-z])|(?=\n)|$)", self.text)
        self.sentences: list[Span] = [match.span() for match in ends]
        self.tokens: list[Span] = [match.span() for match in re.finditer(r"\w+|[^\w\s]", self.text)]
        self.probabilities: Probabilities = np.full((len(self.tokens), len(TAGS)), (1 - sure) / 3)
        for row, (start, _) in zip(self.probabilities, self.tokens, strict=True):
            row[tags[start]] = sure
        self.quotations = find_quotations(self.text)

    def decode(self) -> tuple[Attribution, ...]:
        return decode_attributions(self.text, self.sentences, self.tokens, self.probabilities)

    def read(self) -> list[tuple[str | None, str | None, str | None]]:
        """Source, cue and content of every attribution, as text."""
        return [
            (self.words(one.source), self.words(one.cue), self.words(one.content)) for one in self.decode()
        ]

    def words(self, span: Span | None) -> str | None:
        return None if span is None else self.text[slice(*span)]

    def voice(self, *words: str) -> Voice:
        spans = [(self.text.index(one), self.text.index(one) + len(one)) for one in words]
        return voice_of(self.text, spans, self.decode(), self.quotations, find_headline(self.text))

    def names(self) -> list[str | None]:
        return list(resolve_sources(self.text, self.decode()))


def _quoted(text: str) -> list[str]:
    return [text[slice(*one.span)] for one in find_quotations(text)]


# Quotations


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('"We go," he said, "at once."', ['"We go,"', '"at once."']),
        ("“We go,” he said, “at once.”", ["“We go,”", "“at once.”"]),
        ("‘We go,’ he said, ‘at once.’", ["‘We go,’", "‘at once.’"]),
        ("'It's a voters' choice,' he said.", ["'It's a voters' choice,'"]),
        ("«Allons», dit-il. „Ja“, sagte er.", ["«Allons»", "„Ja“"]),
        ("``We go,'' he said.", ["``We go,''"]),
        ("''We go,'' he said.", ["''We go,''"]),
        ("It’s the voters’ choice, and the Roes' too.", []),
        ("Rock 'n' roll of the '90s, for the class of ’16.", []),
        ('6\'2" tall and 12" wide', []),
        ("\"'Don't go,' she told me,\" he said.", ["\"'Don't go,' she told me,\""]),
        ("He said “'no' is no answer” twice.", ["“'no' is no answer”"]),
        ('He said."We go."She left.', ['"We go."']),
        ("The 'big \"bad\" wolf' came.", ["'big \"bad\" wolf'"]),
        ("A “first “second” third.", ["“second”"]),
        ("", []),
        ('"', []),
        ("no marks", []),
    ],
)
def test_marks_are_paired(text: str, expected: list[str]) -> None:
    assert _quoted(text) == expected


def test_a_quotation_runs_over_paragraphs_when_it_is_opened_again() -> None:
    text = "He said: “One.\n\n“Two.\n\n“Three.” The end."
    found = find_quotations(text)
    assert [text[slice(*one.span)] for one in found] == ["“One.", "“Two.", "“Three.”"]
    assert [one.continued for one in found] == [False, True, True]
    assert [one.closed for one in found] == [False, False, True]


def test_a_forgotten_mark_ends_with_its_paragraph() -> None:
    text = 'He said "we go.\n\nA new day.\n\nShe said "no" and left.'
    assert _quoted(text) == ['"we go.', '"no"']
    assert not find_quotations(text)[1].continued


def test_a_paragraph_can_be_wrapped_to_a_margin() -> None:
    text = "He said “we shall go\nand see what it is\nThat we find” and left.\nThen rain\nfell.\n\nNew."
    assert [text[slice(*one)].split(maxsplit=1)[0] for one in find_paragraphs(text)] == ["He", "New."]
    assert _quoted(text) == ["“we shall go\nand see what it is\nThat we find”"]
    assert find_paragraphs("One.\nTwo.\r\nThree.") == ((0, 4), (5, 9), (11, 17))


@pytest.mark.parametrize("gap", ["\n", "\n\n"])
@pytest.mark.parametrize("marks", ['""', "“”", "«»"])
def test_a_quotation_goes_on_to_a_mark_that_can_only_close(gap: str, marks: str) -> None:
    opening, closing = marks
    text = gap.join((f"He said: {opening}One.", "Two.", f"Don't go three.{closing} The end.", "Four."))
    found = find_quotations(text)
    assert [text[slice(*one.span)] for one in found] == [
        f"{opening}One.", "Two.", f"Don't go three.{closing}"
    ]  # fmt: skip
    assert [one.continued for one in found] == [False, True, True]
    assert [one.closed for one in found] == [False, False, True]


@pytest.mark.parametrize(
    "text",
    [
        "He said: “One.\nTwo.\n“Three.” The end.",  # opened anew in between
        "He said: “One.\n" + "Two.\n" * 20 + "Three.” The end.",  # too far
        'He said: "One.\nTwo.\nA "three" came.',  # not sure to close
    ],
)
def test_a_mark_that_may_have_been_forgotten_ends_with_its_paragraph(text: str) -> None:
    found = find_quotations(text)
    assert text[slice(*found[0].span)].endswith("One.")
    assert not any(one.continued for one in found)


def test_a_forgotten_mark_hides_no_single_ones() -> None:
    assert _quoted("He said “we go.\n‘No,’ she said.\nA “new” day.") == ["“we go.", "‘No,’", "“new”"]


def test_a_quotation_over_lines_is_content_to_its_end() -> None:
    marked = Marked("<He> {said}: “[We will never pay them] for it.\nNot we.\nNot now.” Rain fell.")
    assert [content for *_, content in marked.read()] == [
        "“We will never pay them for it.",
        "Not we.",
        "Not now.”",
    ]


def test_inside_is_within_the_marks() -> None:
    found = find_quotations('a "b" c')
    assert inside((3, 4), found) == found[0]
    assert inside((0, 4), found) is None
    assert inside((6, 7), found) is None


# Tags


def test_parts_of_words_share_a_tag() -> None:
    text = "unbelievable news"
    tokens = [(0, 2), (2, 7), (7, 12), (13, 17)]
    probabilities = np.eye(4)[[CONTENT, CONTENT, NONE, NONE]]
    assert tag_spans(text, [(0, 17)], tokens, probabilities, ()).contents == ((0, 12),)


def test_a_single_doubtful_word_does_not_tear_a_content() -> None:
    marked = Marked("<She> {said} [that we must all go home now].")
    rows = [marked.tokens.index((at := marked.text.index(word), at + len(word))) for word in ("must", "all")]
    marked.probabilities[rows[0]] = [0.9, 0.01, 0.01, 0.08]
    assert marked.read() == [("She", "said", "that we must all go home now")]
    marked.probabilities[rows[1]] = [0.9, 0.01, 0.01, 0.08]
    assert [content for *_, content in marked.read()] == ["that we", "go home now"]


def test_a_quotation_is_content_from_mark_to_mark() -> None:
    assert Marked('<He> {said}, "we [will never pay] for it."').read() == [
        ("He", "said", '"we will never pay for it."')
    ]


def test_scare_quotes_are_not_swallowed() -> None:
    assert Marked("The “experts” came and [a] man left.").read() == [(None, None, "a")]


def test_marks_alone_are_nobodys_words() -> None:
    assert Marked("He came [—] late.").read() == []


def test_stretches_end_with_their_sentence_unless_quoted() -> None:
    marked = Marked("[Taxes rise. Wages fall], <he> {said}.\n[“Rain fell. Snow fell,”] <she> {said}.")
    assert [content for *_, content in marked.read()] == [
        "Taxes rise.",
        "Wages fall",
        "“Rain fell. Snow fell,”",
    ]


def _doubt(marked: Marked, words: str, probability: float) -> None:
    """Makes words of a marked text content with no more than this probability, else nothing."""
    start = marked.text.index(words)
    for row, (a, b) in zip(marked.probabilities, marked.tokens, strict=True):
        if start <= a and b <= start + len(words):
            row[:] = [0.98 - probability, 0.01, 0.01, probability]


def test_bare_content_has_to_be_likely_as_a_whole() -> None:
    marked = Marked("<She> {wanted} [to come back soon] and left.")
    _doubt(marked, "come back soon", 0.51)
    assert marked.read() == [("She", "wanted", "to come back soon")]
    marked.probabilities[marked.tokens.index((11, 13))] = [0.29, 0.3, 0.01, 0.4]
    assert marked.read() == []


@pytest.mark.parametrize(("sentence", "told"), [("It went on", False), ("“It went on”", True)])
def test_unsure_content_counts_only_where_its_sentence_names_who_speaks(sentence: str, told: bool) -> None:
    marked = Marked(f"<Ana> {{said}} [it rained]. [{sentence}]. <Bob> {{said}} [it rained here].")
    _doubt(marked, "It went on", 0.7)
    _doubt(marked, "rained here", 0.7)
    assert (("Ana", "said", sentence) in marked.read()) is told
    assert ("Bob", "said", "it rained here") in marked.read()


def test_sure_content_goes_on_without_marks() -> None:
    marked = Marked("<Ana> {said} [it rained]. [It went on and on].")
    assert [content for *_, content in marked.read()] == ["it rained", "It went on and on"]


@pytest.mark.parametrize(
    ("text", "probability", "expected"),
    [
        ("<Ana> {has ruled} that out, and left.", 0.4, [("Ana", "has ruled", "that out")]),
        ("<Ana> {has ruled} that out", 0.4, [("Ana", "has ruled", "that out")]),
        ("<Ana> {has ruled} that out.", 0.2, []),
        ("<Ana> and Bob {have ruled} that out.", 0.4, []),
        ("[It rained], <Ana> {has ruled} that out.", 0.4, [("Ana", "has ruled", "It rained")]),
    ],
)
def test_a_source_and_cue_left_alone_have_the_words_behind(
    text: str, probability: float, expected: list[tuple[str | None, str | None, str | None]]
) -> None:
    marked = Marked(text)
    _doubt(marked, "that out", probability)
    assert marked.read() == expected


def test_a_cue_has_its_auxiliaries_and_adverbs() -> None:
    assert Marked("<Ana> has never publicly {said} [it rained].").read() == [
        ("Ana", "has never publicly said", "it rained")
    ]
    assert Marked("Now it is\n{Said} <Ana> [it rained].").read() == [("Ana", "Said", "it rained")]


def test_what_runs_into_a_cue_is_its_source() -> None:
    assert Marked("Rain fell.\n[Oslo] {slammed} [these reports as lies].").read() == [
        ("Oslo", "slammed", "these reports as lies")
    ]
    for text in ("[It rained,] {it’s said,} [and more].", "[Rain “fell”] {says} [it all]."):
        assert {source for source, _, _ in Marked(text).read()} == {None}


def test_a_sentence_taken_for_content_whole_says_itself_who_speaks() -> None:
    assert Marked("<Ana> {said} [it rained]. [The U.S. army denies it rained].").read() == [
        ("Ana", "said", "it rained"),
        ("The U.S. army", "denies", "it rained"),
    ]
    for text in ("[In Oslo says the rain].", "[I would say it rained].", "[“Bob says it rained.”]"):
        ((source, _, _),) = Marked(f"<Ana> {{said}}: {text}").read()
        assert source == "Ana"


def test_an_acronym_is_one_word() -> None:
    marked = Marked("<The U.S.> {warned} [it rained].")
    places = [at for at, (start, _) in enumerate(marked.tokens) if marked.text[start] in ".S" and start < 9]
    for at in places:  # the network lost its way after "U"
        marked.probabilities[at] = [0.1, 0.3, 0.0, 0.6]
    assert marked.read()[0][0] == "The U.S."


def test_a_cue_is_favoured_a_little() -> None:
    marked = Marked("<Ana> {denies} [it rained].")
    (cue,) = [at for at, span in enumerate(marked.tokens) if marked.text[slice(*span)] == "denies"]
    marked.probabilities[cue] = [0.5, 0.04, 0.42, 0.04]
    assert marked.read() == [("Ana", "denies", "it rained")]
    marked.probabilities[cue] = [0.6, 0.04, 0.32, 0.04]
    assert marked.read() == [("Ana", None, "it rained")]


def test_a_wrong_shape_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"shape \(2, 4\), expected \(1, 4\)"):
        decode_attributions("go", [(0, 2)], [(0, 2)], np.zeros((2, 4)))


# Links


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        ("<Ana> {said} [it rained].", [("Ana", "said", "it rained")]),
        ('["It rains,"] {said} <Ana>.', [("Ana", "said", '"It rains,"')]),
        ("[It rained], {according to} <Ana>.", [("Ana", "according to", "It rained")]),
        (
            '["It rains,"] <he> {said} on Monday, ["and snows."]',
            [("he", "said", '"It rains,"'), ("he", "said", '"and snows."')],
        ),
        (
            "<Ana> {said} [it rained] and {added} [that it snowed].",
            [("Ana", "said", "it rained"), ("Ana", "added", "that it snowed")],
        ),
        (
            "<Ana> {says} [it rains], while <Bob> {denies} [it].",
            [("Ana", "says", "it rains"), ("Bob", "denies", "it")],
        ),
        (
            "{Asked} [about the rain], <Ana> {said} [it was wet].",
            [(None, "Asked", "about the rain"), ("Ana", "said", "it was wet")],
        ),
        (
            "[The bridge] {is expected} [to close].",
            [(None, "is expected", "The bridge"), (None, "is expected", "to close")],
        ),
        ("<Ana> {:} [We go].\nRain fell.", [("Ana", ":", "We go")]),
        ("<Ana> {spoke} and nothing followed.", []),
    ],
)
def test_a_content_finds_its_cue_and_source(
    marked: str, expected: list[tuple[str | None, str | None, str | None]]
) -> None:
    assert Marked(marked).read() == expected


def test_a_quotation_goes_on_in_later_sentences_and_paragraphs() -> None:
    marked = Marked(
        "<Ana Roe> {said}: [“It rains.]\n\n[“It snows. It hails.]\n\n[“It is over.”]\n\n"
        "[“Not so,”] <Bob> {said}. [“It goes on.”]"
    )
    assert [source for source, *_ in marked.read()] == ["Ana Roe", "Ana Roe", "Ana Roe", "Bob", "Bob"]


def test_a_quotation_can_be_named_at_its_end() -> None:
    marked = Marked("<Bob> {left} [it].\n\n[“It rains.]\n\n[“It snows,”] {said} <Ana>.")
    assert [source for source, *_ in marked.read()] == ["Bob", "Ana", "Ana"]


def test_a_quotation_before_its_clause_takes_the_cue_of_its_own_paragraph() -> None:
    marked = Marked("<Bob> {said} [it rains].\n\n[“No. It snows.”] [“It hails too,”] {said} <Ana>.")
    assert [source for source, *_ in marked.read()] == ["Bob", "Ana", "Ana"]


def test_a_source_two_paragraphs_back_is_too_far() -> None:
    marked = Marked("<Bob> {said} [it rains].\n\nRain fell.\n\nThen [it all stopped].")
    assert marked.read()[1] == (None, None, "it all stopped")


# Voices


def test_the_voice_is_that_of_the_words() -> None:
    marked = Marked(
        '<Moscow> {dismissed} [the reports as "a fake news campaign" by the West]. So it was a bad day.'
    )
    assert marked.voice("fake news") == "quoted"
    assert marked.voice("the reports") == "attributed"
    assert marked.voice("bad day") == "outlet"
    assert marked.voice("Moscow dismissed") == "outlet"
    assert marked.voice("the reports as", "by the West", "bad") == "attributed"


def test_the_voice_of_a_sentence_is_that_of_its_greater_part() -> None:
    marked = Marked(
        "<Ana> {said} [that everything would be over by noon]. <The mayor of the town> {said} [no]."
    )
    assert marked.voice(marked.text[slice(*marked.sentences[0])]) == "attributed"
    assert marked.voice(marked.text[slice(*marked.sentences[1])]) == "outlet"


@pytest.mark.parametrize(
    ("marked", "words", "expected"),
    [
        ("<Moscow>{:} [West invents a war]\n\nRain fell.", "invents", "attributed"),
        ("<Moscow> {says} [West invents a war]\n\nRain fell.", "invents", "attributed"),
        ("News\n\n<MAY>{:} [We will never yield to bullies.]", "bullies", "quoted"),
        ("News\n\n<MAY>{:} [No Yielding To Bullies]\n\nRain fell.", "Bullies", "attributed"),
        ("News\n\n[We will never yield to bullies.]", "bullies", "outlet"),
        ("News\n\n<Ana> {called} [the plan] [“madness”].", "madness", "quoted"),
        ("News\n\nThe “experts” came.", "experts", "outlet"),
        ("News\n\nThe [“so-called experts”] came.", "experts", "outlet"),
        ("News\n\n[“It was all a lie from start to end.”]", "a lie", "quoted"),
        ("News\n\nThe deal {is widely seen} [as a sham].", "sham", "attributed"),
        ("News\n\n[“We shall] [fight, and win,”] <she> {said}.", "fight", "quoted"),
    ],
)
def test_close_calls_of_the_codebook(marked: str, words: str, expected: Voice) -> None:
    assert Marked(marked).voice(words) == expected


def test_the_second_paragraph_of_a_long_quotation_is_quoted() -> None:
    marked = Marked("<Ana> {said}: [“It rains.]\n\n[“It is a playbook that we know.”]")
    assert marked.voice("playbook") == "quoted"


def test_words_without_letters_are_the_outlets() -> None:
    assert voice_of("a b", [], (), ()) == "outlet"
    assert voice_of("a   b", [(1, 4)], (), ()) == "outlet"


def test_the_attribution_of_a_label_holds_most_of_its_words() -> None:
    marked = Marked("<Ana> {says} [it rains], while <Bob> {denies} [that it snows].")
    first, second = marked.decode()
    rains, snows = marked.text.index("rains"), marked.text.index("snows")
    assert main_attribution(marked.text, [(rains, snows + 5)], [first, second]) == second
    assert main_attribution(marked.text, [(rains, rains + 5)], [first, second]) == first
    assert main_attribution(marked.text, [(0, 3)], [first, second]) is None


# Names of sources


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        ("<Ana Roe> {said} [it rained]. <She> {added} [it snowed].", ["Ana Roe", "Ana Roe"]),
        ("<Mr. Poe> {said} [it rained].\n\n[“It snowed,”] <he> {added}.", ["Mr. Poe", "Mr. Poe"]),
        ("<Anna Roe> {said} [it rained]. <He> {added} [it snowed].", ["Anna Roe", "He"]),
        ("<Mr. Poe> {met} [rain]. <Mr. Roe> {met} [snow]. <He> {saw} [hail].", ["Mr. Poe", "Mr. Roe", "He"]),
        (
            "<Mr. Poe> {met} [rain]. <Mrs. Roe> {met} [snow]. <He> {saw} [hail].",
            ["Mr. Poe", "Mrs. Roe", "Mr. Poe"],
        ),
        ("<Poe> {met} [rain]. Kim Roe came. <He> {saw} [hail].", ["Poe", "He"]),
        ("Mr. Poe won.\n\n<Poe> {said} [it rained].\n\nA.\n\n<He> {saw} [hail].", ["Poe", "Poe"]),
        ("<Officials> {said} [it rained]. <They> {added} [it snowed].", ["Officials", "Officials"]),
        ("<The ministry> {said} [it rained]. <It> {denied} [snow].", ["The ministry", "The ministry"]),
        ("<The ministry> {said} [it rained]. <He> {denied} [snow].", ["The ministry", "He"]),
        ("Rain met Olga Poe, <who> {denied} [it].", ["Olga Poe"]),
        ("The rain, <which> {showed} [more to come], fell.", ["which"]),
        ("<Mr. Poe’s> {claim} [that it rained] fell.", ["Mr. Poe"]),
        ("<I> {say} [it rains]. <He> {knows} [it].", ["I", "He"]),
        ("[It rained].", [None]),
        ("<Mr. Poe> {said} [it rained].\n\nA.\n\nB.\n\n<He> {saw} [hail].", ["Mr. Poe", "Mr. Poe"]),
        ("<Poe> {said} [it rained].\n\nA.\n\nB.\n\n<He> {saw} [hail].", ["Poe", "He"]),
        ("<Mr. Poe> {met} [rain].\n\nMr. Roe left.\n\nB.\n\n<He> {saw} [hail].", ["Mr. Poe", "He"]),
        ("<Mr. Poe> {said} [rain] fell in Port Vale. <He> {saw} [hail].", ["Mr. Poe", "Mr. Poe"]),
        ("<Mr. Poe> {said} [rain] fell on the Old Harbour. <He> {saw} [hail].", ["Mr. Poe", "Mr. Poe"]),
    ],
)
def test_a_pronoun_gets_a_name_where_that_is_safe(marked: str, expected: list[str | None]) -> None:
    assert Marked(marked).names() == expected


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        ("[It rains], <Ms.> Poe {said}.", ["Ms. Poe"]),
        ("[It rains], <the> Mint {said}.", ["the Mint"]),
        ("[It rains], <the> man {said}.", ["the"]),
        ("<The> Poe Sees A Storm Coming Over Us {said} [it].", ["The"]),
        ("[It rains], Mrs<. Poe> {said}.", ["Mrs. Poe"]),
        ("[What was said] <by Ana Poe> {was} [true].", ["Ana Poe", "Ana Poe"]),
        ("Bob came <, and Ana Poe> {said} [it rains].", ["and Ana Poe"]),
        ("<The Mint> {said} [it rained] in a statement. <The statement> {denied} [hail].", ["The Mint"] * 2),
        ("<The Mint> {said} [it rained]. <The statement> {denied} [hail].", ["The Mint", "The statement"]),
        ("<It> {said} [it rained] in a statement. <The statement> {denied} [hail].", ["It", "The statement"]),
        (
            "<Ana Poe> {said} [it rained] in a letter. <The report> {denied} [hail].",
            ["Ana Poe", "The report"],
        ),
    ],
)
def test_a_source_gets_its_whole_name(marked: str, expected: list[str]) -> None:
    assert Marked(marked).names() == expected


def test_one_source_is_resolved_as_all_are() -> None:
    marked = Marked("<Ana Roe> {said} [it rained]. <She> {added} [it snowed]. <She> {left} [it].")
    found = marked.decode()
    assert resolve_source(marked.text, found[2], found[:2]) == "Ana Roe"
    assert resolve_source(marked.text, found[1], ()) == "She"


# Robustness


def test_decoding_is_deterministic() -> None:
    marked = Marked("<Mr. Poe> {said} [“it rains,”] and [more]. " * 50)
    assert marked.decode() == marked.decode()


def _hostile() -> Iterable[str]:
    words = "<Mr. Poe> {said} [“it rains,”] and [more]. "
    yield words * 2500
    yield '"' * 100_000
    yield " " * 100_000
    yield "{c} a " * 9_000 + "[b] a " * 9_000
    yield words.replace(".", "") * 500
    yield "[“" * 10_000
    yield "'" * 20_000
    yield "'a " * 7_000
    yield "‘a’ s’ " * 3_000
    yield "“a\n\n" * 5_000
    yield "A " * 10_000
    yield "[“a\n]" * 4_000


@pytest.mark.parametrize("text", _hostile(), ids=range(12))
def test_hostile_texts_of_a_hundred_thousand_characters_take_seconds_at_most(text: str) -> None:
    marked = Marked(text)
    begin = time.process_time()
    found = marked.decode()
    voices = [voice_of(marked.text, [span], found, marked.quotations) for span in marked.sentences]
    names = resolve_sources(marked.text, found)
    assert time.process_time() - begin < 10
    assert len(names) == len(found)
    assert len(voices) == len(marked.sentences)
    contents = [one.content for one in found]
    assert contents == sorted(contents)
    assert all(left[1] <= right[0] for left, right in pairwise(contents))
