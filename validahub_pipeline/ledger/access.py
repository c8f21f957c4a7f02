"""Trying again, the same way for every table: what is borne, for how long, and what is said when patience ends.

Each attempt starts by looking at what storage holds, so an attempt that succeeded but was reported as failed is found
and not repeated.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Final, TypeVar

from deltalake.exceptions import CommitFailedError

from validahub_pipeline.errors import LedgerError
from validahub_pipeline.ledger.delta import STORAGE_FAULTS, DeltaLog
from validahub_pipeline.ledger.turns import Turns

_GIVE_UP_AFTER: Final = 120.0
_FAULTS_BORNE: Final = 4
_PAUSE: Final = 0.01
_LONGEST_PAUSE: Final = 1.0

T = TypeVar("T")


class TableAccess:
    """Serialises the threads of this process at one table, and tries again where that can help."""

    def __init__(self, log: DeltaLog, turns: Turns | None = None) -> None:
        """With `turns`, writers on this machine wait for each other."""
        self.log = log
        self._turns = turns
        self._lock = threading.RLock()

    def write(self, attempt: Callable[[], T]) -> T:
        """Run an attempt to commit until it comes through. It must begin with `log.refresh(create=True)`.

        Raises:
            LedgerError: `ledger_contended`: two minutes of other writers being faster. `ledger_unavailable`: storage
                failed several times; whether the last attempt took place is unknown.
        """
        deadline = time.monotonic() + _GIVE_UP_AFTER
        attempts = faults = 0
        while True:
            attempts += 1
            try:
                with self._lock, self._turn():
                    return attempt()
            except STORAGE_FAULTS as error:
                if isinstance(error, CommitFailedError):
                    if time.monotonic() > deadline:
                        raise LedgerError("ledger_contended", retryable=True, attempts=attempts) from error
                else:
                    faults += 1
                    if faults > _FAULTS_BORNE:
                        raise self._unavailable(error) from error
                # Whatever this view believes may be wrong now.
                with self._lock:
                    self.log.forget()
            # At random within a growing span, or those who collided would collide again.
            time.sleep(random.uniform(0, min(_LONGEST_PAUSE, _PAUSE * 2 ** min(attempts, 10))))

    def read(self, reading: Callable[[], T], *, absent: T) -> T:
        """Read with a fresh view; `absent` where there is no table yet.

        Raises:
            LedgerError: `ledger_unavailable`.
        """
        with self._lock:
            try:
                return reading() if self.log.refresh() else absent
            except STORAGE_FAULTS:
                # Compaction and vacuum may have moved the rows into other files since the view was taken.
                self.log.forget()
            try:
                return reading() if self.log.refresh() else absent
            except STORAGE_FAULTS as error:
                raise self._unavailable(error) from error

    def _turn(self) -> AbstractContextManager[bool]:
        return self._turns.taken() if self._turns else nullcontext(enter_result=False)

    def _unavailable(self, error: BaseException) -> LedgerError:
        # delta-rs appends pages of its own stack to the one line that says something.
        cause = (str(error) or type(error).__name__).splitlines()[0]
        return LedgerError("ledger_unavailable", retryable=True, table=self.log.spec.name, cause=cause)
