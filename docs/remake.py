"""What commands write into the README: one session with its output, the figures, the picture of the report.

Run by `make pictures`, or `python docs/remake.py figures` for the figures alone; nothing between the README's
markers is typed by hand.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
PICTURE = ROOT / "docs" / "report.png"
CARD = ROOT / "model_cards" / "framing-minilm.json"
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


def replace_block(text: str, name: str, content: str) -> str:
    """Put content between the markers `<!-- NAME -->` and `<!-- /NAME -->`."""
    found = re.sub(
        rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)",
        lambda match: f"{match[1]}{content}\n{match[2]}",
        text,
        flags=re.DOTALL,
    )
    if f"<!-- {name} -->" not in text:
        sys.exit(f"{README}: no marker <!-- {name} -->")
    return found


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


def figures() -> str:
    """The figures of the model card that a newcomer asks for first."""
    from training.card import format_figure

    card = json.loads(CARD.read_text("utf8"))
    dev: dict[str, Any] = card["run"]["dev"]
    techniques, devices = dev["families"]["techniques"], dev["families"]["devices"]
    said, voices = dev["attributions"]["all"], dev["voices"]
    rows = [
        ("a sentence has any propaganda technique: average precision", techniques["any_average_precision"]),
        ("the same: F1", techniques["any_f1"]),
        ("which of the 14 techniques: micro F1", techniques["micro_f1"]),
        ("a sentence has any framing device: F1", devices["any_f1"]),
        ("which of the 16 devices: micro F1", devices["micro_f1"]),
        ("which words are a source's: F1", {**said["content"], "value": said["content"]["f1"]}),
        ("who that source is: F1", {**said["source"], "value": said["source"]["f1"]}),
        ("whose voice a device found is in: share right", voices["right"]),
    ]
    return "\n".join(
        [
            f"`{card['model']['name']} {card['model']['version']}`, on development articles that it did not "
            "learn from, with 95 % intervals over articles:",
            "",
            "| what | figure |",
            "| :-- | :-- |",
            *(f"| {name} | {format_figure(figure)} |" for name, figure in rows),
        ]
    )


def replace_figures(text: str) -> str:
    """Put every measured figure between its markers: the card's, and the lines of `training.readme`."""
    from training.readme import render_lines

    for name, content in {"figures": figures(), **render_lines()}.items():
        text = replace_block(text, name, content)
    return text


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
    """Remake what is asked for: session, figures (all of them), picture; everything if nothing is."""
    wanted = sys.argv[1:] or ["session", "figures", "picture"]
    if unknown := set(wanted) - {"session", "figures", "picture"}:
        sys.exit(f"{', '.join(unknown)}: expected session, figures or picture")
    if "session" in wanted:
        README.write_text(replace_block(README.read_text("utf8"), "session", session()), "utf8")
    if "figures" in wanted:
        README.write_text(replace_figures(README.read_text("utf8")), "utf8")
    if "picture" in wanted:
        picture()


if __name__ == "__main__":
    main()
