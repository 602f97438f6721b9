"""Graphs on disk: made from a model's weights when they are first needed, kept in the user's cache."""

import hashlib
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

from framing.encoder import ADAPTER_CONFIG, ADAPTER_WEIGHTS, WEIGHTS, base_folder, hash_file
from framing.engine import Precision
from framing.errors import FramingError
from framing.machine import describe_machine
from framing.settings import CONFIG, Settings

ENCODER_GRAPH, TAGGER_GRAPH, HEAD = "encoder.onnx", "tagger.onnx", "head.safetensors"
SHAPING = (  # the code that decides what is in a graph
    "adapters.py",
    "attribution_head.py",
    "graph_cache.py",
    "graphs.py",
    "label_head.py",
    "model.py",
    "quantised.py",
    "weights.py",
)
LIBRARIES = ("onnx", "onnxruntime", "peft", "torch", "transformers")
KEPT = 6  # models' graphs in a cache; each takes some 90 MB


def cache_folder() -> Path:
    """Return where graphs are kept: `FRAMING_CACHE` if that is set, else the system's place for caches."""
    named = os.environ.get("FRAMING_CACHE")
    if named:
        return Path(named)
    from platformdirs import user_cache_path

    return user_cache_path("framing") / "graphs"


def graph_folder(
    folder: Path, settings: Settings, encoder: Path | str | None = None, precision: Precision = "fp32"
) -> Path:
    """Return the folder of a model's graphs; they are made if this is the first time.

    Args:
        folder: A model folder.
        settings: Its settings.
        encoder: Folder of the base encoder, if not where `framing.encoder.find_encoder` looks.
        precision: ``fp32`` or ``int8``.

    Raises:
        FramingError: If the folder is not a whole model, or the cache can't be written to.
    """
    key = graph_key(folder, encoder)
    return cached(
        key if precision == "fp32" else f"{key}-{precision}",
        lambda part: _write_graphs(part, folder, settings, encoder, precision),
        "making graphs for this model",
    )


def graph_key(folder: Path, encoder: Path | str | None = None) -> str:
    """Return a hash over all that decides what a model's graphs hold and compute."""
    base = base_folder(folder, encoder)
    names = (CONFIG, ADAPTER_CONFIG, ADAPTER_WEIGHTS, WEIGHTS)
    files = {name: hash_file(folder / name) for name in names if (folder / name).is_file()}
    code = {name: hash_file(Path(__file__).with_name(name)) for name in SHAPING}
    libraries = {name: version(name) for name in LIBRARIES}
    whole = [files, hash_file(base / WEIGHTS) if base != folder else "", code, libraries, describe_machine()]
    return hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()[:32]


def cached(key: str, write: Callable[[Path], None], work: str) -> Path:
    """Return the cache's folder of a name; if there is none, let `write` fill one, and give it that name.

    Two processes that begin at once write each in a place of their own; the first to end names the folder.
    `work` is what stderr calls it.

    Raises:
        FramingError: If the cache can't be written to.
    """
    root = cache_folder()
    folder = root / key
    if folder.is_dir():
        return folder
    began = time.monotonic()
    print(f"{work}, once: {folder}", file=sys.stderr)
    try:
        root.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f"{key}.", suffix=".part", dir=root) as part:
            whole = Path(part) / "whole"
            whole.mkdir()
            write(whole)
            try:
                whole.rename(folder)
            except OSError:
                if not folder.is_dir():  # else another process was first
                    raise
        _prune(root)
    except OSError as error:
        raise FramingError(
            f"{root}: can't be written to ({error.strerror or error}); name a folder that can by the "
            " environment variable FRAMING_CACHE, or take --engine torch"
        ) from None
    print(f"done in {time.monotonic() - began:.0f} s", file=sys.stderr)
    return folder


def _prune(root: Path) -> None:
    """Drop the oldest graphs; who has them open keeps them."""
    made = sorted((p for p in root.iterdir() if (p / HEAD).is_file()), key=lambda p: p.stat().st_mtime)
    for old in made[:-KEPT]:
        shutil.rmtree(old, ignore_errors=True)


def _write_graphs(
    part: Path, folder: Path, settings: Settings, encoder: Path | str | None, precision: Precision
) -> None:
    import onnx
    import torch
    from safetensors.numpy import save_file

    from framing.graphs import Graph, build_encoder, build_tagger
    from framing.quantised import QuantisedGraph, calibration_sentences, measure_ranges
    from framing.torch_engine import quieten
    from framing.weights import load_network

    quieten()
    before = torch.get_num_threads()
    torch.set_num_threads(1)  # the sums of an adapter's merge stand in one order
    try:
        network = load_network(folder, encoder)
        graph = Graph()
        if precision == "int8":
            sentences = calibration_sentences(base_folder(folder, encoder), settings.window)
            graph = QuantisedGraph(measure_ranges(network, sentences))
    finally:
        torch.set_num_threads(before)
    state: dict[str, Any] = dict(network.state_dict())
    weights = {name: tensor.numpy() for name, tensor in state.items()}
    onnx.save(build_encoder(weights, settings.encoder, graph, settings.layers), part / ENCODER_GRAPH)
    if settings.attribution:
        onnx.save(build_tagger(weights), part / TAGGER_GRAPH)
    save_file({"evidence_pool.scale": weights["evidence_pool.scale"]}, part / HEAD)
