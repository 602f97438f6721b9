"""The seam between labelling and what runs the network: engines, and which one a machine gets."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal, Protocol, get_args

import numpy as np
from numpy.typing import NDArray

from framing.errors import FramingError
from framing.machine import cpu_has_bf16
from framing.settings import SENTENCE, Settings
from framing.windows import Window

Array = NDArray[np.float32]
EngineName = Literal["auto", "onnx", "torch"]
Precision = Literal["fp32", "int8", "bf16", "fp16"]
ENGINES: tuple[EngineName, ...] = get_args(EngineName)
PRECISIONS: tuple[Precision, ...] = get_args(Precision)


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """How a network is to be run; what each option means stands in `framing.model_folder.load_model`."""

    engine: EngineName = "auto"
    device: str = "auto"
    precision: Precision = "fp32"
    batch_size: int = 32
    threads: int | None = None
    encoder: Path | str | None = None

    def __post_init__(self) -> None:
        """Refuse what no engine knows."""
        if self.engine not in ENGINES:
            raise FramingError(f"engine is {self.engine!r}, expected {' or '.join(ENGINES)}")
        for name, number in (("batch_size", self.batch_size), ("threads", self.threads)):
            if number is not None and number < 1:
                raise FramingError(f"{name} is {number}, expected 1 or more")


@dataclass(frozen=True, slots=True)
class WindowLogits:
    """The network's raw answer for one window.

    Attributes:
        labels: (sentences, codes).
        evidence: (tokens, codes).
        tags: (tokens, 4) for `framing.tagging.TAGS`, where the network has an attribution head.
    """

    labels: Array
    evidence: Array
    tags: Array | None


class Engine(Protocol):
    """What runs a network.

    Attributes:
        name: ``torch`` or ``onnx``.
        precision: One of `PRECISIONS`.
        libraries: Those that bear on the numbers beside the ones every engine needs.
    """

    name: str
    precision: str
    libraries: tuple[str, ...]

    @property
    def device_name(self) -> str:
        """``cpu``, ``mps``, or ``cuda`` with the card's name."""
        ...

    def run(self, windows: Sequence[Window]) -> list[WindowLogits]:
        """Run windows; the answers come in the order of the windows."""
        ...


def open_engine(folder: Path, settings: Settings, options: EngineOptions) -> Engine:
    """Make the engine for a model folder.

    Raises:
        FramingError: If the engine can't run that model, or not on that device or in that precision.
    """
    device, engine = take_device(options.device, options.engine), options.engine
    if engine == "auto":
        on_graph = device == "cpu" and _has_graph(settings) and options.precision in ("fp32", "int8")
        engine = "onnx" if on_graph else "torch"
    if engine == "torch":
        from framing.torch_engine import load_torch_engine

        return load_torch_engine(folder, replace(options, device=device))
    if device != "cpu":
        raise FramingError(f"--engine onnx runs on a CPU, found --device {device}; take --engine torch")
    if not _has_graph(settings):
        raise FramingError(
            "--engine onnx knows encoders of the kind of BERT with GELU that see one sentence at a time; "
            "take --engine torch"
        )
    from framing.onnx_engine import load_onnx_engine

    return load_onnx_engine(folder, settings, options)


def precisions_here(device: str, settings: Settings) -> list[tuple[EngineName, Precision]]:
    """Return the engines and precisions that a network can run in on a device; the reference of them first.

    Args:
        device: ``cpu``, ``cuda`` or ``mps``.
        settings: The network's.
    """
    if device != "cpu":
        precisions: tuple[Precision, ...] = ("fp32", "bf16", "fp16") if device != "mps" else ("fp32",)
        return [("torch", precision) for precision in precisions]
    found: list[tuple[EngineName, Precision]] = [("torch", "fp32")]
    if _has_graph(settings):
        found = [("onnx", "fp32"), ("onnx", "int8"), *found]
    if cpu_has_bf16():
        found.append(("torch", "bf16"))
    return found


def _has_graph(settings: Settings) -> bool:
    encoder = settings.encoder
    absolute = encoder.get("position_embedding_type", "absolute") == "absolute"
    bert = encoder.get("model_type") == "bert" and encoder.get("hidden_act", "gelu") == "gelu"
    return bert and absolute and settings.attention == SENTENCE


def take_device(name: str, engine: EngineName = "auto") -> str:
    """Turn ``auto`` into a device, and say on stderr which; a name stays as it is."""
    if name != "auto":
        return name
    if engine == "onnx" or not _may_have_gpu():
        found = "cpu"
    else:
        from framing.torch_engine import find_device

        found = find_device()
    print(f"device: {found}", file=sys.stderr)
    return found


def _may_have_gpu() -> bool:
    """Say whether it is worth asking torch, which takes seconds to load."""
    try:
        built = version("torch")
    except PackageNotFoundError:
        return False
    signs = ("/dev/nvidiactl", "/dev/nvidia0", "/dev/dxg", "/dev/kfd")
    return not built.endswith("+cpu") and (sys.platform != "linux" or any(Path(s).exists() for s in signs))
