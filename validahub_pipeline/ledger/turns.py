"""Writers on one machine take turns at a table, instead of letting one of them win and all others try again.

A convenience and no safeguard: what makes numbers gapless is the compare-and-swap of the commit. A writer that waits
too long, or cannot lock at all, goes on without a turn. A lock goes with its process, however that ends.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import random
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

_LOOK_EVERY: Final = 0.002
_GIVE_WAY: Final = 0.02
"""Seconds that a writer leaves to those who wait before it takes the next turn: ten looks of theirs."""


class Turns:
    """The turns at one table. Each use opens files of its own, so that threads take turns as processes do."""

    def __init__(self, table: str, *, patience: float = 20.0) -> None:
        """`table` is its address; whoever names it alike takes turns with us. `patience` is in seconds."""
        self._name = hashlib.sha256(table.encode("utf-8", "surrogateescape")).hexdigest()[:32]
        self._patience = patience
        self._left = 0.0

    @contextmanager
    def taken(self) -> Iterator[bool]:
        """Wait for a turn and hold it; whether it is held, or patience ended."""
        try:
            folder = _folder()
            turn, queue = (_open(folder / f"{self._name}.{kind}") for kind in ("turn", "queue"))
        except OSError:
            yield False
            return
        try:
            if time.monotonic() - self._left < _GIVE_WAY and not _try(queue, fcntl.LOCK_EX):
                time.sleep(_GIVE_WAY)
            fcntl.flock(queue, fcntl.LOCK_UN)
            yield self._wait(turn, queue)
        finally:
            self._left = time.monotonic()
            os.close(turn)
            os.close(queue)

    def _wait(self, turn: int, queue: int) -> bool:
        if _try(turn, fcntl.LOCK_EX):
            return True
        # Shared among those who wait: whoever finds it taken knows that somebody does.
        fcntl.flock(queue, fcntl.LOCK_SH)
        deadline = time.monotonic() + self._patience
        try:
            while time.monotonic() < deadline:
                if _try(turn, fcntl.LOCK_EX):
                    return True
                time.sleep(random.uniform(0, 2 * _LOOK_EVERY))
        finally:
            fcntl.flock(queue, fcntl.LOCK_UN)
        return False


def _folder() -> Path:
    folder = Path(tempfile.gettempdir()) / f"validahub-{os.getuid()}"
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    status = folder.lstat()
    if status.st_uid != os.getuid() or folder.is_symlink():
        raise PermissionError(f"{folder} is somebody else's")
    return folder


def _open(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)


def _try(descriptor: int, how: int) -> bool:
    try:
        fcntl.flock(descriptor, how | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
