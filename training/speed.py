"""Where the engine's time goes, and whether a long run takes more memory or slows down."""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from typing import Any

from framing.engine import Precision
from framing.errors import FramingError
from framing.graph_cache import ENCODER_GRAPH, TAGGER_GRAPH, graph_folder
from framing.machine import cpu_name
from framing.model_folder import load_model
from framing.onnx_engine import OnnxEngine, open_graph
from framing.paths import default_model
from framing.records import Article
from framing.sentences import split_sentences
from framing.settings import read_settings
from framing.varied import vary_articles

LABEL = ("--device", "cpu")  # options of the long runs


@dataclass(frozen=True, slots=True)
class Run:
    """A run of `framing label` as a process of its own.

    Attributes:
        articles: How many.
        sentences: How many.
        seconds: From start to end.
        cpu_s: Seconds of the processor.
        peak_bytes: Most memory that it held.
    """

    articles: int
    sentences: int
    seconds: float
    cpu_s: float
    peak_bytes: int

    def to_dict(self) -> dict[str, Any]:
        """Return the figures, and those for an article."""
        return asdict(self) | {
            "ms_an_article": 1000 * self.seconds / self.articles,
            "cpu_ms_an_article": 1000 * self.cpu_s / self.articles,
        }


def measure_runs(articles: Sequence[Article], counts: Sequence[int], sentences: int) -> list[Run]:
    """Label so many articles, each with so many sentences at most, no two alike.

    Args:
        articles: What they are made of.
        counts: How many, one a run.
        sentences: Of an article, counted from its first: 1 or more.
    """
    short = [_first(article, sentences) for article in articles]
    return [_run(short, count) for count in counts]


def _first(article: Article, sentences: int) -> Article:
    """Cut an article off behind so many sentences."""
    *_, last = islice(split_sentences(article), sentences)
    return replace(article, text=article.text[: last.end])


def _run(articles: Sequence[Article], count: int) -> Run:
    with tempfile.TemporaryDirectory() as folder:
        source, output = Path(folder) / "articles.jsonl", Path(folder) / "labels.jsonl"
        with source.open("w", encoding="utf8") as file:
            for article in vary_articles(articles, count):
                row = {"id": article.id, "outlet": article.outlet, "text": article.text}
                file.write(json.dumps(row) + "\n")
        began = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", "framing", "label", source, "-o", output, *LABEL],
            stderr=subprocess.DEVNULL,
        )
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.perf_counter() - began
        if process.returncode:
            raise FramingError(f"framing label failed with exit code {process.returncode}")
        with output.open("rb") as file:
            sentences = sum(1 for _ in file)
    return Run(count, sentences, seconds, used.ru_utime + used.ru_stime, _peak(used))


def _peak(used: resource.struct_rusage) -> int:
    return used.ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def measure_operators(
    articles: Sequence[Article], precision: Precision, path: Path | None = None
) -> dict[str, float]:
    """Return microseconds a token of each kind of the graphs' operations, on one thread.

    Args:
        articles: What is read.
        precision: ``fp32`` or ``int8``.
        path: A model folder; the model that ships if not given.
    """
    folder = path or default_model()
    model = load_model(folder, device="cpu", engine="onnx", precision=precision, threads=1)
    if not isinstance(model.engine, OnnxEngine):
        raise TypeError("expected the engine of the graphs")
    chunks = list(model.windows(articles))
    read = ({ids for window in chunk for ids in window.sentences()} for chunk in chunks)
    tokens = sum(len(ids) for sentences in read for ids in sentences)
    graphs = graph_folder(folder, read_settings(folder), precision=precision)
    found: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as files:
        engine = model.engine
        engine.encoder = open_graph(graphs / ENCODER_GRAPH, profile=Path(files) / "encoder")
        if engine.tagger is not None:
            engine.tagger = open_graph(graphs / TAGGER_GRAPH, profile=Path(files) / "tagger")
        for chunk in chunks:
            engine.run(chunk)
        for session in filter(None, (engine.encoder, engine.tagger)):
            for event in json.loads(Path(session.end_profiling()).read_text("utf8")):
                if event.get("cat") == "Node" and event["name"].endswith("_kernel_time"):
                    found[event["args"]["op_name"]] += event["dur"]
    return {name: taken / tokens for name, taken in found.most_common()}


def measure_speed(
    articles: Sequence[Article], samples: Sequence[Article], counts: Sequence[int], sentences: int
) -> dict[str, Any]:
    """Measure operations and long runs.

    Args:
        articles: Whose operations are timed.
        samples: What the long runs are made of.
        counts: Articles of each long run.
        sentences: Of each of their articles: 1 or more.
    """
    precisions: tuple[Precision, ...] = ("fp32", "int8")
    # First: on Linux the memory that a child is said to have held starts with what its parent ever held.
    runs = [run.to_dict() for run in measure_runs(samples, counts, sentences)]
    return {
        "processor": cpu_name(),
        "versions": {name: version(name) for name in ("framing", "onnxruntime")},
        "operators_us_a_token": {name: measure_operators(articles, name) for name in precisions},
        "sentences_an_article": sentences,
        "runs": runs,
    }
