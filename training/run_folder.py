"""What a run keeps in its folder while it trains: whose folder it is, checkpoints, the best network."""

import dataclasses
import json
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from accelerate import Accelerator
from tokenizers import Tokenizer

from framing.adapters import save_adapter
from framing.encoder import ADAPTER_WEIGHTS, TOKENIZER, hash_file
from framing.errors import FramingError
from framing.model import FramingNetwork
from training.annotation import ANNOTATIONS
from training.config import RunConfig

CHECKPOINT, OLD = "checkpoint", "checkpoint.old"


def claim(
    folder: Path,
    config: RunConfig,
    guesses: Sequence[Path] = (),
    start: Path | None = None,
    processes: int = 1,
) -> None:
    """Mark a folder as this run's; a folder of a run that learned otherwise or from other files is refused.

    Raises:
        FramingError: If its run has other settings, annotations, guesses, start or number of processes, or
            the start lies in it, where the run's own network will.
    """
    check_start(folder, start)
    settings: dict[str, Any] = dataclasses.asdict(config) | {"processes": processes}
    read = {
        "annotations": [ANNOTATIONS / f"{name}.jsonl" for name in config.data.annotations],
        "guesses": guesses,
        "start": [start / ADAPTER_WEIGHTS] if start else [],
    }
    for name, paths in read.items():
        if there := [path for path in paths if path.is_file()]:  # where it is not, reading it says so
            settings[name] = ", ".join(hash_file(path) for path in there)
    mark, ours = folder / "settings.json", json.dumps(settings, indent=2) + "\n"
    theirs = with_defaults({"processes": 1, **json.loads(mark.read_text("utf8"))}) if mark.is_file() else None
    if theirs and theirs != json.loads(ours):
        raise FramingError(
            f"{folder}: holds a run with other settings, annotations, guesses, start or number of processes; "
            "give another folder with --output"
        )
    folder.mkdir(parents=True, exist_ok=True)
    if not mark.is_file():
        fresh = folder / f"settings.{os.getpid()}.json"
        fresh.write_text(ours, "utf8")
        fresh.replace(mark)  # in one move: several processes start at once, and each reads it


def check_start(folder: Path, start: Path | None) -> None:
    """Make sure that a run does not replace the network that it starts with.

    Raises:
        FramingError: If that network lies in the run's folder.
    """
    if start and start.resolve().is_relative_to(folder.resolve()):
        raise FramingError(f"{folder}: holds the network to start with; give another folder with --output")


def with_defaults(settings: dict[str, Any]) -> dict[str, Any]:
    """Complete the settings of a run by those that are newer than it: it ran as if by default."""
    default = json.loads(json.dumps(dataclasses.asdict(RunConfig(""))))
    return settings | {
        name: {**value, **settings.get(name, {})}
        for name, value in default.items()
        if isinstance(value, dict)
    }


def find_checkpoint(folder: Path) -> Path | None:
    """Return the checkpoint that a run goes on from: the last, or the one before it if that is all."""
    return next((path for name in (CHECKPOINT, OLD) if (path := folder / name).is_dir()), None)


def save_checkpoint(accelerator: Accelerator, folder: Path) -> None:
    """Replace the checkpoint so that a kill leaves the old one or the new one, for `find_checkpoint`."""
    fresh, old = folder / "checkpoint.new", folder / OLD
    accelerator.save_state(str(fresh))
    accelerator.wait_for_everyone()  # each process has a file of its own in it
    if accelerator.is_main_process:
        if (folder / CHECKPOINT).is_dir():
            shutil.rmtree(old, ignore_errors=True)
            (folder / CHECKPOINT).rename(old)
        fresh.rename(folder / CHECKPOINT)
        shutil.rmtree(old, ignore_errors=True)
    accelerator.wait_for_everyone()


def keep_best(model: Any, tokenizer: Tokenizer, folder: Path) -> None:
    """Write a network into a folder of its own, in place of what is there."""
    shutil.rmtree(folder, ignore_errors=True)
    if isinstance(model, FramingNetwork):
        model.save_pretrained(folder)
        tokenizer.save(str(folder / TOKENIZER))
    else:
        save_adapter(model, folder)
