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
    for place, name in enumerate(frame.columns):
        cells = frame.get_column(name)
        traced = cells.str.contains(mojibake.TRACE).fill_null(value=False).arg_true()
        before = cells.gather(traced).to_list()
        pairs = zip(traced.to_list(), before, map(mojibake.repair, before), strict=True)
        changed = [(at, was, now) for at, was, now in pairs if was != now]
        if not changed:
            continue
        for at, was, now in changed:
            row, line = int(batch.rows[at]), int(batch.lines[at])
            batch.cells.append(CellRepair(row, line, place, DOUBLE_ENCODING, was, now))
        batch.kinds[DOUBLE_ENCODING] += len(changed)
        # `scatter` would write into what the frame shares.
        frame = frame.with_columns(cells.clone().scatter([at for at, _, _ in changed], [now for _, _, now in changed]))
    return frame
