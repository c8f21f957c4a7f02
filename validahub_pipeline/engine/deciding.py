"""What people have decided about single cells, laid over what the corrections made of a batch.

A decided cell holds what the person said, and is then corrected like any other: nothing that can be corrected safely
is left undone in a published file. How columns write their decimals has been read by then, and is not asked again: a
person's `1.234` is no thousand. What a decision is, and who may take one, is the business of `stages`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import polars as pl

from validahub_pipeline.engine.batches import Batch
from validahub_pipeline.engine.changed import changes_table
from validahub_pipeline.engine.corrections import Column
from validahub_pipeline.engine.fixing import Fixer
from validahub_pipeline.engine.paths import Paths
from validahub_pipeline.engine.steps import Asked
from validahub_pipeline.engine.stored import LINE, ROW
from validahub_pipeline.rulepacks.model import Confidence

MANUAL: Final = "manual"
"""The code of a cell that a person wrote; an accepted suggestion has its own."""

Rejected = Iterable[tuple[str, str | None]]
"""Code of suggestions that a person does not want to see, and the column, or None for every column."""

CELL: Final = ["row", "place"]
_SCHEMA: Final = {"row": pl.Int64, "place": pl.UInt32, "code": pl.String, "after": pl.String}


class Decisions:
    """The decided cells of a file: a Parquet of `row, column, code, after`, sorted by row, each cell once."""

    def __init__(self, path: Path, columns: Sequence[str], asked: Sequence[Asked], told: Mapping[int, Column]) -> None:
        """`told` is what is known of each column by place, as the corrections before them were told."""
        self._scan = pl.scan_parquet(path, glob=False)
        self._places = {name: place for place, name in enumerate(columns)}
        self._paths = Paths()
        # How the seller wrote decimals says nothing of how a person does.
        unread = {place: replace(column, comma_decimals=False) for place, column in told.items()}
        self._fixer = Fixer(asked, unread, self._paths)

    def settled(self, batch: Batch, frame: pl.DataFrame) -> pl.DataFrame:
        """The corrected frame of a batch with what people decided in it, corrected again."""
        return self._fixer.fix(_overlaid(frame, self._of(batch)))[0]

    def settle(
        self, batch: Batch, frame: pl.DataFrame, auto: pl.DataFrame
    ) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
        """The same; and beside it the changes from the beginning, and which cells (row, place) differ because a person
        said so.

        Args:
            auto: the changes that led to `frame`, as `changes_table` has them.
        """
        cells = self._of(batch)
        overlaid = _overlaid(frame, cells)
        settled, again = self._fixer.fix(overlaid)
        both = _merged(
            auto, _with_origin(cells, batch), changes_table(Batch(batch.start, overlaid), again, self._paths)
        )
        return (
            settled,
            both.filter(pl.col("before") != pl.col("after")).drop("manual"),
            both.filter("manual").select(CELL),
        )

    def _of(self, batch: Batch) -> pl.DataFrame:
        """The decided cells of a batch, as far as it holds their columns."""
        if not batch.height:
            return pl.DataFrame(schema=_SCHEMA)
        first, last = batch.frame.item(0, ROW), batch.frame.item(-1, ROW)
        here = [name for name, place in self._places.items() if str(place) in batch.frame]
        return (
            self._scan.filter(pl.col("row").is_between(first, last) & pl.col("column").is_in(here))
            .with_columns(pl.col("column").replace_strict(self._places, return_dtype=pl.UInt32).alias("place"))
            .select(list(_SCHEMA))
            .collect()
        )


def without_rejected(ideas: pl.DataFrame, rejected: Rejected, columns: Sequence[str]) -> pl.DataFrame:
    """Suggestions, as `changes_table` has them, but for those that a person does not want."""
    for code, column in rejected:
        unwanted = pl.col("code") == code
        if column is not None:
            unwanted &= pl.col("place") == list(columns).index(column)
        ideas = ideas.filter(~unwanted)
    return ideas


def _overlaid(frame: pl.DataFrame, cells: pl.DataFrame) -> pl.DataFrame:
    numbers = frame.get_column(ROW)
    for (place,), decided in cells.group_by("place"):
        at = numbers.search_sorted(decided.get_column("row"))
        values = decided.select(pl.when(pl.col("after") != "").then("after")).to_series()
        # A clone, since polars changes a series in its place.
        frame = frame.with_columns(frame.get_column(str(place)).clone().scatter(at, values))
    return frame


def _with_origin(cells: pl.DataFrame, batch: Batch) -> pl.DataFrame:
    """Decided cells with their lines and what the seller had written there."""
    numbers, parts = batch.frame.get_column(ROW), []
    for (place,), decided in cells.group_by("place"):
        at = numbers.search_sorted(decided.get_column("row"))
        lines = batch.frame.get_column(LINE).gather(at).alias("line")
        texts = batch.frame.get_column(str(place)).gather(at).fill_null("").alias("before")
        parts.append(decided.with_columns(lines, texts))
    return (
        pl.concat(parts) if parts else cells.with_columns(line=pl.lit(None, pl.Int64), before=pl.lit(None, pl.String))
    )


def _merged(auto: pl.DataFrame, cells: pl.DataFrame, again: pl.DataFrame) -> pl.DataFrame:
    """One row per cell that was changed at any time, from what the seller wrote to what has come of it."""
    both = auto.join(cells, on=CELL, how="full", coalesce=True, suffix="_decided")
    both = both.join(again, on=CELL, how="full", coalesce=True, suffix="_again")
    before = pl.coalesce("before", "before_decided", "before_again")
    both = both.with_columns(
        pl.coalesce("line", "line_decided", "line_again").alias("line"),
        before.alias("before"),
        pl.coalesce("after", before).alias("corrected"),
        pl.coalesce("after_again", "after_decided", "after").alias("after"),
    )
    # Who decides on what had been made of a cell anyway, changes nothing.
    manual = pl.col("after_decided").is_not_null() & (pl.col("after") != pl.col("corrected"))
    written = manual & (pl.col("code_decided") == MANUAL)
    kept = pl.col("after_decided").is_not_null() & ~manual
    steps = pl.concat_str(
        pl.when(~written).then("code"),
        pl.when(manual).then("code_decided"),
        pl.when(~kept).then("code_again"),
        separator="+",
        ignore_nulls=True,
    )
    weakest = pl.max_horizontal(
        pl.col(name).cast(pl.Enum([one.value for one in Confidence])) for name in ("confidence", "confidence_again")
    )
    return both.select(
        "row",
        "line",
        "place",
        # A correction is named once, where it was first applied.
        steps.str.split("+").list.unique(maintain_order=True).list.join("+").alias("code"),
        "before",
        "after",
        pl.when(written)
        .then(pl.lit(Confidence.MANUAL.value))
        .when(manual)
        .then(pl.lit(Confidence.SUGGEST.value))
        .otherwise(weakest.cast(pl.String))
        .alias("confidence"),
        manual.alias("manual"),
    ).sort("row", "place")
