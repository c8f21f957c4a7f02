"""How the answer of an analysis is kept in the lake, shown in Dagster and held against its expectations.

The questions themselves are in `analytics`, which knows neither the lake nor Dagster.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Mapping
from typing import Any, Final

import dagster as dg
import polars as pl

from validahub_pipeline.analytics import quality as gate
from validahub_pipeline.materialization import table
from validahub_pipeline.stages import Services

Analysis = Callable[[str, Mapping[str, str] | None], pl.DataFrame]

_SHOWN: Final = 30
_FOLDER: Final = "analytics"


def ask(services: Services, analysis: Analysis) -> pl.DataFrame:
    """The answer of one analysis over this installation's ledger."""
    return analysis(services.lake.uri("tables"), services.lake.storage_options())


def keep(services: Services, name: str, frame: pl.DataFrame) -> dict[str, Any]:
    """Store an answer as `analytics/{name}.parquet`, in place of the last one. Returns metadata: where, and a look."""
    buffer = io.BytesIO()
    frame.write_parquet(buffer)
    stored = services.lake.put_bytes(buffer.getvalue(), _key(name), replace=True)
    flat = frame.select(column for column, kind in frame.schema.items() if not kind.is_nested())
    return {
        **table("latest", flat.tail(_SHOWN).reverse().iter_rows(named=True), flat.columns),
        "dagster/row_count": frame.height,
        "dagster/column_schema": dg.TableSchema(
            columns=[dg.TableColumn(column, str(kind)) for column, kind in frame.schema.items()]
        ),
        "parquet": dg.MetadataValue.path(services.lake.uri(stored.key)),
        "bytes": stored.size,
    }


def chart(frame: pl.DataFrame) -> dg.MarkdownMetadataValue:
    """The chart of the error trends, in the metadata itself: the UI shows it and needs no server for it."""
    # Drawing costs half a second of import, which the code location should not pay for on loading.
    from validahub_pipeline.analytics.charts import error_trends_chart  # noqa: PLC0415

    picture = base64.b64encode(error_trends_chart(frame)).decode("ascii")
    return dg.MetadataValue.md(f"![Error trends by marketplace](data:image/png;base64,{picture})")


def quality(services: Services, name: str) -> dg.AssetCheckResult:
    """Hold a stored answer against its expectations; Data Docs are left under HOME/analytics."""
    out = services.settings.home / _FOLDER / name
    with services.lake.local(_key(name)) as parquet:
        verdict = gate.check(parquet, out)
    failed = [
        {
            "expectation": one.expectation,
            "columns": ", ".join(one.columns),
            "unexpected": one.unexpected,
            "examples": ", ".join(one.examples),
        }
        for one in verdict.failed
    ]
    return dg.AssetCheckResult(
        passed=verdict.passed,
        description=f"{verdict.evaluated - len(failed)} of {verdict.evaluated} expectations hold over "
        f"{verdict.rows:,} rows",
        metadata={
            "expectations": verdict.evaluated,
            **table("failed", failed, ("expectation", "columns", "unexpected", "examples")),
            "rows": verdict.rows,
            "data_docs": dg.MetadataValue.path(str(verdict.docs)),
        },
    )


def _key(name: str) -> str:
    return f"{_FOLDER}/{name}.parquet"
