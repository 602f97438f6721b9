"""How long whole processes take, start-up included: `framing label`, and a script around the pipeline."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

from framing.articles import read_articles
from framing.errors import FramingError


@dataclass(frozen=True, slots=True)
class Started:
    """Seconds of whole processes.

    Attributes:
        articles: How many all are.
        first_s: Labelling one article with an empty cache, so that the graphs are made.
        later_s: Labelling that article again, once a round.
        whole_s: Labelling all articles, once a round.
        pipeline_s: Scoring all of them with the pipeline, once a round: batch size → seconds.
    """

    articles: int
    first_s: float
    later_s: tuple[float, ...]
    whole_s: tuple[float, ...]
    pipeline_s: Mapping[int, tuple[float, ...]]

    @property
    def best_pipeline_s(self) -> float | None:
        """The median of the pipeline's better batch size."""
        return min(map(median, self.pipeline_s.values()), default=None)

    def to_dict(self) -> dict[str, Any]:
        """Return the seconds, and the medians made of them."""
        return asdict(self) | {
            "later_median_s": median(self.later_s),
            "whole_median_s": median(self.whole_s),
            "best_pipeline_s": self.best_pipeline_s,
            "times_pipeline": self.best_pipeline_s and self.best_pipeline_s / median(self.whole_s),
        }


def measure_start(
    source: Path,
    settings: Mapping[str, object],
    *,
    encoder: Path,
    codes: int,
    batch_sizes: Sequence[int],
    threads: int,
    repeats: int,
) -> Iterator[Started]:
    """Time processes of this Python; yield after each round what is measured by then.

    Args:
        source: The articles, as JSONL.
        settings: Options of `framing label`: name → value.
        encoder: Folder of the base encoder.
        codes: How many logits the pipeline gives: 1 or more.
        batch_sizes: Those of the pipeline: 1 or more.
        threads: CPU threads of both: 1 or more.
        repeats: How many rounds: 1 or more.
    """
    with tempfile.TemporaryDirectory() as folder:
        one, cache, output = (Path(folder) / name for name in ("one.jsonl", "cache", "labels.jsonl"))
        one.write_text(source.read_text("utf8").partition("\n")[0] + "\n", "utf8")
        options = [f"--{name}={value}" for name, value in settings.items() if value is not None]
        label = ["framing", "label", "-o", output, "--force", f"--threads={threads}", *options]
        articles = len(list(read_articles([source])))
        first = _seconds([*label, one], cache)
        later: list[float] = []
        whole: list[float] = []
        pipeline: dict[int, list[float]] = {size: [] for size in batch_sizes}
        for _ in range(repeats):
            later.append(_seconds([*label, one], cache))
            whole.append(_seconds([*label, source], cache))
            for size, taken in pipeline.items():
                script = ["framing.baseline", encoder, source, output, codes, size, threads]
                taken.append(_seconds(script, cache))
            found = {size: tuple(taken) for size, taken in pipeline.items()}
            yield Started(articles, first, tuple(later), tuple(whole), found)


def _seconds(module: Sequence[object], cache: Path) -> float:
    """Run a module with its arguments, and return how long that took."""
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", *map(str, module)],
        env={**os.environ, "FRAMING_CACHE": str(cache)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise FramingError(f"{module[0]}: a process of the measurement failed: {done.stderr[-300:]}")
    return time.perf_counter() - began
