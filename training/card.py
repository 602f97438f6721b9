"""From a run's figures to its model card: no number in it is typed by hand."""

import json
import tomllib
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from framing.codebook import load_codebook
from framing.errors import FramingError
from training.annotation import ANNOTATIONS
from training.finish import MODEL, RUN
from training.reliability import plot_reliability

PUBLISHED = Path(__file__).parent / "published.toml"
CEILING = Path(__file__).parent / "measurements" / "attribution_ceiling.json"


def write_card(run: Path, folder: Path) -> Path:
    """Compile the card of a run: `NAME.json` holds the numbers, `NAME.md` shows them.

    Args:
        run: A run's folder, finished.
        folder: Where the cards are.

    Returns:
        The path of `NAME.md`.

    Raises:
        FramingError: If the run is not finished.
    """
    try:
        report = json.loads((run / RUN).read_text("utf8"))
        about = json.loads((run / MODEL / "model.json").read_text("utf8"))
        decisions = json.loads((run / MODEL / "decisions.json").read_text("utf8"))
    except FileNotFoundError as error:
        raise FramingError(
            f"{error.filename}: no such file, expected a finished run; run training fit"
        ) from None
    if "dev" not in report:
        raise FramingError(
            f"{run / RUN}: no entry 'dev', expected a finished run; run training fit to its end"
        )
    name = about["name"]
    card = {"model": about, "decisions": decisions, "run": report}
    if report["settings"]["data"]["annotations"]:
        card["agreement"] = json.loads((ANNOTATIONS / "agreement.json").read_text("utf8"))
    if "attributions" in report["dev"] and CEILING.is_file():
        card["ceiling"] = json.loads(CEILING.read_text("utf8"))
    card["published"] = compare_published(report)
    folder.mkdir(parents=True, exist_ok=True)
    card["reliability_plot"] = f"{name}-reliability.svg"
    plot_reliability(
        {family: found["reliability"] for family, found in report["dev"]["families"].items()},
        folder / card["reliability_plot"],
    )
    (folder / f"{name}.json").write_text(json.dumps(card, indent=1) + "\n", "utf8")
    path = folder / f"{name}.md"
    path.write_text(render_card(card), "utf8")
    return path


def compare_published(report: dict[str, Any]) -> list[dict[str, Any]]:
    """Set this run's figures beside those of `published.toml`; a figure that this run lacks is left out."""
    rows = []
    for row in tomllib.loads(PUBLISHED.read_text("utf8"))["rows"]:
        ours: Any = report
        for key in row["figure"].split("."):
            ours = ours.get(key) if isinstance(ours, dict) else None
        if ours is not None:
            rows.append({**row, "ours": ours})
    return rows


def render_card(card: dict[str, Any]) -> str:
    """Return the card as Markdown."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )
    environment.filters["figure"] = format_figure
    return environment.get_template("card.md.jinja").render(**card, codebook=load_codebook())


def format_figure(figure: dict[str, float]) -> str:
    """Format a figure with its interval, as in ``.651 (.602 to .699)``."""
    value, low, high = (f"{figure[key]:.3f}".lstrip("0") for key in ("value", "low", "high"))
    return f"{value} ({low} to {high})"
