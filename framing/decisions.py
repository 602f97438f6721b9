"""From logits to probabilities and yes or no: calibration and thresholds, chosen on development data."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from framing.errors import FramingError

DECISIONS = "decisions.json"
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Decision:
    """How a code is decided: probability = sigmoid(slope × logit + intercept), yes from `threshold` on.

    In a sentence that carries the code, a word counts as carrying it from the probability `evidence` on.

    Calibration by a logistic curve: Platt 1999, "Probabilistic outputs for support vector machines".
    """

    slope: float
    intercept: float
    threshold: float
    evidence: float


@dataclass(frozen=True, slots=True)
class Decisions:
    """The decisions of a model.

    Attributes:
        codes: A decision for each code.
        any_evidence: Probability in (0, 1) from which a word counts as carrying any code at all.
        chosen_on: The data and the way they were chosen, in words.
    """

    codes: Mapping[str, Decision]
    any_evidence: float
    chosen_on: str

    def calibrate(self, logits: Floats, codes: Sequence[str]) -> Floats:
        """Turn logits (items, codes) into calibrated probabilities of the same shape."""
        slopes = np.array([self.codes[c].slope for c in codes])
        intercepts = np.array([self.codes[c].intercept for c in codes])
        return sigmoid(slopes * logits + intercepts)

    def thresholds(self, codes: Sequence[str]) -> Floats:
        """Return the thresholds of codes, in their order."""
        return np.array([self.codes[c].threshold for c in codes])

    def save(self, folder: Path) -> None:
        """Write them into a model folder."""
        (folder / DECISIONS).write_text(json.dumps(asdict(self), indent=2) + "\n", "utf8")


def sigmoid(logits: Floats) -> Floats:
    """Return logits as probabilities."""
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * logits)))


def log_odds(probabilities: Floats) -> Floats:
    """Return probabilities as logits; those of 0 and 1 as of the nearest that is not."""
    inside = np.clip(probabilities, 1e-12, 1 - 1e-12)
    return np.asarray(np.log(inside) - np.log1p(-inside))


def softmax(logits: Floats) -> Floats:
    """Return rows of logits as probabilities that sum to 1."""
    powers = np.exp(logits - logits.max(-1, keepdims=True, initial=-np.inf))
    return np.asarray(powers / powers.sum(-1, keepdims=True))


def load_decisions(folder: Path, codes: Sequence[str]) -> Decisions:
    """Read a model folder's decisions.

    Raises:
        FramingError: If the file is missing, broken, or leaves out one of the model's codes.
    """
    path = folder / DECISIONS
    try:
        raw = json.loads(path.read_text("utf8"))
        found = {code: Decision(**values) for code, values in raw["codes"].items()}
        decisions = Decisions(found, float(raw["any_evidence"]), str(raw["chosen_on"]))
    except FileNotFoundError:
        raise FramingError(
            f"{folder}: no file {DECISIONS} there, expected a model folder as training fit writes it"
        ) from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise FramingError(
            f"{path}: {error}; expected slope, intercept and threshold for each code"
        ) from None
    missing = [code for code in codes if code not in found]
    if missing:
        raise FramingError(f"{path}: no entry {missing[0]!r}, expected one for each code of config.json")
    return decisions
