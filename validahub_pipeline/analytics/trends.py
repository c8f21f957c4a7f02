"""Error trends by marketplace: the first of the nightly analyses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import polars as pl

from validahub_pipeline.analytics.tables import query

ERROR_TRENDS: Final = "error_trends_by_marketplace"
"""Name of the analysis: its SQL file, its asset, and its Parquet file in the lake."""


def error_trends(tables: str, storage_options: Mapping[str, str] | None) -> pl.DataFrame:
    """What came in per day and marketplace, and what was wrong with it; one row per `day` and `marketplace`, in order.

    Columns:
        day: UTC day on which the files were uploaded.
        uploads, validations: files handed in, and those whose validation has completed.
        records, rows_with_violations, critical_rows: of the completed ones, as their events count them.
        share_with_violations: rows_with_violations / records; null where there are no records.
        violations, critical, warning, info: violations in all and by severity, from the events.
        violations_stored: the same total, counted in the `violations` table; differs only if detail was lost.
        codes: list of {code, severity, violations, validations}, the most frequent first.

    Args:
        tables: folder or s3:// address of the ledger's tables (`lake.uri("tables")`).
        storage_options: `lake.storage_options()`.
    """
    return query(tables, storage_options, ERROR_TRENDS)
