"""Cells whose text went through an encoding twice, put right: only with a proof, and each on record.

What counts as damage, and the proof, is in `text.mojibake`.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from validahub_pipeline.ingest.batches import Batch, CellRepair
from validahub_pipeline.text import mojibake

DOUBLE_ENCODING: Final = "encoding_double"

_TIMES: Final = 4


def unmixed(frame: pl.DataFrame, batch: Batch) -> pl.DataFrame:
    """The cells of a batch after repair; what was repaired is added to the batch's repairs."""
    damaged = frame.select(pl.all().str.contains(mojibake.DAMAGED).any())
    for place, name in enumerate(frame.columns):
        if not damaged.item(0, name):
            continue
        before = frame.get_column(name)
        after = _repaired(before)
        changed = before.ne_missing(after).arg_true()
        for at in changed.to_list():
            row, line = int(batch.rows[at]), int(batch.lines[at])
            batch.cells.append(CellRepair(row, line, place, DOUBLE_ENCODING, before[at], after[at]))
        if len(changed):
            batch.kinds[DOUBLE_ENCODING] += len(changed)
            frame = frame.with_columns(after)
    return frame


def repaired_name(name: str) -> str:
    """A column's name after repair."""
    for _ in range(_TIMES):
        name = mojibake.repair(name)
    return name


def _repaired(cells: pl.Series) -> pl.Series:
    """Until nothing is left to repair: what was encoded three times comes out once at a time."""
    for _ in range(_TIMES):
        after = cells.to_frame().select(mojibake.repaired(pl.col(cells.name))).to_series()
        if after.equals(cells, null_equal=True):
            break
        cells = after
    return cells
