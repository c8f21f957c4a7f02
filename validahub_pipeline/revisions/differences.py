"""Which cells differ between two states of an upload: two revisions, or a revision and the file as handed in."""

from __future__ import annotations

from typing import Final

import polars as pl

from validahub_pipeline.ledger import Detail
from validahub_pipeline.ledger.events import Action
from validahub_pipeline.revisions.delivered import cell, delivered
from validahub_pipeline.revisions.hidden import hidden
from validahub_pipeline.stages import Services
from validahub_pipeline.stages.ingesting import REPAIRS
from validahub_pipeline.stages.upload import Upload
from validahub_pipeline.storage.layout import ROWS

HANDED_IN: Final = 0
"""The state before the first revision: what the seller sent."""

COLUMNS: Final = ("row", "line", "column", "code", "before", "after")
_CELL: Final = ["row", "column"]
_TEXTS: Final = ("before", "after")
_SCHEMA: Final = {"row": pl.Int64, "column": pl.String, "code": pl.String, "before": pl.String, "after": pl.String}


def differences(services: Services, upload: Upload, older: int, newer: int) -> pl.DataFrame:
    """The cells that differ, by row and column in the file's order: `row, line, column, code, before, after`. The code
    says what made the newer cell what it is; "" where that is as it was handed in. Cells that are `hidden` are there
    with null for both texts."""
    then, now = (changes(services, upload, revision) for revision in (older, newer))
    both = then.join(now, on=_CELL, how="full", coalesce=True, suffix="_now")
    secret = pl.col("column").is_in(list(hidden(services, upload).columns))
    told = both.filter(~secret).select(
        *_CELL,
        pl.col("code_now").fill_null("").alias("code"),
        # Who has no change of a cell holds what was handed in, which the other one's change begins with.
        pl.coalesce("after", "before_now").alias("before"),
        pl.coalesce("after_now", "before").alias("after"),
    )
    different = pl.concat(
        [
            told.filter(pl.col("before").ne_missing(pl.col("after"))),
            _hidden_differences(services, upload, (older, newer), both.filter(secret)),
        ]
    )
    columns: list[str] = upload.changes(Action.FILE_INGESTED)["columns"]
    with services.lake.local(upload.key(ROWS)) as path:
        numbers = pl.scan_parquet(path, glob=False).select(row=pl.nth(0).cast(pl.Int64), line=pl.nth(1)).collect()
    return (
        different.join(numbers, on="row", how="left")
        .with_columns(pl.col("column").cast(pl.Enum(columns)))
        .sort("row", "column")
        .with_columns(pl.col("column").cast(pl.String))
        .select(COLUMNS)
    )


def changes(services: Services, upload: Upload, revision: int) -> pl.DataFrame:
    """The changes of a revision from the file handed in, with texts that the ledger leaves to the objects or has
    sealed; null for those of cells that are `hidden`."""
    if revision == HANDED_IN:
        return pl.DataFrame(schema=_SCHEMA)
    rows = services.ledger.detail(Detail.CORRECTIONS, upload.validation_id).filter(pl.col("revision") == revision)
    secret = hidden(services, upload).columns
    is_told = ~pl.col("column").is_in(list(secret))
    # In the open as far as it may be; what may not, says nothing.
    recorded = services.ledger.reveal_detail(rows.collect()).select(
        "row", "column", "code", *(pl.when(is_told).then(name).alias(name) for name in _TEXTS)
    )
    referred = upload.revised_changes(Action.CORRECTIONS_APPLIED, revision).get("referred", ())
    for column in set(referred).difference(secret):
        recorded = _with_texts(services, upload, revision, recorded, column)
    return recorded


def _hidden_differences(
    services: Services, upload: Upload, between: tuple[int, int], cells: pl.DataFrame
) -> pl.DataFrame:
    """Of cells that are not shown, changed in one of two states or both, those that differ. Where both have changed
    one, their published files tell whether it is the same; without them, it may differ."""
    parts = [cells.filter(pl.col("code").is_null() | pl.col("code_now").is_null())]
    open_ = cells.filter(pl.col("code").is_not_null() & pl.col("code_now").is_not_null())
    if all(upload.revised(Action.FILE_PUBLISHED, revision) for revision in between):
        for (column,), mine in open_.group_by("column"):
            then, now = (
                delivered(services, upload, revision, [str(column)], mine["row"], left_out=True) for revision in between
            )
            other = then.join(now, on=["row", cell(str(column))], how="anti")
            parts.append(mine.join(other.select("row"), on="row", how="semi"))
    else:
        parts.append(open_)
    return pl.concat(parts).select(
        *_CELL, pl.col("code_now").fill_null("").alias("code"), *(pl.lit(None, pl.String).alias(n) for n in _TEXTS)
    )


def _with_texts(services: Services, upload: Upload, revision: int, recorded: pl.DataFrame, column: str) -> pl.DataFrame:
    """The changes with the texts of one column filled in, as docs/ledger.md tells how to read them."""
    mine = recorded.filter(pl.col("column") == column)
    place = list(upload.changes(Action.FILE_INGESTED)["columns"]).index(column)
    with services.lake.local(upload.key(ROWS)) as rows, services.lake.local(upload.key(REPAIRS)) as repairs:
        read = pl.scan_parquet(rows, glob=False).select(
            row=pl.nth(0).cast(pl.Int64), read=pl.nth(place + 2).fill_null("")
        )
        mended = pl.scan_parquet(repairs, glob=False).filter(pl.col("column") == column)
        texts = (
            mine.lazy()
            .join(read, on="row", how="left")
            .join(mended.select(pl.col("row").cast(pl.Int64), pl.col("before").alias("mended")), on="row", how="left")
            .collect()
        )
    texts = texts.with_columns(pl.coalesce("before", "mended", "read").alias("before"))
    # What is not published is kept nowhere but on record.
    if upload.revised(Action.FILE_PUBLISHED, revision):
        written = delivered(services, upload, revision, [column], mine.get_column("row"), left_out=True)
        texts = texts.join(written, on="row", how="left").with_columns(
            pl.coalesce("after", cell(column)).alias("after")
        )
    return pl.concat([recorded.filter(pl.col("column") != column), texts.select(list(_SCHEMA))])
