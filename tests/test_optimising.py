import numpy as np
import pytest
from torch import nn

from framing.adapters import add_adapter
from framing.model import FramingConfig, FramingNetwork
from training.balancing import draw_windows, weigh_windows
from training.optimising import MovingAverage, Origin, group_weights, layer_number, rise_and_fall

ENCODER = {
    "model_type": "bert",
    "vocab_size": 10,
    "hidden_size": 8,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 8,
}


def groups(model: nn.Module, layer_decay: float) -> list[dict[str, object]]:
    return group_weights(model, learning_rate=0.4, weight_decay=0.01, layer_decay=layer_decay)


@pytest.mark.parametrize("adapter", [False, True])
def test_each_layer_learns_at_a_share_of_the_rate_above(adapter: bool) -> None:
    network = FramingNetwork(FramingConfig(encoder=ENCODER, codes=["a"], attribution=True))
    model = add_adapter(network, rank=2, alpha=2) if adapter else network
    found = groups(model, 0.5)
    rates = {id(weight): group["lr"] for group in found for weight in group["params"]}  # type: ignore[attr-defined]
    named = {name: weight for name, weight in model.named_parameters() if weight.requires_grad}
    assert rates.keys() == {id(weight) for weight in named.values()}
    expected = {None: 0.4, 1: 0.2, 0: 0.1, -1: 0.05}
    assert {layer_number(name) for name in named} == set(expected)
    for name, weight in named.items():
        assert rates[id(weight)] == pytest.approx(expected[layer_number(name)]), name
    assert all((g["weight_decay"] == 0) == (w.ndim <= 1) for g in found for w in g["params"])  # type: ignore[attr-defined]


def test_without_layer_decay_there_are_two_groups() -> None:
    found = groups(FramingNetwork(FramingConfig(encoder=ENCODER, codes=["a"])), 1.0)
    assert [(group["lr"], group["weight_decay"]) for group in found] == [(0.4, 0.01), (0.4, 0.0)]


def test_the_rate_rises_and_falls() -> None:
    share = rise_and_fall(10, 0.2)
    assert [share(step) for step in (0, 1, 2, 6, 10)] == [0.5, 1.0, 1.0, 0.5, 0.0]


def test_the_moving_average_by_hand() -> None:
    layer = nn.Linear(1, 1)
    layer.bias.requires_grad_(False)
    nn.init.constant_(layer.weight, 1.0)
    average = MovingAverage(layer.parameters(), 0.2)
    for value in (2.0, 4.0):
        nn.init.constant_(layer.weight, value)
        average.update()
    # it keeps 2/11 of itself after the first step, since that is less than .2, and .2 after the second
    first = 2 / 11 * 1.0 + 9 / 11 * 2.0
    with average.applied():
        assert layer.weight.item() == pytest.approx(0.2 * first + 0.8 * 4.0)
    assert layer.weight.item() == 4.0

    other = MovingAverage(layer.parameters(), 0.2)
    other.load_state_dict(average.state_dict())
    with other.applied():
        assert layer.weight.item() == pytest.approx(0.2 * first + 0.8 * 4.0)
    assert other.steps == 2


def test_what_a_run_started_with_is_mixed_in_for_a_while() -> None:
    layer = nn.Linear(1, 1)
    nn.init.constant_(layer.weight, 2.0)
    layer.bias.requires_grad_(False)
    origin = Origin(layer.parameters(), 0.25)
    nn.init.constant_(layer.weight, 6.0)
    nn.init.constant_(layer.bias, 9.0)
    with origin.mixed_in():
        assert layer.weight.item() == 5.0  # a quarter of 2, three quarters of 6
        assert layer.bias.item() == 9.0  # not trained
    assert layer.weight.item() == 6.0


def test_windows_with_rare_codes_are_drawn_more_often() -> None:
    # code 0 in 8 of 16 windows, code 1 in 4, code 2 in 1 that has code 0 as well; a quarter is enough
    codes = [[0]] * 7 + [[0, 2, 2]] + [[1]] * 4 + [[]] * 4
    weights = weigh_windows(codes, 0.25)
    assert weights.tolist() == pytest.approx([1.0] * 7 + [2.0] + [1.0] * 8)
    assert weigh_windows(codes, 1.0)[[0, 7, 8, 15]].tolist() == pytest.approx([2**0.5, 4.0, 2.0, 1.0])


def test_windows_are_drawn_as_often_as_they_weigh() -> None:
    weights = np.array([1.0, 1.0, 2.0, 4.0])
    drawn = [draw_windows(weights, np.random.default_rng(seed)) for seed in range(400)]
    assert drawn[0] == draw_windows(weights, np.random.default_rng(0))
    assert all(len(one) == 4 and one.count(3) == 2 and one.count(2) == 1 for one in drawn)
    assert np.mean([one.count(0) for one in drawn]) == pytest.approx(0.5, abs=0.1)
