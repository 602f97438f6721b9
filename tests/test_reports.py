import random
import re
from collections.abc import Iterable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from framing.codebook import Codebook, Device, Technique
from framing.errors import FramingError
from framing.profiles import Profiles, build_profiles
from framing.records import Label, LabelledSentence, Provenance, Voice
from framing.reports import SHADES, _pieces, escape_markdown, write_report

CODES = ("doubt", "slogans", "war_metaphor", "own_code")
BOOK = Codebook(
    "1",
    (
        Technique("doubt", "Doubt", "the words question somebody's credibility"),
        Technique("slogans", "Slogans", "a brief, striking phrase"),
        Device("war_metaphor", "War metaphor", "peace is told as battle"),
    ),
)
PROVENANCE = Provenance(
    model="<b>tiny</b>",
    weights_sha256="a" * 64,
    base_sha256="b" * 64,
    codebook_version="1",
    codes=CODES,
    engine="torch",
    device="cpu",
    precision="fp32",
    versions={"torch": "2.8"},
    input_sha256="c" * 64,
    articles=3,
    sentences=6,
)
SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(1)>"
EVIL_OUTLET = '"><svg onload=alert(1)>'


def sentence(
    outlet: str,
    article: str,
    index: int,
    text: str,
    *labels: tuple[str, float],
    spans: tuple[tuple[int, int], ...] = (),
    voice: Voice | None = None,
    source: str | None = None,
) -> LabelledSentence:
    return LabelledSentence(
        article_id=article,
        outlet=outlet,
        index=index,
        start=100,
        end=100 + len(text),
        text=text,
        scores=dict.fromkeys(CODES, 0.5),
        labels=tuple(Label(code, score, spans, voice, source) for code, score in labels),
        voice=voice,
    )


def some() -> list[LabelledSentence]:
    lie = sentence("Herald", "h1", 0, "Can they lie less?", ("doubt", 0.9), spans=((104, 112),))
    return [
        lie,
        sentence("Herald", "h1", 1, "Who would trust them?", ("doubt", 0.7)),
        sentence("Herald", "h2", 0, "Really, truly, them?", ("doubt", 0.8)),
        replace(lie, article_id="h3"),
        sentence("Herald", "h3", 1, "A plain sentence."),
        sentence("Tide", "t1", 0, "Forward, always forward!", ("slogans", 0.6)),
    ]


class Page(HTMLParser):
    """What a browser would make of a page: its elements, their attributes, and the text."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]

    def attributes(self, name: str) -> list[str]:
        return [value or "" for _, found in self.elements for key, value in found.items() if key == name]


def made(
    path: Path, rows: Iterable[LabelledSentence], *, provenance: Provenance | None = None, examples: int = 3
) -> str:
    rows = list(rows)
    profiles = build_profiles(rows, provenance=provenance)
    assert write_report(profiles, iter(rows), path, codebook=BOOK, examples=examples) == path
    return path.read_text(encoding="utf-8")


def html(tmp_path: Path, rows: Iterable[LabelledSentence], *, examples: int = 3) -> Page:
    return Page(made(tmp_path / "report.html", rows, provenance=PROVENANCE, examples=examples))


def rendered(markdown: str) -> Page:
    return Page(MarkdownIt("commonmark", {"html": True}).enable("table").render(markdown))


def test_the_page_shows_figures_names_and_sentences(tmp_path: Path) -> None:
    page = html(tmp_path, some())
    assert "How 2 outlets frame the news" in page.text
    assert "Doubt, Herald: 80.0 %; 4 of 5 sentences, 3 articles; 95 % interval" in " ".join(
        page.attributes("title")
    )
    assert "Never labelled: War metaphor, Own code." in page.text
    assert "does not tell whose words they are" in page.text
    assert "Article h1 · score 0.90" in page.text
    assert len(page.all("mark")) == 2  # one explains, one marks


def test_strongest_first_and_a_text_only_once(tmp_path: Path) -> None:
    text = html(tmp_path, some(), examples=2).text
    places = [text.index("Can they lie less?"), text.index("Really, truly, them?")]
    assert places == sorted(places)
    assert text.count("Can they lie less?") == 1
    assert "Who would trust them?" not in text
    assert "Article h3" not in text


@pytest.mark.parametrize("suffix", [".html", ".md"])
def test_the_order_of_the_input_does_not_matter(tmp_path: Path, suffix: str) -> None:
    rows = some()
    first = made(tmp_path / f"a{suffix}", rows)
    random.Random(3).shuffle(rows)
    assert made(tmp_path / f"b{suffix}", rows) == first


def two_outlets(first: str, second: str, text: str) -> list[LabelledSentence]:
    """Every place that holds somebody's text: outlets, article ids, sentences, marks and sources."""
    label, spans = ("doubt", 0.9), ((100, 108),)
    return [
        sentence(first, text, 0, text, label, spans=spans, voice="quoted", source=text),
        sentence(second, first, 0, text, label, spans=spans, voice="attributed", source=second),
    ]


def test_text_never_becomes_markup(tmp_path: Path) -> None:
    text = "</style></title>" + SCRIPT
    harmless = html(tmp_path, two_outlets('"', "Herald", "They lie less."))
    page = html(tmp_path, two_outlets(EVIL_OUTLET, SCRIPT, text))
    assert [tag for tag, _ in page.elements] == [tag for tag, _ in harmless.elements]
    assert [set(found) for _, found in page.elements] == [set(found) for _, found in harmless.elements]
    for shown in (text, EVIL_OUTLET, f"quoted: {text}", f"attributed: {SCRIPT}", "<b>tiny</b>"):
        assert shown in page.text
    assert any(EVIL_OUTLET in title for title in page.attributes("title"))


def test_the_page_asks_for_nothing_and_links_lead_somewhere(tmp_path: Path) -> None:
    page = html(tmp_path, some())
    targets = page.attributes("id")
    assert len(targets) == len(set(targets))
    links = page.attributes("href")
    assert {link for link in links if not link.startswith("#")} == {"data:,"}
    assert {link[1:] for link in links if link.startswith("#")} <= set(targets)
    assert not page.attributes("src")
    assert not re.search(r"url\(|@import|https?:", (tmp_path / "report.html").read_text())
    assert any("default-src 'none'" in content for content in page.attributes("content"))


def test_the_page_has_what_screen_readers_need(tmp_path: Path) -> None:
    page = html(tmp_path, some())
    assert page.all("html") == [{"lang": "en"}]
    assert all("scope" in header for header in page.all("th"))
    assert len(page.all("caption")) == len(page.all("table")) == 2
    assert {"header", "main", "footer", "nav"} <= {tag for tag, _ in page.elements}
    references = page.attributes("aria-labelledby")
    assert set(references) <= set(page.attributes("id"))


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_shades_darken_and_keep_their_text_legible() -> None:
    lights = [luminance(background) for background, _ in SHADES]
    assert lights == sorted(lights, reverse=True)
    for background, text in SHADES:
        low, high = sorted((luminance(background), luminance(text)))
        assert (high + 0.05) / (low + 0.05) >= 4.5


def test_voices_have_a_heat_map_each(tmp_path: Path) -> None:
    rows = [
        sentence("Herald", "1", 0, "They lie.", ("doubt", 0.9), voice="outlet"),
        sentence("Herald", "2", 0, "“They lie again.”", ("slogans", 0.8), voice="quoted", source="Moscow"),
    ]
    page = html(tmp_path, rows)
    headings = ["In the outlet's own words", "In the words of its sources", "Whoever speaks"]
    places = [page.text.index(heading) for heading in headings]
    assert places == sorted(places)  # the outlet's own first
    assert "quoted: Moscow" in page.text
    assert "the model's reading too" in page.text
    assert "In the words of its sources" in made(tmp_path / "report.md", rows)


@pytest.mark.parametrize("suffix", [".html", ".md"])
def test_the_sources_of_each_label_are_listed(tmp_path: Path, suffix: str) -> None:
    rows = [
        sentence("Herald", "1", i, f"“Lie {i}.”", ("doubt", 0.9), voice="quoted", source=source)
        for i, source in enumerate([*"ABCDEFGH", "Moscow", "Moscow"])
    ]
    text = made(tmp_path / f"report{suffix}", rows)
    page = Page(text) if suffix == ".html" else rendered(text)
    assert "Whom the outlets let speak" in page.text
    listed = page.text[page.text.index("Moscow: 2") :]
    assert listed.startswith(
        "Moscow: 2 sentences; A: 1 sentence;" if suffix == ".html" else "Moscow: 2; A: 1;"
    )
    assert "3 more" in listed
    own = made(
        tmp_path / f"own{suffix}", [sentence("Herald", "1", 0, "Lie.", ("doubt", 0.9), voice="outlet")]
    )
    assert "let speak" not in own


@pytest.mark.parametrize("suffix", [".html", ".md"])
def test_nothing_labelled_is_still_a_report(tmp_path: Path, suffix: str) -> None:
    text = made(tmp_path / f"report{suffix}", [sentence("Herald", "1", 0, "A plain sentence.")])
    assert "No sentence carries a label." in text
    assert "do not say how their labels were made" in text


def test_without_examples_the_labels_are_not_read(tmp_path: Path) -> None:
    def unread() -> Iterable[LabelledSentence]:
        pytest.fail("read")
        yield from ()

    path = tmp_path / "report.html"
    write_report(build_profiles(some()), unread(), path, codebook=BOOK, examples=0)
    page = Page(path.read_text(encoding="utf-8"))
    assert "The sentences behind the numbers" not in page.text
    assert {link[1:] for link in page.attributes("href") if link[0] == "#"} <= set(page.attributes("id"))


@pytest.mark.parametrize(
    ("spans", "pieces"),
    [
        ((), (("one two three", False),)),
        (((104, 107),), (("one ", False), ("two", True), (" three", False))),
        (((100, 105), (104, 107)), (("one two", True), (" three", False))),
        (((90, 103), (500, 510)), (("one", True), (" two three", False))),
        (((108, 200),), (("one two ", False), ("three", True))),
    ],
)
def test_spans_cut_a_sentence_into_pieces(
    spans: tuple[tuple[int, int], ...], pieces: tuple[tuple[str, bool], ...]
) -> None:
    assert _pieces(sentence("Herald", "1", 0, "one two three"), spans) == pieces


def test_an_endless_sentence_is_shortened_around_its_words() -> None:
    row = sentence("Herald", "1", 0, "word " * 1000 + "lie" + " word" * 1000)
    pieces = _pieces(row, ((5100, 5103),))
    assert pieces[0] == ("… ", False)
    assert pieces[-1] == (" …", False)
    assert ("lie", True) in pieces
    assert sum(len(text) for text, _ in pieces) == 504


NASTY = [
    SCRIPT,
    "a | b `c` [d](javascript:alert(1)) ![e](x) *f* _g_ **h** ~~i~~ \\",
    "# no heading\n\n- no list\n\n> no quotation\n\n    no code",
    "&lt; &amp; &#60;b&#62; $x$",
    "<javascript:alert(1)> <!-- x --> ]]>",
]


@pytest.mark.parametrize("text", NASTY)
def test_markdown_shows_text_as_it_is(text: str) -> None:
    def tags(shown: str) -> list[str]:
        return [tag for tag, _ in rendered(f"- x {shown}\n\n| a {shown} |\n| :-- |\n| b |\n").elements]

    page = rendered(f"- {escape_markdown(text)}\n\n| {escape_markdown(text)} |\n| :-- |\n| b |\n")
    assert tags(escape_markdown(text)) == tags("harmless")
    assert page.text.count(" ".join(text.split())) == 2


@pytest.mark.parametrize("text", NASTY)
def test_markdown_report_is_text_only(tmp_path: Path, text: str) -> None:
    pages = [
        rendered(made(tmp_path / "report.md", two_outlets(*names), provenance=PROVENANCE))
        for names in (("!", "Herald", "They lie less."), (EVIL_OUTLET, "x" + text, text))
    ]
    assert [tag for tag, _ in pages[1].elements] == [tag for tag, _ in pages[0].elements]
    assert EVIL_OUTLET in pages[1].text


def test_markdown_keeps_spaces_around_marks(tmp_path: Path) -> None:
    text = made(tmp_path / "report.md", some())
    assert "- score 0.90, article h1: Can <mark>they lie</mark> less?\n" in text
    assert "| Doubt | 80.0 (" in text


def test_wrong_input_is_one_clear_line(tmp_path: Path) -> None:
    profiles = build_profiles(some())

    def attempt(rows: list[LabelledSentence], name: str = "report.html", examples: int = 3) -> str:
        with pytest.raises(FramingError) as raised:
            write_report(profiles, rows, tmp_path / name, codebook=BOOK, examples=examples)
        assert "\n" not in str(raised.value)
        return str(raised.value)

    assert "found the suffix '.pdf', expected .html or .md" in attempt(some(), "report.pdf")
    assert "examples is -1" in attempt(some(), examples=-1)
    assert "cannot be written" in attempt(some(), "none/report.html")
    assert "the labels hold 4 sentences of 'Herald', the profiles 5" in attempt(some()[1:])
    assert "the labels hold 1 sentences of 'Other'" in attempt([*some(), sentence("Other", "1", 0, "x")])
    assert not (tmp_path / "report.html").exists()


def test_names_are_those_of_the_codebook_that_ships(tmp_path: Path) -> None:
    path = write_report(build_profiles(some()), some(), tmp_path / "report.md")
    assert "Never labelled: War metaphor, Own code." in path.read_text(encoding="utf-8")


def test_fifty_outlets_stay_one_small_page(tmp_path: Path) -> None:
    rows = [
        sentence(
            f"outlet {number:02}", str(article), 0, f"Sentence {article}.", ("doubt", 0.5 + article / 20)
        )
        for number in range(50)
        for article in range(8)
    ]
    profiles: Profiles = build_profiles(rows, draws=100)
    path = write_report(profiles, rows, tmp_path / "report.html", codebook=BOOK)
    assert path.stat().st_size < 400_000
    assert 'class="map many"' in path.read_text(encoding="utf-8")
