"""The measured figures of the README and the pages in docs: templates, filled from what commands wrote."""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from training.card import format_figure
from training.templates import MEASUREMENTS, make_environment

ROOT = Path(__file__).parents[1]
PAGES = (ROOT / "README.md", ROOT / "docs" / "speed.md", ROOT / "docs" / "cluster.md")
TEMPLATES = ("readme.md.jinja", "speed.md.jinja")
CARD = ROOT / "model_cards" / "framing-minilm.json"
WORDS = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
QUANTIFIERS = ("adjusted count", "probabilistic adjusted count", "expectation maximisation")
PRODUCTS = 2 * 6 * (4 * 384**2 + 2 * 384 * 1536)  # operations a token of the encoder's six layers


def render_blocks() -> dict[str, str]:
    """What belongs between the markers of `PAGES`: the name of the markers -> Markdown."""
    environment = make_environment(
        errors=_errors, covered=_covered, short=_short, words=_words, figure=format_figure, number=format,
        row=_row, median=median, operators=_operators,
    )  # fmt: skip
    measured = {path.stem: json.loads(path.read_text("utf8")) for path in sorted(MEASUREMENTS.glob("*.json"))}
    card = json.loads(CARD.read_text("utf8"))
    found: dict[str, str] = {}
    for name in TEMPLATES:
        template = environment.get_template(name)
        context = template.new_context(
            {**measured, "card": card, "quantifiers": QUANTIFIERS, "products": PRODUCTS}
        )
        found |= {block: "".join(make(context)).strip() for block, make in template.blocks.items()}
    return found


def fill(text: str, blocks: Mapping[str, str]) -> str:
    """Put blocks between their markers, `<!-- NAME -->` and `<!-- /NAME -->`; others stay as they are."""

    def put(match: re.Match[str]) -> str:
        name = match[1]
        return f"<!-- {name} -->\n{blocks[name]}\n<!-- /{name} -->" if name in blocks else match[0]

    return re.sub(r"<!-- (\w+) -->\n.*?<!-- /\1 -->", put, text, flags=re.DOTALL)


def _row(cells: Sequence[object]) -> str:
    """A row of a Markdown table."""
    return "| " + " | ".join(map(str, cells)) + " |"


def _operators(found: Mapping[str, Mapping[str, float]]) -> str:
    """A row for each kind of operation that takes 1 % in some precision, and one for all."""
    total = {name: sum(kinds.values()) for name, kinds in found.items()}
    rows = []
    for name in dict.fromkeys(name for kinds in found.values() for name in kinds):
        shares = [(found[precision].get(name, 0), total[precision]) for precision in total]
        if max(part / whole for part, whole in shares) >= 0.01:
            cells = (f"{part:.1f} ({part / whole:.0%})" if part else "" for part, whole in shares)
            rows.append(_row([f"`{name}`", *cells]))
    return "\n".join([*rows, _row(["all", *(f"{whole:.1f}" for whole in total.values())])])


def _errors(found: Mapping[str, Any]) -> str:
    means, change = found["error"]["mean_absolute"], found["error"]["corrected_against_counted"]
    changed = f"{100 * change:+.0f} %".replace("-", "−")
    return (
        f"corrected shares are off by {means['corrected']:.2f} percentage points on average, counts by "
        f"{means['counted']:.2f} ({changed})."
    )


def _covered(part: Mapping[str, Any]) -> str:
    return f"{100 * part['covered']:.1f} %"


def _short(value: float) -> str:
    """A figure in [0, 1] with two decimals, as in ``.93``."""
    return f"{value:.2f}".lstrip("0")


def _words(number: int) -> str:
    return WORDS[number] if number < len(WORDS) else f"{number:,}"
