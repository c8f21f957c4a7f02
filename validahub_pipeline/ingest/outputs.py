"""The two files beside the rows: records set aside, for people, and cells repaired, for the audit trail."""

from __future__ import annotations

import csv
import io
from collections import Counter
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from validahub_pipeline.ingest.batches import CellRepair, Quarantined
from validahub_pipeline.ingest.encoding import decode_field

COLUMNS: Final = ("record", "line", "byte_offset", "reason", "raw", "proposal")
_REPAIRS: Final = pa.schema(
    [
        ("row", pa.int64()),
        ("line", pa.int64()),
        *((name, pa.large_string()) for name in ("column", "code", "before", "after", "confidence")),
    ]
)
_ROW_GROUP: Final = 65_536
# Cells. Of each batch there are few, and writing a row group costs something whatever its size.
_WRITTEN_AT_ONCE: Final = 8_192


class QuarantineFile:
    """`quarantine.csv`: `raw` is the record as text, line breaks inside it kept; `proposal` the record as CSV as it
    may have been meant, empty where that would be a guess. Without a path records are only counted."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self.reasons: Counter[str] = Counter()

    def __enter__(self) -> Self:
        self._file = (
            io.StringIO(newline="") if self._path is None else self._path.open("w", encoding="utf-8", newline="")
        )
        # Before Python 3.13 a carriage return alone would not be quoted, and end the record for whoever reads it.
        self._writer = csv.writer(self._file, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)
        self._writer.writerow(COLUMNS)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def write(self, records: list[Quarantined], encoding: str) -> None:
        """Append records, whose bytes are in `encoding` or in what single fields of such files tend to be in."""
        self.reasons.update(record.reason for record in records)
        if self._path is None:
            return
        for record in records:
            proposal = "" if record.proposal is None else _as_csv([_text(v, encoding) for v in record.proposal])
            self._writer.writerow(
                [record.record, record.line, record.offset, record.reason, _text(record.raw, encoding), proposal]
            )


class RepairsFile:
    """`repairs.parquet`: one row per cell whose text is not what its bytes say in the file's encoding and dialect."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._waiting: list[pl.DataFrame] = []

    def __enter__(self) -> Self:
        self._writer = pq.ParquetWriter(
            self._path, _REPAIRS, compression="zstd", compression_level=1, store_schema=False
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._flush()
        self._writer.close()

    def write(self, cells: list[CellRepair], columns: tuple[str, ...]) -> None:
        """Append repairs; `columns` are the names of the file's columns."""
        if not cells:
            return
        self._waiting.append(
            pl.DataFrame(
                {
                    "row": [cell.row for cell in cells],
                    "line": [cell.line for cell in cells],
                    "column": [columns[cell.column] for cell in cells],
                    "code": [cell.code for cell in cells],
                    "before": [cell.before for cell in cells],
                    "after": [cell.after for cell in cells],
                    "confidence": ["confident"] * len(cells),
                }
            )
        )
        if sum(waiting.height for waiting in self._waiting) >= _WRITTEN_AT_ONCE:
            self._flush()

    def _flush(self) -> None:
        if self._waiting:
            # Not made or cast by pyarrow, which would load more for it than all it has loaded so far.
            table = pl.concat(self._waiting).to_arrow(compat_level=pl.CompatLevel.oldest())
            table = pa.Table.from_arrays(table.columns, schema=_REPAIRS)
            self._writer.write_table(table, row_group_size=_ROW_GROUP)
            self._waiting = []


def _text(raw: bytes, encoding: str) -> str:
    return decode_field(raw, encoding)[0]


def _as_csv(values: list[str]) -> str:
    line = io.StringIO(newline="")
    # With both characters in the line's end, both are quoted.
    csv.writer(line, lineterminator="\r\n").writerow(values)
    return line.getvalue().removesuffix("\r\n")
