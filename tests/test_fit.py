import dataclasses
import json
from pathlib import Path

import pytest

from framing.correction import load_correction
from framing.encoder import hash_file
from framing.engine import EngineOptions, open_engine
from framing.errors import FramingError
from framing.model_folder import load_model
from framing.records import Article
from framing.settings import read_settings
from framing.weights import load_network
from training.card import format_figure, write_card
from training.config import Data, Network, RunConfig, Training, read_config, shares_of
from training.evaluation import evaluate_model
from training.finish import finish
from training.fit import fit
from training.guesses import Guesses, write_guesses
from training.run_folder import claim

TINY = RunConfig(
    "tiny",
    training=Training(epochs=2, batch_tokens=256, shortest_window=16, learning_rate=2e-3, checkpoint_every=2),
)


class KilledError(Exception):
    pass


def die_after(steps: int, monkeypatch: pytest.MonkeyPatch) -> None:
    from training import fit as module

    original, count = module.save_checkpoint, [0]

    def save(*arguments: object) -> None:
        original(*arguments)
        count[0] += 1
        if count[0] == steps:
            raise KilledError

    monkeypatch.setattr(module, "save_checkpoint", save)


def fit_until_killed(
    config: RunConfig, steps: int, ptc_folder: Path, folder: Path, base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Train until as many checkpoints are saved."""
    with monkeypatch.context() as patch:
        die_after(steps, patch)
        with pytest.raises(KilledError):
            fit(config, ptc_folder.parent, folder, encoder=base)


def test_fit_learns_and_the_model_labels_and_is_documented(
    tiny_base: Path, ptc_folder: Path, tmp_path: Path
) -> None:
    steps = dataclasses.replace(TINY.training, epochs=7, batch_tokens=96, patience=7, checkpoint_every=1000)
    config = dataclasses.replace(TINY, training=steps, network=Network(adapter=False))
    run = fit(config, ptc_folder.parent, tmp_path / "run", encoder=tiny_base)
    assert run["history"][-1]["loss"] < run["history"][0]["loss"] / 2
    report = finish(config, ptc_folder.parent, tmp_path / "run", encoder=tiny_base)
    per_label = {row["code"]: row for row in report["dev"]["families"]["techniques"]["per_label"]}
    assert per_label["name_calling_labeling"]["average_precision"] > 0.9
    model = load_model(tmp_path / "run" / "model", device="cpu", encoder=tiny_base)
    text = "The gang will attack the border. The minister said that people will attack now."
    labels = model.label([Article("a", "o", text)])
    first, second = labels
    assert [label.code for label in first.labels] == ["name_calling_labeling"]
    assert [text[a:b] for a, b in first.labels[0].spans] == ["gang"]
    assert second.labels == ()

    correction, info = load_correction(labels.provenance, tmp_path / "run" / "model")
    assert correction is not None
    assert (info.articles, info.sentences, info.corpus) == (6, 60, "ptc dev")
    column = correction.codes.index("name_calling_labeling")
    assert correction.separation[column] > 0.5

    again = evaluate_model(tmp_path / "run" / "model", "ptc", ptc_folder, "dev", encoder=tiny_base)
    assert again["families"]["techniques"]["sentences"] == 60
    assert again["spans"]["f1"]["value"] == pytest.approx(report["dev"]["spans"]["f1"]["value"])

    page = write_card(tmp_path / "run", tmp_path / "cards").read_text("utf8")
    assert format_figure(report["dev"]["families"]["techniques"]["micro_f1"]) in page
    assert "On PTC dev: 6 articles, 60 sentences" in page


def test_the_last_epoch_may_show_other_shares() -> None:
    data = Data(train=("ptc", "polnear"), shares=(1.0, 0.5), last_shares=(1.0, 0.8))
    config = dataclasses.replace(TINY, data=data)
    assert [shares_of(config, epoch) for epoch in (0, 1)] == [
        {"ptc": 1.0, "polnear": 0.5},
        {"ptc": 1.0, "polnear": 0.8},
    ]
    assert shares_of(TINY, 1) == {"ptc": 1.0}
    wrong = dataclasses.replace(config, data=dataclasses.replace(data, shares=(1.0,)))
    with pytest.raises(FramingError, match="shares: found 1, expected 2, one for each of ptc, polnear"):
        shares_of(wrong, 0)


def test_a_killed_run_ends_like_an_undisturbed_one(
    tiny_base: Path, ptc_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = fit(TINY, ptc_folder.parent, tmp_path / "whole", encoder=tiny_base)
    fit_until_killed(TINY, 3, ptc_folder, tmp_path / "killed", tiny_base, monkeypatch)
    resumed = fit(TINY, ptc_folder.parent, tmp_path / "killed", encoder=tiny_base)
    assert best_weights(tmp_path / "whole") == best_weights(tmp_path / "killed")
    assert whole["history"] == resumed["history"]


def test_a_kill_while_the_checkpoint_is_replaced_loses_nothing(
    tiny_base: Path, ptc_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fit(TINY, ptc_folder.parent, tmp_path / "whole", encoder=tiny_base)
    fit_until_killed(TINY, 3, ptc_folder, tmp_path / "killed", tiny_base, monkeypatch)
    (tmp_path / "killed" / "checkpoint").rename(tmp_path / "killed" / "checkpoint.old")
    (tmp_path / "killed" / "checkpoint.new").mkdir()
    fit_until_killed(TINY, 1, ptc_folder, tmp_path / "killed", tiny_base, monkeypatch)
    fit(TINY, ptc_folder.parent, tmp_path / "killed", encoder=tiny_base)
    assert best_weights(tmp_path / "whole") == best_weights(tmp_path / "killed")


SHORT = RunConfig(
    "short",
    data=Data(articles=8),
    network=Network(window=24),
    training=Training(epochs=1, batch_tokens=128, shortest_window=8, learning_rate=2e-3, checkpoint_every=2),
)
OPTIONS = {
    "loss": {"training": {"loss": "asymmetric"}},
    "attention": {"network": {"attention": "window"}},
    "pooling": {"network": {"pooling": "mean"}},
    "balance": {"training": {"balance": 0.9}},
    "layers": {"training": {"layer_decay": 0.5}},
    "averaging": {"training": {"averaging": 0.9}},
    "start_share": {"training": {"start_share": 0.5}},
    "read layers": {"network": {"layers": (1, 2)}},
    "hidden": {"network": {"hidden": 8}},
}


def with_options(option: str) -> RunConfig:
    changes = {
        section: dataclasses.replace(getattr(SHORT, section), **values)
        for section, values in OPTIONS[option].items()
    }
    return dataclasses.replace(SHORT, **changes)


def best_weights(folder: Path) -> bytes:
    return (folder / "best" / "adapter_model.safetensors").read_bytes()


def test_every_option_changes_what_is_learned(tiny_base: Path, ptc_folder: Path, tmp_path: Path) -> None:
    configs = {"plain": SHORT} | {option: with_options(option) for option in OPTIONS}
    for name, config in configs.items():
        fit(config, ptc_folder.parent, tmp_path / name, encoder=tiny_base)
    assert len({best_weights(tmp_path / name) for name in configs}) == len(configs)


def test_a_moving_average_survives_a_kill(
    tiny_base: Path, ptc_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = with_options("averaging")
    fit(config, ptc_folder.parent, tmp_path / "whole", encoder=tiny_base)
    fit_until_killed(config, 2, ptc_folder, tmp_path / "killed", tiny_base, monkeypatch)
    fit(config, ptc_folder.parent, tmp_path / "killed", encoder=tiny_base)
    assert best_weights(tmp_path / "whole") == best_weights(tmp_path / "killed")


def test_a_network_without_evidence_in_its_logits_ships_as_one(
    tiny_base: Path, ptc_folder: Path, tmp_path: Path
) -> None:
    fit(with_options("pooling"), ptc_folder.parent, tmp_path, encoder=tiny_base)
    network = load_network(tmp_path / "best", tiny_base)
    assert network.evidence_pool.scale.abs().max().item() == 0.0


def test_a_network_that_sees_the_window_is_no_graph(
    tiny_base: Path, ptc_folder: Path, tmp_path: Path
) -> None:
    fit(with_options("attention"), ptc_folder.parent, tmp_path, encoder=tiny_base)
    settings = read_settings(tmp_path / "best")
    with pytest.raises(FramingError, match="see one sentence at a time; take --engine torch"):
        open_engine(tmp_path / "best", settings, EngineOptions("onnx", "cpu", encoder=tiny_base))


def test_a_run_goes_on_with_settings_that_are_newer_than_it(
    tiny_base: Path, ptc_folder: Path, tmp_path: Path
) -> None:
    settings = json.loads(json.dumps(dataclasses.asdict(SHORT)))
    for new in ("loss", "balance", "layer_decay", "averaging"):
        del settings["training"][new]
    (tmp_path / "settings.json").write_text(json.dumps(settings), "utf8")
    with pytest.raises(FramingError, match="holds a run with other settings"):
        fit(with_options("loss"), ptc_folder.parent, tmp_path, encoder=tiny_base)
    fit(SHORT, ptc_folder.parent, tmp_path, encoder=tiny_base)


def test_a_run_does_not_go_on_in_another_number_of_processes_or_over_its_start(
    tiny_base: Path, ptc_folder: Path, tmp_path: Path
) -> None:
    claim(tmp_path / "run", SHORT)
    with pytest.raises(FramingError, match="other settings, annotations, guesses, start or number of proc"):
        claim(tmp_path / "run", SHORT, processes=2)
    start = tmp_path / "run" / "best"
    with pytest.raises(FramingError, match="run: holds the network to start with; give another folder"):
        fit(SHORT, ptc_folder.parent, tmp_path / "run", encoder=tiny_base, start=start)


def test_a_run_does_not_go_on_with_annotations_that_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("training.run_folder.ANNOTATIONS", tmp_path)
    config = dataclasses.replace(SHORT, data=Data(annotations=("natural",)))
    (tmp_path / "natural.jsonl").write_text("", "utf8")
    claim(tmp_path / "run", config)
    claim(tmp_path / "run", config)
    (tmp_path / "natural.jsonl").write_text("\n", "utf8")
    with pytest.raises(FramingError, match="holds a run with other settings, annotations"):
        claim(tmp_path / "run", config)


def test_a_folder_of_another_run_is_refused(tiny_base: Path, ptc_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "settings.json").write_text("{}", "utf8")
    with pytest.raises(FramingError, match="holds a run with other settings"):
        fit(TINY, ptc_folder.parent, tmp_path, encoder=tiny_base)


def test_a_run_does_not_go_on_with_other_guesses(tiny_base: Path, ptc_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    settings = json.dumps(dataclasses.asdict(TINY), indent=2) + "\n"
    (tmp_path / "run" / "settings.json").write_text(settings, "utf8")
    write_guesses(Guesses(("slogans",), ("a",), {}), tmp_path / "guesses.npz")
    with pytest.raises(FramingError, match="holds a run with other settings, annotations, guesses"):
        fit(TINY, ptc_folder.parent, tmp_path / "run", encoder=tiny_base, guesses=[tmp_path / "guesses.npz"])


def test_a_run_starts_with_the_weights_of_another(tiny_base: Path, ptc_folder: Path, tmp_path: Path) -> None:
    first = fit(TINY, ptc_folder.parent, tmp_path / "first", encoder=tiny_base)
    asleep = dataclasses.replace(TINY.training, epochs=1, learning_rate=1e-12)
    config, best = dataclasses.replace(TINY, training=asleep), tmp_path / "first" / "best"
    second = fit(config, ptc_folder.parent, tmp_path / "second", encoder=tiny_base, start=best)
    kept = first["history"][first["best_epoch"] - 1]
    assert second["history"][0]["techniques_any_average_precision"] == pytest.approx(
        kept["techniques_any_average_precision"], abs=1e-3
    )
    assert second["started_with"] == hash_file(best / "adapter_model.safetensors")
    narrow = dataclasses.replace(TINY, network=Network(rank=4))
    with pytest.raises(FramingError, match="another network than the run's settings make"):
        fit(narrow, ptc_folder.parent, tmp_path / "narrow", encoder=tiny_base, start=best)
    with pytest.raises(FramingError, match=r"no file adapter_model.safetensors there"):
        fit(config, ptc_folder.parent, tmp_path / "none", encoder=tiny_base, start=tmp_path)
    full = dataclasses.replace(TINY, network=Network(adapter=False))
    with pytest.raises(FramingError, match="set adapter = true"):
        fit(full, ptc_folder.parent, tmp_path / "full", encoder=tiny_base, start=best)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name = 'x'\n[training]\nepoch = 3", r"\[training\] unknown key 'epoch', expected one of epochs"),
        ("name = 'x'\n[training]\nepochs = 'many'", r"epochs is 'many', expected an integer"),
        ("name = 'x'\n[data]\ntrain = 'ptc'", r"train is 'ptc', expected an array"),
        (
            "name = 'x'\n[data]\nown_techniques = ['a']",
            r"own_techniques has 'a', .* annotations: there are none",
        ),
        ("name = 'x'\n[training]\nloss = 'hinge'", r"loss is 'hinge', expected one of plain, focal, asym"),
        ("name = 'x'\n[training]\naveraging = 2.0", r"averaging is 2.0, expected a share in \[0, 1\]"),
        ("name = 'x'\nnetwork = 3", r"\[network\] is 3, expected a table of settings"),
        ("[training]\nepochs = 2", "no key 'name'"),
        ("name = ", "not TOML"),
    ],
)
def test_bad_settings_say_what_is_wrong(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "run.toml"
    path.write_text(text, "utf8")
    with pytest.raises(FramingError, match=message):
        read_config(path)


def test_settings_may_be_what_they_change_in_others(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(
        "name = 'a'\n[data]\ngold = 0.5\n[training]\nepochs = 3\nseed = 2", "utf8"
    )
    (tmp_path / "b.toml").write_text("like = 'a.toml'\nname = 'b'\n[training]\nseed = 5", "utf8")
    (tmp_path / "c.toml").write_text("like = 'b.toml'\nname = 'c'\n[network]\nrank = 4", "utf8")
    found = read_config(tmp_path / "c.toml")
    assert (found.name, found.network.rank, found.data.gold) == ("c", 4, 0.5)
    assert (found.training.epochs, found.training.seed) == (3, 5)
    for text, message in (
        ("like = 'd.toml'", "d.toml: no such file, expected a run's settings"),
        ("like = 3", "like is 3, expected the name of a file beside it"),
        ("like = 'c.toml'", "a.toml: is like itself, by way of b.toml"),
    ):
        (tmp_path / "a.toml").write_text(text, "utf8")
        with pytest.raises(FramingError, match=message):
            read_config(tmp_path / "a.toml")


def test_shipped_settings_are_valid() -> None:
    for path in (Path(__file__).parents[1] / "training" / "configs").glob("*.toml"):
        if path.stem != "ablations":  # a plan of several runs: tests/test_ablation.py
            assert read_config(path).name == path.stem


def test_run_file_holds_every_setting(tiny_base: Path, ptc_folder: Path, tmp_path: Path) -> None:
    fit(TINY, ptc_folder.parent, tmp_path, encoder=tiny_base)
    run = json.loads((tmp_path / "run.json").read_text("utf8"))
    assert run["settings"] == json.loads(json.dumps(dataclasses.asdict(TINY)))
    assert run["train_articles"] == 40
    assert run["dev_sentences"] == 60
