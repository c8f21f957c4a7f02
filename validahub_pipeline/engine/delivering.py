"""The corrected file as a marketplace takes it: in its dialect, and without the rows its gate does not let through.

Both lists together hold every row, so that nothing is lost: what is not in the one is in the other, with its number,
its line and why. Cells are what they were; how they are written down is all that changes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import IO, Final

import polars as pl
import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq

from validahub_pipeline.domain.notation import has_own_comma, with_decimal_comma
from validahub_pipeline.engine.stored import LINE, ROW
from validahub_pipeline.rulepacks.model import Dialect, Severity

CRITICAL_SCHEMA: Final = {"row": pl.Int64, "codes": pl.String, "product": pl.String}
WITH_ITS_PRODUCT: Final = "dropped_with_its_product"
"""Said of a row that has no critical violation, but would be left behind by one that has."""

_BLOCK: Final = 8 << 20
_FALLBACK: Final = "utf-8-sig"
_CELLS: Final = pa.schema({"row": pa.int64(), "column": pa.string()})


@dataclass(frozen=True)
class Delivery:
    """What was written.

    Attributes:
        records: rows delivered.
        dropped: rows that are in the other list.
        dialect: as it was used; another encoding than was asked for where that cannot hold a cell.
        headers: by the file's own header, the one it was delivered under, where that is another.
        decimals: the headers under which canonical numbers were written with the dialect's mark instead of a point.
        own_commas: cells among them that had such a comma before, and were left alone.
        unencodable: the row and column of the first cell that the encoding asked for cannot hold.
    """

    records: int
    dropped: int
    dialect: Dialect
    headers: Mapping[str, str]
    decimals: tuple[str, ...] = ()
    own_commas: int = 0
    unencodable: tuple[int, str] | None = None


@dataclass(frozen=True)
class Decimals:
    """Columns that a marketplace wants with decimal commas, and the file that is to hold, by row and column, the cells
    which have such a comma of their own (`1,234`, of which nobody knows what it says): without it, nobody could tell
    them from those written so. There is none where there are none."""

    columns: tuple[str, ...]
    own: Path


class _CannotHoldError(Exception):
    def __init__(self, row: int, column: str) -> None:
        super().__init__(row, column)
        self.cell = (row, column)


def critical_rows(rows: pl.DataFrame, violations: pl.DataFrame, product: int | None) -> pl.DataFrame:
    """Of some corrected rows (cells by place) and their violations, the critical rows: number, codes joined by `|`, and
    the product they belong to, if the pack says what makes rows one product's."""
    worst = violations.filter((pl.col("severity") == Severity.CRITICAL.value) & (pl.col("row") > 0))
    found = worst.group_by("row").agg(pl.col("code").unique().sort().str.join("|").alias("codes")).sort("row")
    if product is None or not found.height:
        return found.with_columns(pl.lit(None, pl.String).alias("product")).select(list(CRITICAL_SCHEMA))
    named = rows.select(pl.col(ROW).alias("row"), pl.col(str(product)).alias("product"))
    return found.join(named, on="row", how="left", maintain_order="left").select(list(CRITICAL_SCHEMA))


def rows_left_out(corrected: Path, critical: pl.DataFrame, product: str | None) -> int:
    """How many rows `deliver` would leave out of a corrected file: critical ones and the others of their products."""
    products = _products(critical)
    if product is None or not len(products):
        return critical.height
    alone = critical.filter(pl.col("product").is_null() | (pl.col("product") == "")).height
    with _reader(corrected, [product]) as reader:
        return alone + sum(
            int(pl.DataFrame(pa.Table.from_batches([batch]))[product].is_in(products.implode()).sum())
            for batch in reader
        )


def _products(critical: pl.DataFrame) -> pl.Series:
    """The products that critical rows belong to, each once; a row that names none is alone."""
    products = critical.get_column("product").drop_nulls().unique()
    return products.filter(products != "")


def deliver(
    corrected: Path,
    rows: Path,
    target: Path,
    *,
    dialect: Dialect,
    headers: Mapping[str, str],
    dropped: Path,
    critical: pl.DataFrame,
    product: str | None,
    decimals: Decimals | None = None,
) -> Delivery:
    """Write the corrected file in a dialect, without the critical rows and those of their products.

    Args:
        corrected: the canonical corrected file.
        rows: the rows.parquet it was made of.
        headers: the names a marketplace has for some of the file's headers.
        dropped: where rows go that are not delivered: number, line, cells and codes, in canonical form; written only
            where there are any.
        critical: those rows, as `critical_rows` has them; none for all to be delivered.
        product: the header of the column that says which rows are one product's.
        decimals: where a dialect's decimal mark is another than the point.
    """
    own = list(pl.read_parquet_schema(rows))[2:]
    renamed = {name: new for name, new in headers.items() if new not in own}
    try:
        return _deliver(corrected, rows, target, dialect, own, renamed, dropped, critical, product, decimals)
    except _CannotHoldError as problem:
        whole = replace(dialect, encoding=_FALLBACK)
        done = _deliver(corrected, rows, target, whole, own, renamed, dropped, critical, product, decimals)
        return replace(done, unencodable=problem.cell)


def _deliver(  # noqa: PLR0917 - one place calls it, twice
    corrected: Path,
    rows: Path,
    target: Path,
    dialect: Dialect,
    own: Sequence[str],
    renamed: Mapping[str, str],
    dropped: Path,
    critical: pl.DataFrame,
    product: str | None,
    decimals: Decimals | None,
) -> Delivery:
    left_out = critical.select("row", "codes")
    products = _products(critical)
    taken, kept = 0, 0
    with ExitStack() as files:
        file = files.enter_context(target.open("wb"))
        header = pl.DataFrame(schema=dict.fromkeys((renamed.get(name, name) for name in own), pl.String))
        file.write(_bom(dialect) + _encoded(header, dialect, include_header=True))
        others: IO[bytes] | None = None
        commas = _Commas(decimals, files) if decimals else None
        for numbers, cells in _numbered(corrected, rows, own):
            told = numbers.join(left_out, left_on=ROW, right_on="row", how="left", maintain_order="left")
            codes = told.get_column("codes")
            if product is not None and len(products):
                # A shared list, so that what makes rows one product's need not stand side by side.
                with_it = cells.get_column(product).is_in(products.implode())
                codes = told.select(
                    pl.coalesce("codes", pl.when(with_it.fill_null(value=False)).then(pl.lit(WITH_ITS_PRODUCT)))
                ).to_series()
            going = codes.is_null()
            delivered, here = cells.filter(going), numbers.filter(going)
            _write(file, commas.written(delivered, here) if commas else delivered, here, dialect)
            kept += int(going.sum())
            if not going.all():
                rest = pl.concat([numbers, cells, codes.alias("__codes").to_frame()], how="horizontal").filter(~going)
                if others is None:
                    others = files.enter_context(dropped.open("wb"))
                    others.write(_csv(_named(rest.head(0), own), Dialect(), include_header=True))
                others.write(_csv(_named(rest, own), Dialect()))
                taken += rest.height
    return Delivery(kept, taken, dialect, renamed, decimals.columns if decimals else (), commas.own if commas else 0)


class _Commas:
    """Writes decimal commas, and keeps a list of those that were there."""

    def __init__(self, decimals: Decimals, files: ExitStack) -> None:
        self._decimals, self._files = decimals, files
        self._list: pq.ParquetWriter | None = None
        decimals.own.unlink(missing_ok=True)
        self.own = 0

    def written(self, cells: pl.DataFrame, numbers: pl.DataFrame) -> pl.DataFrame:
        """Delivered rows as they are to be read."""
        for column in self._decimals.columns:
            own = numbers.filter(cells.select(has_own_comma(pl.col(column)).fill_null(value=False)).to_series())
            if own.height:
                self._keep(own.select(pl.col(ROW).cast(pl.Int64).alias("row"), pl.lit(column).alias("column")))
        return cells.with_columns(with_decimal_comma(pl.col(column)) for column in self._decimals.columns)

    def _keep(self, own: pl.DataFrame) -> None:
        if self._list is None:
            self._list = self._files.enter_context(pq.ParquetWriter(self._decimals.own, _CELLS))
        self._list.write_table(own.to_arrow().cast(_CELLS))
        self.own += own.height


def _named(rest: pl.DataFrame, own: Sequence[str]) -> pl.DataFrame:
    """Dropped rows under the names of their list, which step aside for the file's own."""
    around = []
    for wanted in ("record", "line", "critical_violations"):
        name, suffix = wanted, 2
        while name in own:
            name, suffix = f"{wanted}_{suffix}", suffix + 1
        around.append(name)
    names = [*around[:2], *own, around[2]]
    rest = rest.clone()
    rest.columns = names
    return rest


def _numbered(corrected: Path, rows: Path, own: Sequence[str]) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
    """The records of the corrected file, some thousand at a time, with their numbers and lines."""
    scan = pl.scan_parquet(rows, glob=False).select(pl.nth(0, 1))
    start = 0
    with _reader(corrected, own) as reader:
        for batch in reader:
            cells = pl.DataFrame(pa.Table.from_batches([batch]))
            if cells.width > 1:
                cells = cells.select(pl.when(pl.all() != "").then(pl.all()))
            yield scan.slice(start, cells.height).collect().select(pl.nth(0).alias(ROW), pl.nth(1).alias(LINE)), cells
            start += cells.height


def _reader(corrected: Path, columns: Sequence[str]) -> pc.CSVStreamingReader:
    """Some columns of the canonical corrected file, as text."""
    return pc.open_csv(
        corrected,
        read_options=pc.ReadOptions(use_threads=False, block_size=_BLOCK),
        parse_options=pc.ParseOptions(newlines_in_values=True, ignore_empty_lines=False),
        convert_options=pc.ConvertOptions(
            column_types={name: pa.large_string() for name in columns},
            include_columns=list(columns),
            strings_can_be_null=False,
            null_values=[],
        ),
    )


def _write(file: IO[bytes], cells: pl.DataFrame, numbers: pl.DataFrame, dialect: Dialect) -> None:
    if not cells.height:
        return
    try:
        file.write(_encoded(cells, dialect))
    except UnicodeEncodeError as problem:
        letter = problem.object[problem.start]
        for column in cells.columns:
            at = cells.get_column(column).str.contains(letter, literal=True).fill_null(value=False).arg_true()
            if at.len():
                raise _CannotHoldError(numbers.item(at[0], ROW), column) from problem
        raise


def _encoded(frame: pl.DataFrame, dialect: Dialect, *, include_header: bool = False) -> bytes:
    written = _csv(frame, dialect, include_header=include_header)
    return written if dialect.encoding.startswith("utf-8") else written.decode("utf-8").encode(dialect.encoding)


def _csv(frame: pl.DataFrame, dialect: Dialect, *, include_header: bool = False) -> bytes:
    buffer = BytesIO()
    frame.write_csv(buffer, separator=dialect.delimiter, include_header=include_header, line_terminator="\r\n")
    return buffer.getvalue()


def _bom(dialect: Dialect) -> bytes:
    return b"\xef\xbb\xbf" if dialect.encoding == "utf-8-sig" else b""
