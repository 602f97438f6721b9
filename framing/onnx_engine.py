"""The engine for CPUs: ONNX Runtime, sentences of one length together, nothing padded, nothing done twice."""

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from framing.engine import Array, EngineOptions, Precision, WindowLogits
from framing.errors import FramingError
from framing.graph_cache import ENCODER_GRAPH, HEAD, TAGGER_GRAPH, graph_folder
from framing.machine import cpu_count
from framing.settings import Settings
from framing.windows import Window

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

Ids = tuple[int, ...]
Doubles = NDArray[np.float64]
PASS_TOKENS = 256  # of one pass: what it computes between two layers still fits a core's own cache
BLOCK_TOKENS = 32_768  # of windows whose sentences are kept at once: 50 MB of token states


class Read(NamedTuple):
    """What a sentence is read as.

    Attributes:
        states: (tokens, width).
        labels: (codes,).
        evidence: (tokens, codes).
    """

    states: Array
    labels: Array
    evidence: Array


class OnnxEngine:
    """Runs the graphs of `framing.graphs`.

    Each sentence is read once, however many windows it stands in: it attends to itself only. Sentences of
    one length go through the encoder together, up to `PASS_TOKENS`; then the attribution head reads each
    window. Each pass is on one thread, as many at a time as there are threads. No operation of a pass mixes
    sentences, and none is computed in another way when there are more of them; the tests hold it to that,
    bit for bit.

    Args:
        folder: The graphs.
        precision: What they compute in.
        threads: Passes at a time; as many as there are cores if not given.

    Raises:
        FramingError: If the graphs are broken.
    """

    name = "onnx"
    device_name = "cpu"
    libraries: tuple[str, ...] = ("onnxruntime", "onnx")

    def __init__(self, folder: Path, precision: Precision = "fp32", threads: int | None = None) -> None:
        from safetensors.numpy import load_file

        self.precision: str = precision
        self.threads = threads or cpu_count()
        tagger = folder / TAGGER_GRAPH
        try:
            self._scale = load_file(folder / HEAD)["evidence_pool.scale"].astype(np.float64)
            self.encoder = open_graph(folder / ENCODER_GRAPH)
            self.tagger = open_graph(tagger) if tagger.is_file() else None
        except Exception as error:  # the runtime raises kinds of its own
            raise FramingError(
                f"{folder}: broken ({str(error).splitlines()[0]}); remove it, and it is made again"
            ) from error

    def run(self, windows: Sequence[Window]) -> list[WindowLogits]:
        """Run windows; the answers come in the order of the windows."""
        found: list[WindowLogits] = []
        with ThreadPoolExecutor(self.threads) as pool:
            for block in _blocks(windows):
                found += self._run_block(block, pool)
        return found

    def _run_block(self, windows: Sequence[Window], pool: ThreadPoolExecutor) -> list[WindowLogits]:
        cuts = [window.sentences() for window in windows]
        read: dict[Ids, Read] = {}
        passes = _passes(dict.fromkeys(ids for cut in cuts for ids in cut))
        for batch, answers in zip(passes, pool.map(self._read, passes), strict=True):
            read.update(zip(batch, answers, strict=True))
        unique = dict.fromkeys(tuple(cut) for cut in cuts)
        joined = pool.map(lambda cut: self._join([read[ids] for ids in cut]), unique)
        answer_of = dict(zip(unique, joined, strict=True))
        return [answer_of[tuple(cut)] for cut in cuts]

    def _read(self, sentences: Sequence[Ids]) -> list[Read]:
        """Read sentences of one length."""
        states, labels, evidence = self.encoder.run(None, {"ids": np.array(sentences, dtype=np.int64)})
        pooled = pool_labels(labels[:, 0], evidence, self._scale)
        return [Read(*one) for one in zip(states, pooled, evidence, strict=True)]

    def _join(self, sentences: Sequence[Read]) -> WindowLogits:
        """Put a window's sentences together."""
        tags = None
        if self.tagger is not None:
            states = np.concatenate([sentence.states for sentence in sentences])
            (tags,) = self.tagger.run(None, {"states": states})
        labels = np.stack([sentence.labels for sentence in sentences])
        return WindowLogits(labels, np.concatenate([sentence.evidence for sentence in sentences]), tags)


def pool_labels(labels: Array, evidence: Array, scale: Doubles) -> Array:
    """Add the evidence to sentences' logits, as `framing.model.FramingNetwork` does; [CLS] is left out.

    Args:
        labels: (sentences, codes), what the label head says.
        evidence: (sentences, tokens, codes).
        scale: (codes,), what the evidence counts.

    Returns:
        (sentences, codes). Sums are taken term by term in double precision: no term's place depends on how
        many sentences there are.
    """
    carried = evidence[:, 1:].astype(np.float64)
    most = carried.max(1, keepdims=True)
    smooth = np.log(np.exp(carried - most).sum(1)) + most[:, 0]
    return np.asarray(labels + scale * smooth.clip(min=-20), dtype=np.float32)


def _blocks(windows: Sequence[Window]) -> Iterator[Sequence[Window]]:
    """Cut windows into runs of at most `BLOCK_TOKENS` tokens, or of one window."""
    start = tokens = 0
    for at, window in enumerate(windows):
        if at > start and tokens + len(window.input_ids) > BLOCK_TOKENS:
            yield windows[start:at]
            start, tokens = at, 0
        tokens += len(window.input_ids)
    yield windows[start:]


def _passes(sentences: Iterable[Ids]) -> list[list[Ids]]:
    """Put sentences of one length together, the longest first."""
    by_length: dict[int, list[Ids]] = {}
    for ids in sentences:
        by_length.setdefault(len(ids), []).append(ids)
    made = []
    for length in sorted(by_length, reverse=True):
        alike, size = by_length[length], max(1, PASS_TOKENS // length)
        made += [alike[start : start + size] for start in range(0, len(alike), size)]
    return made


def open_graph(path: Path, profile: Path | None = None) -> "InferenceSession":
    """Open a graph; `profile` begins the name of a file of what each of its nodes takes."""
    import onnxruntime

    options: Any = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_mem_pattern = False  # it keeps a plan of memory for each shape that it meets
    # The graphs are written as they are to be computed; the runtime's own ways of joining nodes are slower.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 3
    if profile is not None:
        options.enable_profiling, options.profile_file_prefix = True, str(profile)
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def load_onnx_engine(folder: Path, settings: Settings, options: EngineOptions) -> OnnxEngine:
    """Open the engine for a model folder; its graphs are made if this is the first time.

    Raises:
        FramingError: If there is no such precision, the folder is not a whole model, or the graphs can't be
            kept.
    """
    precision = options.precision
    if precision not in ("fp32", "int8"):
        raise FramingError(f"--precision {precision}: --engine onnx has fp32 and int8")
    return OnnxEngine(graph_folder(folder, settings, options.encoder, precision), precision, options.threads)
