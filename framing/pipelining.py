"""Work beside work: while one answer is used, the next is made."""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Answer = TypeVar("Answer")
AHEAD = 2  # items handed to the worker before their turn: one in work, one that waits


def run_ahead(items: Iterator[Item], work: Callable[[Item], Answer]) -> Iterator[tuple[Item, Answer]]:
    """Apply `work` to items on a thread of its own, in order; the caller meanwhile uses what is done.

    Args:
        items: At most `AHEAD` + 1 are held at a time. If they end in an error, it is raised after the
            answers to those before it.
        work: Its errors are raised in the item's turn.

    Yields:
        Each item with its answer.
    """
    waiting: deque[tuple[Item, Future[Answer]]] = deque()
    failure: Exception | None = None
    with ThreadPoolExecutor(1) as worker:
        going = True
        while going or waiting:
            if going:
                try:
                    item = next(items)
                    waiting.append((item, worker.submit(work, item)))
                except StopIteration:
                    going = False
                except Exception as error:
                    going, failure = False, error
            if waiting and (len(waiting) > AHEAD or not going):
                item, answer = waiting.popleft()
                yield item, answer.result()
    if failure is not None:
        raise failure
