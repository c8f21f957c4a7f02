"""Rows as Arrow, as they are in memory, for whoever reads them soon and throws them away.

Written frame by frame and at once, so that the memory of one is free for the next: polars' own sink keeps many, which
takes a third of the time that reading a file does.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import polars as pl
import pyarrow as pa

_ROWS_AT_ONCE: Final = 131_072


class ArrowFile:
    """An Arrow file of columns of `schema`, uncompressed.

    Args:
        schema: by name, the types of the columns, which every frame has in this order.
    """

    def __init__(self, path: Path, schema: Mapping[str, type[pl.DataType]]) -> None:
        self._path = path
        self._nothing = pl.DataFrame(schema=dict(schema))
        self._waiting: list[pl.DataFrame] = []

    def write(self, frame: pl.DataFrame) -> None:
        """Append rows; readers get them in batches that hold a good many."""
        self._waiting.append(frame)
        if sum(waiting.height for waiting in self._waiting) >= _ROWS_AT_ONCE:
            self._flush()

    def _flush(self) -> None:
        if self._waiting:
            # Whole columns of a batch lie in one piece; their texts stay where they are.
            rows = pl.concat(self._waiting, rechunk=True)
            self._waiting = []
            self._writer.write_table(rows.to_arrow(compat_level=pl.CompatLevel.newest()))

    def __enter__(self) -> Self:
        schema = self._nothing.to_arrow(compat_level=pl.CompatLevel.newest()).schema
        self._writer = pa.ipc.new_file(str(self._path), schema)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._flush()
        self._writer.close()
