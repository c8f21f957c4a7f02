"""Cells of a published file read back in canonical form, whatever dialect it was published in."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack

import polars as pl

from validahub_pipeline.auditing.delivered import delivered_files
from validahub_pipeline.ledger.events import Action
from validahub_pipeline.stages import Services
from validahub_pipeline.stages.upload import Upload
from validahub_pipeline.storage.layout import ROWS


def delivered(
    services: Services,
    upload: Upload,
    revision: int,
    columns: Sequence[str],
    rows: pl.Series,
    *,
    left_out: bool,
) -> pl.DataFrame:
    """`row` and some columns (as `cell` names them) of some rows of a published revision, as text, "" for an empty
    cell; in the file's order. Memory grows with what is asked for.

    Args:
        left_out: whether rows are asked for as well that the gate did not let through.
    """
    told = upload.revised_changes(Action.FILE_PUBLISHED, revision)
    own: list[str] = upload.changes(Action.FILE_INGESTED)["columns"]
    parts = [pl.DataFrame(schema={"row": pl.Int64, **dict.fromkeys(map(cell, columns), pl.String)})]
    with ExitStack() as held:
        read, corrected = (
            held.enter_context(services.lake.local(key))
            for key in (upload.key(ROWS), told["objects"]["corrected"]["key"])
        )
        dropped, commas = (
            held.enter_context(services.lake.local(beside["key"])) if beside else None
            for beside in map(told["objects"].get, ("dropped", "commas"))
        )
        numbers = pl.scan_parquet(read, glob=False).select(pl.nth(0).cast(pl.Int64)).collect().to_series()
        dialect = told.get("dialect", {})
        published, *others = delivered_files(read, corrected, dialect, dropped=dropped, commas=commas)
        for file in (published, *(others if left_out else ())):
            start = 0
            for batch in file.records(own):
                here = numbers.gather(file.places[start : start + batch.height]).alias("row")
                start += batch.height
                cells = [batch.get_column(name).alias(cell(name)) for name in columns]
                parts.append(pl.DataFrame([here, *cells]).filter(pl.col("row").is_in(rows.implode())))
    return pl.concat(parts).sort("row", maintain_order=True)


def cell(column: str) -> str:
    """The name under which `delivered` has a column; one may be called `row`."""
    return f"cell {column}"
