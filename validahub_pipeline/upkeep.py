"""What the maintenance assets do with what they find: sizes kept from night to night, tables and a chart for the UI.

Compaction itself is the ledger's (`ledger.maintenance`), which partitions go is decided in `archive`.
"""

from __future__ import annotations

import base64
import io
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import dagster as dg
import polars as pl

from validahub_pipeline.archive import archivable, archive, busy_keys, ended_uploads
from validahub_pipeline.errors import StorageError
from validahub_pipeline.ledger import Action
from validahub_pipeline.ledger.maintenance import Caretaker, Upkeep
from validahub_pipeline.materialization import Metadata, table
from validahub_pipeline.partitions import UPLOADS
from validahub_pipeline.stages import Services
from validahub_pipeline.storage.layout import LEDGER

TABLES_ASSET: Final = "ledger_tables"
OVERHEAD_ASSET: Final = "ledger_overhead"
PARTITIONS_ASSET: Final = "archived_partitions"

_KEY: Final = f"analytics/{OVERHEAD_ASSET}.parquet"
_OVERHEAD: Final = ("audit_events", "corrections", LEDGER)
_SCHEMA: Final[dict[str, Any]] = {
    "at": pl.Datetime("us", "UTC"),
    "part": pl.String,
    "rows": pl.Int64,
    "files": pl.Int64,
    "bytes": pl.Int64,
    "log_bytes": pl.Int64,
    "replaced_bytes": pl.Int64,
    "uploads_bytes": pl.Int64,
}


def compact(services: Services) -> Metadata:
    """Look after the ledger's tables; what was done to each."""
    done = Caretaker(services.lake).maintain()
    return {
        "files_replaced": sum(upkeep.replaced for upkeep in done),
        **table("tables", [_told(upkeep) for upkeep in done], ("table", "rows", "commits", "files", "was", "bytes")),
    }


def measure(services: Services, now: datetime) -> Metadata:
    """Measure what the trail takes, beside the uploads it is about; today's figures, and a chart of all nights."""
    found = _measured(services, now)
    history = pl.concat([_kept(services), found])
    buffer = io.BytesIO()
    history.write_parquet(buffer)
    services.lake.put_bytes(buffer.getvalue(), _KEY, replace=True)
    uploads = int(found["uploads_bytes"][0])
    stored = found.select(
        pl.col("part").alias("table"),
        "rows",
        "files",
        "bytes",
        "log_bytes",
        "replaced_bytes",
        (pl.sum_horizontal("bytes", "log_bytes", "replaced_bytes") / max(uploads, 1)).alias("share"),
    ).sort("share", descending=True)
    rows = [row | {"share": f"{row['share']:.2%}"} for row in stored.iter_rows(named=True)]
    total = stored.filter(pl.col("table").is_in(_OVERHEAD))["share"].sum()
    return {
        "chart": _chart(history),
        "overhead": f"{total:.2%} of {uploads:,} bytes handed in",
        **table("tables", rows, ("table", "rows", "files", "bytes", "log_bytes", "replaced_bytes", "share")),
        "parquet": dg.MetadataValue.path(services.lake.uri(_KEY)),
    }


def archive_partitions(services: Services, instance: dg.DagsterInstance, now: datetime) -> Metadata:
    """Take the keys of uploads long finished out of Dagster."""
    settings = services.settings
    keys = instance.get_dynamic_partitions(UPLOADS)
    chosen = archivable(
        keys,
        ended_uploads(services.ledger.read()),
        busy_keys(instance),
        now=now,
        older_than=timedelta(days=settings.partitions_kept_days),
        keep=settings.partitions_kept,
    )
    gone = archive(instance, chosen)
    return {
        "archived": len(gone),
        "live": len(keys) - len(gone),
        "kept_days": settings.partitions_kept_days,
        "kept_at_most": settings.partitions_kept,
        **table("keys", [{"validation_id": key} for key in gone], ("validation_id",)),
    }


def _told(upkeep: Upkeep) -> dict[str, Any]:
    after = upkeep.after
    return {
        "table": after.name,
        "rows": after.rows,
        "commits": after.version + 1,
        "files": after.files,
        "was": upkeep.before.files,
        "bytes": after.bytes,
    }


def _measured(services: Services, now: datetime) -> pl.DataFrame:
    uploads = sum(event.changes["size"] for event in services.ledger.read() if event.action == Action.FILE_UPLOADED)
    tree = list(services.lake.list(f"{LEDGER}/"))
    rows: list[dict[str, Any]] = [
        {
            "part": state.name,
            "rows": state.rows,
            "files": state.files,
            "bytes": state.bytes,
            "log_bytes": state.log_bytes,
            "replaced_bytes": state.replaced_bytes,
        }
        for state in Caretaker(services.lake).states()
    ]
    rows.append({"part": LEDGER, "files": len(tree), "bytes": sum(file.size for file in tree)})
    frame = pl.DataFrame([row | {"at": now.astimezone(UTC), "uploads_bytes": uploads} for row in rows], schema=_SCHEMA)
    return frame.with_columns(pl.col(name).fill_null(0) for name in ("rows", "log_bytes", "replaced_bytes"))


def _kept(services: Services) -> pl.DataFrame:
    try:
        return pl.read_parquet(io.BytesIO(services.lake.read_bytes(_KEY)))
    except StorageError as error:
        if error.code != "object_missing":
            raise
        return pl.DataFrame(schema=_SCHEMA)


def _chart(history: pl.DataFrame) -> dg.MarkdownMetadataValue:
    # Drawing costs half a second of import, which the code location should not pay for on loading.
    from validahub_pipeline.analytics.charts import overhead_chart  # noqa: PLC0415

    picture = base64.b64encode(overhead_chart(history)).decode("ascii")
    return dg.MetadataValue.md(f"![What the trail takes](data:image/png;base64,{picture})")
