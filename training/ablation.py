"""Train every variant of a plan with every seed, and set the variants' development scores beside the base's.

Each run is kept as soon as it is done, so that a plan that was stopped goes on with the runs that are left.
"""

import json
import multiprocessing
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor, as_completed
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from framing.encoder import ADAPTER_WEIGHTS, hash_file
from framing.errors import FramingError
from framing.files import write_json
from training.ablation_plan import GUESSES, NEEDS, START, Plan, Variant, changes_of
from training.config import RunConfig
from training.run_folder import with_defaults

Scores = dict[str, float]
Trainer = Callable[[RunConfig, Path, Path | None, Path | None, Path | None], Scores]
Task = tuple[str, int]  # a variant's name and a seed


def ablate(
    plan: Plan,
    corpora: Path,
    output: Path,
    *,
    jobs: int = 1,
    encoder: Path | None = None,
    guesses: Path | None = None,
    start: Path | None = None,
    tell: Callable[[str], None] = lambda line: None,
    train: Trainer | None = None,
) -> dict[str, Any]:
    """Train what a plan asks for and the file does not hold yet.

    Args:
        plan: Of variants whose settings are checked (`training.ablation_runs.check_plan`).
        corpora: The folder that holds the corpora.
        output: The JSON file of runs and figures; written after each run.
        jobs: How many runs at a time, each a process of one thread; with 1, in this process.
        encoder: Where the base encoder is, if not where `framing.encoder.find_encoder` looks.
        guesses: What `training.guesses` wrote, for the variants that learn from it.
        start: Folder of a network, for the variants that start with one.
        tell: Takes a line for each run that is done.
        train: Trains one run; `training.ablation_runs.train_once` if not given.

    Returns:
        What the file holds.

    Raises:
        FramingError: If the file holds runs of variants that the plan lacks or has other settings for.
    """
    if train is None:
        from training.ablation_runs import train_once as train
    table = _open_table(plan, output, guesses, start)
    rows = {row["name"]: row for row in table["variants"]}
    variants = {one.name: one for one in plan.variants}
    done = {(row["name"], run["seed"]) for row in table["variants"] for run in row["runs"]}
    left = [(name, seed) for seed in plan.seeds for name in variants if (name, seed) not in done]
    calls = {
        (name, seed): (
            train,
            variants[name].with_seed(seed),
            corpora,
            encoder,
            guesses if GUESSES in variants[name].needs else None,
            start if START in variants[name].needs else None,
        )
        for name, seed in left
    }
    began = time.monotonic()
    for number, ((name, seed), scores) in enumerate(_train_all(calls, jobs), 1):
        rows[name]["runs"].append({"seed": seed, "scores": scores})
        rows[name]["runs"].sort(key=lambda run: run["seed"])
        _write_table(table, output)
        minutes = (time.monotonic() - began) / 60 * (len(left) - number) / number
        count = f"{len(done) + number} of {len(done) + len(left)} runs"
        tell(f"{count}: {name}, seed {seed}; about {minutes:.0f} minutes left")
    _write_table(table, output)
    return table


def _train_all(calls: Mapping[Task, tuple[Any, ...]], jobs: int) -> Iterator[tuple[Task, Scores]]:
    """Yield runs as they end; in order if there is one job."""
    if jobs == 1:
        for task, (train, *arguments) in calls.items():
            yield task, train(*arguments)
        return
    with ThreadPoolExecutor(jobs) as threads:
        futures = {threads.submit(_in_a_process, *call): task for task, call in calls.items()}
        try:
            for future in as_completed(futures):
                yield futures[future], future.result()
        finally:
            threads.shutdown(wait=False, cancel_futures=True)


def _in_a_process(train: Trainer, *arguments: Any) -> Scores:
    """Train in a process of its own: accelerate and torch keep a state that must not reach the next run."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(train, *arguments).result()


def _open_table(plan: Plan, output: Path, guesses: Path | None, start: Path | None) -> dict[str, Any]:
    """Begin a table, or take up the one in the file."""
    base = plan.variants[0]
    table: dict[str, Any] = {
        "base": json.loads(json.dumps(asdict(base.config))),
        "seeds": list(plan.seeds),
        "note": plan.note,
        "variants": [_row(one, base, guesses, start) for one in plan.variants],
    }
    if not output.is_file():
        return table
    try:
        old = json.loads(output.read_text("utf8"))
        base_settings = with_defaults(old["base"])
        rows = {row["name"]: row for row in old["variants"] if row["runs"]}
    except (ValueError, KeyError, TypeError):
        raise FramingError(f"{output}: not what `training ablate` writes; give another file") from None
    ours = {row["name"]: row for row in table["variants"]}
    for name, row in rows.items():
        if name not in ours:
            raise FramingError(f"{output}: holds runs of {name!r}, which the plan lacks; give another file")
        same = all(row.get(key) == ours[name][key] for key in ("changes", *NEEDS))  # older ones lack start
        if not same or base_settings != table["base"]:
            raise FramingError(f"{output}: holds runs of {name!r} with other settings; give another file")
        ours[name]["runs"] = row["runs"]
    return table


def _row(variant: Variant, base: Variant, guesses: Path | None, start: Path | None) -> dict[str, Any]:
    read = {GUESSES: guesses, START: start / ADAPTER_WEIGHTS if start else None}
    return {
        "name": variant.name,
        "why": variant.why,
        "changes": changes_of(variant.config, base.config),
        **{name: hash_file(path) if path and name in variant.needs else None for name, path in read.items()},
        "runs": [],
    }


def _write_table(table: dict[str, Any], output: Path) -> None:
    """Add the figures that follow from the runs, and replace the file in one move."""
    base_runs = table["variants"][0]["runs"]
    for row in table["variants"]:
        row["scores"] = summarise(row["runs"], base_runs)
    write_json(output, table)


def summarise(
    runs: Sequence[Mapping[str, Any]], base_runs: Sequence[Mapping[str, Any]]
) -> dict[str, dict[str, float | None]]:
    """Say for each score how a variant's runs do, and how they differ from the base's of the same seeds.

    Returns:
        For each score `mean` and `sd` over seeds, and of the differences from the base, paired by seed,
        `difference`, their mean; `error`, its standard error; `low` and `high`, its 95 % interval by
        Student's t. Nothing where there are too few runs, or the base has no such score.
    """
    bases = {run["seed"]: run["scores"] for run in base_runs}
    found: dict[str, dict[str, float | None]] = {}
    for name in runs[0]["scores"] if runs else ():
        values = [run["scores"][name] for run in runs]
        pairs = [
            run["scores"][name] - bases[run["seed"]][name]
            for run in runs
            if name in bases.get(run["seed"], {})
        ]
        found[name] = {
            "mean": float(np.mean(values)),
            "sd": float(np.std(values, ddof=1)) if len(values) > 1 else None,
            "difference": float(np.mean(pairs)) if pairs else None,
            **_interval(pairs),
        }
    return found


def _interval(pairs: Sequence[float]) -> dict[str, float | None]:
    from scipy.special import stdtrit

    if len(pairs) < 2:
        return {"error": None, "low": None, "high": None}
    mean, error = float(np.mean(pairs)), float(np.std(pairs, ddof=1) / np.sqrt(len(pairs)))
    reach = float(stdtrit(len(pairs) - 1, 0.975)) * error
    return {"error": error, "low": mean - reach, "high": mean + reach}
