import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from framing import onnx_engine
from framing.engine import EngineOptions, WindowLogits, open_engine
from framing.errors import FramingError
from framing.model import FramingConfig, FramingNetwork
from framing.onnx_engine import OnnxEngine, load_onnx_engine
from framing.settings import read_settings
from framing.torch_engine import TorchEngine
from framing.windows import Window

CODES = ["a", "b", "c"]


@pytest.fixture(scope="module", params=["linear", "hidden"])
def network(request: pytest.FixtureRequest) -> FramingNetwork:
    """As wide as the network that ships, and with as many heads: these decide how it is computed."""
    torch.manual_seed(0)
    encoder = {
        "model_type": "bert", "vocab_size": 500, "hidden_size": 384, "num_hidden_layers": 2,
        "num_attention_heads": 12, "intermediate_size": 1536, "max_position_embeddings": 300,
    }  # fmt: skip
    head: dict[str, Any] = {"layers": [0, 1, 2], "hidden": 64} if request.param == "hidden" else {}
    made = FramingNetwork(FramingConfig(encoder=encoder, codes=CODES, attribution=True, **head))
    for parameter in made.parameters():
        torch.nn.init.normal_(parameter, std=0.05)
    return made


@pytest.fixture(scope="module")
def folder(network: FramingNetwork, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wide")
    network.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def engine(folder: Path) -> OnnxEngine:
    return load(folder, threads=2)


def load(folder: Path, threads: int = 1) -> OnnxEngine:
    return load_onnx_engine(folder, read_settings(folder), EngineOptions(threads=threads))


def windows(count: int, seed: int = 0) -> list[Window]:
    """Windows of one to six sentences of 1 to 40 words."""
    rng = np.random.default_rng(seed)
    made = []
    for _ in range(count):
        ids: list[int] = []
        owners: list[int] = []
        for number, size in enumerate(rng.integers(1, 41, rng.integers(1, 7))):
            ids += [2, *map(int, rng.integers(5, 500, size)), 3]
            owners += [-1, *[number] * (size + 1)]
        made.append(Window(tuple(ids), tuple(owners), (None,) * len(ids), 0, range(1)))
    return made


def raw(answer: WindowLogits) -> bytes:
    assert answer.tags is not None
    return answer.labels.tobytes() + answer.evidence.tobytes() + answer.tags.tobytes()


def test_it_gives_what_torch_gives(network: FramingNetwork, engine: OnnxEngine) -> None:
    made = windows(12)
    expected = TorchEngine(network, torch.device("cpu")).run(made)
    for ours, theirs in zip(engine.run(made), expected, strict=True):
        assert theirs.tags is not None
        assert ours.tags is not None
        np.testing.assert_allclose(ours.labels, theirs.labels, atol=2e-5)
        np.testing.assert_allclose(ours.evidence, theirs.evidence, atol=2e-5)
        np.testing.assert_allclose(ours.tags, theirs.tags, atol=2e-5)
    assert np.ptp(np.concatenate([one.labels for one in expected]), axis=0).min() > 0.01


@pytest.mark.parametrize("tokens", [1, 64, 4096])
def test_no_bit_depends_on_what_is_computed_beside_it(
    engine: OnnxEngine, folder: Path, tokens: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = windows(40)
    expected = [raw(answer) for answer in engine.run(made)]
    monkeypatch.setattr(onnx_engine, "PASS_TOKENS", tokens)  # one sentence a pass; some; all of one length
    monkeypatch.setattr(onnx_engine, "BLOCK_TOKENS", 10 * tokens)
    other = load(folder, threads=3)
    order = np.random.default_rng(1).permutation(len(made))
    found = dict(zip(order.tolist(), other.run([made[i] for i in order]), strict=True))
    assert [raw(found[i]) for i in range(len(made))] == expected
    assert [raw(other.run([window])[0]) for window in made[:5]] == expected[:5]


def test_what_stands_twice_is_read_once(engine: OnnxEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[object] = []
    joined: list[object] = []
    inner_read, inner_join = engine._read, engine._join
    monkeypatch.setattr(engine, "_read", lambda batch: (read.extend(batch), inner_read(batch))[1])
    monkeypatch.setattr(engine, "_join", lambda parts: (joined.append(parts), inner_join(parts))[1])
    one, two = windows(2)
    answers = engine.run([one, two, one, one])
    assert len(joined) == 2
    assert len(read) == len(set(read)) == sum(ids == 2 for ids in one.input_ids + two.input_ids)
    assert raw(answers[0]) == raw(answers[2]) == raw(answers[3]) != raw(answers[1])


def test_nothing_gives_nothing(engine: OnnxEngine) -> None:
    assert engine.run([]) == []


def test_a_cpu_gets_it_by_itself(tiny_model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = read_settings(tiny_model)
    assert open_engine(tiny_model, settings, EngineOptions(device="cpu")).name == "onnx"
    assert open_engine(tiny_model, settings, EngineOptions("torch", "cpu")).name == "torch"
    open_engine(tiny_model, settings, EngineOptions("onnx"))
    assert "device: cpu" in capsys.readouterr().err


def test_what_it_cannot_do_is_one_clear_line(tiny_model: Path) -> None:
    settings = read_settings(tiny_model)
    with pytest.raises(FramingError, match="--engine onnx runs on a CPU, found --device cuda"):
        open_engine(tiny_model, settings, EngineOptions("onnx", "cuda"))
    settings.encoder["hidden_act"] = "relu"
    assert open_engine(tiny_model, settings, EngineOptions(device="cpu")).name == "torch"
    with pytest.raises(FramingError, match="take --engine torch"):
        open_engine(tiny_model, settings, EngineOptions("onnx", "cpu"))


def test_once_made_it_needs_no_torch(tiny_model: Path) -> None:
    script = f"""
import sys
from framing.model_folder import load_model
from framing.records import Article
model = load_model({str(tiny_model)!r}, device="cpu")
labels = model.label([Article("a", "o", "The gang will attack our people now. Nobody knows why.")])
assert len(labels) == 2
heavy = {{"torch", "transformers", "peft", "onnx", "pandas", "scipy"}} & set(sys.modules)
assert not heavy, heavy
"""
    run = [sys.executable, "-c", script]
    subprocess.run(run, check=True, capture_output=True)  # makes the graphs, if no test before did
    second = subprocess.run([*run], capture_output=True, text=True, check=False)
    assert second.returncode == 0, second.stderr
