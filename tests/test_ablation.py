import dataclasses
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from framing.encoder import ADAPTER_WEIGHTS, hash_file
from framing.errors import FramingError
from training.__main__ import cli
from training.ablation import Scores, ablate, summarise
from training.ablation_plan import Plan, read_plan, without
from training.config import RunConfig, all_codes, read_config

PLAN = """
seeds = [3, 1]
[base]
why = "The plain recipe."
data = { articles = 8 }
training = { epochs = 1, batch_tokens = 128, shortest_window = 8 }
[variants.focal]
why = "Easy ones count less."
training = { loss = "focal" }
[variants.taught]
why = "From guesses."
guesses = true
[variants.begun]
why = "From a network."
start = true
"""


def write_plan(folder: Path, text: str = PLAN) -> Path:
    path = folder / "plan.toml"
    path.write_text(text, "utf8")
    return path


def plan_without_needs(folder: Path, text: str = PLAN) -> Plan:
    return without(without(read_plan(write_plan(folder, text)), "guesses"), "start")


def made_up(config: RunConfig, *places: Path | None) -> Scores:
    """Train nothing: a score that follows from the settings."""
    bonus = {"focal": 0.5, "plain": 0.0}[config.training.loss]
    return {"score": config.training.seed / 10 + bonus * config.training.seed}


def failing(config: RunConfig, *places: Path | None) -> Scores:
    if config.training.loss == "focal":
        raise FramingError("no luck")
    return made_up(config, *places)


def test_a_variant_is_the_base_with_its_changes(tmp_path: Path) -> None:
    base, focal, taught, begun = read_plan(write_plan(tmp_path)).variants
    assert (base.config.training.loss, base.config.training.batch_tokens) == ("plain", 128)
    assert (focal.config.training.loss, focal.config.training.batch_tokens) == ("focal", 128)
    assert focal.with_seed(7).training.seed == 7
    assert [set(one.needs) for one in (base, focal, taught, begun)] == [set(), set(), {"guesses"}, {"start"}]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[3, 1]", "[1, 1]", r"seeds is \[1, 1\], expected a list of different whole numbers"),
        ("[base]", "[bases]", r"found seeds, bases, variants, expected seeds, note, \[base\]"),
        ('"focal" }', '"hinge" }', r"focal: \[training\] loss is 'hinge', expected one of plain"),
        ('"focal" }', '"plain" }', "focal: changes nothing"),
        ('training = { loss = "focal" }', "training = 3", r"focal: \[training\] is 3, expected a table"),
        ("guesses = true", "guess = true", "taught: unknown key 'guess', expected why, guesses, start, data"),
        (
            "start = true",
            'start = "runs"',
            "begun: expected why, a sentence, and guesses and start, if given,",
        ),
        ('why = "From guesses."', "", "taught: expected why, a sentence"),
    ],
)
def test_a_bad_plan_is_refused(old: str, new: str, message: str, tmp_path: Path) -> None:
    assert old in PLAN
    with pytest.raises(FramingError, match=message):
        read_plan(write_plan(tmp_path, PLAN.replace(old, new)))


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ('data = { train = ["ptc", "reuters"] }', "corpus 'reuters' is not known"),
        ("data = { shares = [0.5, 0.5] }", "other: shares: found 2, expected 1"),
        ('data = { annotations = ["none"] }', "other: .*none.jsonl: no such file"),
        (
            'training = { monitor = ["macro_f1"] }',
            "other: monitor: 'macro_f1' is not measured, expected some",
        ),
        ("network = { layers = [3] }", "other: layers: found 3, expected numbers from 0"),
        ('data = { families = ["devices"] }', "other: monitor: 'techniques_any_average_precision' is not"),
    ],
)
def test_settings_that_do_not_fit_are_refused_before_anything_trains(
    section: str, message: str, tmp_path: Path, tiny_base: Path, ptc_folder: Path
) -> None:
    path = write_plan(tmp_path, f'{PLAN}[variants.other]\nwhy = "Something else."\n{section}\n')
    command = ["ablate", str(path), "--corpora", str(ptc_folder.parent), "--encoder", str(tiny_base)]
    result = CliRunner().invoke(cli, [*command, "-o", str(tmp_path / "out.json")])
    with pytest.raises(FramingError, match=message):
        raise result.exception or AssertionError
    assert not (tmp_path / "out.json").exists()


def test_differences_are_paired_by_seed() -> None:
    base = [{"seed": seed, "scores": {"score": score}} for seed, score in ((1, 0.1), (2, 0.4), (3, 0.9))]
    runs = [{"seed": seed, "scores": {"score": score, "own": 0.5}} for seed, score in ((1, 0.2), (2, 0.7))]
    found = summarise(runs, base)
    # the differences are .1 and .3: their standard deviation is .1 * sqrt(2), that of their mean .1
    assert found["score"]["difference"] == pytest.approx(0.2)
    assert found["score"]["error"] == pytest.approx(0.1)
    assert found["score"]["high"] == pytest.approx(0.2 + 12.706 * 0.1, abs=1e-3)  # Student's t, 1 degree
    assert found["score"]["mean"] == pytest.approx(0.45)
    assert found["score"]["sd"] == pytest.approx(0.25 * 2**0.5)
    assert (found["own"]["mean"], found["own"]["difference"], found["own"]["error"]) == (0.5, None, None)
    alone = summarise(runs[:1], base)["score"]
    assert alone["difference"] == pytest.approx(0.1)
    assert alone["sd"] is alone["error"] is alone["low"] is None
    assert summarise([], base) == {}


def test_a_plan_that_was_stopped_goes_on(tmp_path: Path) -> None:
    plan, output = plan_without_needs(tmp_path), tmp_path / "out.json"
    with pytest.raises(FramingError, match="no luck"):
        ablate(plan, tmp_path, output, train=failing)
    stopped = json.loads(output.read_text("utf8"))
    assert [len(row["runs"]) for row in stopped["variants"]] == [1, 0]
    asked, said = [], []

    def train(config: RunConfig, *places: Path | None) -> Scores:
        asked.append((config.name, config.training.seed))
        return made_up(config, *places)

    table = ablate(plan, tmp_path, output, train=train, tell=said.append)
    assert asked == [("focal", 3), ("base", 1), ("focal", 1)]  # all variants with a seed, then the next seed
    assert said[0].startswith("2 of 4 runs: focal, seed 3; about ")
    assert table == json.loads(output.read_text("utf8"))
    assert table["variants"][1]["changes"] == {"training.loss": "focal"}
    assert table["variants"][1]["scores"]["score"]["difference"] == pytest.approx(1.0)
    assert ablate(plan, tmp_path, tmp_path / "whole.json", train=made_up) == table
    ablate(plan, tmp_path, output, train=train)
    assert len(asked) == 3


def test_several_runs_at_a_time_give_the_same(tmp_path: Path) -> None:
    plan, output = plan_without_needs(tmp_path), tmp_path / "both.json"
    alone = ablate(plan, tmp_path, tmp_path / "alone.json", train=made_up)
    with pytest.raises(FramingError, match="no luck"):
        ablate(plan, tmp_path, output, jobs=2, train=failing)
    assert ablate(plan, tmp_path, output, jobs=2, train=made_up) == alone


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("batch_tokens = 128", "batch_tokens = 256", "holds runs of 'base' with other settings"),
        ('"focal" }', '"asymmetric" }', "holds runs of 'focal' with other settings"),
        ("[variants.focal]", "[variants.other]", "holds runs of 'focal', which the plan lacks"),
    ],
)
def test_runs_of_another_plan_are_not_mixed_in(old: str, new: str, message: str, tmp_path: Path) -> None:
    output = tmp_path / "out.json"
    ablate(plan_without_needs(tmp_path), tmp_path, output, train=made_up)
    other = plan_without_needs(tmp_path, PLAN.replace(old, new))
    with pytest.raises(FramingError, match=message):
        ablate(other, tmp_path, output, train=made_up)
    output.write_text("{}", "utf8")
    with pytest.raises(FramingError, match="not what `training ablate` writes"):
        ablate(other, tmp_path, output, train=made_up)


def test_what_a_variant_starts_with_is_known(tmp_path: Path) -> None:
    plan, output, start = read_plan(write_plan(tmp_path)), tmp_path / "out.json", tmp_path / "network"
    start.mkdir()
    (start / ADAPTER_WEIGHTS).write_bytes(b"weights")
    plan = without(plan, "guesses")
    given = []

    def train(config: RunConfig, *places: Path | None) -> Scores:
        given.append((config.name, places[-1]))
        return made_up(config, *places)

    table = ablate(plan, tmp_path, output, start=start, train=train)
    assert dict(given) == {"base": None, "focal": None, "begun": start}
    hashes = {row["name"]: row["start"] for row in table["variants"]}
    assert hashes == {"base": None, "focal": None, "begun": hash_file(start / ADAPTER_WEIGHTS)}
    assert ablate(plan, tmp_path, output, start=start, train=failing) == table  # nothing is left to train
    (start / ADAPTER_WEIGHTS).write_bytes(b"others")
    with pytest.raises(FramingError, match="holds runs of 'begun' with other settings"):
        ablate(plan, tmp_path, output, start=start, train=made_up)


def test_tables_from_before_there_was_a_start_go_on(tmp_path: Path) -> None:
    plan, output = plan_without_needs(tmp_path), tmp_path / "out.json"
    table = ablate(plan, tmp_path, output, train=made_up)
    older = {
        **table,
        "variants": [{k: v for k, v in row.items() if k != "start"} for row in table["variants"]],
    }
    output.write_text(json.dumps(older), "utf8")
    assert ablate(plan, tmp_path, output, train=failing) == table


def test_a_variant_trains_from_the_network_given(tmp_path: Path, tiny_base: Path, ptc_folder: Path) -> None:
    from training.fit import fit

    path = write_plan(tmp_path, PLAN.replace("[3, 1]", "[1]").replace('loss = "focal"', "epochs = 2"))
    command = ["ablate", str(path), "--corpora", str(ptc_folder.parent), "--encoder", str(tiny_base)]
    command += ["-o", str(tmp_path / "out.json")]
    start = tmp_path / "network"
    base = read_plan(path).variants[0].config
    result = CliRunner().invoke(cli, [*command, "--start", str(start)])
    assert isinstance(result.exception, FramingError)
    assert "begun: " in str(result.exception)
    assert f"{start}: no file {ADAPTER_WEIGHTS} there" in str(result.exception)
    learned = dataclasses.replace(base, training=dataclasses.replace(base.training, epochs=3))
    fit(learned, ptc_folder.parent, tmp_path / "run", encoder=tiny_base)
    (tmp_path / "run" / "best").rename(start)
    result = CliRunner().invoke(cli, [*command, "--start", str(start)], catch_exceptions=False)
    assert "left out, since they need --guesses: taught" in result.output
    assert "--start" not in result.output
    table = json.loads((tmp_path / "out.json").read_text("utf8"))
    scores = {row["name"]: row["runs"][0]["scores"] for row in table["variants"]}
    assert scores["begun"] != scores["base"]


def test_one_run_is_trained_and_only_its_scores_are_kept(
    tmp_path: Path, tiny_base: Path, ptc_folder: Path
) -> None:
    from training.ablation_runs import check_plan, train_once
    from training.scores import QUICK

    plan = plan_without_needs(tmp_path)
    check_plan(plan, ptc_folder.parent, encoder=tiny_base)
    scores = train_once(plan.variants[1].with_seed(1), ptc_folder.parent, tiny_base, None, None)
    assert scores.keys() == {f"techniques_{name}" for name in QUICK}


def test_the_plan_that_ships_is_valid(tiny_encoder: Path) -> None:
    from training.fit import make_model

    configs = Path(__file__).parents[1] / "training" / "configs"
    plan = read_plan(configs / "ablations.toml")
    assert len(plan.seeds) >= 3
    assert len(plan.variants) > 10
    begun = [one for one in plan.variants if "start" in one.needs]
    source = read_config(configs / "pretraining.toml")
    for one in begun:  # their network has the shape of the one that is pretrained for them
        shapes = []
        for config in (one.config, source):
            network = make_model(config, tiny_encoder, all_codes(config), None)
            shapes.append({name: weight.shape for name, weight in network.named_parameters()})
        assert shapes[0] == shapes[1]
        assert all_codes(one.config) == all_codes(source)
    assert begun
