"""What the cells of a column are like, batch by batch: missing ones, lengths, extremes of numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

import polars as pl

from validahub_pipeline.engine.plan import length, number
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


def summarised(frame: pl.DataFrame, places: Iterable[int]) -> dict[int, Summary]:
    """The summaries of some columns of a working frame, by place."""
    chosen = list(places)
    lengths = frame.select(pl.col(length(place)) for place in chosen)
    numbers = frame.select(pl.col(number(place)) for place in chosen if number(place) in frame.columns)
    of_lengths = {"missing": lengths.null_count(), "shortest": lengths.min(), "longest": lengths.max()}
    of_numbers = {"numbers": numbers.count(), "minimum": numbers.min(), "maximum": numbers.max()}

    def summary(place: int) -> Summary:
        told = {name: row.item(0, length(place)) for name, row in of_lengths.items()}
        if number(place) in numbers.columns:
            told |= {name: row.item(0, number(place)) for name, row in of_numbers.items()}
        return Summary(**told)

    return {place: summary(place) for place in chosen}


def _of_both(choose: Callable[[_Value, _Value], _Value], one: _Value | None, other: _Value | None) -> _Value | None:
    if one is None or other is None:
        return other if one is None else one
    return choose(one, other)
