"""The changed cells of a batch as the corrections and suggestions files have them, and their tally.

Cells that ingest had to repair are merged in here, so that a changed cell has one row, from the bytes the seller sent
to the text that is published.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import polars as pl

from validahub_pipeline.engine.batches import Batch
from validahub_pipeline.engine.paths import Paths
from validahub_pipeline.engine.results import CorrectionCount, CorrectionExample
from validahub_pipeline.engine.stored import LINE, ROW
from validahub_pipeline.engine.touched import Changes
from validahub_pipeline.rulepacks.model import Confidence

NUMBERS: Final = ("row", "line")
TEXTS: Final = ("column", "code", "before", "after", "confidence")
_EXAMPLES: Final = 5
_SCHEMA: Final = {
    "row": pl.Int64,
    "line": pl.Int64,
    "place": pl.UInt32,
    "code": pl.String,
    "before": pl.String,
    "after": pl.String,
    "confidence": pl.String,
}
_ORDER: Final = pl.Enum([confidence.value for confidence in Confidence])


class Repairs:
    """The repairs that ingest made while reading, batch by batch."""

    def __init__(self, path: Path | None, columns: Sequence[str]) -> None:
        self._scan = pl.scan_parquet(path, glob=False) if path else None
        self._places = {name: place for place, name in enumerate(columns)}

    def of(self, batch: Batch) -> pl.DataFrame:
        """The repairs of a batch's rows."""
        if self._scan is None or not batch.height:
            return pl.DataFrame(schema=_SCHEMA)
        first, last = batch.frame.item(0, ROW), batch.frame.item(-1, ROW)
        return (
            self._scan.filter(pl.col("row").is_between(first, last))
            .with_columns(pl.col("column").replace_strict(self._places, return_dtype=pl.UInt32).alias("place"))
            .select(list(_SCHEMA))
            .collect()
        )


def changes_table(batch: Batch, changes: Sequence[Changes], paths: Paths) -> pl.DataFrame:
    """The changes of a batch, by row and place of the column; empty cells as ""."""
    if not changes:
        return pl.DataFrame(schema=_SCHEMA)
    return pl.concat(
        pl.DataFrame(
            [
                batch.frame.get_column(ROW).gather(found.at).alias("row"),
                batch.frame.get_column(LINE).gather(found.at).alias("line"),
                pl.repeat(found.place, len(found.at), dtype=pl.UInt32, eager=True).alias("place"),
                paths.codes(found.paths).alias("code"),
                found.before.fill_null("").alias("before"),
                found.after.fill_null("").alias("after"),
                paths.confidences(found.paths).alias("confidence"),
            ]
        )
        for found in changes
    ).sort("row", "place")


def with_repairs(changes: pl.DataFrame, repairs: pl.DataFrame) -> pl.DataFrame:
    """Changes and repairs as one row per cell: the repair's `before`, the change's `after`, the codes of both."""
    if repairs.is_empty():
        return changes
    both = changes.join(repairs, on=["row", "place"], how="full", coalesce=True, suffix="_repair")
    confidences = [pl.col(name).cast(_ORDER) for name in ("confidence", "confidence_repair")]
    return (
        both.select(
            "row",
            pl.coalesce("line", "line_repair").alias("line"),
            "place",
            pl.concat_str(["code_repair", "code"], separator="+", ignore_nulls=True).alias("code"),
            pl.coalesce("before_repair", "before").alias("before"),
            pl.coalesce("after", "after_repair").alias("after"),
            pl.max_horizontal(confidences).cast(pl.String).alias("confidence"),
        )
        .filter(pl.col("before") != pl.col("after"))
        .sort("row", "place")
    )


class Tally:
    """Counts and first examples of changes over all batches."""

    def __init__(self, columns: Sequence[str]) -> None:
        self._columns = pl.Series(columns, dtype=pl.String)
        self._counts: dict[tuple[int, str, str], int] = {}
        self._examples: dict[str, list[CorrectionExample]] = {}

    def add(self, changes: pl.DataFrame) -> pl.DataFrame:
        """Count the next batch's changes; returns them as the file has them."""
        named = changes.with_columns(self._columns.gather(changes.get_column("place")).alias("column"))
        counted = changes.group_by("place", "code", "confidence").len()
        for place, code, confidence, count in counted.iter_rows():
            key = (place, code, confidence)
            self._counts[key] = self._counts.get(key, 0) + count
        for code in counted.get_column("code").unique():
            wanted = _EXAMPLES - len(self._examples.get(code, ()))
            if wanted:
                for shown in named.filter(pl.col("code") == code).head(wanted).iter_rows(named=True):
                    self._examples.setdefault(code, []).append(_example(shown))
        return named.select(*NUMBERS, *TEXTS)

    @property
    def cells(self) -> int:
        """Number of changed cells."""
        return sum(self._counts.values())

    @property
    def counts(self) -> tuple[CorrectionCount, ...]:
        """By code, then column in the file's order."""
        ordered = sorted(self._counts.items(), key=lambda entry: (entry[0][1], entry[0][0], entry[0][2]))
        return tuple(
            CorrectionCount(code, self._columns[place], Confidence(confidence), count)
            for (place, code, confidence), count in ordered
        )

    @property
    def examples(self) -> tuple[CorrectionExample, ...]:
        """The first few of each code, in the file's order."""
        return tuple(example for _, found in sorted(self._examples.items()) for example in found)


def _example(shown: dict[str, object]) -> CorrectionExample:
    return CorrectionExample(
        code=str(shown["code"]),
        row=int(str(shown["row"])),
        line=int(str(shown["line"])),
        column=str(shown["column"]),
        before=str(shown["before"]),
        after=str(shown["after"]),
        confidence=Confidence(str(shown["confidence"])),
    )
