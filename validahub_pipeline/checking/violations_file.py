"""Every violation of a check as one file: Parquet, or CSV that a spreadsheet may open.

Ordered by row, then code. It appears under its name when, and only when, it is whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Protocol

import polars as pl

from validahub_pipeline.engine.batches import CsvFile, ParquetFile
from validahub_pipeline.errors import InputError
from validahub_pipeline.text.spreadsheets import inert_cells

NUMBERS: Final = ("row", "line")
TEXTS: Final = ("column", "code", "severity", "value")
PACK: Final = "pack"

_PARQUET: Final = ".parquet"
_CSV: Final = ".csv"


class Table(Protocol):
    """What violations are written to."""

    def write(self, frame: pl.DataFrame) -> None:
        """Append rows."""


def check_ending(path: Path) -> None:
    """Look at the name a violations file is to have.

    Raises:
        InputError: `output_ending_unknown`.
    """
    if path.suffix.lower() not in {_PARQUET, _CSV}:
        raise InputError("output_ending_unknown", file=str(path), ending=path.suffix or path.name)


@contextmanager
def violations_file(path: Path, packs: Sequence[str] = ()) -> Iterator[Table]:
    """A file for frames of violations (`row, line, column, code, severity, value`; with packs, `pack` before them).

    Args:
        packs: the packs, where the violations are of several.

    Raises:
        OSError: it cannot be written; what stood under the name still does.
    """
    first = (PACK,) if packs else ()
    part = path.with_name(f".{path.name}.part")
    try:
        if path.suffix.lower() == _CSV:
            with CsvFile(part, (*first, *NUMBERS, *TEXTS)) as file:
                yield _ForSpreadsheets(file, (*first, *NUMBERS, *TEXTS))
        else:
            with ParquetFile(part, NUMBERS, (*first, *TEXTS), various=["value"]) as table:
                yield table
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def merged(packs: Sequence[str], tables: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """The violations of some rows by several packs, as one frame in order."""
    texts = pl.col(TEXTS).cast(pl.String)
    named = [table.select(pl.lit(name).alias(PACK), *NUMBERS, texts) for name, table in zip(packs, tables, strict=True)]
    return pl.concat(named).sort("row", "code", maintain_order=True)


class _ForSpreadsheets:
    """A CSV in which no cell of the seller's is a formula: an apostrophe stands before those that would be."""

    def __init__(self, file: CsvFile, columns: Sequence[str]) -> None:
        self._file = file
        self._columns = columns

    def write(self, frame: pl.DataFrame) -> None:
        texts = (frame.get_column(name).cast(pl.String) for name in ("column", "value"))
        frame = frame.with_columns(inert_cells(cells, but_numbers=True) for cells in texts)
        self._file.write(frame.select(self._columns))
