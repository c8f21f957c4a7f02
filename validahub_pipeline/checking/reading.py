"""A file as rows, whatever it is: CSV in any state, packed or in a workbook, through ingest; Parquet as it stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import polars as pl
import pyarrow as pa

from validahub_pipeline.checking import cells, kinds
from validahub_pipeline.engine.batches import Rows
from validahub_pipeline.engine.stored import LINE, ROW, unreadable_parquet

if TYPE_CHECKING:
    from validahub_pipeline.ingest import IngestReport

QUARANTINE_SHOWN: Final = 5
NO_PRODUCT: Final = frozenset({"footer", "repeated_header"})
"""Reasons for quarantine that say that a record was no product in the first place, so nothing is lost with it."""

_PARQUET: Final = b"PAR1"


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
        rows: its rows, as text; of Parquet they are read from the file itself, and a row's line is its number.
        report: how it was read; None for Parquet, which needs no finding out.
        quarantined: the first records in quarantine.
    """

    path: Path
    rows: Rows
    report: IngestReport | None
    quarantined: tuple[SetAside, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """Its headers, in order."""
        return self.rows.columns

    @property
    def records(self) -> int:
        """How many rows there are."""
        return self.rows.records

    def check_readable(self) -> None:
        """Read all of it, if it is Parquet, of which more may be damaged than its beginning.

        Raises:
            InputError: `parquet_unreadable`.
        """
        if self.report is None:
            for _ in self.rows.map(lambda _: None):
                pass

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
            return self.rows.scan()
        rows = self.rows.scan()
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
        return _from_parquet(path)
    # Of no use for Parquet.
    from validahub_pipeline.ingest import to_rows  # noqa: PLC0415

    quarantine = folder / "quarantine.csv"
    # Read at once, several times, and then thrown away: that packing takes longer than anything else.
    rows = folder / "rows.arrow"
    report = to_rows(
        path,
        rows,
        quarantine=quarantine,
        repairs=folder / "repairs.parquet",
        sheet=sheet,
        progress=progress,
    )
    return Source(path, Rows(rows), report, _first(quarantine))


def _is_parquet(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(_PARQUET)) == _PARQUET


def _from_parquet(path: Path) -> Source:
    try:
        schema = pl.scan_parquet(path, glob=False).collect_schema()
        names = {name: f"{name}_" if name in {ROW, LINE} else name for name in schema}
        texts = {names[name]: cells.as_text(name, dtype) for name, dtype in schema.items()}
        rows = Rows(path, texts)
    except (pa.ArrowException, pl.exceptions.PolarsError) as error:
        raise unreadable_parquet(path, error) from error
    return Source(path, rows, None, ())


def _first(quarantine: Path) -> tuple[SetAside, ...]:
    frame = pl.read_csv(quarantine, n_rows=QUARANTINE_SHOWN, infer_schema=False).select("line", "reason", "raw")
    return tuple(SetAside(int(line), reason, raw or "") for line, reason, raw in frame.iter_rows())
