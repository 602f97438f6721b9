"""The mean of networks that were trained from one start."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from framing.adapters import adapter_tensors, save_adapter
from framing.encoder import ADAPTER_WEIGHTS, find_encoder, hash_file
from framing.errors import FramingError
from training.averaging import average, mean_update
from training.config import Data, Network, RunConfig, all_codes
from training.finish import RUN
from training.fit import make_model

CONFIG = RunConfig("x", data=Data(families=("techniques",)), network=Network(rank=2))


def update(up: Tensor, down: Tensor, bias: float) -> dict[str, Tensor]:
    return {"a.lora_A.weight": down, "a.lora_B.weight": up, "a.bias": torch.tensor([bias])}


def test_the_mean_update_by_hand() -> None:
    one = update(torch.tensor([[2.0], [0.0]]), torch.tensor([[1.0, 0.0]]), 1.0)
    same = update(torch.tensor([[-4.0], [0.0]]), torch.tensor([[-1.0, 0.0]]), 3.0)
    mean, lost = mean_update([one, same])
    product = mean["a.lora_B.weight"] @ mean["a.lora_A.weight"]
    assert product.flatten().tolist() == pytest.approx([3.0, 0.0, 0.0, 0.0])  # not that of mean factors, 0
    assert mean["a.bias"].item() == 2.0
    assert lost == pytest.approx(0.0)
    across = update(torch.tensor([[0.0], [1.0]]), torch.tensor([[0.0, 1.0]]), 1.0)
    mean, lost = mean_update([one, across])  # diag(1, 1/2) at rank 1
    product = mean["a.lora_B.weight"] @ mean["a.lora_A.weight"]
    assert product.flatten().tolist() == pytest.approx([1.0, 0.0, 0.0, 0.0])
    assert lost == pytest.approx(0.25 / 1.25)


def run(folder: Path, base: Path, seed: int, *, started: str | None = "f00d", rank: int = 2) -> Path:
    torch.manual_seed(seed)
    network = Network(rank=rank)
    wrapped: Any = make_model(
        RunConfig("x", data=CONFIG.data, network=network), base, all_codes(CONFIG), None
    )
    for parameter in wrapped.parameters():
        if parameter.requires_grad:
            torch.nn.init.normal_(parameter, std=0.1)
    (folder / "best").mkdir(parents=True)
    save_adapter(wrapped, folder / "best")
    settings = {"data": {"annotations": []}, "training": {"seed": seed}}
    report = {"settings": settings, "started_with": started, "best_epoch": 1, "history": [], "dev": {}}
    (folder / RUN).write_text(json.dumps(report), "utf8")
    return folder


def test_runs_from_one_start_are_averaged(tiny_base: Path, tmp_path: Path) -> None:
    base = find_encoder(tiny_base)
    runs = [run(tmp_path / f"run{seed}", base, seed) for seed in (1, 2)]
    report = average(runs, tmp_path / "mean")
    assert [one["seed"] for one in report["averaged"]] == [1, 2]
    assert 0 < report["update_lost"] < 1
    assert "dev" not in json.loads((tmp_path / "mean" / RUN).read_text("utf8"))
    first, second, mean = (adapter_tensors(f / "best") for f in (*runs, tmp_path / "mean"))
    assert {n: t.shape for n, t in mean.items()} == {n: t.shape for n, t in first.items()}
    name = next(name for name in mean if "label_head" in name and name.endswith("bias"))
    torch.testing.assert_close(mean[name], (first[name] + second[name]) / 2, atol=1e-3, rtol=0)
    onward = run(
        tmp_path / "onward", base, 3, started=hash_file(tmp_path / "mean" / "best" / ADAPTER_WEIGHTS)
    )
    report = average([tmp_path / "mean", onward], tmp_path / "wider")
    assert [(one["seed"], one["share"]) for one in report["averaged"]] == [(1, 0.25), (2, 0.25), (3, 0.5)]
    alone = average(runs[:1], tmp_path / "alone")
    assert alone["update_lost"] == pytest.approx(0, abs=1e-9)

    with pytest.raises(FramingError, match="is one of the runs, which their mean would replace"):
        average(runs, runs[0])
    for folder, message in (
        (run(tmp_path / "other", base, 3, started="beef"), "other: started with beef, expected f00d"),
        (run(tmp_path / "none", base, 3, started=None), "none: started with the encoder, expected f00d"),
        (run(tmp_path / "wide", base, 3, rank=4), "wide: a network of another shape"),
        (tmp_path / "nowhere", "expected a run; run training fit"),
    ):
        with pytest.raises(FramingError, match=message):
            average([runs[0], folder], tmp_path / "bad")
    assert not (tmp_path / "bad").exists()
