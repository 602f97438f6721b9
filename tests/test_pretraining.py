import dataclasses
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from torch import Tensor

from framing.encoder import ADAPTER_CONFIG, ADAPTER_WEIGHTS, TOKENIZER
from framing.errors import FramingError
from framing.weights import load_network, new_network
from framing.windows import load_tokenizer
from tests.conftest import WORDS
from training.__main__ import cli
from training.config import Data, Network, RunConfig, Training, all_codes
from training.fit import fit, network_config
from training.masking import Vocabulary, hide
from training.pretraining import REPORT, pretrain, read_rows

SMALL = RunConfig(
    "small",
    network=Network(rank=8, alpha=8),
    training=Training(epochs=1, batch_tokens=256, shortest_window=16, learning_rate=1e-2),
)
STILL = dataclasses.replace(SMALL, training=dataclasses.replace(SMALL.training, learning_rate=1e-12))
BERT = Vocabulary(size=1000, padding=0, mask=3, specials=(0, 3, 1, 2, 4))


@pytest.fixture
def base(tiny_base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The tiny encoder, whose last word is [MASK]; it is so small that a head has to learn fast."""
    monkeypatch.setattr("training.pretraining.HEAD_RATE", 3e-2)
    folder = shutil.copytree(tiny_base, tmp_path / "encoder")
    settings = json.loads((folder / TOKENIZER).read_text("utf8"))
    vocabulary = settings["model"]["vocab"]
    vocabulary["[MASK]"] = vocabulary.pop(max(vocabulary, key=vocabulary.get))
    (folder / TOKENIZER).write_text(json.dumps(settings), "utf8")
    return folder


def made_up_batch() -> Tensor:
    """4,000 sentences of 48 words between [CLS] and [SEP], half of them shorter and padded."""
    ids = torch.randint(5, 1000, (4000, 50), generator=torch.Generator().manual_seed(0))
    ids[:, 0], ids[:, 49] = 1, 2
    ids[2000:, 25], ids[2000:, 26:] = 2, 0
    ids[:, 7] = 4  # [UNK]
    return ids


@pytest.fixture
def monotonous(ptc_folder: Path, tmp_path: Path) -> Path:
    """PTC's format again, but a sentence has one word, many times."""
    folder = shutil.copytree(ptc_folder, tmp_path / "corpora" / "ptc")
    rng = np.random.default_rng(0)
    for path in (folder / "train-articles").glob("*.txt"):
        lines = [" ".join([rng.choice(WORDS)] * rng.integers(8, 24)) for _ in range(10)]
        path.write_text("\n".join(lines), "utf8")
    (folder / "train-task-flc-tc.labels").write_text("", "utf8")
    return folder.parent


def new_weights(base: Path) -> dict[str, Tensor]:
    """The weights that a run begins with."""
    torch.manual_seed(SMALL.training.seed)
    return new_network(network_config(SMALL, base, all_codes(SMALL)), base).state_dict()


def test_a_word_in_seven_is_hidden_and_most_of_these_are_blank() -> None:
    ids = made_up_batch()
    shown, hidden = hide(ids, BERT, torch.Generator().manual_seed(1))
    words = ids >= 5
    assert hidden[words].float().mean() == pytest.approx(0.15, abs=0.005)
    assert not hidden[~words].any()
    assert torch.equal(shown[~hidden], ids[~hidden])
    blank, same = shown[hidden] == BERT.mask, shown[hidden] == ids[hidden]
    assert blank.float().mean() == pytest.approx(0.8, abs=0.015)
    assert same.float().mean() == pytest.approx(0.1, abs=0.015)
    others = shown[hidden][~blank & ~same]
    assert len(others) / len(same) == pytest.approx(0.1, abs=0.015)
    assert len(others.unique()) > 0.8 * BERT.size
    again, _ = hide(ids, BERT, torch.Generator().manual_seed(2))
    assert not torch.equal(again, shown)


def test_the_adapter_learns_and_a_run_goes_on_from_it(base: Path, monotonous: Path, tmp_path: Path) -> None:
    report = pretrain(SMALL, monotonous, tmp_path / "read", encoder=base, epochs=5)
    written = json.loads((tmp_path / "read" / REPORT).read_text("utf8"))
    assert written == json.loads(json.dumps(report))
    assert report["loss"]["head_alone"] > report["loss"]["after"] + 0.3
    assert (report["held_out_sentences"], report["epochs"]) == (10, 5)
    assert 300 < report["sentences"] < 390  # copies of what is held out are left out
    assert 8 * report["sentences"] < report["tokens"] < 24 * report["sentences"]

    fresh, read = new_weights(base), load_network(tmp_path / "read", base).state_dict()
    moved = {name for name, weight in fresh.items() if not torch.allclose(weight, read[name], atol=1e-3)}
    assert any(name.endswith("query.weight") for name in moved)
    for name in moved:
        layer, kind = name.split(".")[-2:]
        assert name.startswith("encoder.")
        assert kind == "bias" or layer in ("query", "key", "value", "dense")

    fit(STILL, monotonous, tmp_path / "run", encoder=base, start=tmp_path / "read")
    trained = load_network(tmp_path / "run" / "best", base).state_dict()
    for name, weight in read.items():
        torch.testing.assert_close(trained[name], weight, atol=1e-3, rtol=1e-2)


def test_the_encoder_is_not_touched_while_the_head_learns_alone(
    base: Path, monotonous: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("training.pretraining.ALONE", 1.0)
    losses = pretrain(SMALL, monotonous, tmp_path / "read", encoder=base, epochs=2)["loss"]
    assert losses["before"] != losses["after"]
    fresh, read = new_weights(base), load_network(tmp_path / "read", base).state_dict()
    for name, weight in fresh.items():
        torch.testing.assert_close(read[name], weight, atol=1e-3, rtol=1e-3)


def test_the_same_seed_gives_the_same_bytes(base: Path, ptc_folder: Path, tmp_path: Path) -> None:
    seeds = {"one": 1, "again": 1, "other": 2}
    for name, seed in seeds.items():
        settings = dataclasses.replace(SMALL.training, seed=seed)
        config = dataclasses.replace(SMALL, training=settings)
        pretrain(config, ptc_folder.parent, tmp_path / name, encoder=base, epochs=1)
        torch.rand(1)  # as whatever else may have drawn in between
    for file in (ADAPTER_WEIGHTS, ADAPTER_CONFIG, "config.json"):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "again" / file).read_bytes()
    weights = [(tmp_path / name / ADAPTER_WEIGHTS).read_bytes() for name in ("one", "other")]
    assert weights[0] != weights[1]


def test_copies_of_what_is_held_out_are_not_read(base: Path, ptc_folder: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(ptc_folder, tmp_path / "corpora" / "ptc")
    for path in (folder / "train-articles").glob("*.txt"):  # all but the short one are in every article
        path.write_text("The gang will attack our border now.\nNobody knows why.", "utf8")
    (folder / "train-articles" / "articletrain0.txt").write_text("Our people said that it happened.", "utf8")
    (folder / "train-task-flc-tc.labels").write_text("", "utf8")
    tokenizer = load_tokenizer(base)

    def texts(rows: list[tuple[int, ...]]) -> set[str]:
        return {tokenizer.decode(list(row[1:-1])) for row in rows}

    learned, held_out = (texts(rows) for rows in read_rows(SMALL, folder.parent, tokenizer))
    assert held_out == {"the gang will attack our border now .", "nobody knows why ."}
    assert learned == {"our people said that it happened .", "nobody knows why ."}
    (folder / "dev-articles" / "articledev0.txt").write_text("Our people said: that it happened!", "utf8")
    learned, _ = (texts(rows) for rows in read_rows(SMALL, folder.parent, tokenizer))
    assert learned == {"nobody knows why ."}


def test_what_can_not_be_pretrained_is_one_clear_line(base: Path, ptc_folder: Path, tmp_path: Path) -> None:
    whole = dataclasses.replace(SMALL, network=Network(adapter=False))
    with pytest.raises(FramingError, match="small: only an adapter is pretrained; set adapter = true in"):
        pretrain(whole, ptc_folder.parent, tmp_path / "read", encoder=base, epochs=1)
    single = dataclasses.replace(SMALL, data=Data(articles=1))
    with pytest.raises(
        FramingError, match="found 0 sentences to learn from and 10 to hold out in 1 articles"
    ):
        pretrain(single, ptc_folder.parent, tmp_path / "read", encoder=base, epochs=1)
    assert not (tmp_path / "read").exists()


def test_the_command_says_what_it_did_and_where_to_go_on(
    base: Path, ptc_folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "small.toml").write_text('name = "small"\ndata = { articles = 4 }', "utf8")
    command = ["pretrain", str(tmp_path / "small.toml"), "--corpora", str(ptc_folder.parent)]
    command += ["--encoder", str(base), "--epochs", "1", "-o"]
    (tmp_path / "file").touch()
    result = CliRunner().invoke(cli, [*command, str(tmp_path / "file")])
    assert isinstance(result.exception, FramingError)
    assert "can't be written" in str(result.exception)
    result = CliRunner().invoke(cli, [*command, str(tmp_path / "read")])
    assert f"go on with: fit {tmp_path / 'small.toml'} --from {tmp_path / 'read'}" in result.output
    assert (tmp_path / "read" / ADAPTER_WEIGHTS).is_file()
