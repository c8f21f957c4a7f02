"""Which corrections are made most."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import polars as pl

from validahub_pipeline.analytics.tables import query

CORRECTION_PATTERNS: Final = "correction_patterns"
"""Name of the analysis: its SQL file, its asset, and its Parquet file in the lake."""


def correction_patterns(tables: str, storage_options: Mapping[str, str] | None) -> pl.DataFrame:
    """Corrections per marketplace, the most frequent first; one row per `marketplace, code, confidence, mode`.

    Columns:
        mode: auto or manual as the event says, `suggested` for what was only proposed.
        cells: cells changed (or proposed to be).
        validations, share_of_validations: those with such a correction, of all that had any.
        columns: list of {column, cells}, the five most affected columns under the sellers' own header names.

    Args:
        tables: folder or s3:// address of the ledger's tables (`lake.uri("tables")`).
        storage_options: `lake.storage_options()`.
    """
    return query(tables, storage_options, CORRECTION_PATTERNS)
