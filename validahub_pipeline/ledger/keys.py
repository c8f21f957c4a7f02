"""The idempotency keys that a table's log holds, remembered between appends.

delta-rs reads the whole checkpoint to find that a key is not there, which is what nearly every append asks: 10 ms at
100,000 keys, each time. What is remembered here answers only that one question, and only where it is certain; whether a
key counts, and for how long, stays with delta-rs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import polars as pl

from validahub_pipeline.ledger.tables import CHECKPOINT_INTERVAL

_POINTER: Final[dict[str, pl.DataType]] = {
    "version": pl.Int64(),
    "parts": pl.Int64(),
    "v2Checkpoint": pl.Struct({"path": pl.String()}),
}
_COMMIT: Final[dict[str, pl.DataType]] = {"txn": pl.Struct({"appId": pl.String()})}
_FARTHEST: Final = 2 * CHECKPOINT_INTERVAL
"""Commits read at once at most; with more since the checkpoint something is amiss, and delta-rs is asked."""


class CommittedKeys:
    """What application ids the log of one table holds: every one up to some commit, and never fewer."""

    def __init__(self, table: str, storage_options: Mapping[str, str] | None) -> None:
        """Reads nothing yet. `table` is its address."""
        self._log = f"{table}/_delta_log"
        self._options = dict(storage_options) if storage_options else None
        self.forget()

    def forget(self) -> None:
        """Begin anew."""
        self._upto = -1
        self._checkpointed = pl.Series(dtype=pl.String)
        self._since: set[str] = set()

    def lack(self, app_id: str, version: int) -> bool:
        """Whether it is certain that no commit up to that one holds the id; False where it may, or where storage does
        not say."""
        try:
            self._catch_up(version)
        except (OSError, pl.exceptions.PolarsError):
            self.forget()
            return False
        # A log that ends before what is remembered is another log, or a view a moment old.
        if self._upto != version:
            return False
        return app_id not in self._since and not (self._checkpointed == app_id).any()

    def add(self, app_ids: Iterable[str], version: int) -> None:
        """Ids that we committed ourselves."""
        if version == self._upto + 1:
            self._since.update(app_ids)
            self._upto = version

    def _catch_up(self, version: int) -> None:
        if self._upto < 0:
            self._begin()
        missed = range(self._upto + 1, version + 1)
        if not missed or len(missed) > _FARTHEST:
            return
        commits = [f"{self._log}/{number:020}.json" for number in missed]
        found = pl.scan_ndjson(commits, schema=_COMMIT, storage_options=self._options)
        self._since.update(found.select(_app_id()).collect()["appId"])
        self._upto = version

    def _begin(self) -> None:
        """Read the last checkpoint, if there is one of the kind that ValidaHub writes."""
        try:
            pointer = pl.scan_ndjson(f"{self._log}/_last_checkpoint", schema=_POINTER, storage_options=self._options)
            version, parts, other = pointer.collect().row(0)
        except (OSError, pl.exceptions.PolarsError):
            return
        if version is None or parts is not None or other is not None:
            return
        checkpoint = f"{self._log}/{version:020}.checkpoint.parquet"
        found = pl.scan_parquet(checkpoint, storage_options=self._options, glob=False, hive_partitioning=False)
        self._checkpointed = found.select(_app_id()).collect()["appId"]
        self._upto = version


def _app_id() -> pl.Expr:
    return pl.col("txn").struct.field("appId").drop_nulls()
