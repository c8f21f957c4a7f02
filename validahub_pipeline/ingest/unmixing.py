"""Cells whose text went through an encoding twice, put right: only with a proof, and each on record.

What counts as damage, and the proof, is in `text.mojibake`.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl

from validahub_pipeline.ingest.batches import Batch, CellRepair
from validahub_pipeline.ingest.scanning import Offsets
from validahub_pipeline.text import mojibake

DOUBLE_ENCODING: Final = "encoding_double"


def unmixed(frame: pl.DataFrame, batch: Batch, rows: Offsets | None) -> pl.DataFrame:
    """The cells of a batch after repair; what was repaired is added to the batch's repairs.

    Args:
        rows: the only records of the batch in which there can be something to repair; None for all.
    """
    if rows is None:
        rows = np.arange(frame.height)
    looked_at = frame if len(rows) == frame.height else frame[rows]
    # Told in a fifth of the time that a look for traces takes, and so of most columns.
    ascii_only = looked_at.select(pl.all().str.len_bytes().sum() == pl.all().str.len_chars().sum()).row(0, named=True)
    for place, name in enumerate(frame.columns):
        if ascii_only[name]:
            continue
        cells = looked_at.get_column(name)
        traced = cells.str.contains(mojibake.TRACE).fill_null(value=False).arg_true()
        if not traced.len():
            continue
        before = cells.gather(traced)
        after = mojibake.repaired_cells(before)
        other = (before != after).arg_true()
        if not other.len():
            continue
        was, now = before.gather(other).to_list(), after.gather(other)
        at = rows[traced.gather(other).to_numpy()]
        batch.cells += (
            CellRepair(row, line, place, DOUBLE_ENCODING, damaged, repaired)
            for row, line, damaged, repaired in zip(
                batch.rows[at].tolist(), batch.lines[at].tolist(), was, now.to_list(), strict=True
            )
        )
        batch.kinds[DOUBLE_ENCODING] += other.len()
        # `scatter` would write into what the frame shares.
        frame = frame.with_columns(frame.get_column(name).clone().scatter(at, now))
    return frame
