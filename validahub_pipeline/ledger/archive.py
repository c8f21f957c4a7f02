"""Old commits of a table in a local folder, moved out of the way of those who list its Delta log.

delta-rs lists the folder of the log several times at each append, which takes a microsecond or two per file: half a
second at 100,000 commits. On S3 a listing starts where it is told to, and nothing has to be moved.
"""

from __future__ import annotations

import json
import os
import re
from contextlib import suppress
from pathlib import Path
from typing import Final

from validahub_pipeline.ledger.tables import CHECKPOINT_INTERVAL

ARCHIVE: Final = "_archive"
"""Beside `_delta_log`; vacuum leaves alone what begins with an underscore."""

_KEPT: Final = 2 * CHECKPOINT_INTERVAL
"""Commits before the last Delta checkpoint that stay, for those whose view of the table is a little old."""
_LOG_FILE: Final = re.compile(r"([0-9]{20})\.(json|checkpoint\..*)")


def archive_commits(table: Path) -> int:
    """Move commits and checkpoints that no reader of the present state needs; how many files. Nothing is deleted, and
    whoever is killed in between, or does the same at the same time, leaves every file in one of the two places.

    Raises:
        OSError: the disk refuses.
    """
    log, archive = table / "_delta_log", table / ARCHIVE
    try:
        last = int(json.loads((log / "_last_checkpoint").read_text(encoding="utf-8"))["version"])
    except (FileNotFoundError, ValueError, KeyError):
        return 0
    with os.scandir(log) as entries:
        found = [(int(name[1]), entry.name) for entry in entries if (name := _LOG_FILE.fullmatch(entry.name))]
    old = [name for version, name in found if version < last - _KEPT]
    if old:
        archive.mkdir(exist_ok=True)
    for file in old:
        with suppress(FileNotFoundError):
            (log / file).rename(archive / file)
    return len(old)
