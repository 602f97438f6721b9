"""Commands that measure profiles and reports: simulate, pseudo-outlets, scale, page."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from framing.errors import FramingError
from training.commands.options import json_option, model_option

if TYPE_CHECKING:
    from framing.development import Development


@click.command()
@model_option
@click.option("--worlds", default=150, show_default=True, type=click.IntRange(1), help="Made-up worlds.")
@click.option("--draws", default=500, show_default=True, type=click.IntRange(100), help="Bootstrap draws.")
@click.option("--seed", default=1, show_default=True, type=int)
@json_option
@click.option("--plot", type=click.Path(path_type=Path), help="A picture of them, .svg.")
def simulate(model: Path | None, worlds: int, draws: int, seed: int, output: Path, plot: Path | None) -> None:
    """Measure corrected rates and their intervals on outlets made up with the errors of MODEL."""
    from framing.files import write_json
    from framing.store import check_output
    from training.coverage import draw_plot
    from training.simulated_distances import simulate_distances
    from training.simulated_stories import simulate_stories
    from training.simulation import simulate as run

    check_output(output, (".json",), force=True)
    if plot:
        check_output(plot, (".svg",), force=True)
    development = _development(model)
    found = run(development, worlds=worlds, draws=draws, seed=seed)
    pairs = max(worlds // 4, 1)  # worlds with pairs of outlets: each takes long
    found["distances"] = simulate_distances(development, worlds=pairs, draws=draws, seed=seed)
    found["within_stories"] = simulate_stories(worlds=2 * worlds, draws=draws, seed=seed)
    write_json(output, found)
    if plot:
        draw_plot(found, plot)
    _print_coverage(found)
    for basis, parts in found["distances"]["bases"].items():
        for name, part in parts.items():
            if part is not None and part["covered"] is not None:
                click.echo(
                    f"coverage of distances, {basis}, {name}: {part['covered']:.1%} of {part['given']}"
                )


@click.command("pseudo-outlets")
@model_option
@click.option(
    "--splits", default=60, show_default=True, type=click.IntRange(1), help="Splits of the articles."
)
@click.option("--draws", default=500, show_default=True, type=click.IntRange(100), help="Bootstrap draws.")
@click.option("--seed", default=1, show_default=True, type=int)
@json_option
def pseudo_outlets(model: Path | None, splits: int, draws: int, seed: int, output: Path) -> None:
    """Measure corrected rates on outlets put together from the development articles of MODEL."""
    from framing.files import write_json
    from framing.store import check_output
    from training.pseudo_outlets import measure_pseudo_outlets

    check_output(output, (".json",), force=True)
    found = measure_pseudo_outlets(_development(model), splits=splits, draws=draws, seed=seed)
    write_json(output, found)
    _print_coverage(found)


@click.command()
@click.option(
    "--labels", type=click.Path(path_type=Path), required=True, help="Made-up labels, .jsonl: kept."
)
@click.option(
    "--outlets", default=1000, show_default=True, type=click.IntRange(1), help="Of 1,000 sentences."
)
@click.option("--draws", default=1000, show_default=True, type=click.IntRange(100), help="Bootstrap draws.")
@json_option
def scale(labels: Path, outlets: int, draws: int, output: Path) -> None:
    """Time the profile of many outlets; made-up LABELS that are there already are used again."""
    from framing.files import write_json
    from framing.store import check_output
    from training.scale import time_profile, write_made_up

    check_output(output, (".json",), force=True)
    if not labels.is_file():
        check_output(labels, (".jsonl",))
        write_made_up(_development(None), labels, outlets=outlets, seed=1)
    found = time_profile(labels, labels.with_suffix(".profiles.json"), draws=draws)
    write_json(output, found)
    click.echo(
        f"{found['outlets']} outlets, {found['sentences']} sentences: {found['profile_s']:.1f} s from file "
        f"to file, {found['read_s']:.1f} s of them reading; {found['peak_bytes'] / 1e6:.0f} MB"
    )


@click.command()
@click.option("--outlets", default=50, show_default=True, type=click.IntRange(8))
@click.option("--articles", default=1000, show_default=True, type=click.IntRange(8), help="Of all outlets.")
@click.option("--page", type=click.Path(path_type=Path), required=True, help="Where the report goes, .html.")
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="Figures, .json.")
def page(outlets: int, articles: int, page: Path, output: Path) -> None:
    """Measure how large the report of many outlets is and how long Chromium takes to open it."""
    from framing.files import write_json
    from framing.store import check_output
    from training.page import measure_page

    check_output(output, (".json",), force=True)
    check_output(page, (".html",), force=True)
    found = measure_page(_development(None), page, outlets=outlets, articles=articles, draws=1000, seed=1)
    write_json(output, found)
    click.echo(
        f"{found['outlets']} outlets, {found['articles']} articles: {found['bytes'] / 1e6:.1f} MB, opens in "
        f"{found['opens_ms'] / 1000:.1f} s, an outlet's sentences in {found['filters_ms'] / 1000:.2f} s"
    )


def _development(model: Path | None) -> "Development":
    from framing.development import load_development
    from framing.paths import default_model

    folder = model or default_model()
    found = load_development(folder)
    if found is None:
        raise FramingError(f"{folder}: no development sentences; `python -m training development` adds them")
    return found


def _print_coverage(found: dict[str, Any]) -> None:
    """Print errors, coverage and how often the correction is doubted."""
    for name, value in found["error"]["mean_absolute"].items():
        click.echo(f"{name}: mean absolute error {value:.2f} percentage points")
    click.echo(f"corrected against counted: {found['error']['corrected_against_counted']:+.1%}")
    for name, part in found["coverage"].items():
        if part["covered"] is not None:
            click.echo(f"coverage {name}: {part['covered']:.1%} of {part['given']}")
    for name, cell in found["worst"].items():
        if cell is not None:
            click.echo(
                f"worst {name}: {cell['covered']:.1%}, {cell['articles']} articles, {cell['truth']:.3f}"
            )
    click.echo(f"doubted: {found['doubted']:.1%}")
