import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from framing.errors import FramingError
from framing.label_head import LabelHead
from framing.weights import load_network
from training.config import Data, Network, RunConfig, Training, all_codes
from training.finish import finish
from training.fit import fit, network_config
from training.probing import Readings, probe, train_head

BOTH = Data(families=("techniques", "devices"))
HIDDEN = RunConfig(
    "hidden",
    network=Network(layers=(1, 2), hidden=16, rank=4),
    training=Training(epochs=1, batch_tokens=256, shortest_window=16, learning_rate=1e-12),
)


def readings(count: int = 16_000) -> Readings:
    """Gold hangs on the sums of numbers that lie far from zero, some a hundred times as large as others."""
    torch.manual_seed(0)
    plain = torch.randn(count, 32)
    labels = torch.stack([plain[:, :16].sum(1) > 0, plain[:, 16:].sum(1) > 0], dim=1).float()
    means = plain * torch.logspace(-1, 1, 32) + 20
    return Readings(means, torch.full((count, 2), -0.5), labels, torch.ones(count, 2))


def test_a_head_reads_what_it_was_trained_on_as_it_comes() -> None:
    given = readings()
    head = train_head(given, hidden=32, families=[[0, 1]], seed=1).eval()
    found = (head(given.means) + given.evidence).sigmoid() > 0.5
    assert (found == given.labels.bool()).float().mean() > 0.9


def test_what_is_not_known_is_not_learned() -> None:
    given = readings()
    blind = given._replace(labels=1 - given.labels, mask=torch.zeros_like(given.mask))
    mixed = Readings(*(torch.cat(pair) for pair in zip(given, blind, strict=True)))
    head = train_head(mixed, hidden=32, families=[[0, 1]], seed=1).eval()
    found = (head(given.means) + given.evidence).sigmoid() > 0.5
    assert (found == given.labels.bool()).float().mean() > 0.9


def test_a_run_goes_on_from_a_probed_head_and_only_the_head_is_new(
    tiny_base: Path, ptc_folder: Path, tmp_path: Path
) -> None:
    run = probe(HIDDEN, ptc_folder.parent, tmp_path / "probed", encoder=tiny_base)
    assert run["probed_sentences"] == run["train_sentences"] == 400
    fit(HIDDEN, ptc_folder.parent, tmp_path / "run", encoder=tiny_base, start=tmp_path / "probed" / "best")
    probed, trained = (load_network(tmp_path / name / "best", tiny_base) for name in ("probed", "run"))
    for name, weight in probed.state_dict().items():
        torch.testing.assert_close(trained.state_dict()[name], weight, atol=1e-3, rtol=1e-2)
    other = dataclasses.replace(HIDDEN, training=dataclasses.replace(HIDDEN.training, seed=2))
    probe(other, ptc_folder.parent, tmp_path / "again", encoder=tiny_base, start=tmp_path / "probed" / "best")
    again = load_network(tmp_path / "again" / "best", tiny_base)
    changed = {
        name
        for name, weight in probed.state_dict().items()
        if not torch.equal(weight, again.state_dict()[name])
    }
    assert changed == {f"label_head.{part}" for part in (
        "inner.weight", "inner.bias", "outer.weight", "outer.bias"
    )}  # fmt: skip


def test_a_second_hidden_layer_stands_beside_the_first(
    tiny_base: Path, ptc_folder: Path, tmp_path: Path
) -> None:
    def widen(hidden: int) -> RunConfig:
        return dataclasses.replace(HIDDEN, network=dataclasses.replace(HIDDEN.network, hidden=hidden))

    def head(name: str) -> LabelHead:
        found = load_network(tmp_path / name / "best", tiny_base).label_head
        assert isinstance(found, LabelHead)
        return found

    probe(HIDDEN, ptc_folder.parent, tmp_path / "first", encoder=tiny_base)
    best = tmp_path / "first" / "best"
    probe(HIDDEN, ptc_folder.parent, tmp_path / "second", encoder=tiny_base, start=best)
    probe(widen(32), ptc_folder.parent, tmp_path / "both", encoder=tiny_base, start=best, beside=True)
    means = torch.randn(5, head("both").inner.in_features)
    mean = (head("first")(means) + head("second")(means)) / 2
    torch.testing.assert_close(head("both")(means), mean, atol=1e-2, rtol=1e-2)  # float16 on disk
    with pytest.raises(
        FramingError, match=r"hidden: hidden is 16, expected more than 16, the width of .*first"
    ):
        probe(HIDDEN, ptc_folder.parent, tmp_path / "no", encoder=tiny_base, start=best, beside=True)
    with pytest.raises(FramingError, match="first: holds the network to start with; give another folder"):
        probe(widen(32), ptc_folder.parent, tmp_path / "first", encoder=tiny_base, start=best, beside=True)
    with pytest.raises(FramingError, match="--beside: beside which hidden layer"):
        probe(widen(32), ptc_folder.parent, tmp_path / "no", encoder=tiny_base, beside=True)
    fit(
        dataclasses.replace(HIDDEN, network=Network()),
        ptc_folder.parent,
        tmp_path / "flat",
        encoder=tiny_base,
    )
    best = tmp_path / "flat" / "best"
    with pytest.raises(FramingError, match="flat/best: its label head has no hidden layer"):
        probe(widen(32), ptc_folder.parent, tmp_path / "no", encoder=tiny_base, start=best, beside=True)


@pytest.mark.usefixtures("read_for_devices")
def test_techniques_can_be_read_linearly_beside_a_hidden_layer(
    tiny_base: Path, ptc_folder: Path, tmp_path: Path
) -> None:
    def train(by: Callable[..., object], config: RunConfig, name: str, start: str = "") -> Path:
        by(
            config,
            ptc_folder.parent,
            tmp_path / name,
            encoder=tiny_base,
            start=tmp_path / start / "best" if start else None,
        )
        return tmp_path / name

    def any_technique(config: RunConfig, run: Path) -> float:
        dev = finish(config, ptc_folder.parent, run, encoder=tiny_base)["dev"]
        return float(dev["families"]["techniques"]["any_average_precision"]["value"])

    flat = dataclasses.replace(HIDDEN, data=BOTH, network=Network(rank=4))
    split = dataclasses.replace(
        flat, network=Network(layers=(1, 2), hidden=16, linear=("techniques",), rank=4)
    )
    before = any_technique(flat, train(fit, flat, "flat"))
    for by, name, start in ((probe, "probed", "flat"), (fit, "on", "probed"), (probe, "again", "on")):
        run = train(by, split, name, start)
        assert any_technique(split, run) == pytest.approx(before, abs=0.01)  # float16 on disk
        assert isinstance(load_network(run / "model", tiny_base).label_head, LabelHead)
    deep = dataclasses.replace(split, network=dataclasses.replace(split.network, linear=()))
    train(probe, deep, "deep")
    with pytest.raises(FramingError, match="deep/best: expected a network that reads the same 14 codes lin"):
        train(probe, split, "no", "deep")
    techniques = dataclasses.replace(flat, data=Data())
    train(fit, techniques, "techniques")
    with pytest.raises(FramingError, match="techniques/best: another network than the run's settings make"):
        train(probe, split, "no", "techniques")


def test_what_can_not_be_probed_is_one_clear_line(tiny_base: Path, ptc_folder: Path, tmp_path: Path) -> None:
    flat = dataclasses.replace(HIDDEN, network=Network())
    with pytest.raises(FramingError, match="hidden: a label head is probed where it has a hidden layer"):
        probe(flat, ptc_folder.parent, tmp_path, encoder=tiny_base)
    deep = dataclasses.replace(HIDDEN, network=Network(layers=(3,), hidden=4))
    with pytest.raises(FramingError, match="layers: found 3, expected numbers from 0, the embeddings, to 2"):
        probe(deep, ptc_folder.parent, tmp_path, encoder=tiny_base)
    for linear, layers, hidden, line in (
        (("techniques",), (2, 1), 4, "layers ends with 1, expected 2, the last"),
        (("economy",), (1, 2), 4, "linear: found 'economy', expected some of techniques, devices"),
        (("techniques",), (1, 2), 0, "linear: found techniques, hidden = 0; expected a hidden layer and"),
        (("techniques", "devices"), (1, 2), 4, "expected a hidden layer and another family that is read thr"),
    ):
        bad = Network(layers=layers, hidden=hidden, linear=linear, rank=4)
        config = dataclasses.replace(HIDDEN, data=BOTH, network=bad)
        with pytest.raises(FramingError, match=line):
            network_config(config, tiny_base, all_codes(config))
