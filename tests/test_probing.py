import dataclasses
from pathlib import Path

import pytest
import torch

from framing.errors import FramingError
from framing.label_head import LabelHead
from framing.weights import load_network
from training.config import Network, RunConfig, Training
from training.finish import finish
from training.fit import fit
from training.probing import Readings, keep_codes, probe, train_head

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


def test_codes_that_are_kept_are_read_as_before() -> None:
    torch.manual_seed(0)
    head, linear = LabelHead(12, 5, 3, 0.1).eval(), torch.nn.Linear(4, 3)
    joined = keep_codes(head, linear, [0, 2]).eval()
    means = torch.randn(50, 12)
    found, before, new = joined(means), linear(means[:, 8:]), head(means)
    torch.testing.assert_close(found[:, [0, 2]], before[:, [0, 2]])
    torch.testing.assert_close(found[:, 1], new[:, 1])
    assert (before - new).abs().max() > 0.1


def test_a_network_whose_techniques_are_kept_is_finished_like_any_run(
    tiny_base: Path, ptc_folder: Path, tmp_path: Path
) -> None:
    flat = dataclasses.replace(HIDDEN, network=Network(rank=4))
    fit(flat, ptc_folder.parent, tmp_path / "first", encoder=tiny_base)
    wide = dataclasses.replace(HIDDEN, network=Network(layers=(1, 2), hidden=16 + 28, rank=4))
    start = tmp_path / "first" / "best"
    run = probe(
        wide, ptc_folder.parent, tmp_path / "run", encoder=tiny_base, start=start, kept=["techniques"]
    )
    assert run["kept"] == ["techniques"]
    report = finish(wide, ptc_folder.parent, tmp_path / "run", encoder=tiny_base)
    first = finish(flat, ptc_folder.parent, tmp_path / "first", encoder=tiny_base)
    scores = [
        one["dev"]["families"]["techniques"]["any_average_precision"]["value"] for one in (report, first)
    ]
    assert scores[0] == pytest.approx(scores[1], abs=0.01)  # float16 on disk
    with pytest.raises(FramingError, match="expected a network with a linear label head"):
        probe(wide, ptc_folder.parent, tmp_path / "no", encoder=tiny_base, kept=["techniques"])
    for wrong, line in (
        (Network(layers=(1, 2), hidden=28, rank=4), "hidden is 28, expected more than 28"),
        (Network(layers=(2, 1), hidden=44, rank=4), "layers ends with 1, expected 2"),
    ):
        bad = dataclasses.replace(HIDDEN, network=wrong)
        with pytest.raises(FramingError, match=line):
            probe(
                bad, ptc_folder.parent, tmp_path / "no", encoder=tiny_base, start=start, kept=["techniques"]
            )


def test_what_can_not_be_probed_is_one_clear_line(tiny_base: Path, ptc_folder: Path, tmp_path: Path) -> None:
    flat = dataclasses.replace(HIDDEN, network=Network())
    with pytest.raises(FramingError, match="hidden: a label head is probed where it has a hidden layer"):
        probe(flat, ptc_folder.parent, tmp_path, encoder=tiny_base)
    deep = dataclasses.replace(HIDDEN, network=Network(layers=(3,), hidden=4))
    with pytest.raises(FramingError, match="layers: found 3, expected numbers from 0, the embeddings, to 2"):
        probe(deep, ptc_folder.parent, tmp_path, encoder=tiny_base)
