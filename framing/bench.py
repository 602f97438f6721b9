"""How many sentences a second: each engine and precision here, beside transformers' own pipeline.

Every round runs each contender once, so that what else the machine does meets them all alike; the figures are
medians over the rounds.
"""

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

from framing.agreement import Agreement, compare_labels
from framing.articles import read_articles
from framing.baseline import Baseline
from framing.engine import precisions_here
from framing.labelling import Model
from framing.labels import Tally
from framing.machine import cpu_count, cpu_flags, cpu_has_bf16, cpu_has_vnni, cpu_name
from framing.model_folder import load_model
from framing.paths import default_model
from framing.resuming import label_into
from framing.sentences import check_sentence, require_sentences
from framing.settings import read_settings
from framing.store import read_labels
from framing.windows import Window

BATCH_SIZES = (1, 32)  # of the pipeline


@dataclass(frozen=True, slots=True)
class Timed:
    """One engine and precision, or the pipeline with one batch size, and the seconds of its rounds.

    Attributes:
        name: Of the engine, or ``pipeline``.
        setting: The precision, or the batch size.
        sentences: How many sentences a round has.
        seconds: Of each round, from the articles on disk to their labels on disk. The pipeline gets its
            sentences in memory, and its scores stay there.
        model_seconds: Of each round, for the network alone; none for the pipeline.
        agreement: With the reference; none for the pipeline.
    """

    name: str
    setting: str
    sentences: int
    seconds: tuple[float, ...]
    model_seconds: tuple[float, ...] = ()
    agreement: Agreement | None = None

    @property
    def speed(self) -> float:
        """Sentences a second from end to end."""
        return self.sentences / median(self.seconds)

    @property
    def model_speed(self) -> float | None:
        """Sentences a second of the network alone."""
        return self.sentences / median(self.model_seconds) if self.model_seconds else None

    @property
    def model_share(self) -> float | None:
        """What the network alone takes of the time from end to end, in [0, 1]."""
        return median(self.model_seconds) / median(self.seconds) if self.model_seconds else None


@dataclass(frozen=True, slots=True)
class Bench:
    """What was measured.

    Attributes:
        articles: How many articles a round has.
        sentences: How many sentences.
        tokens: How many tokens the network reads for them, with a [CLS] and a [SEP] a sentence.
        engines: The reference first.
        pipelines: One a batch size.
    """

    articles: int
    sentences: int
    tokens: int
    engines: tuple[Timed, ...]
    pipelines: tuple[Timed, ...]

    def times_pipeline(self, one: Timed) -> float | None:
        """How many times as fast as the pipeline at its better batch size."""
        return one.speed / max(each.speed for each in self.pipelines) if self.pipelines else None

    def to_dict(self) -> dict[str, Any]:
        """Return everything that was measured, and the figures made of it."""
        return {
            "articles": self.articles,
            "sentences": self.sentences,
            "tokens": self.tokens,
            "engines": [self._row(one) for one in self.engines],
            "pipelines": [self._row(one) for one in self.pipelines],
        }

    def _row(self, one: Timed) -> dict[str, Any]:
        row = asdict(one) | {"sentences_per_s": one.speed, "times_pipeline": self.times_pipeline(one)}
        if one.agreement is not None:
            row |= {"model_sentences_per_s": one.model_speed, "model_share": one.model_share}
            row["agreement"] = one.agreement.to_dict()
        return row


def load_models(path: Path | None, encoder: Path | None, device: str, threads: int) -> list[Model]:
    """Load a model once for each engine and precision that runs here, the reference first.

    Args:
        path: A model folder; the model that ships if not given.
        encoder: Folder of the base encoder, if not where `framing.encoder.find_encoder` looks.
        device: ``cpu``, ``cuda`` or ``mps``.
        threads: CPU threads: 1 or more.

    Raises:
        FramingError: As `framing.model_folder.load_model`.
    """
    settings = read_settings(path or default_model())
    return [
        load_model(path, engine=engine, device=device, precision=precision, threads=threads, encoder=encoder)
        for engine, precision in precisions_here(device, settings)
    ]


def describe_setting(model: Model, threads: int) -> dict[str, Any]:
    """Say what is measured, and on what.

    Args:
        model: The first of those measured.
        threads: CPU threads of all: 1 or more.
    """
    names = ("framing", "numpy", "onnxruntime", "tokenizers", "torch", "transformers")
    machine = {
        "processor": cpu_name(),
        "cores": cpu_count(),
        "avx512": "avx512f" in cpu_flags(),
        "vnni": cpu_has_vnni(),
        "bf16": cpu_has_bf16(),
        "gflops": multiply_speed(threads),
    }
    return {
        "model": model.name,
        "weights_sha256": model.provenance(Tally()).weights_sha256,
        "device": model.engine.device_name,
        "threads": threads,
        "machine": machine,
        "versions": {name: version(name) for name in names},
    }


def measure(
    source: Path,
    models: Sequence[Model],
    baseline: Baseline | None,
    *,
    batch_sizes: Sequence[int] = BATCH_SIZES,
    repeats: int = 5,
    advance: Callable[[], None] = lambda: None,
) -> Iterator[Bench]:
    """Time everything, each once a round; yield after each round what is measured by then.

    Args:
        source: The articles, as JSONL.
        models: One for each engine and precision; the first is the reference.
        baseline: The pipeline; left out if not given.
        batch_sizes: Those that the pipeline is timed with.
        repeats: How many rounds: 1 or more.
        advance: Called whenever something has been timed.
    """
    articles = list(read_articles([source]))
    sentences = [sentence.text for article in articles for sentence in require_sentences(article)]
    count, chunks = len(sentences), list(models[0].windows(articles))
    with tempfile.TemporaryDirectory() as folder:
        outputs = [Path(folder) / f"{number}.jsonl" for number in range(len(models))]
        work: list[Callable[[], object]] = []
        for model, output in zip(models, outputs, strict=True):
            work += [partial(_label, source, model, output), partial(_run, model, chunks)]
        if baseline is not None:
            work += [partial(baseline.score, sentences, size) for size in batch_sizes]
        agreements: list[Agreement] = []
        for seconds in _rounds(work, repeats, advance):
            if not agreements:  # every round writes the same
                agreements = [compare_labels(read_labels(outputs[0]), read_labels(one)) for one in outputs]
            pairs = list(zip(seconds[::2], seconds[1::2], strict=False))
            engines = tuple(
                Timed(model.engine.name, model.engine.precision, count, *pair, agreement)
                for model, pair, agreement in zip(models, pairs, agreements, strict=False)
            )
            pipelines = tuple(
                Timed("pipeline", f"batch {size}", count, taken)
                for size, taken in zip(batch_sizes, seconds[2 * len(models) :], strict=baseline is not None)
            )
            yield Bench(len(articles), count, _tokens(chunks), engines, pipelines)


def _tokens(chunks: Sequence[Sequence[Window]]) -> int:
    """Count the tokens of the sentences that are labelled, with a [CLS] and a [SEP] each."""
    windows = [window for chunk in chunks for window in chunk]
    read = sum(owner in window.targets for window in windows for owner in window.sentence_ids)
    return read + sum(len(window.targets) for window in windows)


def _rounds(
    work: Sequence[Callable[[], object]], repeats: int, advance: Callable[[], None]
) -> Iterator[list[tuple[float, ...]]]:
    """Do everything once a round; yield after each round the seconds of each, one a round."""
    taken: list[list[float]] = [[] for _ in work]
    for _ in range(repeats):
        for mine, do in zip(taken, work, strict=True):
            began = time.perf_counter()
            do()
            mine.append(time.perf_counter() - began)
            advance()
        yield [tuple(mine) for mine in taken]


def _label(source: Path, model: Model, output: Path) -> None:
    """Do what `framing label` does once the model is loaded."""
    for article in read_articles([source]):
        check_sentence(article)
    label_into(output, model, read_articles([source]))


def _run(model: Model, chunks: Sequence[Sequence[Window]]) -> None:
    for chunk in chunks:
        model.engine.run(chunk)


def multiply_speed(threads: int) -> float:
    """Return how many billion operations a second a large product of matrices reaches here, in float32.

    It is about what a processor can do for a network that is all products of matrices; kernels that suit it
    better than torch's may do more.

    Args:
        threads: CPU threads: 1 or more.
    """
    import torch

    before, size = torch.get_num_threads(), 1024
    torch.set_num_threads(threads)
    try:
        one = torch.randn(size, size)
        *_, (taken,) = _rounds([lambda: one @ one], 9, lambda: None)
    finally:
        torch.set_num_threads(before)
    return 2 * size**3 / min(taken) / 1e9
