"""What was delivered of an upload, by a reader that is not the one that wrote it: the published file in its dialect,
and the rows that were left out of it. Together they hold every row once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa
import pyarrow.csv as pc

_BLOCK: Final = 8 << 20
# Before and behind the cells of a row that was left out.
_BEFORE: Final = 2
_BEHIND: Final = 1
_WRITTEN: Final = "^-?[0-9]+,[0-9]+$"


@dataclass(frozen=True)
class DeliveredFile:
    """One of the files.

    Attributes:
        places: where its rows stand in rows.parquet, in its order.
        headers: by the file's own header, the one it has here.
        framed: there are other columns around the cells.
        commas: what was written with decimal commas, if anything was.
    """

    path: Path
    places: npt.NDArray[np.int64]
    delimiter: str
    encoding: str
    headers: Mapping[str, str]
    framed: bool = False
    commas: DecimalCommas | None = None

    def records(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        """The records as canonical text, some thousand at a time, under the file's own headers."""
        start = 0
        for batch in _records(self.path, self.delimiter, self.encoding):
            found = batch.columns[_BEFORE:-_BEHIND] if self.framed else batch.columns
            if [self.headers.get(name, name) for name in columns] != found:
                raise pa.ArrowInvalid(f"{self.path.name}: other columns")
            cells = batch.select(found)
            cells.columns = list(columns)
            yield self.commas.undone(cells, start) if self.commas else cells
            start += cells.height


@dataclass(frozen=True)
class DecimalCommas:
    """Which cells of a file have a comma where the corrected ones have a point: all numbers of some columns, but for
    those in a list of cells (row, column) whose comma is their own.

    Attributes:
        numbers: the record numbers of the file's rows, in its order.
    """

    columns: tuple[str, ...]
    numbers: npt.NDArray[np.int64]
    own: Path | None

    def undone(self, cells: pl.DataFrame, start: int) -> pl.DataFrame:
        """The cells of rows `start` and following with points again."""
        numbers = pl.Series(self.numbers[start : start + cells.height])
        own = pl.DataFrame(schema={"row": pl.Int64, "column": pl.String})
        if self.own and numbers.len():
            here = pl.col("row").is_between(numbers.min(), numbers.max())
            own = pl.scan_parquet(self.own, glob=False).filter(here).collect()
        for column in self.columns:
            kept = numbers.is_in(own.filter(pl.col("column") == column)["row"].implode())
            text = cells[column]
            written = text.str.contains(_WRITTEN) & ~kept
            pointed = text.str.replace(",", ".", literal=True)
            cells = cells.with_columns(pl.when(written).then(pointed).otherwise(text).alias(column))
        return cells


def delivered_files(
    rows: Path, corrected: Path, dialect: Mapping[str, Any], *, dropped: Path | None, commas: Path | None
) -> list[DeliveredFile]:
    """The published file and, if there are any, the rows left out.

    Args:
        dialect: as the event has it.
        commas: the list of cells that have a decimal comma of their own.
    """
    numbers = pl.scan_parquet(rows, glob=False).select(pl.nth(0).cast(pl.Int64)).collect().to_series().to_numpy()
    gone = np.zeros(len(numbers), dtype=np.bool_)
    files = []
    if dropped:
        batches = [batch.get_column(batch.columns[0]) for batch in _records(dropped, ",", "utf-8")]
        left_out = pl.concat(batches).cast(pl.Int64).to_numpy()
        gone = np.isin(numbers, left_out)
        if int(gone.sum()) != len(left_out):
            raise pa.ArrowInvalid(f"{dropped.name}: rows twice, or that {rows.name} does not have")
        files.append(DeliveredFile(dropped, np.flatnonzero(gone), ",", "utf-8", {}, framed=True))
    places = np.flatnonzero(~gone)
    decimals = tuple(dialect.get("decimals", ()))
    whole = DeliveredFile(
        corrected,
        places,
        dialect.get("delimiter", ","),
        dialect.get("encoding", "utf-8"),
        dialect.get("headers", {}),
        commas=DecimalCommas(decimals, numbers[places], commas) if decimals else None,
    )
    return [whole, *files]


def _records(path: Path, delimiter: str, encoding: str) -> Iterator[pl.DataFrame]:
    encoding = encoding.removesuffix("-sig")
    options = pc.ReadOptions(use_threads=False, block_size=_BLOCK, encoding=encoding)
    parsing = pc.ParseOptions(delimiter=delimiter, newlines_in_values=True, ignore_empty_lines=False)
    with pc.open_csv(path, options, parsing) as header:
        names = header.schema.names
    texts = pc.ConvertOptions(
        column_types={name: pa.large_string() for name in names}, strings_can_be_null=False, null_values=[]
    )
    with pc.open_csv(path, options, parsing, texts) as reader:
        for batch in reader:
            yield pl.DataFrame(pa.Table.from_batches([batch]))
