"""How large the report of many outlets is, and how long a browser takes to open it."""

import shutil
import statistics
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from framing.development import Development
from framing.errors import FramingError
from framing.paths import default_model
from framing.profiling import build_profiles
from framing.records import Article
from framing.reports import write_report
from framing.stories import Stories, StoryArticle
from training.scale import made_up_provenance, make_labels

SENTENCES = 30  # an article's
TELLING = 5  # outlets of a story
OPENED = 5  # times; the median counts
ARGUMENTS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
)
# When everything is laid out and the list of sentences is there, in ms since the address was asked for.
_OPEN = "() => new Promise(done => requestAnimationFrame(() => setTimeout(() => done(performance.now()))))"
_SEARCH = """() => {
  const began = performance.now();
  document.getElementById("f-outlet").value = "7";
  document.getElementById("filters").dispatchEvent(new Event("change"));
  return performance.now() - began;
}"""


def measure_page(
    development: Development, path: Path, *, outlets: int, articles: int, draws: int, seed: int
) -> dict[str, Any]:
    """Writes the report of made-up outlets, and opens it in Chromium.

    Args:
        development: Where scores and labels of the sentences are drawn from.
        path: Where the report is written, `.html`.
        outlets: How many; at least 8.
        articles: Of all outlets together; a multiple of `outlets`.
        draws: Bootstrap draws of the profiles.
        seed: Of the made-up labels.

    Returns:
        ``outlets``, ``articles``, ``sentences``, ``labelled`` (sentences on the page), ``bytes`` of the file,
        ``opens_ms``, median over five visits from asking for the address to the page being laid out with its
        first sentences, and ``filters_ms``, the same for choosing an outlet.

    Raises:
        FramingError: Playwright or Chromium is not installed.
    """
    made = make_labels(development, outlets, seed, articles=articles // outlets, sentences=SENTENCES)
    rows = [replace(row, text=f"{row.index} {row.text}"[: len(row.text)]) for row in made]
    told = dict.fromkeys((row.article_id, row.outlet) for row in rows)
    provenance = made_up_provenance(development, len(told), len(rows))
    profiles = build_profiles(rows, draws=draws, provenance=provenance, model=default_model())
    named = [
        Article(
            one, outlet, "x", f"What happened on day {n}", "2025-01-02", f"https://{n}.example/a-long-address"
        )
        for n, (one, outlet) in enumerate(told)
    ]
    write_report(profiles, rows, path, articles=named, stories=_stories(named))
    opens, filters = _open(path)
    return {
        "outlets": outlets,
        "articles": len(told),
        "sentences": len(rows),
        "labelled": sum(bool(row.labels) for row in rows),
        "bytes": path.stat().st_size,
        "opens_ms": round(statistics.median(opens)),
        "filters_ms": round(statistics.median(filters)),
    }


def _stories(articles: Sequence[Article]) -> Stories:
    """Stories that five outlets each tell."""
    order = sorted(articles, key=lambda article: article.id.rpartition("-")[::-1])
    return Stories(
        tuple(
            StoryArticle(one.id, one.outlet, 1 + n // TELLING, SENTENCES, (), one.title or "", one.date)
            for n, one in enumerate(order)
        )
    )


def _open(path: Path) -> tuple[list[float], list[float]]:
    """Milliseconds of opening the page and of choosing an outlet, one a visit."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        raise FramingError("playwright is not installed: pip install 'framing[browser]'") from None
    if chromium is None:
        raise FramingError("no chromium found: apt-get install chromium")
    opens, filters = [], []
    with sync_playwright() as run:
        browser = run.chromium.launch(executable_path=chromium, args=list(ARGUMENTS))
        for _ in range(OPENED):
            page = browser.new_page(viewport={"width": 1400, "height": 900})
            page.goto(path.absolute().as_uri(), wait_until="load")
            opens.append(float(page.evaluate(_OPEN)))
            filters.append(float(page.evaluate(_SEARCH)))
            page.close()
        browser.close()
    return opens, filters
