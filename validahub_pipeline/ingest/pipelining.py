"""Steps of one pass side by side: the next thing is made, and the last one looked at, in threads of their own.

Order is kept, and an error comes out where it would have without threads, or a step later.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from types import TracebackType
from typing import Generic, Self, TypeVar

Item = TypeVar("Item")


class Ahead(Generic[Item]):
    """What `make` returns, call after call until it returns None; a call begins when the last item is taken, and no two
    run at once."""

    def __init__(self, make: Callable[[], Item | None]) -> None:
        self._make = make
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="ahead")
        self._coming: Future[Item | None] | None = None

    def __iter__(self) -> Iterator[Item]:
        while (item := self._taken()) is not None:
            yield item

    def drop(self) -> None:
        """Forget what has been made ahead, error or not. Until the next item is asked for, nothing more is made."""
        if self._coming is not None:
            wait([self._coming])
            self._coming = None

    def _taken(self) -> Item | None:
        coming = self._coming or self._thread.submit(self._make)
        item = coming.result()
        self._coming = self._thread.submit(self._make)
        return item

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._thread.shutdown(cancel_futures=True)


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
