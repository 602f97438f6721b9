"""The machine a run stands on, and how far its numbers may move on another."""

import os
import platform
from functools import cache
from pathlib import Path

ELSEWHERE = 0.001
"""How far a score may move on another machine, engine or version of a library.

Ten times the last digit that is written. Engines and processors add the same numbers in another order, which
moves a logit of the network by about 1e-6 to 1e-5, and a score by the last digit where it rounds the other
way.
"""


ELSEWHERE_FAST = 0.01
"""The same in a faster precision, where a last digit may turn into the next step of a few hundred."""

OTHER_PRECISION = 0.1
"""How far a score may move in another precision."""


# Those by which libraries choose how to compute.
INSTRUCTIONS = (
    "avx2",
    "avx512f",
    "avx512_vnni",
    "avx_vnni",
    "avx512_bf16",
    "amx_int8",
    "amx_bf16",
    "asimd",
    "sve",
)


@cache
def describe_machine() -> str:
    """Name the system and processor, and the instructions of it that bear on numbers; no name of the host."""
    instructions = ", ".join(flag for flag in INSTRUCTIONS if flag in cpu_flags())
    return ", ".join(filter(None, (f"{platform.system()} {platform.machine()}", cpu_name(), instructions)))


def cpu_name() -> str:
    """Name the processor."""
    return _cpuinfo().get("model name") or platform.processor() or "unknown processor"


def cpu_flags() -> frozenset[str]:
    """Return the processor's instruction sets by Linux's names for them; none where there is no Linux."""
    return frozenset((_cpuinfo().get("flags") or _cpuinfo().get("Features") or "").split())


def cpu_has_bf16() -> bool:
    """Say whether the processor multiplies bfloat16 itself."""
    return bool({"avx512_bf16", "amx_bf16", "bf16"} & cpu_flags())


def cpu_has_vnni() -> bool:
    """Say whether the processor multiplies and adds int8 in one instruction."""
    return bool({"avx512_vnni", "avx_vnni", "amx_int8", "asimddp"} & cpu_flags())


def cpu_count() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@cache
def _cpuinfo() -> dict[str, str]:
    """Return what Linux says of the first core."""
    path = Path("/proc/cpuinfo")
    first = path.read_text("utf8", "replace").partition("\n\n")[0] if path.is_file() else ""
    pairs = (line.partition(":") for line in first.splitlines())
    return {name.strip(): value.strip() for name, _, value in pairs}


def stated_tolerance(device: str, precision: str) -> dict[str, float]:
    """Return how far a score may move when the same articles are labelled again.

    Args:
        device: As `framing.engine.Engine.device_name` names it.
        precision: ``fp32`` is the reference.

    Returns:
        Under ``same`` for everything as it was: 0 in fp32 and int8 on a CPU, where no sentence's numbers
        depend on what is computed beside it.
        Under ``elsewhere`` for another machine, engine, device or version; under ``precision`` for another
        precision.
    """
    exact = device == "cpu" and precision in ("fp32", "int8")
    elsewhere = ELSEWHERE if precision == "fp32" else ELSEWHERE_FAST
    return {"same": 0.0 if exact else elsewhere, "elsewhere": elsewhere, "precision": OTHER_PRECISION}
