"""Files on this machine that a person named: looked at before anything is begun, and what a full disk looks like.

Nothing here knows what is in a file.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from validahub_pipeline.errors import InputError
from validahub_pipeline.storage.partial import partial_file


def check_readable(path: Path) -> None:
    """Look at a file to be read.

    Raises:
        InputError: `file_not_found`, `file_not_regular` or `file_unreadable`.
    """
    if not path.exists():
        raise InputError("file_not_found", file=str(path))
    if not path.is_file():
        raise InputError("file_not_regular", file=str(path))
    try:
        with path.open("rb") as stream:
            stream.read(1)
    except OSError as error:
        raise InputError("file_unreadable", file=str(path), cause=os.strerror(error.errno or 0)) from error


def check_writable(path: Path, *, source: Path | None = None) -> None:
    """Look at where a file is to be written that may come of another.

    Raises:
        InputError: `output_folder_missing`, `output_not_writable` or `output_is_input`.
    """
    if not path.parent.is_dir():
        raise InputError("output_folder_missing", file=str(path), folder=str(path.parent))
    if source is not None and path.exists() and path.samefile(source):
        raise InputError("output_is_input", file=str(path))
    if path.is_dir() or not os.access(path.parent, os.W_OK):
        cause = os.strerror(errno.EISDIR if path.is_dir() else errno.EACCES)
        raise InputError("output_not_writable", file=str(path), cause=cause)


def is_no_space(error: BaseException) -> bool:
    """Whether a library's error means a full disk. polars and delta-rs carry the operating system's code as text."""
    if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return True
    if isinstance(error, InputError) and error.code == "no_space_left":
        return True
    text = str(error)
    return "os error 28" in text or "No space left on device" in text


@contextmanager
def full_disk_told(file: Path | str) -> Iterator[None]:
    """Whatever a full disk ends here is told of the file that a person knows.

    Raises:
        InputError: `no_space_left`.
    """
    try:
        yield
    except Exception as error:
        if is_no_space(error):
            raise InputError("no_space_left", file=str(file), cause=str(error), retryable=True) from error
        raise


@contextmanager
def written_whole(path: Path) -> Iterator[tuple[Path, BinaryIO]]:
    """A file in the making, its path and the open file, that takes the place of `path` if nothing goes wrong; until
    then what stood there stays.

    Raises:
        InputError: `no_space_left`.
    """
    with full_disk_told(path), partial_file(path.absolute().parent) as (part, file):
        yield part, file
        file.flush()
        part.replace(path)
