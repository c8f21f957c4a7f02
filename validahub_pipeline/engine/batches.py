"""rows.parquet in batches, and the files a pass writes, batch by batch, in order.

Inside the engine a column is known by its place in the file ("0", "1", ...): a header may be anything, even what
polars takes for a pattern.
"""

from __future__ import annotations

import codecs
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import accumulate
from math import ceil
from pathlib import Path
from types import TracebackType
from typing import Final, Self, TypeVar

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from validahub_pipeline.engine.stored import LINE, ROW, stored_rows

# Rows. What a batch costs whatever its size, such as compiling patterns, is then little beside the rows.
_LARGEST_BATCH: Final = 131_072
_WRITTEN_AT_ONCE: Final = 65_536
_ROW_GROUP: Final = 262_144
# A batch waits for polars' threads half of the time, in which another can be worked on; more would hold more batches in
# memory, and writing, which is done in order, is not to be outrun anyway.
_BATCHES_A_CORE: Final = 2
_WORKERS: Final = 3

Result = TypeVar("Result")


@dataclass(frozen=True)
class Batch:
    """Consecutive rows. `start` counts the rows before them; `frame` has `__row`, `__line` and columns by place."""

    start: int
    frame: pl.DataFrame

    @property
    def height(self) -> int:
        """Number of rows."""
        return self.frame.height


class Rows:
    """The rows of a file: `columns` are its headers in order, `records` the number of rows.

    Args:
        path: what ingest wrote, `.parquet` or `.arrow`, or with `cells`, any Parquet.
        cells: by header, the text of that column; rows are then numbered from 1, and each is a line.
    """

    def __init__(self, path: Path, cells: Mapping[str, pl.Expr] | None = None) -> None:
        self._stored = stored_rows(path, cells)
        self.columns = self._stored.columns
        groups = self._stored.groups
        self.records = sum(groups)
        self._spans = [
            (start, min(part, end - start))
            for end, group in zip(accumulate(groups), groups, strict=True)
            if group
            for part in [ceil(group / ceil(group / _LARGEST_BATCH))]
            for start in range(end - group, end, part)
        ]

    def map(self, work: Callable[[Batch], Result], places: Iterable[int] | None = None) -> Iterator[Result]:
        """`work` of all rows, a row group (or a part of an overlong one) at a time; results in file order.

        A few batches are read and worked on at a time: polars gives each operation all cores, but most operations on
        one batch cannot use them. `work` therefore must not keep state of its own between batches.

        Args:
            places: the only columns to read, which is as much cheaper as they are fewer; None for all.

        Raises:
            InputError: `parquet_unreadable`, of a file that is not ingest's.
        """
        # Of no column at all, polars would not even say how many rows there are.
        chosen = range(len(self.columns)) if places is None else (sorted(set(places)) or range(len(self.columns))[:1])

        def read_and_work(start: int, length: int) -> Result:
            return work(Batch(start, self._stored.read(start, length, chosen)))

        workers = min(_WORKERS, _BATCHES_A_CORE * pl.thread_pool_size(), len(self._spans))
        if workers <= 1:
            yield from (read_and_work(*span) for span in self._spans)
            return
        with ThreadPoolExecutor(workers, thread_name_prefix="engine") as pool:
            running: deque[Future[Result]] = deque()
            try:
                for span in self._spans:
                    if len(running) > workers:
                        yield running.popleft().result()
                    running.append(pool.submit(read_and_work, *span))
                while running:
                    yield running.popleft().result()
            finally:
                for future in running:
                    future.cancel()

    def numbers(self) -> pl.DataFrame:
        """`row` and `line` of every row."""
        parts = [self._stored.read(start, length, ()).select(row=ROW, line=LINE) for start, length in self._spans]
        return pl.concat(parts) if parts else pl.DataFrame(schema={"row": pl.Int64, "line": pl.Int64})

    def scan(self) -> pl.LazyFrame:
        """The rows as they are stored, under the names of their columns."""
        return self._stored.scan()


class CsvFile:
    """A CSV written batch by batch: UTF-8, RFC 4180 (comma, CRLF, quotes only where they are needed).

    Args:
        marked: begin with a byte order mark, without which spreadsheets take UTF-8 for something else.
    """

    def __init__(self, path: Path, headers: Sequence[str], *, marked: bool = False) -> None:
        self._headers = tuple(headers)
        self._file = path.open("wb")
        if marked:
            self._file.write(codecs.BOM_UTF8)
        self._write(pl.DataFrame(schema=dict.fromkeys(map(str, range(len(headers))), pl.String)), header=True)

    def write(self, frame: pl.DataFrame) -> None:
        """Append rows; the frame's columns are the file's, in order."""
        if frame.width == 1:
            # An empty line would be no record to most readers.
            frame = frame.select(pl.all().fill_null(""))
        self._write(frame, header=False)

    def _write(self, frame: pl.DataFrame, *, header: bool) -> None:
        frame = frame.clone()
        frame.columns = list(self._headers)
        frame.write_csv(self._file, include_header=header, line_terminator="\r\n")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()


class ParquetFile:
    """A Parquet file of 64-bit numbers and strings, written batch by batch; batches are gathered to row groups.

    A frame may have strings as one `Enum` for all frames, which is written as it is, without a look at any string.

    Args:
        various: texts of which few repeat, so that a dictionary of them would only cost time.
    """

    def __init__(
        self, path: Path, numbers: Sequence[str], texts: Sequence[str], *, various: Sequence[str] = ()
    ) -> None:
        self._path = path
        self._numbers = tuple(numbers)
        self._texts = tuple(texts)
        self._various = frozenset(various)
        self._writer: pq.ParquetWriter | None = None
        self._waiting: list[pa.Table] = []

    def write(self, frame: pl.DataFrame) -> None:
        """Append rows; the frame has the file's columns in any order."""
        if frame.height:
            table = frame.select(*self._numbers, *self._texts).to_arrow(compat_level=pl.CompatLevel.oldest())
            # No cast, for which pyarrow would load what takes as long as all the rest of it.
            self._waiting.append(pa.Table.from_arrays(table.columns, schema=self._schema(table.schema)))
        if sum(table.num_rows for table in self._waiting) >= _WRITTEN_AT_ONCE:
            self._flush()

    def _schema(self, given: pa.Schema | None = None) -> pa.Schema:
        """As polars hands columns over, so that nothing is copied; in the file itself all texts are alike."""
        as_text = [name for name in self._texts if given is None or not pa.types.is_dictionary(given.field(name).type)]
        types = {**dict.fromkeys(self._numbers, pa.int64()), **dict.fromkeys(as_text, pa.large_string())}
        return pa.schema(
            (name, types[name] if given is None or name in types else given.field(name).type)
            for name in (*self._numbers, *self._texts)
        )

    def _open(self, schema: pa.Schema) -> pq.ParquetWriter:
        repeating = [name for name in (*self._numbers, *self._texts) if name not in self._various]
        return pq.ParquetWriter(
            self._path,
            schema,
            compression="zstd",
            compression_level=1,
            use_dictionary=[name for name in repeating if name not in self._numbers],
            # Numbers that rise, which are rows and lines, are kept by how much.
            column_encoding=dict.fromkeys(self._numbers, "DELTA_BINARY_PACKED"),
            write_statistics=repeating,
            store_schema=False,
        )

    def _flush(self) -> None:
        if self._waiting:
            rows = pa.concat_tables(self._waiting)
            self._writer = self._writer or self._open(rows.schema)
            self._writer.write_table(rows, row_group_size=_ROW_GROUP)
            self._waiting = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._flush()
        (self._writer or self._open(self._schema())).close()
