import base64
import hashlib
import json
import random
import re
from collections.abc import Iterable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt

from framing.codebook import Codebook
from framing.codes import Device, Technique
from framing.errors import FramingError
from framing.passages import LONGEST, pieces_of, to_script, web_address
from framing.profiles import Profiles
from framing.profiling import build_profiles
from framing.records import Article, Label, LabelledSentence, Provenance, Voice
from framing.reports import escape_markdown, write_report
from framing.shades import DARK_SHADES, SHADES
from framing.stories import Stories, StoryArticle

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
        self.scripts: list[str] = []
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.elements and self.elements[-1][0] == "script" and self.cdata_elem:
            self.scripts.append(data)
        else:
            self.text += data

    @property
    def data(self) -> dict[str, Any]:
        """What the page's script reads."""
        place = next(i for i, (tag, found) in enumerate(self.elements) if found.get("id") == "data")
        assert self.elements[place] == ("script", {"type": "application/json", "id": "data"})
        return json.loads(next(script for script in self.scripts if script.startswith("{")))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]

    def attributes(self, name: str) -> list[str]:
        return [value or "" for _, found in self.elements for key, value in found.items() if key == name]


def made(
    path: Path,
    rows: Iterable[LabelledSentence],
    *,
    provenance: Provenance | None = None,
    examples: int | None = None,
    **more: Any,
) -> str:
    rows = list(rows)
    profiles = build_profiles(rows, provenance=provenance)
    assert write_report(profiles, iter(rows), path, codebook=BOOK, examples=examples, **more) == path
    return path.read_text(encoding="utf-8")


def html(
    tmp_path: Path, rows: Iterable[LabelledSentence], *, examples: int | None = None, **more: Any
) -> Page:
    return Page(made(tmp_path / "report.html", rows, provenance=PROVENANCE, examples=examples, **more))


def texts(page: Page) -> list[str]:
    return [text for _, _, text, _ in page.data["sentences"]]


def rendered(markdown: str) -> Page:
    return Page(MarkdownIt("commonmark", {"html": True}).enable("table").render(markdown))


def test_the_page_shows_figures_names_and_sentences(tmp_path: Path) -> None:
    page = html(tmp_path, some())
    assert "How 2 outlets frame the news" in page.text
    assert "%; 4 of 5 sentences labelled, 3 articles; no interval: 3 articles" in " ".join(
        page.attributes("title")
    )
    assert "Never labelled: War metaphor, Own code." in page.text
    assert "does not tell whose words they are" in page.text
    assert page.data["sentences"][0] == [0, 0, "Can they lie less?", [[0, 0.9, -1, -1, [4, 12]]]]
    assert page.data["articles"][0] == ["h1", "", "", "", 0, 0]


def corrected(profiles: Profiles) -> Profiles:
    """The first outlet's doubt is corrected to a half, with a doubt; everything else stays a count."""
    first, *rest = profiles.profiles
    found = replace(
        first.estimates["doubt", "all"],
        corrected=0.5,
        corrected_low=0.4,
        corrected_high=0.61,
        method="corrected",
        doubt="scores lie elsewhere than in development",
    )
    return replace(
        profiles, profiles=(replace(first, estimates={**first.estimates, ("doubt", "all"): found}), *rest)
    )


@pytest.mark.parametrize("suffix", [".html", ".md"])
def test_a_corrected_share_is_shown_before_the_count(tmp_path: Path, suffix: str) -> None:
    path = write_report(corrected(build_profiles(some())), some(), tmp_path / f"r{suffix}", codebook=BOOK)
    text = path.read_text("utf8")
    page = Page(text) if suffix == ".html" else rendered(text)
    assert "50.0" in page.text
    assert "40.0–61.0" in page.text
    assert "corrected for the errors of the model" in page.text
    if suffix == ".html":
        words = " ".join(page.attributes("title"))
        assert "Doubt, Herald: 50.0 %; 95 % interval 40.0–61.0 %; 4 of 5 sentences labelled (80.0 %)" in words
        assert "scores lie elsewhere than in development" in words
        assert "Slogans, Tide: 100.0 %, a count that is not corrected" in words
        assert "(100.0)" in page.text
        assert [found for found in page.all("line") if found.get("class") == "count"]


def test_a_page_holds_every_labelled_sentence_unless_told_otherwise(tmp_path: Path) -> None:
    assert len(texts(html(tmp_path, some()))) == 5
    page = html(tmp_path, some(), examples=1)
    assert texts(page) == ["Can they lie less?", "Forward, always forward!"]
    assert page.data["held"] == 1
    assert "for each outlet and label the 1 of the highest scores" in " ".join(page.text.split())


def test_too_many_sentences_leave_the_weakest_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("framing.passages.BUDGET", 10_000)
    rows = [sentence("Herald", f"h{i}", 0, f"{i:03} " + "x" * 90, ("doubt", i / 200)) for i in range(150)]
    page = html(tmp_path, rows)
    assert page.data["held"] == 50
    assert sorted(text[:3] for text in texts(page)) == [f"{i:03}" for i in range(100, 150)]


def test_markdown_shows_the_strongest_first_and_a_text_only_once(tmp_path: Path) -> None:
    text = made(tmp_path / "report.md", some(), examples=2)
    places = [text.index("<mark>they lie</mark> less?"), text.index("Really, truly, them?")]
    assert places == sorted(places)
    assert text.count("<mark>they lie</mark>") == 1
    assert "Who would trust them?" not in text
    assert "article h3" not in text


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


def evil_article(article_id: str, text: str) -> Article:
    return Article(article_id, "x", "x", title=text, url=f"https://x.example/{text}")


def test_text_never_becomes_markup(tmp_path: Path) -> None:
    text = "</style></title></script><!--<script>" + SCRIPT

    def page(first: str, second: str, text: str) -> Page:
        told = Stories(
            (
                StoryArticle(first, second, 1, 1, (), text, text),
                StoryArticle(text, first, 1, 1, (), text, text),
            )
        )
        articles = [evil_article(text, text), evil_article(first, text)]
        return html(tmp_path, two_outlets(first, second, text), articles=articles, stories=told)

    harmless, evil = page('"', "Herald", "They lie less."), page(EVIL_OUTLET, SCRIPT, text)
    assert [tag for tag, _ in evil.elements] == [tag for tag, _ in harmless.elements]
    assert [set(found) for _, found in evil.elements] == [set(found) for _, found in harmless.elements]
    assert any(EVIL_OUTLET in title for title in evil.attributes("title"))
    for shown in (text, EVIL_OUTLET, "<b>tiny</b>", f"1 quoted: {text}", f"1 attributed: {SCRIPT}"):
        assert shown in evil.text
    data = evil.data
    assert data["outlets"] == [EVIL_OUTLET, SCRIPT]
    assert texts(evil) == [text, text]
    assert set(data["sources"]) == {text, SCRIPT}
    assert data["articles"][0][:3] == [text, text, text]


def test_no_character_of_embedded_data_begins_markup() -> None:
    text = "</script><!-- ]]> & \u2028 \u2029 𝒳 “lies”"
    packed = to_script([text])
    assert json.loads(packed) == [text]
    assert not set("<>&\u2028\u2029") & set(packed)


@pytest.mark.parametrize(
    ("url", "link"),
    [
        ("https://x.example/a?b=c", "https://x.example/a?b=c"),
        ("javascript:alert(1)", ""),
        ("JavaScript:alert(1)//https://x.example", ""),
        ("data:text/html,x", ""),
        ("//x.example/a", ""),
        ("https://[", ""),
        (None, ""),
    ],
)
def test_only_web_addresses_become_links(tmp_path: Path, url: str | None, link: str) -> None:
    assert (web_address(url) or "") == link
    article = Article("h1", "Herald", "x", title="Who lies", date="2025-01-02", url=url)
    assert html(tmp_path, some(), articles=[article]).data["articles"][0] == [
        "h1", "Who lies", "2025-01-02", link, 0, 0,
    ]  # fmt: skip


def test_offsets_count_what_a_script_counts(tmp_path: Path) -> None:
    page = html(tmp_path, [sentence("H", "1", 0, "𝒳 lies 𝒴", ("doubt", 0.9), spans=((102, 108),))])
    assert page.data["sentences"][0][3][0][4] == [3, 10]
    assert "𝒳 lies 𝒴".encode("utf-16-le")[6:20].decode("utf-16-le") == "lies 𝒴"


def test_the_page_asks_for_nothing_and_links_lead_somewhere(tmp_path: Path) -> None:
    page = html(tmp_path, some())
    targets = page.attributes("id")
    assert len(targets) == len(set(targets))
    links = page.attributes("href")
    assert {link for link in links if not link.startswith("#")} == {"data:,"}
    inside = {link[1:] for link in links if link.startswith("#")}
    assert {link for link in inside if not link.startswith("sentences/")} <= set(targets)
    assert {"sentences/0/doubt/all", "sentences/1/slogans/all", "sentences/0"} <= inside
    assert not page.attributes("src")
    assert not re.search(r"url\(|@import|https?:", (tmp_path / "report.html").read_text())
    policy = next(content for content in page.attributes("content") if "default-src" in content)
    assert "default-src 'none'" in policy
    digest = base64.b64encode(hashlib.sha256(page.scripts[-1].encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}';" in policy
    assert "require-trusted-types-for 'script'" in policy
    assert not re.search(r"innerHTML|outerHTML|insertAdjacent|document\.write|eval\(", page.scripts[-1])


def test_the_page_has_what_screen_readers_need(tmp_path: Path) -> None:
    page = html(tmp_path, some())
    assert page.all("html") == [{"lang": "en"}]
    assert all("scope" in header for header in page.all("th"))
    assert len(page.all("caption")) == len(page.all("table")) == 1 + 2
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
    dark = [luminance(background) for background, _ in DARK_SHADES]
    assert dark == sorted(dark)
    for background, text in (*SHADES, *DARK_SHADES):
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
    assert [found["id"] for found in page.all("input") if found["type"] == "radio"] == [
        "voice-outlet", "voice-sources", "voice-all",
    ]  # fmt: skip
    assert page.data["sources"] == ["Moscow"]
    assert "the model's reading too" in page.text
    assert "In the words of its sources" in made(tmp_path / "report.md", rows)


def test_a_label_without_a_share_is_said_so(tmp_path: Path) -> None:
    rows = [
        sentence(outlet, outlet, 0, f"They lie to the {outlet}.", ("doubt", 0.9), voice="outlet")
        for outlet in ("Herald", "Post")
    ]
    assert "No sentence carries it in the words of a source." in html(tmp_path, rows).text
    made_up = build_profiles(rows)
    nothing = [
        replace(
            profile,
            estimates={
                key: replace(found, corrected=0.0, corrected_reason="too few articles", method="corrected")
                for key, found in profile.estimates.items()
            },
        )
        for profile in made_up.profiles
    ]
    path = tmp_path / "corrected.html"
    write_report(replace(made_up, profiles=tuple(nothing)), rows, path, codebook=BOOK)
    text = Page(path.read_text("utf8")).text
    assert "Corrected, no share is left of it." in text
    assert "Corrected, no share is left of it in an outlet’s own words." in text


@pytest.mark.parametrize("suffix", [".html", ".md"])
def test_the_sources_of_each_label_are_listed(tmp_path: Path, suffix: str) -> None:
    rows = [
        sentence("Herald", "1", i, f"“Lie {i}.”", ("doubt", 0.9), voice="quoted", source=source)
        for i, source in enumerate([*"ABCDEFGH", "Moscow", "Moscow"])
    ]
    text = made(tmp_path / f"report{suffix}", rows)
    page = Page(text) if suffix == ".html" else rendered(text)
    assert "Whom the outlets let speak" in page.text
    first, second = ("Moscow\xa02", "A\xa01") if suffix == ".html" else ("Moscow: 2", "A: 1")
    listed = page.text[page.text.index(first) :]
    assert listed.startswith(f"{first}; {second};")
    assert "3 more" in listed
    own = made(
        tmp_path / f"own{suffix}", [sentence("Herald", "1", 0, "Lie.", ("doubt", 0.9), voice="outlet")]
    )
    assert "let speak" not in own


def test_a_source_spelt_with_and_without_capitals_is_one(tmp_path: Path) -> None:
    rows = [
        sentence("Herald", "1", i, f"“Lie {i}.”", ("doubt", 0.9), voice="quoted", source=source)
        for i, source in enumerate(["Experts", "experts", "They", None])
    ]
    assert "Experts: 2; not named, or he, she, they: 2" in rendered(made(tmp_path / "r.md", rows)).text


@pytest.mark.parametrize("suffix", [".html", ".md"])
def test_what_sets_apart_and_who_is_near(tmp_path: Path, suffix: str) -> None:
    often = {"Herald": ("doubt", 2), "Post": ("doubt", 1), "Tide": ("slogans", 2)}
    rows = [
        sentence(outlet, f"{outlet}-{article}", index, "Lies.", *([(code, 0.9)] if index < many else []))
        for outlet, (code, many) in often.items()
        for article in range(30)
        for index in range(4)
    ]
    text = made(tmp_path / f"report{suffix}", rows)
    page = Page(text) if suffix == ".html" else rendered(text)
    words = " ".join(page.text.split())
    assert "What sets each outlet apart" in words
    assert "Doubt" in words[words.index("What sets") :]
    assert "50.0" in words[words.index("What sets") :]  # Herald's share of doubt
    nearest = words[words.index("Herald", words.index("ear each other")) :]
    assert nearest.startswith("Herald Post 0.00; Tide" if suffix == ".md" else "Herald"), nearest[:80]


def test_a_label_leads_to_its_definition_and_the_highest_comes_first(tmp_path: Path) -> None:
    page = html(tmp_path, [*some(), sentence("Tide", "t2", 0, "Onward!", ("slogans", 0.6))])
    assert {"#l-doubt", "#l-slogans"} <= set(page.attributes("href"))
    assert [place for place in page.attributes("id") if place.startswith("l-")] == ["l-slogans", "l-doubt"]


def test_a_story_goes_by_its_first_title_and_its_articles_are_linked(tmp_path: Path) -> None:
    told = Stories(
        (
            StoryArticle("h1", "Herald", 1, 2, (), "They lie", "2025-01-03"),
            StoryArticle("t1", "Tide", 1, 1, (), "Forward", "2025-01-02"),
        )
    )
    articles = [
        Article("t1", "Tide", "x", url="https://tide.example/1"),
        Article("h1", "Herald", "x", url="data:x"),
    ]
    page = html(tmp_path, some(), articles=articles, stories=told)
    assert [a["href"] for a in page.all("a") if a.get("target")] == ["https://tide.example/1"]
    text = page.text[page.text.index("The same story, outlet by outlet") :]
    assert text.index("Forward") < text.index("They lie")


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
    assert not [found for found in page.all("script") if found]


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
    assert pieces_of(sentence("Herald", "1", 0, "one two three"), spans) == pieces


def test_an_endless_sentence_is_shortened_around_its_words() -> None:
    row = sentence("Herald", "1", 0, "word " * 1000 + "lie" + " word" * 1000)
    pieces = pieces_of(row, ((5100, 5103),))
    assert pieces[0] == ("… ", False)
    assert pieces[-1] == (" …", False)
    assert ("lie", True) in pieces
    assert sum(len(text) for text, _ in pieces) == LONGEST + 4


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
