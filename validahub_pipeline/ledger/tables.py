"""The four Delta tables: columns, partitioning, and the properties that keep every commit for ever.

Declarations only; `delta.py` opens and writes them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import cached_property
from typing import Final

import polars as pl
import pyarrow as pa

MONTH: Final = "month"
CHECKPOINT_INTERVAL: Final = 100
"""Commits between two Delta checkpoints; what lies after the last one is replayed at each append."""
KEY_RETENTION: Final = timedelta(days=30)
"""How long Delta remembers an idempotency key. Every key ever used would swell each checkpoint; older ones are found
through the rows they wrote."""

_LOG_KEPT_DAYS: Final = 3650


class Detail(StrEnum):
    """The tables that hold rows an event vouches for."""

    VIOLATIONS = "violations"
    CORRECTIONS = "corrections"


@dataclass(frozen=True)
class TableSpec:
    """One table.

    Attributes:
        skipping: the columns whose least and greatest value per file go into Delta's log in clear; none that holds a
            seller's data.
        dictionary: whether values repeat within a file.
        row_group: rows read at once at least; an event weighs as much as a hundred rows of detail.
        constants: of detail, the columns with one value for everything that one call writes.
    """

    name: str
    schema: pa.Schema
    skipping: tuple[str, ...]
    dictionary: bool
    constants: tuple[str, ...] = ()
    row_group: int = 131_072

    @cached_property
    def columns(self) -> dict[str, pl.DataType]:
        """Names and polars types of the columns, in order."""
        return dict(pl.Schema(self.schema))

    @cached_property
    def numbers(self) -> tuple[str, ...]:
        """The integer columns. Rows come in ascending order, and their differences take a twentieth of the room that
        the numbers themselves or a dictionary of them take."""
        return tuple(name for name, kind in self.columns.items() if kind.is_integer())

    def configuration(self) -> dict[str, str | None]:
        """The table properties at its creation."""
        return {
            "delta.appendOnly": "true",
            # Delta would otherwise delete commits older than 30 days at its next checkpoint.
            "delta.enableExpiredLogCleanup": "false",
            "delta.logRetentionDuration": f"interval {_LOG_KEPT_DAYS} days",
            "delta.setTransactionRetentionDuration": f"interval {KEY_RETENTION.days} days",
            "delta.checkpointInterval": str(CHECKPOINT_INTERVAL),
            "delta.dataSkippingStatsColumns": ",".join(self.skipping),
        }


def _schema(**types: pa.DataType) -> pa.Schema:
    return pa.schema([pa.field(name, kind) for name, kind in types.items()])


AUDIT_EVENTS: Final = TableSpec(
    "audit_events",
    _schema(
        seq=pa.int64(),
        month=pa.string(),
        event=pa.string(),
        timestamp=pa.timestamp("us", "UTC"),
        action=pa.string(),
        aggregate_id=pa.string(),
        user_id=pa.string(),
    ),
    ("seq", "timestamp", "action", "aggregate_id"),
    dictionary=False,
    row_group=16_384,
)
LINEAGE_EVENTS: Final = TableSpec(
    "lineage_events",
    _schema(validation_id=pa.string(), event=pa.string(), timestamp=pa.timestamp("us", "UTC"), month=pa.string()),
    ("validation_id", "timestamp"),
    dictionary=False,
    row_group=16_384,
)
DETAILS: Final = {
    Detail.VIOLATIONS: TableSpec(
        "violations",
        _schema(
            validation_id=pa.string(),
            row=pa.int64(),
            line=pa.int64(),
            column=pa.string(),
            code=pa.string(),
            severity=pa.string(),
            value=pa.string(),
            month=pa.string(),
        ),
        ("validation_id", "row"),
        dictionary=True,
        constants=("validation_id", "month"),
    ),
    Detail.CORRECTIONS: TableSpec(
        "corrections",
        _schema(
            validation_id=pa.string(),
            revision=pa.int64(),
            row=pa.int64(),
            column=pa.string(),
            code=pa.string(),
            before=pa.string(),
            after=pa.string(),
            mode=pa.string(),
            confidence=pa.string(),
            applied_by=pa.string(),
            month=pa.string(),
        ),
        ("validation_id", "revision", "row"),
        dictionary=True,
        constants=("validation_id", "revision", "mode", "applied_by", "month"),
    ),
}
