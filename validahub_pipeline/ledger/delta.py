"""One Delta table, as the ledger uses it: opened or created, brought up to date, appended to, and its files found.

What is relied upon in delta-rs stands in docs/ledger.md and is pinned by tests/ledger/test_delta_oddities.py. Nothing
here knows what the rows mean.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Final, Literal

import polars as pl
import pyarrow as pa
from deltalake import (
    ColumnProperties,
    CommitProperties,
    DeltaTable,
    Transaction,
    WriterProperties,
    write_deltalake,
)
from deltalake.exceptions import DeltaError, TableNotFoundError

from validahub_pipeline.errors import LedgerError
from validahub_pipeline.ledger.archive import archive_commits
from validahub_pipeline.ledger.durability import sync_commit
from validahub_pipeline.ledger.keys import CommittedKeys
from validahub_pipeline.ledger.tables import CHECKPOINT_INTERVAL, MONTH, TableSpec

STORAGE_FAULTS: Final = (DeltaError, OSError, pl.exceptions.PolarsError)
"""What deltalake and polars raise when storage fails them, or holds what they cannot read."""

COMPACTED_SIZE: Final = 8 << 20
"""Bytes of a file that the writer compacts. Each time the last one that is not full is written again."""
_CREATION_ATTEMPTS: Final = 5
_COMPACTION_RETRIES: Final = 50


class DeltaLog:
    """One table. Not safe for several threads at once: whoever owns it holds a lock.

    Keeps one DeltaTable object, which is what makes a commit a compare-and-swap: it goes to the version after the one
    last read, or fails.
    """

    def __init__(self, spec: TableSpec, root: str, storage_options: Mapping[str, str] | None) -> None:
        self.spec = spec
        self._uri = f"{root.rstrip('/')}/{spec.name}"
        self._options = dict(storage_options) if storage_options else None
        self._table: DeltaTable | None = None
        self._opened = 0
        self._files: pl.DataFrame | None = None
        self._keys = CommittedKeys(self._uri, storage_options)

    @property
    def uri(self) -> str:
        """Where the table lies."""
        return self._uri

    def refresh(self, *, create: bool = False) -> bool:
        """Bring the view up to what storage holds now; whether there is a table.

        Raises:
            LedgerError: `ledger_table_altered`: the table found is not the one ValidaHub creates.
        """
        self._files = None
        if self._table is None:
            self._table = self._open(create=create)
        else:
            self._table.update_incremental()
            # An object that lives on replays every commit since the checkpoint it was opened at (0.1 ms each, at each
            # append), so it is opened anew after each checkpoint.
            if (self._table.version() + 1) // CHECKPOINT_INTERVAL != self._opened:
                self._table = self._open(create=False)
        if self._table is None:
            return False
        self._opened = (self._table.version() + 1) // CHECKPOINT_INTERVAL
        return True

    def forget(self) -> None:
        """Drop the view after a failed commit: nobody knows how far it can still be trusted."""
        self._table = None
        self._files = None
        self._keys.forget()

    def transaction(self, app_id: str) -> int | None:
        """The version last committed under an application id, None where there is none or it has expired."""
        table = self._opened_table
        return None if self._keys.lack(app_id, table.version()) else table.transaction_version(app_id)

    def table(self, rows: Sequence[Mapping[str, object]]) -> pa.Table:
        """A few rows, as they are appended. Not by pyarrow, which would load pandas for it: 0.3 s of each command."""
        frame = pl.DataFrame(rows, schema=self.spec.columns, orient="row")
        return frame.to_arrow(compat_level=pl.CompatLevel.oldest()).cast(self.spec.schema)

    def append(
        self,
        rows: pa.Table | pa.RecordBatchReader,
        *,
        transactions: Mapping[str, tuple[int, datetime | None]],
        retries: int,
    ) -> None:
        """Commit rows and application ids (id: version, and the moment that starts its retention) in one step.

        With `retries=0` the commit fails if anything at all was committed since `refresh`; otherwise it fails only if
        one of the application ids was (delta-rs settles everything else between appends).

        Raises:
            CommitFailedError: somebody else was faster.
            DeltaError, OSError: storage failed; whether the commit took place is unknown.
        """
        self._files = None
        table = self._opened_table
        write_deltalake(
            table,
            rows,
            mode="append",
            writer_properties=self._writer_properties(),
            commit_properties=CommitProperties(
                max_commit_retries=retries,
                app_transactions=[
                    Transaction(app_id, version, None if since is None else int(since.timestamp() * 1000))
                    for app_id, (version, since) in transactions.items()
                ],
            ),
        )
        self._keys.add(transactions, table.version())
        if "://" not in self._uri:
            sync_commit(Path(self._uri), table.version())

    def compact(self, target_size: int) -> int:
        """Write the rows of data files smaller than that (in bytes) anew into files of about that size, and a Delta
        checkpoint; the number of files that were replaced. Rows stay as they are, and so do the old files.

        Raises:
            CommitFailedError: other writers were faster again and again.
        """
        table = self._opened_table
        done = table.optimize.compact(
            target_size=target_size,
            writer_properties=self._writer_properties(),
            commit_properties=CommitProperties(max_commit_retries=_COMPACTION_RETRIES),
        )
        table.create_checkpoint()
        if "://" not in self._uri:
            sync_commit(Path(self._uri), table.version())
        self.forget()
        return int(done["numFilesRemoved"])

    def version(self) -> int:
        """The number of the last commit."""
        return self._opened_table.version()

    def tidy(self) -> None:
        """What the writer of every hundredth commit does for those that follow: compaction, and old commits moved out
        of the way. It may fail without harm, and is done again a hundred commits later."""
        if (self._opened_table.version() + 1) % CHECKPOINT_INTERVAL:
            return
        with suppress(*STORAGE_FAULTS):
            self.compact(COMPACTED_SIZE)
        if "://" not in self._uri:
            with suppress(OSError):
                archive_commits(Path(self._uri))

    def files(self) -> pl.DataFrame:
        """The data files: `path, month, num_records, size_bytes`, and `min.X`, `max.X` per skipping column X, null if
        unknown."""
        if self._files is None:
            self._files = self._read_files()
        return self._files

    def scan(self, files: pl.DataFrame) -> pl.LazyFrame:
        """The rows of some of `files()`, in no particular order, all columns of the table."""
        parts = [
            pl.scan_parquet(
                [f"{self._uri}/{path}" for path in group["path"]],
                storage_options=self._options,
                glob=False,
                hive_partitioning=False,
            )
            .with_columns(pl.lit(month, dtype=pl.String).alias(MONTH))
            .select(self.spec.schema.names)
            for (month,), group in files.sort(MONTH).group_by(MONTH, maintain_order=True)
        ]
        return pl.concat(parts) if parts else pl.LazyFrame(schema=self.spec.columns)

    @property
    def _opened_table(self) -> DeltaTable:
        if self._table is None:
            raise RuntimeError(f"{self._uri} is used before refresh() found it")
        return self._table

    def _open(self, *, create: bool) -> DeltaTable | None:
        for attempt in range(_CREATION_ATTEMPTS):
            try:
                return self._checked(DeltaTable(self._uri, storage_options=self._options))
            except TableNotFoundError:
                if not create:
                    return None
            try:
                DeltaTable.create(
                    self._uri,
                    self.spec.schema,
                    partition_by=[MONTH],
                    configuration=self.spec.configuration(),
                    storage_options=self._options,
                )
            except DeltaError:
                # Another process created it first, which delta-rs has no error of its own for: open it.
                if attempt + 1 == _CREATION_ATTEMPTS:
                    raise
        return self._open(create=False)

    def _checked(self, table: DeltaTable) -> DeltaTable:
        found = pa.schema(table.schema().to_arrow())
        named = {field.name: str(field.type) for field in found}
        if named != {field.name: str(field.type) for field in self.spec.schema}:
            raise LedgerError("ledger_table_altered", table=self.spec.name, what=f"columns {sorted(named)}")
        if table.metadata().configuration.get("delta.appendOnly") != "true":
            raise LedgerError("ledger_table_altered", table=self.spec.name, what="delta.appendOnly")
        return table

    def _read_files(self) -> pl.DataFrame:
        listed = pl.DataFrame(self._opened_table.get_add_actions(flatten=True))
        bounds = [f"{end}.{name}" for name in self.spec.skipping for end in ("min", "max")]
        return listed.select(
            pl.col("path"),
            pl.col(f"partition.{MONTH}").alias(MONTH).cast(pl.String),
            pl.col("num_records", "size_bytes").cast(pl.Int64),
            # A table without a row has no statistics, and neither has a file that another engine rewrote.
            *(
                (pl.col(name) if name in listed.columns else pl.lit(None).alias(name)).cast(self.spec.columns[name[4:]])
                for name in bounds
            ),
        )

    def _writer_properties(self) -> WriterProperties:
        # Delta takes its statistics from the Parquet file's: the two lists have to agree. Statistics and dictionaries
        # of every column would nearly triple the file of a single event (2.8 KB against 1.1 KB).
        def properties(name: str | None, statistics: Literal["NONE", "CHUNK"]) -> ColumnProperties:
            packed = name in self.spec.numbers
            return ColumnProperties(
                dictionary_enabled=self.spec.dictionary and not packed,
                encoding="DELTA_BINARY_PACKED" if packed else None,
                statistics_enabled=statistics,
            )

        return WriterProperties(
            compression="ZSTD",
            compression_level=3,
            max_row_group_size=self.spec.row_group,
            default_column_properties=properties(None, "NONE"),
            column_properties={
                name: properties(name, "CHUNK" if name in self.spec.skipping else "NONE")
                for name in {*self.spec.skipping, *self.spec.numbers}
            },
        )


def may_hold(column: str, values: Sequence[str | int]) -> pl.Expr:
    """Of `DeltaLog.files()`: those that may hold one of the values; a file without statistics may hold anything."""
    low, high = pl.col(f"min.{column}"), pl.col(f"max.{column}")
    candidates = [(low <= value) & (pl.lit(value) <= high) for value in values]
    return pl.any_horizontal([low.is_null() | high.is_null(), *candidates])
