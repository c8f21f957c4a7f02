"""Locks between processes, on files: they vanish with their holder, however it dies, and cannot be left behind.

A process id in a file can be stale or belong to somebody else by now; a lock cannot. Standard library only.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def shared(path: Path) -> Iterator[None]:
    """Hold a lock together with others; waits while somebody holds it alone."""
    with _held(path, fcntl.LOCK_SH):
        yield


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Hold a lock alone; waits while anybody else holds it."""
    with _held(path, fcntl.LOCK_EX):
        yield


def try_exclusive(path: Path) -> int | None:
    """A file descriptor that holds the lock alone until it and its copies in child processes are closed, or None."""
    descriptor = _open(path)
    if try_upgrade(descriptor):
        return descriptor
    os.close(descriptor)
    return None


def try_upgrade(descriptor: int) -> bool:
    """Whether an open lock file could be locked alone at once."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def release(descriptor: int) -> None:
    """Unlock an open lock file without closing it."""
    fcntl.flock(descriptor, fcntl.LOCK_UN)


def is_held(path: Path) -> bool:
    """Whether anybody holds the lock alone at this moment."""
    descriptor = _open(path)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


@contextmanager
def _held(path: Path, mode: int) -> Iterator[None]:
    descriptor = _open(path)
    try:
        fcntl.flock(descriptor, mode)
        yield
    finally:
        os.close(descriptor)


def _open(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def processes_with_open(path: Path) -> list[int]:
    """Processes that have a file open, this one aside, as far as the system shows them (Linux)."""
    wanted = path.stat()
    found = []
    for descriptor in Path("/proc").glob("[0-9]*/fd/*"):
        pid = int(descriptor.parts[2])
        try:
            seen = descriptor.stat()
        except OSError:
            continue
        if pid != os.getpid() and (seen.st_dev, seen.st_ino) == (wanted.st_dev, wanted.st_ino):
            found.append(pid)
    return sorted(set(found))
