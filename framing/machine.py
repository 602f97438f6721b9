"""The machine a run stands on, and how far its numbers may move on another."""

import platform
from functools import cache
from pathlib import Path

import torch

ELSEWHERE = 0.001
"""How far a score may move on another machine, engine or version of a library.

Ten times the last digit that is written. Engines and processors add the same numbers in another order, which
moves a logit of the network by about 1e-6 to 1e-5, and a score by the last digit where it rounds the other
way.
"""


@cache
def describe_machine() -> str:
    """Name the system and processor, and the instructions of it that torch uses; no name of the host."""
    instructions = torch.backends.cpu.get_cpu_capability()
    return f"{platform.system()} {platform.machine()}, {_processor()}, {instructions}"


def _processor() -> str:
    path = Path("/proc/cpuinfo")
    lines = path.read_text("utf8", "replace").splitlines() if path.is_file() else []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.processor() or "unknown processor")


def stated_tolerance(device: str, precision: str) -> dict[str, float]:
    """Return how far a score may move when the same articles are labelled again.

    Args:
        device: As `framing.engine.TorchEngine.device_name` names it.
        precision: ``fp32`` is the reference.

    Returns:
        Under ``same`` for everything as it was: 0 in fp32 on a CPU, where each window is computed alone.
        Under ``elsewhere`` for another machine, engine, device or version.
    """
    exact = device == "cpu" and precision == "fp32"
    return {"same": 0.0 if exact else ELSEWHERE, "elsewhere": ELSEWHERE}
