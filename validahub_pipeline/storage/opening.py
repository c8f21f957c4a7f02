"""Which lake the settings ask for."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from validahub_pipeline.errors import InputError, StorageError
from validahub_pipeline.settings import Settings
from validahub_pipeline.storage.lake import Lake
from validahub_pipeline.storage.local import LocalLake

_S3_ROOT: Final = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[^/]+)*/?")


def open_lake(settings: Settings) -> Lake:
    """The lake under `settings.lake`; a local folder is made if there is none.

    Raises:
        InputError: the setting names neither a folder nor a bucket (`lake_invalid`).
        StorageError: the folder cannot be made (`lake_unreachable`). A bucket is asked only when it is used.
    """
    if settings.lake.startswith("s3://"):
        if not _S3_ROOT.fullmatch(settings.lake):
            raise InputError("lake_invalid", root=settings.lake)
        # Costs half a second, which a lake in a folder need not pay.
        from validahub_pipeline.storage.s3 import S3Lake  # noqa: PLC0415

        return S3Lake(settings)
    root = Path(settings.lake)
    try:
        root.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError("lake_unreachable", retryable=True, root=settings.lake, cause=str(error)) from error
    return LocalLake(root)
