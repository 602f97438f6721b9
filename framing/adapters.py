"""Low-rank adapters over the encoder: added for training, written to a folder and read from it."""

import json
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from framing.encoder import ADAPTER_CONFIG, ADAPTER_WEIGHTS
from framing.errors import FramingError
from framing.model import FramingConfig, FramingNetwork

HEADS = ("label_head", "evidence_head", "evidence_pool")
ATTRIBUTION_HEAD = "attribution_head"


def add_adapter(network: FramingNetwork, *, rank: int, alpha: float, dropout: float = 0.0) -> nn.Module:
    """Wrap a network for training by low-rank adapters on every linear layer of the encoder.

    Biases and heads are trained too (LoRA: Hu et al. 2021, arXiv 2106.09685).
    """
    from peft import LoraConfig, get_peft_model

    config = LoraConfig(
        r=rank,
        lora_alpha=alpha,
        lora_dropout=dropout,
        target_modules=r"encoder\..*\.(query|key|value|dense)",
        bias="all",
        modules_to_save=[*HEADS, ATTRIBUTION_HEAD] if network.config.attribution else list(HEADS),
    )
    with _peft_warnings_ignored():
        return cast(nn.Module, get_peft_model(network, config))


def save_adapter(wrapped: Any, folder: Path) -> None:
    """Write a trained adapter and its network's configuration, weights as float16."""
    wrapped.save_pretrained(folder, safe_serialization=True)
    (folder / "README.md").unlink(missing_ok=True)
    write_tensors(adapter_tensors(folder), folder)
    settings = json.loads((folder / ADAPTER_CONFIG).read_text("utf8"))
    settings["base_model_name_or_path"] = None  # found by its hash, not by a path of the training machine
    (folder / ADAPTER_CONFIG).write_text(json.dumps(settings, indent=2, sort_keys=True) + "\n", "utf8")
    wrapped.get_base_model().config.save_pretrained(folder)


def write_tensors(tensors: Mapping[str, Tensor], folder: Path) -> None:
    """Write an adapter's tensors into its folder, as float16."""
    halves = {name: tensor.half().contiguous() for name, tensor in tensors.items()}
    save_file(halves, folder / ADAPTER_WEIGHTS, metadata={"format": "pt"})


def adapter_file(folder: Path) -> Path:
    """Return the file of an adapter's weights.

    Raises:
        FramingError: If there is none in the folder.
    """
    path = folder / ADAPTER_WEIGHTS
    if not path.is_file():
        raise FramingError(
            f"{folder}: no file {ADAPTER_WEIGHTS} there, expected an adapter's weights in safetensors"
        )
    return path


def restore_adapter(wrapped: Any, folder: Path, *, but_for: str = "") -> None:
    """Give a network that `add_adapter` wrapped the weights of an adapter in a folder.

    Args:
        wrapped: The network.
        folder: Of the adapter.
        but_for: A head that keeps the weights it has.

    Raises:
        FramingError: If there is no adapter, or it is of a network of another shape or with other codes.
    """
    from peft import get_peft_model_state_dict, set_peft_model_state_dict

    tensors = adapter_tensors(folder)
    config = FramingConfig.from_pretrained(folder)
    same = list(config.codes) == list(wrapped.get_base_model().config.codes)
    ours = _without_copies(get_peft_model_state_dict(wrapped))
    if but_for:
        head = f".{but_for}."
        own = {name: tensor for name, tensor in ours.items() if head in name}
        tensors = {name: tensor for name, tensor in tensors.items() if head not in name} | own
    if not same or _shapes(ours) != _shapes(tensors):
        raise FramingError(f"{folder}: another network than the run's settings make; start from one like it")
    set_peft_model_state_dict(wrapped, tensors)


def merge_adapter(network: FramingNetwork, folder: Path) -> FramingNetwork:
    """Add an adapter in a folder to a network's own weights, for use in float32."""
    from peft import PeftModel

    with _peft_warnings_ignored():
        wrapped = PeftModel.from_pretrained(network, folder)
    return cast(FramingNetwork, wrapped.float().merge_and_unload().eval())


@contextmanager
def _peft_warnings_ignored() -> Iterator[None]:
    """Ignore an attribute of transformers that peft asks for by its old name: nothing a user can mend."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        yield


def adapter_tensors(folder: Path) -> dict[str, Tensor]:
    """Read the tensors of an adapter in a folder, by name, in float32.

    Raises:
        FramingError: If there is none.
    """
    return {name: tensor.float() for name, tensor in _without_copies(load_file(adapter_file(folder))).items()}


def _without_copies(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """Leave out the second copies of the heads' biases that peft keeps."""
    copies = (".modules_to_save.", ".original_module.")
    return {name: tensor for name, tensor in tensors.items() if not any(c in name for c in copies)}


def _shapes(tensors: dict[str, Tensor]) -> dict[str, tuple[int, ...]]:
    return {name: tuple(tensor.shape) for name, tensor in tensors.items()}
