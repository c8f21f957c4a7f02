"""The law of cells: what differs between the rows that were handed in and the file that was published is on record as
a correction, and nothing else is. Memory does not grow with the file.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import polars as pl
import pyarrow as pa

from validahub_pipeline.auditing.delivered import DeliveredFile, delivered_files
from validahub_pipeline.auditing.vouched import VouchedRevision, VouchedUpload
from validahub_pipeline.errors import StorageError
from validahub_pipeline.ledger.privacy.cells import CELL_PREFIX
from validahub_pipeline.ledger.verification.findings import Findings
from validahub_pipeline.storage import Lake

_NUMBERS: Final = ("__row", "__line")
_SHOWN: Final = 3
_CELL: Final = ["row", "column"]
_SCHEMA: Final = {"row": pl.Int64(), "column": pl.String(), "before": pl.String(), "after": pl.String()}


def check_cells(
    lake: Lake,
    validation_id: str,
    upload: VouchedUpload,
    revision: VouchedRevision,
    *,
    corrections: pl.LazyFrame,
    findings: Findings,
) -> None:
    """Hold one published file against its rows and its corrections. Objects that are gone are told elsewhere."""
    if upload.rows is None or revision.corrected is None or upload.repairs is None:
        return
    try:
        with ExitStack() as held:
            rows, repairs, corrected = (
                held.enter_context(lake.local(key)) for key in (upload.rows, upload.repairs, revision.corrected)
            )
            dropped, commas = (
                held.enter_context(lake.local(key)) if key else None for key in (revision.dropped, revision.commas)
            )
            files = delivered_files(rows, corrected, revision.dialect, dropped=dropped, commas=commas)
            problems = list(_problems(rows, repairs, files, corrections, revision.referred))
    except StorageError as error:
        if error.code != "object_missing":
            raise
        return
    except (pa.ArrowInvalid, pl.exceptions.PolarsError, OSError) as error:
        findings.tampered("cells_unreadable", validation=validation_id, cause=str(error).splitlines()[0])
        return
    for code, cells in problems:
        shown = ", ".join(f"({row}, {column})" for row, column in cells.head(_SHOWN).iter_rows())
        findings.tampered(code, validation=validation_id, count=cells.height, cells=shown)


def _problems(
    rows: Path, repairs: Path, files: Sequence[DeliveredFile], corrections: pl.LazyFrame, referred: Sequence[str]
) -> Iterator[tuple[str, pl.DataFrame]]:
    changed = pl.concat(
        [pl.DataFrame(schema=_SCHEMA), *(part for file in files for part in _changed(rows, repairs, file))]
    )
    recorded = corrections.select(*_CELL, "before", "after").collect()
    # Neither texts that are left to the objects nor sealed ones say anything here; their digest speaks for them.
    told = ~pl.col("column").is_in(list(referred))
    sealed = pl.any_horizontal(pl.col("before", "after").str.starts_with(CELL_PREFIX)).fill_null(value=False)
    expected = changed.with_columns(pl.when(told).then("before"), pl.when(told).then("after"))
    # What is not published is left out before; here the file is published, so both texts are, or neither.
    for code, cells in {
        "cells_unrecorded": changed.join(recorded, on=_CELL, how="anti"),
        "cells_unchanged": recorded.join(changed, on=_CELL, how="anti"),
        "cells_differ": recorded.join(expected, on=_CELL, suffix="_told").filter(
            ~sealed,
            pl.col("before").ne_missing(pl.col("before_told")) | pl.col("after").ne_missing(pl.col("after_told")),
        ),
        "cells_twice": recorded.group_by(_CELL).len().filter(pl.col("len") > 1).sort(_CELL),
    }.items():
        if not cells.is_empty():
            yield code, cells.select(_CELL)


def _changed(rows: Path, repairs: Path, file: DeliveredFile) -> Iterator[pl.DataFrame]:
    """The cells that differ, some thousand rows at a time."""
    scan = pl.scan_parquet(rows, glob=False)
    columns = [name for name in scan.collect_schema().names() if name not in _NUMBERS]
    repaired = pl.scan_parquet(repairs, glob=False).select(*_CELL, "before").collect()
    start = 0
    for batch in file.records(columns):
        places = file.places[start : start + batch.height]
        if len(places) != batch.height:
            raise pa.ArrowInvalid(f"{file.path.name}: more records than {rows.name}")
        start += batch.height
        if not batch.height:
            continue
        first, last = int(places[0]), int(places[-1])
        stored = scan.slice(first, last - first + 1).collect()[places - first]
        numbers = stored["__row"].cast(pl.Int64)
        here = repaired.filter(pl.col("row").is_between(numbers.min(), numbers.max()))
        for column in columns:
            pair = pl.DataFrame({"row": numbers, "read": stored[column].fill_null(""), "after": batch[column]})
            mended = here.filter(pl.col("column") == column).select(pl.col("row").cast(pl.Int64), "before")
            if mended.is_empty():
                pair = pair.with_columns(pl.col("read").alias("before"))
            else:
                pair = pair.join(mended, on="row", how="left", maintain_order="left").with_columns(
                    pl.col("before").fill_null(pl.col("read"))
                )
            found = pair.filter(pl.col("before") != pl.col("after"))
            if not found.is_empty():
                yield found.select("row", pl.lit(column).alias("column"), "before", "after")
    if start != len(file.places):
        raise pa.ArrowInvalid(f"{file.path.name}: fewer records than {rows.name}")
