"""A file as rows, whatever it is: CSV in any state, packed or in a workbook, through ingest; Parquet as it stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from validahub_pipeline.checking import cells, kinds
from validahub_pipeline.errors import InputError
from validahub_pipeline.ingest import IngestReport, to_rows

ROW: Final = "__row"
LINE: Final = "__line"
QUARANTINE_SHOWN: Final = 5
NO_PRODUCT: Final = frozenset({"footer", "repeated_header"})
"""Reasons for quarantine that say that a record was no product in the first place, so nothing is lost with it."""

_PARQUET: Final = b"PAR1"
_NUMBER: Final = "__validahub_number"


@dataclass(frozen=True)
class SetAside:
    """A record in quarantine: `reason` as ingest names it, `raw` its text."""

    line: int
    reason: str
    raw: str


@dataclass(frozen=True)
class Source:
    """A file that has been read.

    Attributes:
        path: the file as it was named.
        rows: rows.parquet: `__row`, `__line` (of Parquet: the row), then the columns as text.
        report: how it was read; None for Parquet, which needs no finding out.
        quarantined: the first records in quarantine.
    """

    path: Path
    rows: Path
    columns: tuple[str, ...]
    records: int
    report: IngestReport | None
    quarantined: tuple[SetAside, ...]

    @property
    def lost(self) -> int:
        """How many records could not be read as rows and may be products."""
        reasons = self.report.reasons if self.report else {}
        return sum(count for reason, count in reasons.items() if reason not in NO_PRODUCT)

    def typed(self, *, text: bool) -> pl.LazyFrame:
        """The columns as a suite sees them.

        Args:
            text: leave the columns of a CSV as text instead of giving them the types their cells have.
        """
        if self.report is None:
            return pl.scan_parquet(self.path, glob=False)
        rows = pl.scan_parquet(self.rows, glob=False)
        return rows.select(self.columns) if text else kinds.typed(rows, self.columns)


def read_source(
    path: Path, folder: Path, *, sheet: str | None = None, progress: Callable[[int], None] | None = None
) -> Source:
    """Read a file into rows.

    Args:
        folder: where the rows may lie, as long as they are wanted.
        sheet: which sheet of a workbook; default: the first that is shown.
        progress: told the number of bytes read so far.

    Raises:
        InputError: there is no table in the file, or no way into it.
    """
    if _is_parquet(path):
        return _from_parquet(path, folder / "rows.parquet")
    quarantine = folder / "quarantine.csv"
    report = to_rows(
        path,
        folder / "rows.parquet",
        quarantine=quarantine,
        repairs=folder / "repairs.parquet",
        sheet=sheet,
        progress=progress,
    )
    return Source(path, folder / "rows.parquet", report.columns, report.records, report, _first(quarantine))


def _is_parquet(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(_PARQUET)) == _PARQUET


def _from_parquet(path: Path, rows: Path) -> Source:
    try:
        records = pq.read_metadata(path).num_rows
        scan = pl.scan_parquet(path, glob=False)
        schema = scan.collect_schema()
        names = {name: f"{name}_" if name in {ROW, LINE} else name for name in schema}
        texts = [cells.as_text(name, dtype).alias(names[name]) for name, dtype in schema.items()]
        number = pl.col(_NUMBER).cast(pl.Int64)
        scan.with_row_index(_NUMBER, offset=1).select(number.alias(ROW), number.alias(LINE), *texts).sink_parquet(
            rows, compression="zstd", compression_level=1
        )
    except (pa.ArrowException, pl.exceptions.PolarsError) as error:
        raise InputError("parquet_unreadable", file=path.name, cause=str(error).splitlines()[0]) from error
    return Source(path, rows, tuple(names.values()), records, None, ())


def _first(quarantine: Path) -> tuple[SetAside, ...]:
    frame = pl.read_csv(quarantine, n_rows=QUARANTINE_SHOWN, infer_schema=False).select("line", "reason", "raw")
    return tuple(SetAside(int(line), reason, raw or "") for line, reason, raw in frame.iter_rows())
