"""The guarded form of a canonical file, for content that could be taken for something else: a row of titles without a
number below it, cells that look like another dialect.

Every cell is in quotes, and no line end follows the last record. Whoever reads such a file knows that its first record
is the header and that everything else is data.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import polars as pl

_BATCH: Final = 65_536
_CELL: Final = rb'"(?:[^"]|"")*+"'
_GUARDED: Final = re.compile(rb"(?:" + _CELL + rb"(?:," + _CELL + rb")*+\n)++")


def guard(path: Path, guarded: Path, names: Sequence[str]) -> None:
    """Write a file in canonical form anew, guarded."""
    with guarded.open("wb") as out:
        header = pl.DataFrame([names], schema=[str(place) for place in range(len(names))], orient="row")
        header.write_csv(out, include_header=False, quote_style="always")
        rows = pl.scan_csv(
            path, has_header=False, skip_rows=0, schema=dict.fromkeys(header.columns, pl.String), null_values=[""]
        )
        for batch in rows.slice(1).collect_batches(chunk_size=_BATCH, maintain_order=True):
            batch.fill_null("").write_csv(out, include_header=False, quote_style="always")
        out.truncate(out.tell() - 1)


def is_guarded(head: bytes, *, whole: bool, last: bytes) -> bool:
    """Whether a file is guarded.

    Args:
        head: its beginning, up to the end of a line or of the file.
        whole: whether that is all of it.
        last: its last byte.
    """
    if not head.startswith(b'"') or last != b'"':
        return False
    return _GUARDED.fullmatch(head + b"\n" if whole else head) is not None
