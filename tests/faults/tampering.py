"""Ways of tampering with a lake, by somebody who may write to it but has not got its signing key."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable
from pathlib import Path

from tests.faults.altering import (
    damage_data_file,
    delete_event,
    drop_commit,
    duplicate_event,
    edit_column,
    edit_event,
    insert_event,
    remove_data_file,
    replace_detail,
    replace_object,
    restore,
    swap_events,
    truncate_tail,
    unset_and_delete,
    unset_only,
)
from tests.faults.forging import replace_checkpoint, replace_key, replace_tile, rewrite_and_sign

Tampering = Callable[[Path, random.Random], str]


TAMPERINGS: dict[str, Tampering] = {
    "edit an event": edit_event,
    "edit a column": edit_column,
    "delete an event": delete_event,
    "insert an event": insert_event,
    "duplicate an event": duplicate_event,
    "swap two events": swap_events,
    "truncate the tail": truncate_tail,
    "drop a commit": drop_commit,
    "restore": restore,
    "unset appendOnly and delete": unset_and_delete,
    "unset appendOnly": unset_only,
    "replace a tile": replace_tile,
    "replace the checkpoint": replace_checkpoint,
    "replace an object": replace_object,
    "replace a detail row": replace_detail,
    "remove a data file": remove_data_file,
    "damage a data file": damage_data_file,
    "rewrite and sign": rewrite_and_sign,
    "replace the public key": replace_key,
}
BEYOND_THE_LOG = {
    "damage a data file",
    "replace an object",
    "replace a detail row",
    "unset appendOnly and delete",
    "drop a commit",
}
"""Those that only `--deep` can see, at least some of the time."""


def digest_of(lake: Path) -> str:
    """Of all names and bytes in a lake: whether anything was changed at all."""
    digest = hashlib.sha256()
    for path in sorted(path for path in lake.rglob("*") if path.is_file()):
        digest.update(f"{path.relative_to(lake)}\0".encode() + path.read_bytes())
    return digest.hexdigest()
