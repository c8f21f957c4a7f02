"""What is made and worked on ahead comes in order, once, and can be taken back; what is done behind is done in order,
all of it."""

from __future__ import annotations

import threading
import time

import pytest

from validahub_pipeline.ingest.pipelining import Ahead, Behind


class _Counter:
    """Makes 1, 2, ... up to `last`, from `at` on, but for what it fails at."""

    def __init__(self, last: int, *, failing: int | None = None) -> None:
        self.at = 0
        self.failing = failing
        self._last = last

    def __call__(self) -> int | None:
        self.at += 1
        if self.at == self.failing:
            raise OSError(self.at)
        return self.at if self.at <= self._last else None


def _tenfold(number: int) -> int:
    return number * 10


def test_everything_comes_once_and_in_order_however_long_work_takes():
    def work(number: int) -> int:
        time.sleep(0.02 if number % 3 == 1 else 0)
        return number * 10

    with Ahead(_Counter(9), work) as items:
        assert list(items) == [10, 20, 30, 40, 50, 60, 70, 80, 90]


def test_the_next_is_made_while_one_is_worked_on():
    made = threading.Event()
    numbers = iter([1, 2])

    def make() -> int | None:
        number = next(numbers, None)
        if number == 2:
            made.set()
        return number

    with Ahead(make, lambda number: made.wait(timeout=30) and number) as items:
        assert next(iter(items)) == 1


def test_several_are_worked_on_at_once():
    together = threading.Barrier(2, timeout=30)

    with Ahead(_Counter(2), lambda number: together.wait() * 0 + number) as items:
        assert list(items) == [1, 2]


def test_only_a_few_are_made_ahead():
    counter = _Counter(100)
    with Ahead(counter, _tenfold) as items:
        assert next(iter(items)) == 10
        time.sleep(0.1)

    assert counter.at <= 4


def test_what_was_made_ahead_is_forgotten_and_made_again():
    counter = _Counter(5)
    found = []
    with Ahead(counter, _tenfold) as items:
        for item in items:
            found.append(item)
            if item == 40 and found.count(40) == 1:
                items.drop()
                counter.at = 2

    assert found == [10, 20, 30, 40, 30, 40, 50]


def test_an_error_comes_with_its_own_item():
    with Ahead(_Counter(3, failing=2), _tenfold) as items:
        taken = iter(items)
        assert next(taken) == 10
        with pytest.raises(OSError, match="2"):
            next(taken)


def test_an_error_of_work_comes_with_its_own_item():
    def work(number: int) -> int:
        if number == 2:
            raise OSError(number)
        return number

    with Ahead(_Counter(3), work) as items:
        taken = iter(items)
        assert next(taken) == 1
        with pytest.raises(OSError, match="2"):
            next(taken)


def test_an_error_may_be_taken_back():
    counter = _Counter(3, failing=2)
    with Ahead(counter, _tenfold) as items:
        taken = iter(items)
        assert next(taken) == 10
        items.drop()
        counter.at, counter.failing = 1, None
        assert list(taken) == [20, 30]


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
