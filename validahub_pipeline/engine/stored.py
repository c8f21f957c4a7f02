"""Where the rows of a file lie, and how some of them are read: a Parquet file, or Arrow in the working folder.

How many are read at a time, and what is done with them, is not known here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import accumulate
from pathlib import Path
from typing import Final, Protocol

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from validahub_pipeline.domain import spacing
from validahub_pipeline.errors import InputError

ROW: Final = "__row"
LINE: Final = "__line"

_ARROW: Final = ".arrow"
# Of ingest's files, whose first columns are the row's number and its line.
_AHEAD: Final = 2


class StoredRows(Protocol):
    """Rows that lie somewhere.

    Attributes:
        columns: their headers in order.
        groups: how many rows each part has that is read as a whole, or no cheaper.
    """

    columns: tuple[str, ...]
    groups: tuple[int, ...]

    def scan(self) -> pl.LazyFrame:
        """All of them, under the names of their columns."""

    def read(self, start: int, length: int, places: Iterable[int]) -> pl.DataFrame:
        """Rows of one group: `__row`, `__line` and some columns, each under its place."""


def stored_rows(path: Path, cells: Mapping[str, pl.Expr] | None) -> StoredRows:
    """The rows in a file.

    Args:
        path: what ingest wrote, `.parquet` or `.arrow`, or with `cells`, any Parquet.
        cells: by header, the text of that column, where empty text is missing; rows are then numbered from 1, and each
            is a line.
    """
    if path.suffix == _ARROW:
        return _InArrow(path)
    return _InParquet(path) if cells is None else _InAnyParquet(path, cells)


def unreadable_parquet(path: Path, error: Exception) -> InputError:
    """What to say of a Parquet that is damaged."""
    return InputError("parquet_unreadable", file=path.name, cause=str(error).splitlines()[0])


class _InParquet:
    """A rows.parquet."""

    def __init__(self, path: Path) -> None:
        self._path = path
        metadata = pq.read_metadata(path)
        self.columns = tuple(metadata.schema.to_arrow_schema().names[_AHEAD:])
        self.groups = _groups(metadata)

    def scan(self) -> pl.LazyFrame:
        return pl.scan_parquet(self._path, glob=False)

    def read(self, start: int, length: int, places: Iterable[int]) -> pl.DataFrame:
        chosen = list(places)
        frame = self.scan().select(pl.nth([0, 1, *(place + _AHEAD for place in chosen)])).slice(start, length).collect()
        frame.columns = [ROW, LINE, *map(str, chosen)]
        return frame


class _InAnyParquet:
    """A Parquet of somebody else's."""

    def __init__(self, path: Path, cells: Mapping[str, pl.Expr]) -> None:
        self._path = path
        self._cells = tuple(cells.values())
        self.columns = tuple(cells)
        self.groups = _groups(pq.read_metadata(path))

    def scan(self) -> pl.LazyFrame:
        return pl.scan_parquet(self._path, glob=False)

    def read(self, start: int, length: int, places: Iterable[int]) -> pl.DataFrame:
        texts = self.scan().select(self._cells[place].alias(str(place)) for place in places)
        try:
            frame = spacing.empty_to_null(texts.slice(start, length).collect())
        except pl.exceptions.PolarsError as error:
            raise unreadable_parquet(self._path, error) from error
        numbers = pl.int_range(start + 1, start + length + 1, eager=True)
        return frame.insert_column(0, numbers.alias(ROW)).insert_column(1, numbers.alias(LINE))


class _InArrow:
    """Arrow as it is in memory, which is not read so much as mapped there: nothing is copied, and the pages stay the
    file's."""

    def __init__(self, path: Path) -> None:
        self._path = path
        reader = pa.ipc.open_file(pa.memory_map(str(path)))
        self._batches = [reader.get_batch(place) for place in range(reader.num_record_batches)]
        self.columns = tuple(reader.schema.names[_AHEAD:])
        self.groups = tuple(batch.num_rows for batch in self._batches)
        self._starts = [0, *accumulate(self.groups)]

    def scan(self) -> pl.LazyFrame:
        return pl.scan_ipc(self._path, glob=False)

    def read(self, start: int, length: int, places: Iterable[int]) -> pl.DataFrame:
        chosen = list(places)
        group = next(place for place, end in enumerate(self._starts[1:]) if start < end)
        batch = self._batches[group].slice(start - self._starts[group], length)
        arrays = [batch.column(0), batch.column(1), *(batch.column(place + _AHEAD) for place in chosen)]
        names = [ROW, LINE, *map(str, chosen)]
        return pl.DataFrame(pa.RecordBatch.from_arrays(arrays, names=names))


def _groups(metadata: pq.FileMetaData) -> tuple[int, ...]:
    return tuple(metadata.row_group(place).num_rows for place in range(metadata.num_row_groups))
