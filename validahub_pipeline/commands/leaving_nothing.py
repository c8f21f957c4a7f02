"""A folder for commands that leave nothing behind, even where the process is told to end."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from validahub_pipeline.local_files import full_disk_told

_TERMINATED: Final = 128 + signal.SIGTERM


@contextmanager
def working_folder(file: Path) -> Iterator[Path]:
    """A temporary folder for what becomes of a person's file.

    Raises:
        InputError: `no_space_left`, of that file, whatever the disk was full for.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(_TERMINATED))
    with full_disk_told(file.name), TemporaryDirectory(prefix="validahub-") as folder:
        yield Path(folder)
