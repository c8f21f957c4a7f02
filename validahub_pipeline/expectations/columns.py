"""What an expectation sees of a column: typed data, as Great Expectations' pandas engine takes them, or the text cells
of a seller's file.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

import polars as pl
from dateutil import parser as dates


@dataclass(frozen=True)
class Column(ABC):
    """One column: its name, the type of its values, and expressions over them. What is missing is null."""

    name: str
    dtype: pl.DataType

    @property
    @abstractmethod
    def values(self) -> pl.Expr:
        """The values."""

    @property
    @abstractmethod
    def text(self) -> pl.Expr:
        """The values as texts, which is what patterns and lengths are about."""

    @property
    @abstractmethod
    def numbers(self) -> pl.Expr:
        """The values as numbers.

        Raises:
            TypeError: the column holds none.
        """

    @property
    @abstractmethod
    def magnitudes(self) -> pl.Expr:
        """The values as they are compared by size."""

    @abstractmethod
    def limited(self, *limits: Any) -> tuple[pl.Expr, list[Any]]:
        """The values, and some limits, such that they can be compared.

        Raises:
            TypeError: text against numbers or the like.
        """

    @abstractmethod
    def members(self, value_set: Iterable[object]) -> pl.Series:
        """Those of some values that this column could hold, as a series of its type; the others match nothing."""

    @property
    def missing(self) -> pl.Expr:
        """Whether there is no value."""
        return self.values.is_null()

    @property
    def length(self) -> pl.Expr:
        """How many characters the text has."""
        return self.text.str.len_chars()

    def seldom(self, pattern: str) -> pl.Expr:
        """Whether a pattern (in Rust's words) is found in the text, as it is in few: several such can be looked for at
        once."""
        return self.text.str.contains(pattern)

    @property
    def comparable_by_size(self) -> bool:
        """Whether values are numbers (truth values count as 0 and 1, as in Python)."""
        return self.dtype.is_numeric() or self.dtype in {pl.Boolean, pl.Null}


@dataclass(frozen=True)
class TypedColumn(Column):
    """A column of typed data, which holds no NaN. Of type Null, it might hold anything."""

    @cached_property
    def values(self) -> pl.Expr:
        """The values, null where they are missing."""
        return pl.col(self.name)

    @cached_property
    def text(self) -> pl.Expr:
        """The values as `str` of them reads in Python, which is what patterns and lengths are about."""
        if self.dtype == pl.String:
            return self.values
        if self.dtype.is_integer() or self.dtype in {pl.Categorical, pl.Enum, pl.Date}:
            return self.values.cast(pl.String)
        if self.dtype == pl.Boolean:
            return pl.when(self.values).then(pl.lit("True")).when(self.values.not_()).then(pl.lit("False"))
        return self.values.map_batches(_as_str, return_dtype=pl.String)

    @property
    def magnitudes(self) -> pl.Expr:
        """The values as they are compared by size."""
        return self.numbers if self.comparable_by_size else self.values

    @cached_property
    def numbers(self) -> pl.Expr:
        """The values of a numeric column; truth values as 0 and 1, decimals as floats.

        Raises:
            TypeError: the column holds no numbers.
        """
        if self.dtype == pl.Boolean:
            return self.values.cast(pl.Int64)
        if isinstance(self.dtype, pl.Decimal):
            return self.values.cast(pl.Float64)
        if not self.comparable_by_size:
            raise TypeError(f'"{self.name}" ({self.dtype}) does not hold numbers')
        return self.values

    def bound(self, value: object) -> object:
        """A limit from a suite as a value this column's values can be compared with; ISO and other usual spellings of
        moments are read where the column holds moments.

        Raises:
            TypeError: text against numbers or the like.
        """
        if value is None:
            return None
        fits = (
            self.dtype == pl.Null
            or (self.comparable_by_size and isinstance(value, (int, float, Decimal)))
            or (self.dtype in {pl.String, pl.Categorical, pl.Enum} and isinstance(value, str))
            or (self.dtype == pl.Time and isinstance(value, time))
            or (isinstance(self.dtype, pl.Duration) and isinstance(value, timedelta))
        )
        if fits:
            return value
        if self.dtype == pl.Date or isinstance(self.dtype, pl.Datetime):
            return self._moment(value)
        raise TypeError("Column values, min_value, and max_value must either be None or of the same type.")

    def limited(self, *limits: Any) -> tuple[pl.Expr, list[Any]]:
        """The values, and some limits, such that they can be compared.

        Raises:
            TypeError: text against numbers or the like.
        """
        bounds = [self.bound(limit) for limit in limits]
        if any(isinstance(bound, datetime) for bound in bounds):
            # Days among them are compared with moments, too.
            bounds = [_midnight(bound) if type(bound) is date else bound for bound in bounds]
        return self.magnitudes, bounds

    def members(self, value_set: Iterable[object]) -> pl.Series:
        """Those of some values that this column could hold, as a series of its type; the others match nothing."""
        if self.dtype == pl.Null:
            return pl.Series([], dtype=pl.Float64)
        return pl.Series(
            [value for candidate in value_set if (value := self._member(candidate)) is not None],
            dtype=pl.String if self.dtype in {pl.Categorical, pl.Enum} else self.dtype,
            strict=False,
        ).drop_nulls()

    def _member(self, value: object) -> object:
        if self.comparable_by_size and isinstance(value, (int, float, Decimal)):
            return self._number(value)
        try:
            return self.bound(value)
        except (TypeError, ValueError, OverflowError):
            return None

    def _number(self, value: float | Decimal) -> object:
        if not math.isfinite(value):
            return None
        if isinstance(self.dtype, pl.Decimal):
            return Decimal(str(value))
        if self.dtype.is_float():
            return float(value)
        if value != int(value):
            return None
        if self.dtype == pl.Boolean:
            return bool(value) if value in {0, 1} else None
        return int(value)

    def _moment(self, value: object) -> date:
        if isinstance(value, str):
            value = dates.parse(value)
        if not isinstance(value, date):
            raise TypeError("Column values, min_value, and max_value must either be None or of the same type.")
        if self.dtype == pl.Date and isinstance(value, datetime) and value.time() == time.min:
            return value.date()
        if isinstance(self.dtype, pl.Datetime):
            moment = value if isinstance(value, datetime) else _midnight(value)
            if (moment.tzinfo is None) is not (self.dtype.time_zone is None):
                raise TypeError(f"Cannot compare naive and aware moments: {self.name}, {value}")
            return moment
        return value


@dataclass(frozen=True)
class Cell(Column):
    """A field of a seller's file: text, and the number it is read as.

    Attributes:
        cell: the text, null where it is empty or blank.
        number: the text read leniently as a number; null also where it is none or its meaning is open.
        searched: by pattern, an expression for what `seldom` says, where somebody else has looked.
        counted: `length`, where somebody else has counted.
    """

    cell: pl.Expr
    number: pl.Expr
    searched: Callable[[str], pl.Expr] | None = None
    counted: pl.Expr | None = None

    @property
    def values(self) -> pl.Expr:
        """The text."""
        return self.cell

    @property
    def text(self) -> pl.Expr:
        """The text."""
        return self.cell

    @property
    def length(self) -> pl.Expr:
        """How many characters the text has."""
        return super().length if self.counted is None else self.counted

    def seldom(self, pattern: str) -> pl.Expr:
        """Whether a pattern is found in the text."""
        return self.searched(pattern) if self.searched else super().seldom(pattern)

    @property
    def numbers(self) -> pl.Expr:
        """The numbers."""
        return self.number

    @property
    def magnitudes(self) -> pl.Expr:
        """The numbers: text in a catalogue has no size."""
        return self.number

    def limited(self, *limits: Any) -> tuple[pl.Expr, list[Any]]:
        """The numbers, or with limits that are text, the text."""
        return (self.cell if any(isinstance(limit, str) for limit in limits) else self.number), list(limits)

    def members(self, value_set: Iterable[object]) -> pl.Series:
        """The values as texts."""
        return pl.Series([str(value) for value in value_set if value is not None], dtype=pl.String)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min)


def _as_str(values: pl.Series) -> pl.Series:
    if isinstance(values.dtype, pl.Datetime):
        # As pandas writes a column of moments: without the time where none of them has one.
        whole_days = (values.dt.time() == time.min).all()
        return values.dt.strftime("%Y-%m-%d" if whole_days else "%Y-%m-%d %H:%M:%S")
    distinct = values.unique()
    return values.replace_strict(
        distinct, pl.Series([None if one is None else str(one) for one in distinct], dtype=pl.String)
    )
