import json
import shutil
from pathlib import Path

import pytest
import torch

from framing.errors import FramingError
from framing.model import FramingNetwork
from framing.weights import load_network, new_network
from tests.test_model import config_for, small_batch


def test_full_weights_follow_the_hub_conventions(tiny_encoder: Path, tmp_path: Path) -> None:
    network = new_network(config_for(tiny_encoder), tiny_encoder).eval()
    network.save_pretrained(tmp_path)
    again = FramingNetwork.from_pretrained(tmp_path)
    torch.testing.assert_close(again(**small_batch()).label_logits, network(**small_batch()).label_logits)


def test_a_network_of_another_layout_is_refused(tiny_model: Path, tmp_path: Path) -> None:
    folder = tmp_path / "old"
    shutil.copytree(tiny_model, folder)
    settings = json.loads((folder / "config.json").read_text("utf8"))
    del settings["layout"]
    (folder / "config.json").write_text(json.dumps(settings), "utf8")
    with pytest.raises(FramingError, match=r"config.json: layout None, expected 3 or 4 or 5; take a model"):
        load_network(folder)


@pytest.mark.parametrize("content", ["{", "[1]", '"text"', ""])
def test_broken_settings_of_a_network_are_one_clear_line(tmp_path: Path, content: str) -> None:
    (tmp_path / "config.json").write_text(content, "utf8")
    with pytest.raises(FramingError, match=r"config.json: not a network's settings .*; get the model again"):
        load_network(tmp_path)


def test_a_pickle_is_never_loaded(tiny_encoder: Path, tmp_path: Path) -> None:
    config_for(tiny_encoder).save_pretrained(tmp_path)
    torch.save({}, tmp_path / "pytorch_model.bin")
    with pytest.raises(FramingError, match=r"neither adapter_config\.json nor model\.safetensors"):
        load_network(tmp_path)
    (tmp_path / "adapter_config.json").write_text("{}", "utf8")
    torch.save({}, tmp_path / "adapter_model.bin")
    with pytest.raises(FramingError, match=r"no file adapter_model\.safetensors"):
        load_network(tmp_path)
