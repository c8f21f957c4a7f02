"""A table of detail rows: written once per key from a Parquet file, read back, and digested.

Detail without its event never happened, so a half-finished stage leaves nothing that counts; the same stage tried
again finds its rows and writes no more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final

import polars as pl
import pyarrow as pa

from validahub_pipeline.errors import LedgerError
from validahub_pipeline.ledger.access import TableAccess
from validahub_pipeline.ledger.canonical import event_id
from validahub_pipeline.ledger.delta import DeltaLog, may_hold
from validahub_pipeline.ledger.digest import DetailDigest, Digester, in_ranges

_IDENTITY: Final = {"validation_id", "revision", "mode"}
_COMMIT_RETRIES: Final = 100
"""Appends of other validations don't stand in the way; delta-rs only has to try the next version."""


Seal = Callable[..., pl.DataFrame]
Blind = Callable[[pl.DataFrame], pl.DataFrame]


class DetailTable:
    """Writes to and reads from `violations` or `corrections`."""

    def __init__(self, log: DeltaLog, clock: Callable[[], datetime]) -> None:
        self._access = TableAccess(log)
        self._log = log
        self._clock = clock

    def record(
        self,
        parquet: Path,
        constants: Mapping[str, str | int],
        idempotency: str,
        seal: Seal | None = None,
        blind: Blind | None = None,
    ) -> DetailDigest:
        """See `Ledger.record_detail`; `seal` makes of rows and constants the rows as they are to be kept. `blind` takes
        out of rows what cannot be sealed again, since its key was destroyed after an earlier call had sealed it."""
        source = self._source(parquet, constants)
        chunks = _Chunks(source, partial(seal, constants=constants) if seal else None)
        return self._access.write(lambda: self._record_once(chunks, constants, idempotency, blind))

    def rows(self, validation_id: str) -> pl.LazyFrame:
        """See `Ledger.detail`."""
        nothing = pl.LazyFrame(schema=self._log.spec.columns)
        return self._access.read(lambda: self._stored({"validation_id": validation_id}), absent=nothing)

    def _record_once(
        self, source: _Chunks, constants: Mapping[str, str | int], idempotency: str, blind: Blind | None
    ) -> DetailDigest:
        self._log.refresh(create=True)
        key = event_id(idempotency, 0)
        written = Digester(constants)
        if self._log.transaction(key) is not None or not self._stored(constants).head(1).collect().is_empty():
            for chunk in source:
                written.update(blind(chunk) if blind else chunk)
            stored = self._digest_stored(constants, blind)
            self._same(written.result(), stored, constants, "ledger_detail_differs")
            return self._digest_stored(constants) if blind else stored
        self._log.append(
            pa.RecordBatchReader.from_batches(self._log.spec.schema, self._batches(source, constants, written)),
            transactions={key: (0, self._clock())},
            retries=_COMMIT_RETRIES,
        )
        self._log.refresh()
        return self._same(written.result(), self._digest_stored(constants), constants, "ledger_detail_altered")

    def _batches(
        self, source: _Chunks, constants: Mapping[str, str | int], written: Digester
    ) -> Iterator[pa.RecordBatch]:
        columns = [
            (pl.lit(constants[name]) if name in constants else pl.col(name)).cast(kind).alias(name)
            for name, kind in self._log.spec.columns.items()
        ]
        for chunk in source:
            written.update(chunk)
            # Sorted by column within a range: runs of like values compress several times better than row by row.
            table = chunk.sort("column", "row", "code").select(columns).to_arrow()
            yield from table.cast(self._log.spec.schema).to_batches()

    def _digest_stored(self, constants: Mapping[str, str | int], blind: Blind | None = None) -> DetailDigest:
        digester = Digester(constants)
        for chunk in in_ranges(self._stored(constants)):
            for name, value in constants.items():
                astray = chunk.filter(pl.col(name).ne_missing(value))
                if not astray.is_empty():
                    raise self._error(
                        "ledger_detail_altered", constants, f"{name}={value}", f"{name}={astray[name].first()!s}"
                    )
            rows = chunk.drop(constants)
            digester.update(blind(rows) if blind else rows)
        return digester.result()

    def _same(
        self, offered: DetailDigest, stored: DetailDigest, constants: Mapping[str, str | int], code: str
    ) -> DetailDigest:
        if offered != stored:
            raise self._error(
                code,
                constants,
                f"{offered.rows} ({offered.sha256[:12]})",
                f"{stored.rows} ({stored.sha256[:12]})",
            )
        return stored

    def _error(self, code: str, constants: Mapping[str, str | int], offered: str, stored: str) -> LedgerError:
        table, validation_id = self._log.spec.name, constants["validation_id"]
        return LedgerError(code, table=table, validation_id=validation_id, offered=offered, stored=stored)

    def _source(self, parquet: Path, constants: Mapping[str, str | int]) -> pl.LazyFrame:
        """The Parquet file's rows in the table's columns, without the constant ones.

        Raises:
            LedgerError: `ledger_detail_columns`: a column or constant is missing, or not of its type. A cast could lose
                something: delta-rs itself writes 5.7 into an integer column as 5.
        """
        file = pl.scan_parquet(parquet, glob=False)
        present = file.collect_schema()
        wanted = self._log.spec.columns
        rows = [name for name in wanted if name not in self._log.spec.constants]
        wrong = sorted(set(self._log.spec.constants) ^ set(constants))
        wrong += [name for name in rows if name not in present or not _is_lossless(present[name], wanted[name])]
        if wrong:
            raise LedgerError("ledger_detail_columns", table=self._log.spec.name, columns=", ".join(wrong))
        return file.select(pl.col(name).cast(wanted[name]) for name in rows)

    def _stored(self, constants: Mapping[str, str | int]) -> pl.LazyFrame:
        """The rows of the same validation, revision and mode; the other constants don't say which rows they are."""
        identity = {name: value for name, value in constants.items() if name in _IDENTITY}
        files = self._log.files()
        for name, value in identity.items():
            if name in self._log.spec.skipping:
                files = files.filter(may_hold(name, [value]))
        rows = self._log.scan(files)
        for name, value in identity.items():
            rows = rows.filter(pl.col(name) == value)
        return rows


class _Chunks:
    """The rows to be recorded, in ranges, as often as one asks; memory does not grow with them."""

    def __init__(self, source: pl.LazyFrame, seal: Callable[[pl.DataFrame], pl.DataFrame] | None) -> None:
        self._source = source
        self._seal = seal

    def __iter__(self) -> Iterator[pl.DataFrame]:
        chunks = in_ranges(self._source)
        return map(self._seal, chunks) if self._seal else chunks


def _is_lossless(present: pl.DataType, wanted: pl.DataType) -> bool:
    if wanted.is_integer():
        return present.is_integer()
    return isinstance(present, pl.String | pl.Enum | pl.Categorical)
