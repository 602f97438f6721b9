"""The picture of a model's calibration: how often a label is there when the model says so."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any


def plot_reliability(families: Mapping[str, Sequence[Mapping[str, float]]], path: Path) -> None:
    """Draw a reliability diagram (DeGroot & Fienberg 1983), one line a family of labels, as SVG.

    Args:
        families: For each family its bins: `stated` and `observed`, shares in [0, 1], and `count`, how many
            sentence-label pairs the bin holds, which is what a point's area shows.
        path: The picture, replaced if it is there.
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure

    # the same bytes each time: no date, no random ids, text as text
    with mpl.rc_context({"svg.hashsalt": "framing", "svg.fonttype": "none"}):
        figure = Figure(figsize=(4.6, 4.4), layout="constrained")
        axes: Any = figure.subplots()
        axes.plot([0, 1], [0, 1], color="0.6", linewidth=1, label="as stated")
        for (name, bins), marker in zip(families.items(), "os^D", strict=False):
            stated, observed = [b["stated"] for b in bins], [b["observed"] for b in bins]
            (line,) = axes.plot(stated, observed, linewidth=1, label=name)
            sizes = [6 + 3 * b["count"] ** 0.5 for b in bins]
            axes.scatter(stated, observed, s=sizes, marker=marker, color=line.get_color(), alpha=0.7)
        axes.set(
            xlabel="probability that the model states",
            ylabel="share of these that carry the label",
            xlim=(0, 1),
            ylim=(0, 1),
        )
        axes.legend(frameon=False)
        figure.savefig(path, format="svg", metadata={"Date": None})
