"""Commits in a local folder, made to survive a power failure. delta-rs leaves that to the operating system, which may
keep an acknowledged event in memory for half a minute.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from urllib.parse import unquote


def sync_commit(table: Path, version: int) -> None:
    """Bring a commit, its data files, its checkpoint (where it has one) and their folders' entries to the disk.

    Raises:
        OSError: the disk refuses.
    """
    log = table / "_delta_log"
    commit = log / f"{version:020}.json"
    actions = [json.loads(line) for line in commit.read_text(encoding="utf-8").splitlines()]
    data = [table / unquote(action["add"]["path"]) for action in actions if "add" in action]
    checkpoint = log / f"{version:020}.checkpoint.parquet"
    pointers = [checkpoint, log / "_last_checkpoint"] if checkpoint.exists() else []
    folders = {file.parent for file in data} | {log, table}
    for path in [*data, commit, *pointers, *folders]:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
