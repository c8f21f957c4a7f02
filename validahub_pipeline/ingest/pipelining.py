"""Steps of one pass side by side: things are made, worked on, and looked at afterwards, in threads of their own.

Order is kept, and an error comes out where it would have without threads, or a step later.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from types import TracebackType
from typing import Final, Generic, Self, TypeVar

Made = TypeVar("Made")
Item = TypeVar("Item")

# What is worked on at once; one thing more waits to be. Each holds a stretch of the file, so there are few.
_WORKERS: Final = 2


class Ahead(Generic[Made, Item]):
    """What `work` makes of each thing that `make` returns, call after call until it returns None, in that order.

    No two calls of `make` run at once, and a few of `work` do. Nothing is begun before the first item is asked for.
    """

    def __init__(self, make: Callable[[], Made | None], work: Callable[[Made], Item]) -> None:
        self._make = make
        self._work = work
        self._maker = ThreadPoolExecutor(1, thread_name_prefix="ahead")
        self._workers = ThreadPoolExecutor(_WORKERS, thread_name_prefix="at-work")
        self._coming: deque[Future[Future[Item] | None]] = deque()

    def __iter__(self) -> Iterator[Item]:
        while True:
            while len(self._coming) <= _WORKERS:
                self._coming.append(self._maker.submit(self._begin))
            worked_on = self._coming.popleft().result()
            if worked_on is None:
                return
            yield worked_on.result()

    def _begin(self) -> Future[Item] | None:
        made = self._make()
        return None if made is None else self._workers.submit(self._work, made)

    def drop(self) -> None:
        """Forget what has been made ahead, error or not. Until the next item is asked for, nothing more is made."""
        wait(self._coming)
        wait([begun for coming in self._coming if not coming.exception() and (begun := coming.result())])
        self._coming.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._maker.shutdown(cancel_futures=True)
        self._workers.shutdown(cancel_futures=True)


class Behind:
    """Work done in order in a thread of its own, never more than one piece behind whoever hands it in."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="behind")
        self._last: Future[None] | None = None

    def do(self, work: Callable[[], None]) -> None:
        """Have something done, when what was handed in before is done; raises what that raised."""
        self._wait()
        self._last = self._thread.submit(work)

    def _wait(self) -> None:
        if self._last is not None:
            self._last.result()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._thread.shutdown()
        if kind is None:
            self._wait()
