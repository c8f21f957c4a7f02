"""What the cells of a column are like, batch by batch: missing ones, lengths, extremes of numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import polars as pl

from validahub_pipeline.engine.plan import number, text
from validahub_pipeline.engine.results import FieldStatistics

_Value = TypeVar("_Value", int, float)


@dataclass(frozen=True)
class Summary:
    """Of some rows; sums with that of others. None where there is nothing to measure."""

    missing: int = 0
    numbers: int = 0
    shortest: int | None = None
    longest: int | None = None
    minimum: float | None = None
    maximum: float | None = None

    def __add__(self, other: Summary) -> Summary:
        return Summary(
            missing=self.missing + other.missing,
            numbers=self.numbers + other.numbers,
            shortest=_of_both(min, self.shortest, other.shortest),
            longest=_of_both(max, self.longest, other.longest),
            minimum=_of_both(min, self.minimum, other.minimum),
            maximum=_of_both(max, self.maximum, other.maximum),
        )

    def statistics(self, field: str, column: str, *, numeric: bool) -> FieldStatistics:
        """As results have it."""
        return FieldStatistics(
            field=field,
            column=column,
            missing=self.missing,
            shortest=self.shortest,
            longest=self.longest,
            numbers=self.numbers if numeric else None,
            minimum=self.minimum if numeric else None,
            maximum=self.maximum if numeric else None,
        )


def summarised(frame: pl.DataFrame, place: int) -> Summary:
    """The summary of one column of a working frame."""
    lengths = pl.col(text(place)).str.len_chars()
    wanted = [
        pl.col(text(place)).null_count().alias("missing"),
        lengths.min().alias("shortest"),
        lengths.max().alias("longest"),
    ]
    if number(place) in frame.columns:
        values = pl.col(number(place))
        wanted += [values.count().alias("numbers"), values.min().alias("minimum"), values.max().alias("maximum")]
    return Summary(**frame.select(wanted).row(0, named=True))


def _of_both(choose: Callable[[_Value, _Value], _Value], one: _Value | None, other: _Value | None) -> _Value | None:
    if one is None or other is None:
        return other if one is None else one
    return choose(one, other)
