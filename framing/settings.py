"""What a model folder says of its network, read without loading it."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from framing.errors import FramingError

CONFIG = "config.json"
LAYOUT = 5  # of the network: what this code writes
READABLE = (
    3,
    4,
    5,
)  # whose weights it reads: label heads may have a hidden layer from 4 on, be split from 5
SENTENCE = "sentence"  # how far a token sees in every network that ships


@dataclass(frozen=True, slots=True)
class Settings:
    """The part of a network's settings that labelling needs; all of them are `framing.model.FramingConfig`.

    Attributes:
        codes: What each logit stands for, in order.
        window: Most tokens of a window.
        context: Most tokens of earlier sentences that a window takes along as context.
        attribution: Whether there is an attribution head.
        encoder: The encoder's own settings.
        attention: How far a token sees: its own ``sentence``, or the ``window``.
        layers: The encoder's layers whose states the label head reads; the last alone if there are none.
    """

    codes: tuple[str, ...]
    window: int
    context: int
    attribution: bool
    encoder: dict[str, Any]
    attention: str = SENTENCE
    layers: tuple[int, ...] = ()


def read_settings(folder: Path) -> Settings:
    """Read the settings of a model folder.

    Raises:
        FramingError: If there are none, they are broken, or for another version of the network.
    """
    path = folder / CONFIG
    if not path.is_file():
        raise FramingError(f"{folder}: no {CONFIG} there, expected a model folder; check the path of --model")
    try:
        raw = dict(json.loads(path.read_text("utf8")))
    except (ValueError, TypeError) as error:
        raise FramingError(f"{path}: not a network's settings ({error}); get the model again") from None
    if raw.get("layout") not in READABLE:
        raise FramingError(
            f"{path}: layout {raw.get('layout')}, expected {' or '.join(map(str, READABLE))}; "
            "take a model made for this version of framing, or train it again"
        )
    try:
        return Settings(
            tuple(raw["codes"]),
            int(raw["window"]),
            int(raw["context"]),
            bool(raw["attribution"]),
            dict(raw["encoder"]),
            str(raw.get("attention", SENTENCE)),
            tuple(int(layer) for layer in raw.get("layers", ())),
        )
    except (KeyError, ValueError, TypeError) as error:
        raise FramingError(f"{path}: not a network's settings ({error}); get the model again") from None
