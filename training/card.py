"""From a run's figures to its model card: no number in it is typed by hand."""

import json
import tomllib
from pathlib import Path
from typing import Any

from framing.codebook import load_codebook
from framing.errors import FramingError
from framing.files import write_json
from training.annotation import ANNOTATIONS
from training.finish import MODEL, RUN
from training.reliability import plot_reliability
from training.templates import MEASUREMENTS, make_environment

PUBLISHED = Path(__file__).parent / "published.toml"
CEILING = MEASUREMENTS / "attribution_ceiling.json"
BIAS = MEASUREMENTS / "babe.json"
UNSEEN = MEASUREMENTS / "unseen.json"
ABLATIONS = MEASUREMENTS / "ablations.json"
RECIPES = MEASUREMENTS / "recipes"  # `run.json` of runs whose model does not ship, by recipe
RECIPE_FIGURES = ("any_average_precision", "any_f1", "micro_f1", "macro_f1", "macro_f1_best_threshold")
SAID = ("content", "cue", "source", "sentence")
SHOWN = ("any_average_precision", "micro_average_precision", "macro_average_precision")


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
    bias, unseen = (json.loads(path.read_text("utf8")) for path in (BIAS, UNSEEN))
    if bias["weights_sha256"] == about["weights_sha256"]:
        card["bias"] = bias["bias"]
    if unseen["weights_sha256"] == about["weights_sha256"]:
        card["unseen"] = unseen
    card["published"] = compare_published(report)
    if ABLATIONS.is_file():
        card["ablations"] = shorten_ablations(json.loads(ABLATIONS.read_text("utf8")))
    card["recipes"] = compare_recipes(report)
    folder.mkdir(parents=True, exist_ok=True)
    card["reliability_plot"] = f"{name}-reliability.svg"
    plot_reliability(
        {family: found["reliability"] for family, found in report["dev"]["families"].items()},
        folder / card["reliability_plot"],
    )
    write_json(folder / f"{name}.json", card)
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


def compare_recipes(report: dict[str, Any]) -> list[dict[str, Any]]:
    """Set the figures of other recipes' runs on the same dev articles beside this run's, which come last.

    Returns:
        For each `name` and `figures`: `RECIPE_FIGURES` of each of this run's families, F1 of evidence spans,
        and F1 of attributions by character; None where a recipe has no such figure.
    """
    runs = {path.stem: json.loads(path.read_text("utf8")) for path in sorted(RECIPES.glob("*.json"))}
    rows = []
    for name, run in (*runs.items(), ("this one", report)):
        dev = run["dev"]
        if dev["corpus"] != report["dev"]["corpus"]:
            continue
        families = [dev["families"].get(family, {}) for family in report["dev"]["families"]]
        said = dev.get("attributions", {}).get("all", {})
        figures = [_value(found.get(key)) for found in families for key in RECIPE_FIGURES]
        figures += [dev["spans"]["f1"]["value"], *(said.get(part, {}).get("f1") for part in SAID)]
        rows.append({"name": name, "figures": figures})
    return rows


def _value(figure: Any) -> float | None:
    found: float | None = figure["value"] if isinstance(figure, dict) else figure
    return found


def shorten_ablations(table: dict[str, Any]) -> dict[str, Any]:
    """Take the figures that the card shows from what `training.ablation.ablate` wrote."""
    columns = [f"{family}_{name}" for family in table["base"]["data"]["families"] for name in SHOWN]
    rows = [
        {
            "name": row["name"],
            "why": row["why"],
            "seeds": len(row["runs"]),
            "scores": {name: row["scores"][name] for name in columns if name in row["scores"]},
        }
        for row in table["variants"]
        if row["runs"]
    ]
    return {
        "base": table["base"],
        "seeds": table["seeds"],
        "note": table.get("note", ""),
        "columns": columns,
        "differences": sum(len(row["scores"]) for row in rows[1:]),
        "variants": rows,
    }


def render_card(card: dict[str, Any]) -> str:
    """Return the card as Markdown."""
    environment = make_environment(
        figure=format_figure, spread=format_spread, difference=format_difference, short=_short_or_dash
    )
    return environment.get_template("card.md.jinja").render(**card, codebook=load_codebook())


def format_figure(figure: dict[str, float]) -> str:
    """Format a figure with its interval, as in ``.651 (.602 to .699)``."""
    value, low, high = (_short(figure[key]) for key in ("value", "low", "high"))
    return f"{value} ({low} to {high})"


def format_spread(found: dict[str, float | None] | None) -> str:
    """Format a mean with its standard deviation, as in ``.512 (.004)``."""
    if found is None or found["mean"] is None:
        return "–"
    mean, sd = _short(found["mean"]), found["sd"]
    return mean if sd is None else f"{mean} ({_short(sd)})"


def format_difference(found: dict[str, float | None] | None) -> str:
    """Format a difference with its standard error, as in ``+.012 (.004)``; bold if zero is out of reach."""
    if found is None or found["difference"] is None:
        return "–"
    change = ("+" if found["difference"] >= 0 else "−") + _short(abs(found["difference"]))
    if found["error"] is None or found["low"] is None or found["high"] is None:
        return change
    shown = f"{change} ({_short(found['error'])})"
    return f"**{shown}**" if found["low"] > 0 or found["high"] < 0 else shown


def _short_or_dash(value: float | None) -> str:
    return "–" if value is None else _short(value)


def _short(value: float) -> str:
    return f"{value:.3f}".lstrip("0")
