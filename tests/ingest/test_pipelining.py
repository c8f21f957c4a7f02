"""What is made ahead comes in order, once, and can be taken back; what is done behind is done in order, all of it."""

from __future__ import annotations

import threading

import pytest

from validahub_pipeline.ingest.pipelining import Ahead, Behind


def _counting(last: int):
    made = iter(range(1, last + 1))
    return lambda: next(made, None)


def test_everything_comes_once_and_in_order():
    with Ahead(_counting(5)) as items:
        assert list(items) == [1, 2, 3, 4, 5]


def test_the_next_is_made_while_one_is_worked_on():
    made = threading.Event()
    numbers = iter([1, 2])

    def make() -> int | None:
        number = next(numbers, None)
        if number == 2:
            made.set()
        return number

    with Ahead(make) as items:
        assert next(iter(items)) == 1
        assert made.wait(timeout=30)


def test_what_was_made_ahead_is_forgotten_and_made_again():
    position = [0]

    def make() -> int | None:
        position[0] += 1
        return position[0] if position[0] < 6 else None

    found = []
    with Ahead(make) as items:
        for item in items:
            found.append(item)
            if item == 5 and found.count(5) == 1:
                items.drop()
                position[0] = 3

    assert found == [1, 2, 3, 4, 5, 4, 5]


def test_an_error_comes_with_its_own_item_and_may_be_taken_back():
    fails = [True]
    numbers = iter([1, 2, 3])

    def make() -> int | None:
        number = next(numbers, None)
        if number == 2 and fails[0]:
            raise OSError(number)
        return number

    with Ahead(make) as items:
        taken = iter(items)
        assert next(taken) == 1
        with pytest.raises(OSError, match="2"):
            next(taken)

    numbers, fails[0] = iter([1, 2, 3]), True
    with Ahead(make) as items:
        taken = iter(items)
        assert next(taken) == 1
        items.drop()
        assert next(taken) == 3


def test_work_is_done_in_order_and_done_at_the_end():
    done: list[int] = []

    with Behind() as behind:
        for number in range(20):
            behind.do(lambda number=number: done.append(number))

    assert done == list(range(20))


def test_the_error_of_the_last_work_is_not_lost():
    def fail() -> None:
        raise OSError("full")

    with pytest.raises(OSError, match="full"), Behind() as behind:
        behind.do(fail)


def test_after_an_error_nothing_more_is_done():
    done: list[int] = []

    def fail() -> None:
        raise OSError("full")

    def both() -> None:
        with Behind() as behind:
            behind.do(fail)
            behind.do(lambda: done.append(1))

    with pytest.raises(OSError, match="full"):
        both()
    assert done == []
