import threading
from collections.abc import Iterator

import pytest

from framing.pipelining import AHEAD, run_ahead


def test_answers_come_in_order_and_few_items_are_held() -> None:
    fetched = 0

    def items() -> Iterator[int]:
        nonlocal fetched
        for number in range(20):
            fetched += 1
            yield number

    for done, (item, answer) in enumerate(run_ahead(items(), lambda x: x * x), 1):
        assert (item, answer) == (done - 1, (done - 1) ** 2)
        assert fetched <= done + AHEAD
    assert fetched == 20


def test_work_goes_on_beside_the_caller() -> None:
    begun = [threading.Event() for _ in range(3)]

    def work(number: int) -> int:
        begun[number].set()
        return number

    for number, _ in run_ahead(iter(range(3)), work):
        if number < 2:
            assert begun[number + 1].wait(20)  # while the caller still holds this one


def test_an_error_of_the_input_waits_for_the_answers_before_it() -> None:
    def items() -> Iterator[int]:
        yield 1
        yield 2
        raise ValueError("third")

    found = []
    with pytest.raises(ValueError, match="third"):  # noqa: PT012 - what came before it is the point
        for item, _ in run_ahead(items(), lambda x: x):
            found.append(item)
    assert found == [1, 2]


def test_an_error_of_the_work_is_raised_in_its_turn() -> None:
    found = []
    with pytest.raises(ZeroDivisionError):  # noqa: PT012
        for _, answer in run_ahead(iter([1, 0, 2]), lambda x: 1 / x):
            found.append(answer)
    assert found == [1.0]
