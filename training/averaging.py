"""The mean of networks that were trained from one start: one network, no larger than each.

Networks fine-tuned from the same weights lie in one basin, where their mean is often better than each of
them (Wortsman et al. 2022, arXiv 2203.05482). The mean of low-rank updates has a higher rank than they; the
nearest update of their own rank takes its place (Eckart and Young 1936).
"""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from framing.adapters import adapter_tensors, write_tensors
from framing.encoder import ADAPTER_WEIGHTS, hash_file
from framing.errors import FramingError
from framing.files import write_json
from training.finish import RUN

DOWN, UP = ".lora_A.", ".lora_B."  # the two matrices of an update: UP times DOWN


def average(runs: Sequence[Path], folder: Path) -> dict[str, Any]:
    """Write the mean of several runs' best networks as a run of its own, for `training.finish` to go on with.

    Args:
        runs: Folders of runs that started with the same adapted network, or with that of the first.
        folder: The run's folder: the mean goes into `best/`.

    Returns:
        What its `run.json` holds: that of the last run, with ``averaged``, what the runs differ in and the
        ``share`` of each in [0, 1] (of a run that is a mean itself, its runs' stand there), and
        ``update_lost``, the share in [0, 1] of the mean update's squares that its rank can't hold.

    Raises:
        FramingError: If a run has no best network, they differ in their start or shape, or the mean would
            replace one of them.
    """
    if folder.resolve() in {run.resolve() for run in runs}:
        raise FramingError(
            f"{folder}: is one of the runs, which their mean would replace; give another folder"
        )
    reports = [_read_report(run) for run in runs]
    networks = [adapter_tensors(run / "best") for run in runs]
    _check_alike(runs, reports, networks)
    mean, lost = mean_update(networks)
    best = folder / "best"
    shutil.copytree(runs[-1] / "best", best, dirs_exist_ok=True)
    write_tensors(mean, best)
    report = {name: value for name, value in reports[-1].items() if name not in ("dev", "history")}
    report |= {
        "averaged": [
            one
            for run, its in zip(runs, reports, strict=True)
            for one in _describe(run, its, share=1 / len(runs))
        ],
        "update_lost": lost,
    }
    write_json(folder / RUN, report)
    return report


def mean_update(networks: Sequence[dict[str, Tensor]]) -> tuple[dict[str, Tensor], float]:
    """Average adapted networks, tensor by tensor; low-rank updates as the products that they stand for.

    Returns:
        The mean's tensors, by name and of the same shapes; and the share of the mean updates' squares that
        was lost by cutting them back to the rank they had.
    """
    mean: dict[str, Tensor] = {}
    kept = whole = 0.0
    for name, first in networks[0].items():
        if DOWN in name:
            other = name.replace(DOWN, UP)
            products = [its[other].double() @ its[name].double() for its in networks]
            left, size, right = torch.linalg.svd(torch.stack(products).mean(0), full_matrices=False)
            rank = len(first)
            root = size[:rank].sqrt()
            mean[name], mean[other] = root[:, None] * right[:rank], left[:, :rank] * root
            kept += float(size[:rank].square().sum())
            whole += float(size.square().sum())
        elif UP not in name:
            mean[name] = torch.stack([its[name].double() for its in networks]).mean(0)
    return mean, 1 - kept / whole if whole else 0.0


def _read_report(run: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads((run / RUN).read_text("utf8"))
    except FileNotFoundError:
        raise FramingError(f"{run / RUN}: no such file, expected a run; run training fit") from None
    return found


def _check_alike(
    runs: Sequence[Path], reports: Sequence[dict[str, Any]], networks: Sequence[dict[str, Tensor]]
) -> None:
    started = [report.get("started_with") for report in reports]
    known = {started[0], hash_file(runs[0] / "best" / ADAPTER_WEIGHTS)}
    for run, its, network in zip(runs, started, networks, strict=True):
        if its is None or its not in known:
            raise FramingError(
                f"{run}: started with {its or 'the encoder'}, expected {started[0] or 'an adapted network'} "
                "as the first run, or that run's own; average runs of one fit --from"
            )
        if {n: t.shape for n, t in network.items()} != {n: t.shape for n, t in networks[0].items()}:
            raise FramingError(f"{run}: a network of another shape than that of {runs[0]}")


def _describe(run: Path, report: dict[str, Any], share: float) -> list[dict[str, Any]]:
    if "averaged" in report:
        return [one | {"share": share * one["share"]} for one in report["averaged"]]
    data, training = report["settings"]["data"], report["settings"]["training"]
    found = {
        "share": share,
        "weights_sha256": hash_file(run / "best" / ADAPTER_WEIGHTS),
        "started_with": report["started_with"],
        "annotations": data["annotations"],
        "gold": data.get("gold", 1.0),
        "seed": training["seed"],
        "best_epoch": report["best_epoch"],
        "teachers": report.get("teachers", []),
        "history": report["history"],
    }
    return [found]
