"""Networks with their weights: new heads over a pretrained encoder, or what a model folder holds."""

import json
from pathlib import Path
from typing import Any, cast

from safetensors.torch import load_file

from framing.adapters import adapter_file, merge_adapter
from framing.encoder import ADAPTER_CONFIG, WEIGHTS, find_encoder
from framing.errors import FramingError
from framing.label_head import SplitHead, set_bias
from framing.model import FramingConfig, FramingNetwork
from framing.settings import read_settings

RARE = -4.0  # a new head's bias: nearly every word and sentence carries nothing


def new_network(config: FramingConfig, encoder: Path) -> FramingNetwork:
    """Make a network whose encoder has the pretrained weights of a folder, and whose heads are new.

    Raises:
        FramingError: If the weights are not those of the configured encoder.
    """
    network = FramingNetwork(config)
    set_bias(network.evidence_head, RARE)
    set_bias(network.label_head, RARE)
    state = load_file(encoder / WEIGHTS)
    missing, _ = network.encoder.load_state_dict(state, strict=False)
    lost = [name for name in missing if not name.endswith("position_ids")]
    if lost:
        raise FramingError(
            f"{encoder / WEIGHTS}: no tensor {lost[0]}, expected the encoder that config.json names"
        )
    return network


def encoder_settings(encoder: Path) -> dict[str, Any]:
    """Read what `FramingConfig.encoder` needs from an encoder's own configuration."""
    settings = json.loads((encoder / "config.json").read_text("utf8"))
    dropped = {"_name_or_path", "architectures", "transformers_version", "gradient_checkpointing"}
    return {key: value for key, value in settings.items() if key not in dropped}


def load_network(folder: Path, encoder: Path | str | None = None) -> FramingNetwork:
    """Load a network for use, in float32 on the CPU: an adapter over the base encoder, or full weights.

    No code of the folder is run, and only safetensors are read.

    A split label head is merged: whatever reads the network after this knows one shape.

    Args:
        folder: A model folder.
        encoder: Where the base encoder is, if not where `find_encoder` looks.

    Raises:
        FramingError: If the folder holds no model, or the base encoder can't be found.
    """
    read_settings(folder)
    config = FramingConfig.from_pretrained(folder)
    if (folder / ADAPTER_CONFIG).is_file():
        adapter_file(folder)  # asked first: without it no encoder need be found
        return _merge_head(merge_adapter(new_network(config, find_encoder(encoder)), folder))
    if not (folder / WEIGHTS).is_file():
        raise FramingError(
            f"{folder}: neither {ADAPTER_CONFIG} nor {WEIGHTS} there, expected a model's weights"
        )
    network = FramingNetwork.from_pretrained(folder, config=config, use_safetensors=True)
    return _merge_head(cast(FramingNetwork, cast(Any, network).float().eval()))


def _merge_head(network: FramingNetwork) -> FramingNetwork:
    if isinstance(network.label_head, SplitHead):
        network.label_head = network.label_head.merged()
    return network
