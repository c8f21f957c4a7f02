"""The digest of detail rows: the same for the same rows, however files, row groups and order may change.

The serialisation is documented in docs/ledger.md, so that it can be checked without this code. Rows pass in ranges of
their `row` number, so memory does not grow with their count.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import polars as pl
import rfc8785

CHUNK: Final = 131_072
"""Rows held at once, give or take those of `_BUCKET` row numbers."""

_BUCKET: Final = 1024


@dataclass(frozen=True)
class DetailDigest:
    """What an event says of its detail: the number of rows and the hex SHA-256 of their canonical serialisation."""

    rows: int
    sha256: str


class Digester:
    """Digests rows handed over in ranges of ascending row numbers."""

    def __init__(self, constants: Mapping[str, str | int]) -> None:
        """`constants` are the columns that have the same value in every row; they enter the digest once."""
        self._hash = hashlib.sha256()
        self._constants = rfc8785.dumps(dict(constants)) + b"\r\n"
        self._rows = 0

    def update(self, rows: pl.DataFrame) -> None:
        """Take the rows of one range, in any order: all their columns but the constants, in the table's order."""
        if rows.is_empty():
            return
        if self._rows == 0:
            self._hash.update(self._constants)
        order = ["row", "column", "code"]
        order += [name for name in rows.columns if name not in order]
        buffer = io.BytesIO()
        rows.sort(order, nulls_last=False).write_csv(
            buffer, include_header=False, quote_style="non_numeric", line_terminator="\r\n"
        )
        self._hash.update(buffer.getbuffer())
        self._rows += rows.height

    def result(self) -> DetailDigest:
        """The digest of everything so far. Of no rows at all, it is the SHA-256 of nothing."""
        return DetailDigest(self._rows, self._hash.hexdigest())


def in_ranges(rows: pl.LazyFrame, *, chunk: int = CHUNK) -> Iterator[pl.DataFrame]:
    """The rows in ranges of ascending, disjoint `row` numbers, about `chunk` rows at a time.

    Reads the column `row` once and then each range by itself; where the files are sorted by it, as those of the engine
    and of the ledger are, their statistics confine each reading to its row groups.
    """
    buckets = (
        rows.group_by((pl.col("row") // _BUCKET).alias("bucket"))
        .agg(pl.len().alias("rows"))
        .collect(engine="streaming")
        .sort("bucket")
    )
    low, held = None, 0
    for bucket, count in buckets.iter_rows():
        if low is not None and held + count > chunk:
            yield _range(rows, low, bucket * _BUCKET)
            low, held = None, 0
        low = bucket * _BUCKET if low is None else low
        held += count
    if low is not None:
        yield _range(rows, low, None)


def _range(rows: pl.LazyFrame, low: int, high: int | None) -> pl.DataFrame:
    wanted = pl.col("row") >= low
    if high is not None:
        wanted &= pl.col("row") < high
    return rows.filter(wanted).collect(engine="streaming")
