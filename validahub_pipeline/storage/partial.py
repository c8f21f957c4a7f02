"""Files in the making: written under a name that no listing shows, and swept away should their writer be killed."""

from __future__ import annotations

import fcntl
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

_NAME: Final = re.compile(r"\.[0-9a-f]{16}\.part")


def is_partial(name: str) -> bool:
    """Whether a file name is that of a file in the making."""
    return _NAME.match(name) is not None


@contextmanager
def partial_file(folder: Path, suffix: str = "") -> Iterator[tuple[Path, BinaryIO]]:
    """A new file in `folder`, open for writing; removed at the end unless renamed by then.

    Its writer holds a lock on it for as long as it lives, so that whoever comes to the folder next can tell a file
    that is being written from one whose writer was killed, and removes the latter.
    """
    _sweep(folder)
    path, file = _create(folder, suffix)
    try:
        with file:
            yield path, file
    finally:
        path.unlink(missing_ok=True)


def _create(folder: Path, suffix: str) -> tuple[Path, BinaryIO]:
    while True:
        path = folder / f".{secrets.token_hex(8)}.part{suffix}"
        file = path.open("x+b")
        fcntl.flock(file, fcntl.LOCK_EX)
        # Between its creation and the lock somebody may have taken it for abandoned.
        if os.fstat(file.fileno()).st_nlink:
            return path, file
        file.close()


def _sweep(folder: Path) -> None:
    for entry in os.scandir(folder):
        if is_partial(entry.name):
            _remove_if_abandoned(Path(entry.path))


def _remove_if_abandoned(path: Path) -> None:
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink()
    except (FileNotFoundError, BlockingIOError, PermissionError):
        # Finished meanwhile, still being written, or another user's.
        return
