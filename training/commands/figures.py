"""Figures as lines of a terminal."""

from typing import Any

import click


def print_figures(report: dict[str, Any]) -> None:
    """Print the figures with their intervals, one a line."""
    for measure, found in report.get("attributions", {}).get("all", {}).items():
        click.echo(f"attribution {measure} f1: {describe(found['f1'], found['low'], found['high'])}")
    others = {name: report[name] for name in ("spans", "bias", "voices") if name in report}
    for part, figures in (report.get("families", {}) | others).items():
        for name, value in figures.items():
            if isinstance(value, dict):
                click.echo(f"{part} {name}: {value['value']:.3f} ({value['low']:.3f} to {value['high']:.3f})")
            elif isinstance(value, float):
                click.echo(f"{part} {name}: {value:.3f}")


def describe(value: float | None, low: float | None, high: float | None) -> str:
    """Return a figure with its interval, if it has one."""
    shown = "nothing to find" if value is None else f"{value:.3f}"
    return f"{shown} (no interval)" if low is None else f"{shown} ({low:.3f} to {high:.3f})"
