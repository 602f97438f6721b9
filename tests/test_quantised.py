import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from framing import gating, onnx_engine
from framing.engine import EngineOptions, open_engine
from framing.errors import FramingError
from framing.labelling import Model
from framing.model_folder import load_model
from framing.quantised import balance_channels, quantise_weight
from framing.records import Article
from framing.settings import read_settings
from framing.store import read_provenance
from tests.test_cli import framing
from tests.test_onnx_engine import raw, windows

ARTICLES = [Article(str(n), "Herald", f"The gang will attack on {n}. Nobody knows why.") for n in range(9)]


@pytest.fixture(scope="module")
def model(tiny_model: Path) -> Model:
    return load_model(tiny_model, device="cpu", precision="int8", threads=1)


@pytest.fixture(scope="module")
def folder(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network as wide as the one that ships, that knows the words of the samples."""
    import torch

    from framing.model import FramingConfig, FramingNetwork

    folder = tmp_path_factory.mktemp("wide")
    torch.manual_seed(0)
    encoder = {
        "model_type": "bert", "vocab_size": 4000, "hidden_size": 384, "num_hidden_layers": 2,
        "num_attention_heads": 12, "intermediate_size": 1536, "max_position_embeddings": 300,
    }  # fmt: skip
    network = FramingNetwork(FramingConfig(encoder=encoder, codes=["a", "b"], attribution=True))
    for parameter in network.parameters():
        torch.nn.init.normal_(parameter, std=0.05)
    network.save_pretrained(folder)
    (folder / "tokenizer.json").write_bytes((tiny_model / "tokenizer.json").read_bytes())
    return folder


def test_a_weight_keeps_to_seven_bits_and_half_a_step() -> None:
    weight = np.random.default_rng(0).normal(size=(5, 40)).astype(np.float32)
    whole, scale = quantise_weight(weight)
    assert np.abs(whole).max() == 63
    assert np.abs(whole * scale[:, None] - weight).max() <= scale.max() * 0.501


def test_balance_evens_out_channels() -> None:
    largest = np.array([1.0, 100.0, 1.0, 1.0], dtype=np.float32)
    weight = np.ones((2, 4), dtype=np.float32)
    balance = balance_channels(largest, weight)
    even = largest / balance
    assert even.max() / even.min() == pytest.approx(10, rel=0.1)
    assert np.log2(balance) * 8 == pytest.approx(np.rint(np.log2(balance) * 8), abs=1e-4)


def test_it_is_close_to_fp32_and_whole_numbers_are_in_it(folder: Path) -> None:
    settings = read_settings(folder)
    exact = open_engine(folder, settings, EngineOptions(device="cpu"))
    quick = open_engine(folder, settings, EngineOptions(device="cpu", precision="int8"))
    made = windows(12)
    moved = [
        np.abs(one.labels - other.labels).max()
        for one, other in zip(exact.run(made), quick.run(made), strict=True)
    ]
    spread = np.ptp([one.labels.max() for one in exact.run(made)])
    assert 0 < max(moved) < 0.1 * spread


@pytest.mark.parametrize("tokens", [1, 64, 4096])
def test_no_bit_depends_on_what_is_computed_beside_it(
    folder: Path, tokens: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = EngineOptions(device="cpu", precision="int8", threads=2)
    engine = open_engine(folder, read_settings(folder), options)
    made = windows(30)
    expected = [raw(answer) for answer in engine.run(made)]
    monkeypatch.setattr(onnx_engine, "PASS_TOKENS", tokens)
    monkeypatch.setattr(onnx_engine, "BLOCK_TOKENS", 10 * tokens)
    order = np.random.default_rng(1).permutation(len(made))
    found = dict(zip(order.tolist(), engine.run([made[i] for i in order]), strict=True))
    assert [raw(found[i]) for i in range(len(made))] == expected


def test_it_says_how_far_it_agrees_and_says_it_again(
    model: Model, tiny_model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    again = load_model(tiny_model, device="cpu", precision="int8", threads=1)
    said = capsys.readouterr().err
    made = again.label(ARTICLES).provenance
    assert f"int8 beside fp32, on {made.agreement['sentences']} sample sentences" in said
    assert "once" not in said
    assert made.agreement["sentences"] > 100
    assert 0 < made.agreement["largest"] < 0.1
    assert made.tolerance["same"] == 0.0
    assert made.precision == "int8"


def test_what_agrees_too_little_is_refused(
    model: Model, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert model.agreement is not None
    monkeypatch.setattr(gating, "MOST_LABELS", -1)
    with pytest.raises(FramingError, match=r"labels flip, .* take --precision fp32"):
        load_model(tiny_model, device="cpu", precision="int8")


def test_the_command_keeps_precisions_apart(
    tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, output = tmp_path / "articles.jsonl", tmp_path / "labels.jsonl"
    source.write_text("\n".join(json.dumps(dataclasses.asdict(a)) for a in ARTICLES), "utf8")
    settings = ("--model", tiny_model, "--device", "cpu", "--threads", 1)
    framing("label", source, "-o", output, *settings, "--precision", "int8")
    made = read_provenance(output)
    assert made is not None
    assert made.precision == "int8"
    framing("verify", output, source, *settings, "--precision", "int8", "--all")
    assert "under the same conditions" in capsys.readouterr().out
    framing("verify", output, source, *settings, "--all")
    assert "under other precision" in capsys.readouterr().out
    framing("label", source, "-o", output, *settings, "--precision", "fp16", "--force", code=1)
    assert "has none on cpu; take fp32, or int8 of --engine onnx" in capsys.readouterr().err


def test_a_run_in_another_precision_is_not_gone_on_with(
    tiny_model: Path, model: Model, tmp_path: Path
) -> None:
    from framing.resuming import label_into

    def broken() -> object:
        yield from [dataclasses.replace(ARTICLES[0], id=str(n)) for n in range(40)]
        raise RuntimeError("cut off")

    with pytest.raises(RuntimeError):
        label_into(tmp_path / "a.jsonl", model, broken())  # type: ignore[arg-type]
    other = load_model(tiny_model, device="cpu", threads=1)
    with pytest.raises(FramingError, match="precision was int8, is fp32"):
        label_into(tmp_path / "a.jsonl", other, ARTICLES)
