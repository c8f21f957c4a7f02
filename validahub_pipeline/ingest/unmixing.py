"""Cells whose text went through an encoding twice, put right: only with a proof, and each on record.

What counts as damage, and the proof, is in `text.mojibake`.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from validahub_pipeline.ingest.batches import Batch, CellRepair
from validahub_pipeline.text import mojibake

DOUBLE_ENCODING: Final = "encoding_double"


def unmixed(frame: pl.DataFrame, batch: Batch) -> pl.DataFrame:
    """The cells of a batch after repair; what was repaired is added to the batch's repairs."""
    # Told in a fifth of the time that a look for traces takes, and so of most columns.
    ascii_only = frame.select(pl.all().str.len_bytes().sum() == pl.all().str.len_chars().sum()).row(0, named=True)
    for place, name in enumerate(frame.columns):
        if ascii_only[name]:
            continue
        cells = frame.get_column(name)
        traced = cells.str.contains(mojibake.TRACE).fill_null(value=False).arg_true()
        before = cells.gather(traced)
        after = mojibake.repaired_cells(before)
        other = (before != after).arg_true()
        if not other.len():
            continue
        at, was, now = (series.gather(other) for series in (traced, before, after))
        batch.cells += (
            CellRepair(int(batch.rows[index]), int(batch.lines[index]), place, DOUBLE_ENCODING, damaged, repaired)
            for index, damaged, repaired in zip(at.to_list(), was.to_list(), now.to_list(), strict=True)
        )
        batch.kinds[DOUBLE_ENCODING] += other.len()
        # `scatter` would write into what the frame shares.
        frame = frame.with_columns(cells.clone().scatter(at, now))
    return frame
