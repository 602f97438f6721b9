"""A model's folder: which files lie in it, and the model that is made of them."""

import json
from dataclasses import replace
from pathlib import Path

from framing import encoder as base_encoders
from framing.codebook import load_codebook
from framing.decisions import DECISIONS, load_decisions
from framing.encoder import (
    ADAPTER_CONFIG,
    ADAPTER_WEIGHTS,
    TOKENIZER,
    WEIGHTS,
    base_folder,
    hash_file,
)
from framing.engine import EngineName, EngineOptions, Precision, open_engine
from framing.errors import FramingError
from framing.graph_cache import graph_key
from framing.labelling import Identity, Model
from framing.paths import default_model
from framing.settings import CONFIG, read_settings
from framing.windows import load_tokenizer

CODEBOOK = "codebook.json"
ABOUT = "model.json"
FILES = (CONFIG, DECISIONS, CODEBOOK, TOKENIZER)  # what decides the numbers beside the weights


def load_model(
    path: Path | str | None = None,
    *,
    engine: EngineName = "auto",
    device: str = "auto",
    precision: Precision = "fp32",
    batch_size: int = 32,
    threads: int | None = None,
    encoder: Path | str | None = None,
) -> Model:
    """Load a model folder.

    Args:
        path: The folder; the model that ships with the package if not given.
        engine: ``torch``, the reference; ``onnx``, which is quicker on a CPU; ``auto``: onnx on a CPU.
        device: ``auto``, ``cpu``, ``cuda``, ``cuda:N`` or ``mps``.
        precision: ``fp32``, the reference, or what the engine has on that device.
        batch_size: Windows (of up to 256 tokens) of one pass on a GPU; no score depends on it.
        threads: CPU threads, 1 or more; as many as there are cores if not given. No score depends on it.
        encoder: Folder of the base encoder, if not where `framing.encoder.find_encoder` looks.

    Raises:
        FramingError: If the folder is not a whole model, the device or the precision is not there, or that
            precision labels too much otherwise than fp32.
    """
    folder = default_model() if path is None else Path(path)
    if not folder.is_dir():
        raise FramingError(f"{folder}: no such folder, expected a model folder; check the path of --model")
    options = EngineOptions(engine, device, precision, batch_size, threads, encoder)
    model = _read_model(folder, options)
    if precision != "fp32":
        from framing.gating import check_precision

        exact = replace(options, precision="fp32")
        key = graph_key(folder, encoder)
        model.agreement = check_precision(model, lambda: _read_model(folder, exact), key)
    return model


def _read_model(folder: Path, options: EngineOptions) -> Model:
    settings = read_settings(folder)
    engine = open_engine(folder, settings, options)
    base = base_folder(folder, options.encoder)
    return Model(
        settings,
        engine,
        load_tokenizer(base),
        load_codebook(folder / CODEBOOK).subset(settings.codes),
        load_decisions(folder, settings.codes),
        _identify(folder, base),
    )


def hash_weights(folder: Path) -> str:
    """Return the SHA-256 of a network's weights, an adapter's or its own."""
    adapter = (folder / ADAPTER_CONFIG).is_file()
    return hash_file(folder / (ADAPTER_WEIGHTS if adapter else WEIGHTS))


def _identify(folder: Path, base: Path) -> Identity:
    adapter, weights = (folder / ADAPTER_CONFIG).is_file(), hash_weights(folder)
    return Identity(
        _read_name(folder / ABOUT),
        weights,
        base_encoders.MINILM.sha256 if adapter else weights,  # the former was just checked
        {name: hash_file((base if name == TOKENIZER else folder) / name) for name in FILES},
    )


def _read_name(path: Path) -> str:
    try:
        about = json.loads(path.read_text("utf8"))
        return f"{about['name']} {about['version']}"
    except (OSError, ValueError, KeyError, TypeError):
        raise FramingError(
            f"{path}: missing or broken, expected the model's name and version as JSON"
        ) from None
