"""The README's lines of measured figures: `readme.md.jinja`, filled from the files that commands wrote."""

import json
from collections.abc import Mapping
from typing import Any

from training.card import format_figure
from training.templates import MEASUREMENTS, make_environment

WORDS = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
QUANTIFIERS = ("adjusted count", "probabilistic adjusted count", "expectation maximisation")


def render_lines() -> dict[str, str]:
    """The lines by the name of their markers, in the order of the template."""
    environment = make_environment(
        errors=_errors, covered=_covered, short=_short, words=_words, figure=format_figure
    )
    template = environment.get_template("readme.md.jinja")
    figures = {path.stem: json.loads(path.read_text("utf8")) for path in sorted(MEASUREMENTS.glob("*.json"))}
    context = template.new_context({**figures, "quantifiers": QUANTIFIERS})
    return {name: "".join(block(context)).strip() for name, block in template.blocks.items()}


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
