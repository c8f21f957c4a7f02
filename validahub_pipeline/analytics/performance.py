"""How long files take, by their size."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import polars as pl

from validahub_pipeline.analytics.tables import query

PROCESSING_TIME: Final = "processing_time_by_file_size"
"""Name of the analysis: its SQL file, its asset, and its Parquet file in the lake."""


def processing_time(tables: str, storage_options: Mapping[str, str] | None) -> pl.DataFrame:
    """How long each stage takes per class of file size; one row per `from_bytes` and `stage`, in order.

    Columns:
        from_bytes: least size of the class: 0, 1 MB, 10 MB, 100 MB, 1 GB (powers of ten).
        stage: ingest, validate, correct or publish.
        validations: how many ran the stage to its end.
        median_milliseconds, p95_milliseconds, slowest_milliseconds: of the stage, interpolated between neighbours.
        bytes_per_second: bytes of the originals over the time they took together.

    Args:
        tables: folder or s3:// address of the ledger's tables (`lake.uri("tables")`).
        storage_options: `lake.storage_options()`.
    """
    return query(tables, storage_options, PROCESSING_TIME)
