"""The report in a browser, as a reader uses it. `make browser-test` installs what these tests need."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from framing.codebook import load_codebook
from framing.profiling import build_profiles
from framing.records import Article, Label, LabelledSentence, Voice
from framing.reports import write_report
from framing.stories import Stories, StoryArticle

playwright = pytest.importorskip(
    "playwright.sync_api", reason="playwright is not installed: make browser-test"
)
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
AXE = Path(os.environ.get("FRAMING_AXE", "build/axe/node_modules/axe-core/axe.min.js"))
if CHROMIUM is None:
    pytest.skip("no chromium: apt-get install chromium", allow_module_level=True)

ARGUMENTS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
)
CODES = tuple(entry.code for entry in (*load_codebook().techniques, *load_codebook().devices))
SCRIPT = "<script>window.hurt=1</script><img src=x onerror=window.hurt=1>"
OUTLET = '"><svg onload=window.hurt=1>'


def sentence(
    outlet: str,
    article: str,
    index: int,
    text: str,
    code: str,
    voice: Voice = "outlet",
    source: str | None = None,
) -> LabelledSentence:
    label = Label(code, 0.5 + index / 100, ((4, 9),), voice, source)
    scores = dict.fromkeys(CODES, 0.1)
    return LabelledSentence(article, outlet, index, 0, len(text), text, scores, (label,), voice)


def rows(
    outlets: list[str], text: str = "The gang will strike again", articles: int = 6
) -> Iterator[LabelledSentence]:
    for place, outlet in enumerate(outlets):
        for number in range(articles):
            article = f"{outlet}-{number}"
            for index in range(8):
                code = CODES[(index + number % 2) % 5 + (place if articles > 6 else 0)]
                if index % 3:
                    yield sentence(outlet, article, index, f"{text} {number}.{index}", code)
                else:
                    source = "Moscow" if number % 2 else text
                    yield sentence(outlet, article, index, f"{text} {number}.{index}", code, "quoted", source)


def written(
    path: Path, outlets: list[str], text: str = "The gang will strike again", articles: int = 6
) -> Path:
    found = list(rows(outlets, text, articles))
    ids = dict.fromkeys((row.article_id, row.outlet) for row in found)
    named = [
        Article(one, outlet, "x", f"{text}: {one}", "2025-01-02", f"https://x.example/{number}")
        for number, (one, outlet) in enumerate(ids)
    ]
    told = Stories(
        tuple(StoryArticle(a.id, a.outlet, 1 + int(a.id[-1]) // 2, 8, (), a.title or "") for a in named)
    )
    return write_report(build_profiles(found, draws=100), found, path, articles=named, stories=told)


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with playwright.sync_playwright() as run:
        started = run.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        yield started
        started.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("reports")


@pytest.fixture(scope="module")
def small(folder: Path) -> Path:
    return written(folder / "small.html", ["Herald", "Tide", "Wire"])


@pytest.fixture(scope="module")
def large(folder: Path) -> Path:
    return written(folder / "large.html", [f"outlet {number:02}" for number in range(20)])


@pytest.fixture(scope="module")
def full(folder: Path) -> Path:
    """Outlets that differ, with articles enough for contrasts and a map: every section is there."""
    return written(folder / "full.html", ["Herald", "Tide", "Wire"], articles=30)


class Visit:
    """A page that is open, and everything that it must not do."""

    def __init__(self, browser: Any, path: Path, **settings: Any) -> None:
        self.complaints: list[str] = []
        self.page = browser.new_page(**settings)
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", self._ask)
        self.page.goto(path.as_uri())

    def _ask(self, request: Any) -> None:
        if not request.url.startswith(("file:", "data:")):
            self.complaints.append(f"request: {request.url}")

    def texts(self) -> list[str]:
        return self.page.locator("#list blockquote").all_inner_texts()

    def close(self) -> None:
        self.page.close()
        assert self.complaints == []


@pytest.fixture
def visit(browser: Any, small: Path) -> Iterator[Visit]:
    opened = Visit(browser, small)
    yield opened
    opened.close()


def test_the_voice_switch_changes_every_figure(visit: Visit) -> None:
    page = visit.page
    headings = {"outlet": "In the outlet's own words", "sources": "In the words of its sources"}
    for voice, heading in headings.items():
        page.check(f"#voice-{voice}", force=True)
        assert page.get_by_role("heading", name=heading).first.is_visible()
        for other in page.locator("[data-voice]").all():
            assert other.is_visible() == (other.get_attribute("data-voice") == voice)


def test_the_voice_switch_works_without_scripts(browser: Any, small: Path) -> None:
    page = browser.new_page(java_script_enabled=False)
    page.goto(small.as_uri())
    page.check("#voice-sources", force=True)
    assert page.locator(".map:visible").count() == 1
    assert page.get_by_text("Sentences are searched by a script").is_visible()
    assert page.locator("#filters").is_hidden()
    page.close()


def test_a_cell_leads_to_its_sentences(visit: Visit) -> None:
    page = visit.page
    cell = page.locator(".map:visible td:has(a)").first
    counts = cell.get_attribute("title")
    cell.locator("a").click()
    assert page.evaluate("document.activeElement.id") == "sentences-h"
    assert page.locator("#cell-words").inner_text() == counts
    wanted = int(counts.split("; ")[1].split(" of ")[0])
    assert page.locator("#found").inner_text() == f"{wanted} sentences"
    assert page.locator("#f-outlet option:checked").inner_text() == "Herald"
    assert page.locator("#list mark").first.inner_text() == "gang "
    assert set(page.locator("#list li li").all_inner_texts()) <= {
        text for text in page.locator("#list li li").all_inner_texts() if "outlet’s own words" in text
    }
    link = page.locator("#list .origin a").first
    assert link.get_attribute("href").startswith("https://x.example/")
    page.go_back()
    page.locator(".map:visible td:has(a)").nth(1).locator("a").click()
    assert page.locator("#cell-words").inner_text() != counts


def test_sentences_are_searched_and_filtered(visit: Visit) -> None:
    page = visit.page
    assert page.locator("#found").inner_text() == "144 sentences"
    assert len(visit.texts()) == 30
    page.click("#more")
    assert len(visit.texts()) == 60
    page.select_option("#f-outlet", label="Tide")
    page.select_option("#f-voice", "sources")
    assert page.locator("#found").inner_text() == "18 sentences"
    page.fill("#f-words", "MOSCÓW")
    page.get_by_text("9 sentences", exact=True).wait_for()
    assert all("quoted: Moscow" in text for text in page.locator("#list li li").all_inner_texts())
    page.select_option("#f-story", "1")
    assert page.locator("#found").inner_text() == "3 sentences"
    page.fill("#f-words", "nobody says this")
    page.get_by_text("No sentence fits").wait_for()
    page.click("text=Clear")
    page.get_by_text("144 sentences", exact=True).wait_for()


def test_the_keyboard_reaches_switch_and_cells(visit: Visit) -> None:
    page = visit.page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.focus("#voice-outlet")
    page.keyboard.press("ArrowRight")
    assert page.locator("#voice-sources").is_checked()
    page.locator(".map:visible td a").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_function("document.activeElement.id === 'sentences-h'")


def test_many_outlets_are_rows_and_are_filtered(browser: Any, large: Path) -> None:
    visit = Visit(browser, large)
    page = visit.page
    rows_shown = page.locator(".map:visible tbody tr:visible")
    assert rows_shown.count() == 20
    page.fill("#outlet-filter", "outlet 1")
    assert rows_shown.count() == 10
    assert page.locator("#outlet-count").inner_text() == "10 of 20"
    visit.close()


def test_a_label_leads_to_its_plot_and_opens_it(browser: Any, full: Path) -> None:
    visit = Visit(browser, full)
    page = visit.page
    code = CODES[0]
    page.evaluate("for (const one of document.querySelectorAll('.plot')) one.open = false")
    page.locator(f".map:visible a[href='#l-{code}']").click()
    page.locator(f"#l-{code}").wait_for()
    assert page.locator(".plot[open]").count() == 1
    visit.close()


def test_every_section_is_there_and_leads_to_sentences(browser: Any, full: Path) -> None:
    visit = Visit(browser, full)
    page = visit.page
    for name in ("glance", "labels", "apart", "map", "stories", "sources", "sentences", "made"):
        assert page.locator(f"nav a[href='#{name}']").is_visible()
        assert page.locator(f"section#{name}").is_visible()
    assert page.locator(".chart:visible text").all_text_contents()[1:] == ["Herald", "Tide", "Wire"]
    page.locator(".apart:visible td, .apart:visible th a").first.click()
    page.wait_for_function("document.activeElement.id === 'sentences-h'")
    assert page.locator("#f-outlet option:checked").inner_text() == "Herald"
    visit.close()


@pytest.mark.parametrize("width", [390, 1400])
@pytest.mark.parametrize("name", ["small", "large", "full"])
def test_a_page_fits_its_window(browser: Any, request: pytest.FixtureRequest, name: str, width: int) -> None:
    visit = Visit(browser, request.getfixturevalue(name), viewport={"width": width, "height": 900})
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= width
    visit.close()


def test_text_stays_text(browser: Any, folder: Path) -> None:
    text = f"The </script><!-- {SCRIPT}"
    visit = Visit(browser, written(folder / "evil.html", [OUTLET, SCRIPT, text], text, articles=30))
    page = visit.page
    page.evaluate("location.hash = '#sentences/0'")
    page.wait_for_function("document.activeElement.id === 'sentences-h'")
    assert page.evaluate("window.hurt") is None
    assert page.locator("img").count() == 0
    assert page.locator("script").count() == 2
    assert page.locator("#list blockquote").first.inner_text().startswith(text)
    for section in ("apart", "map", "stories", "sources"):
        assert OUTLET in page.locator(f"#{section}").text_content()
        assert SCRIPT in page.locator(f"#{section}").text_content()
    assert page.locator("#f-outlet option:checked").inner_text() == OUTLET
    assert page.locator(".map:visible thead").inner_text().strip().startswith(OUTLET)
    visit.close()


@pytest.mark.skipif(not AXE.is_file(), reason="axe-core is not installed: make browser-test")
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["small", "large", "full"])
def test_axe_finds_no_serious_violation(
    browser: Any, request: pytest.FixtureRequest, name: str, scheme: str
) -> None:
    # The policy of the page would keep axe out, too.
    page = browser.new_page(bypass_csp=True, color_scheme=scheme)
    page.goto(request.getfixturevalue(name).as_uri())
    page.add_script_tag(path=AXE)
    found = page.evaluate("axe.run({resultTypes: ['violations']})")["violations"]
    page.close()
    told = [f"{one['impact']}: {one['id']}: {one['nodes'][0]['html'][:200]}" for one in found]
    assert [line for line in told if line.startswith(("serious", "critical"))] == []


def test_the_page_of_many_outlets_is_measured(tmp_path: Path) -> None:
    page, output = tmp_path / "page.html", tmp_path / "page.json"
    command = [sys.executable, "-m", "training", "page", "--outlets", "9", "--articles", "18"]
    subprocess.run([*command, "--page", str(page), "-o", str(output)], check=True, timeout=300)
    found = json.loads(output.read_text("utf8"))
    assert (found["outlets"], found["articles"], found["sentences"]) == (9, 18, 540)
    assert found["bytes"] == page.stat().st_size
    assert found["opens_ms"] > 0
