"""Why bytes are not stored, for both kinds of lake alike."""

from __future__ import annotations

import errno
import os
from typing import Final

from validahub_pipeline.errors import InputError, StorageError
from validahub_pipeline.storage.lake import StoredObject

_NO_SPACE: Final = {errno.ENOSPC, errno.EDQUOT}


def no_space_left(error: BaseException, key: str) -> InputError | None:
    """The error to raise where the operating system said that a disk or a quota is full."""
    if not isinstance(error, OSError) or error.errno not in _NO_SPACE:
        return None
    return InputError("no_space_left", retryable=True, file=key, cause=os.strerror(error.errno))


def require_bytes(stored: StoredObject, expect: str | None) -> None:
    """Refuse bytes that are not the expected ones. Raises StorageError (`object_changed`)."""
    if expect is not None and stored.sha256 != expect:
        raise StorageError("object_changed", object=stored.key)
