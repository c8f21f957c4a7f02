"""A table of detail rows: written once per key from a Parquet file, read back, and digested.

Detail without its event never happened, so a half-finished stage leaves nothing that counts; the same stage tried
again finds its rows and writes no more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Final

import polars as pl
import pyarrow as pa

from validahub_pipeline.errors import LedgerError
from validahub_pipeline.ledger.access import TableAccess
from validahub_pipeline.ledger.canonical import event_id
from validahub_pipeline.ledger.delta import DeltaLog, may_hold
from validahub_pipeline.ledger.digest import DetailDigest, Digester, digest, in_ranges

_COMMIT_RETRIES: Final = 100
"""Appends of other validations don't stand in the way; delta-rs only has to try the next version."""


class DetailTable:
    """Writes to and reads from `violations` or `corrections`."""

    def __init__(self, log: DeltaLog, clock: Callable[[], datetime]) -> None:
        self._access = TableAccess(log)
        self._log = log
        self._clock = clock

    def record(self, parquet: Path, constants: Mapping[str, str | int], idempotency: str) -> DetailDigest:
        """See `Ledger.record_detail`."""
        source = self._source(parquet, constants)
        return self._access.write(lambda: self._record_once(source, constants, idempotency))

    def rows(self, validation_id: str) -> pl.LazyFrame:
        """See `Ledger.detail`."""
        nothing = pl.DataFrame(self._log.spec.schema.empty_table()).lazy()
        return self._access.read(lambda: self._stored({"validation_id": validation_id}), absent=nothing)

    def _record_once(self, source: pl.LazyFrame, constants: Mapping[str, str | int], idempotency: str) -> DetailDigest:
        self._log.refresh(create=True)
        key = event_id(idempotency, 0)
        stored = self._stored(constants)
        if self._log.transaction(key) is not None or not stored.head(1).collect().is_empty():
            return self._same(digest(source), digest(self._stored(constants)), constants, "ledger_detail_differs")
        digester = Digester()
        schema = self._log.spec.schema
        reader = pa.RecordBatchReader.from_batches(schema, self._batches(source, digester))
        self._log.append(reader, transactions={key: (0, self._clock())}, retries=_COMMIT_RETRIES)
        self._log.refresh()
        return self._same(digester.result(), digest(self._stored(constants)), constants, "ledger_detail_altered")

    def _batches(self, source: pl.LazyFrame, digester: Digester) -> Iterator[pa.RecordBatch]:
        for chunk in in_ranges(source):
            digester.update(chunk)
            # Sorted by column within a range: runs of like values compress several times better than row by row.
            table = chunk.sort("column", "row", "code").to_arrow().cast(self._log.spec.schema)
            yield from table.to_batches()

    def _same(
        self, offered: DetailDigest, stored: DetailDigest, constants: Mapping[str, str | int], code: str
    ) -> DetailDigest:
        if offered != stored:
            raise LedgerError(
                code,
                table=self._log.spec.name,
                validation_id=constants["validation_id"],
                offered=f"{offered.rows} ({offered.sha256[:12]})",
                stored=f"{stored.rows} ({stored.sha256[:12]})",
            )
        return stored

    def _source(self, parquet: Path, constants: Mapping[str, str | int]) -> pl.LazyFrame:
        """The Parquet file's rows in the table's columns.

        Raises:
            LedgerError: `ledger_detail_columns`: a column is missing or not of its type. A cast could lose something
                (delta-rs itself writes 5.7 into an integer column as 5), so only integers may become integers.
        """
        file = pl.scan_parquet(parquet, glob=False)
        present = file.collect_schema()
        wanted = pl.DataFrame(self._log.spec.schema.empty_table()).schema
        wrong = [
            name
            for name, kind in wanted.items()
            if name not in constants and (name not in present or (kind.is_integer() and not present[name].is_integer()))
        ]
        if wrong:
            raise LedgerError("ledger_detail_columns", table=self._log.spec.name, columns=", ".join(wrong))
        return file.select(
            (pl.lit(constants[name]) if name in constants else pl.col(name)).cast(kind).alias(name)
            for name, kind in wanted.items()
        )

    def _stored(self, constants: Mapping[str, str | int]) -> pl.LazyFrame:
        """The rows of the same validation and revision; the other constants don't say which rows they are."""
        identity = {name: value for name, value in constants.items() if name in {"validation_id", "revision"}}
        files = self._log.files()
        for name, value in identity.items():
            files = files.filter(may_hold(name, [value]))
        rows = self._log.scan(files)
        for name, value in identity.items():
            rows = rows.filter(pl.col(name) == value)
        return rows
