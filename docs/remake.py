"""What commands write into the pages: a session with its output, the figures, the picture of the report.

Run by `make pictures`, or `python docs/remake.py figures` for the figures alone; nothing between the markers
of the README, docs/speed.md and docs/cluster.md is typed by hand.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from training.pages import PAGES, fill, render_blocks

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
PICTURE = ROOT / "docs" / "report.png"
WIDTH = 100  # columns of the session's terminal
SESSION = (
    "framing run framing/samples/articles.jsonl -o out/ | sed -n 1,25p",
    "framing story out/labels.jsonl --stories out/stories.jsonl | head -16",
    "framing show framing/samples/articles.jsonl --id flare-1 | head -9",
)
CHROMIUM = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
)


def session() -> str:
    """Run the session with the model that ships, and return it with its output."""
    lines = []
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "framing").symlink_to(ROOT / "framing")
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        settings = {
            **os.environ,
            "PATH": path,
            "COLUMNS": str(WIDTH),
            "TERM": "dumb",
            "PYTHONPATH": str(ROOT),
        }
        for command in SESSION:
            done = subprocess.run(
                ["bash", "-c", command],
                cwd=folder,
                env=settings,
                stdout=subprocess.PIPE,
                text=True,
                check=True,
            )
            lines += [f"$ {command}", *(line.rstrip() for line in done.stdout.strip("\n").splitlines())]
    return "\n".join(["```console", *lines, "```"])


def picture() -> None:
    """Draw the top of the sample articles' report; needs playwright and chromium."""
    import shutil

    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as run:
        command = [sys.executable, "-m", "framing", "run", "framing/samples/articles.jsonl", "-o", folder]
        subprocess.run([*command, "--force"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        browser = run.chromium.launch(executable_path=shutil.which("chromium"), args=list(CHROMIUM))
        page = browser.new_page(viewport={"width": 1100, "height": 760})
        page.goto((Path(folder) / "report.html").as_uri())
        page.evaluate("document.documentElement.style.scrollBehavior = 'auto'")
        page.locator("#glance").evaluate("element => element.scrollIntoView()")
        page.screenshot(path=PICTURE)
        browser.close()


def main() -> None:
    """Remake what is asked for: session, figures (of all pages), picture; everything if nothing is."""
    wanted = sys.argv[1:] or ["session", "figures", "picture"]
    if unknown := set(wanted) - {"session", "figures", "picture"}:
        sys.exit(f"{', '.join(unknown)}: expected session, figures or picture")
    if "session" in wanted:
        README.write_text(fill(README.read_text("utf8"), {"session": session()}), "utf8")
    if "figures" in wanted:
        blocks = render_blocks()
        for page in PAGES:
            page.write_text(fill(page.read_text("utf8"), blocks), "utf8")
    if "picture" in wanted:
        picture()


if __name__ == "__main__":
    main()
