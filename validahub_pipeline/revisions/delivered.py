"""A published file read back: its records are those of rows.parquet, in the same order."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl


def delivered(corrected: Path, rows: Path, columns: Sequence[str]) -> pl.LazyFrame:
    """`row` and some columns of a published file, as text, "" for an empty cell; not read yet."""
    # Our own file, hence conformant: polars reads it exactly (it does not a seller's).
    cells = pl.scan_csv(corrected, infer_schema=False, glob=False)
    numbers = pl.scan_parquet(rows, glob=False).select(pl.nth(0).alias("row"))
    # By place, since a header may be anything, even what polars takes for a pattern; and it may be `row`.
    header = cells.collect_schema().names()
    chosen = cells.select(pl.nth(header.index(name)).fill_null("").alias(cell(name)) for name in columns)
    return pl.concat([numbers, chosen], how="horizontal")


def cell(column: str) -> str:
    """The name under which `delivered` has a column."""
    return f"cell {column}"
