"""Expectations about a column as a whole. Missing values have no part in any figure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

import polars as pl

from validahub_pipeline.expectations.columns import Column
from validahub_pipeline.expectations.registry import Measure, Scope, Verdict, expectation

_SHOWN: Final = 20
_VALUE: Final = "value"


@expectation("expect_column_min_to_be_between", Scope.AGGREGATE)
def min_to_be_between(
    column: Column, min_value: Any = None, max_value: Any = None, strict_min: bool = False, strict_max: bool = False
) -> Measure:
    """The least value lies within the limits."""
    values, (low, high) = column.limited(min_value, max_value)
    return _between(values.min(), low, high, strict_min=strict_min, strict_max=strict_max)


@expectation("expect_column_max_to_be_between", Scope.AGGREGATE)
def max_to_be_between(
    column: Column, min_value: Any = None, max_value: Any = None, strict_min: bool = False, strict_max: bool = False
) -> Measure:
    """The greatest value lies within the limits."""
    values, (low, high) = column.limited(min_value, max_value)
    return _between(values.max(), low, high, strict_min=strict_min, strict_max=strict_max)


@expectation("expect_column_mean_to_be_between", Scope.AGGREGATE)
def mean_to_be_between(
    column: Column, min_value: Any = None, max_value: Any = None, strict_min: bool = False, strict_max: bool = False
) -> Measure:
    """The mean lies within the limits."""
    return _between(column.numbers.mean(), min_value, max_value, strict_min=strict_min, strict_max=strict_max)


@expectation("expect_column_median_to_be_between", Scope.AGGREGATE)
def median_to_be_between(
    column: Column, min_value: Any = None, max_value: Any = None, strict_min: bool = False, strict_max: bool = False
) -> Measure:
    """The median lies within the limits; of an even number of values, the mean of the two in the middle."""
    return _between(column.numbers.median(), min_value, max_value, strict_min=strict_min, strict_max=strict_max)


@expectation("expect_column_sum_to_be_between", Scope.AGGREGATE)
def sum_to_be_between(
    column: Column, min_value: Any = None, max_value: Any = None, strict_min: bool = False, strict_max: bool = False
) -> Measure:
    """The sum lies within the limits; of no values, it is 0."""
    return _between(column.numbers.sum(), min_value, max_value, strict_min=strict_min, strict_max=strict_max)


@expectation("expect_column_stdev_to_be_between", Scope.AGGREGATE)
def stdev_to_be_between(
    column: Column,
    min_value: float | None = None,
    max_value: float | None = None,
    strict_min: bool = False,
    strict_max: bool = False,
) -> Measure:
    """The standard deviation (n - 1) lies within the limits."""
    return _between(column.numbers.std(), min_value, max_value, strict_min=strict_min, strict_max=strict_max)


@expectation("expect_column_unique_value_count_to_be_between", Scope.AGGREGATE)
def unique_value_count_to_be_between(
    column: Column,
    min_value: float | None = None,
    max_value: float | None = None,
    strict_min: bool = False,
    strict_max: bool = False,
) -> Measure:
    """The number of different values lies within the limits."""
    return _between(_different(column), min_value, max_value, strict_min=strict_min, strict_max=strict_max)


@expectation("expect_column_proportion_of_unique_values_to_be_between", Scope.AGGREGATE)
def proportion_of_unique_values_to_be_between(
    column: Column,
    min_value: float | None = None,
    max_value: float | None = None,
    strict_min: bool = False,
    strict_max: bool = False,
) -> Measure:
    """The number of different values, divided by that of all values, lies within the limits; of no values, it is 0."""
    present = column.values.count()
    share = pl.when(present > 0).then(_different(column) / present).otherwise(0)
    return _between(share, min_value, max_value, strict_min=strict_min, strict_max=strict_max)


@expectation("expect_column_proportion_of_non_null_values_to_be_between", Scope.AGGREGATE)
def proportion_of_non_null_values_to_be_between(
    column: Column,
    min_value: float | None = None,
    max_value: float | None = None,
    strict_min: bool = False,
    strict_max: bool = False,
) -> Measure:
    """The share of rows that have a value lies within the limits; of no rows, it is 0."""
    share = pl.when(pl.len() > 0).then(column.values.count() / pl.len()).otherwise(0)
    return _between(share, min_value, max_value, strict_min=strict_min, strict_max=strict_max)


@expectation("expect_column_quantile_values_to_be_between", Scope.AGGREGATE)
def quantile_values_to_be_between(
    column: Column,
    quantile_ranges: dict[str, list[Any]],
    allow_relative_error: Literal[False, "linear", "lower", "higher", "midpoint", "nearest"] = False,
) -> Measure:
    """Each quantile lies within its range, whose ends belong to it; `nearest` values unless told otherwise."""
    quantiles, ranges = quantile_ranges["quantiles"], quantile_ranges["value_ranges"]
    if len(quantiles) != len(ranges):
        raise ValueError("quantile_values and quantiles must have the same number of elements")
    values, bounds = column.limited(*(limit for range_ in ranges for limit in range_))
    limits = list(zip(bounds[::2], bounds[1::2], strict=True))
    how: Any = allow_relative_error or "nearest"
    names = [str(place) for place in range(len(quantiles))]

    def judge(found: Mapping[str, Any]) -> Verdict:
        values = [found[name] for name in names]
        held = [
            value is not None and (low is None or value >= low) and (high is None or value <= high)
            for value, (low, high) in zip(values, limits, strict=True)
        ]
        observed = {"quantiles": quantiles, "values": values}
        return Verdict(all(held), {"observed_value": observed, "details": {"success_details": held}})

    return Measure(
        {name: _quantile(values, quantile, how) for name, quantile in zip(names, quantiles, strict=True)}, judge
    )


@expectation("expect_column_most_common_value_to_be_in_set", Scope.AGGREGATE)
def most_common_value_to_be_in_set(column: Column, value_set: Sequence[Any], ties_okay: bool | None = None) -> Measure:
    """The most frequent value is one of the set; of several as frequent, one is (`ties_okay`)."""
    wanted = set(column.members(value_set).to_list())

    def judge(found: Mapping[str, Any]) -> Verdict:
        common = sorted(found[_VALUE])
        hits = len(wanted.intersection(common))
        success = hits > 0 if ties_okay else len(common) == 1 and hits == 1
        return Verdict(success, {"observed_value": common})

    return Measure({_VALUE: column.values.drop_nulls().mode().implode()}, judge)


@expectation("expect_column_distinct_values_to_be_in_set", Scope.AGGREGATE)
def distinct_values_to_be_in_set(column: Column, value_set: Sequence[Any]) -> Measure:
    """Every value that occurs is one of the set."""
    return _distinct(column, value_set, others=True, absent=False)


@expectation("expect_column_distinct_values_to_contain_set", Scope.AGGREGATE)
def distinct_values_to_contain_set(column: Column, value_set: Sequence[Any]) -> Measure:
    """Every value of the set occurs."""
    return _distinct(column, value_set, others=False, absent=True)


@expectation("expect_column_distinct_values_to_equal_set", Scope.AGGREGATE)
def distinct_values_to_equal_set(column: Column, value_set: Sequence[Any]) -> Measure:
    """The values that occur are those of the set."""
    return _distinct(column, value_set, others=True, absent=True)


def _between(measured: pl.Expr, low: Any, high: Any, *, strict_min: bool | None, strict_max: bool | None) -> Measure:
    def judge(found: Mapping[str, Any]) -> Verdict:
        value = found[_VALUE]
        if value is None or (isinstance(value, float) and math.isnan(value)):
            return Verdict(success=False, result={"observed_value": None})
        above = low is None or (value > low if strict_min else value >= low)
        below = high is None or (value < high if strict_max else value <= high)
        return Verdict(above and below, {"observed_value": value})

    return Measure({_VALUE: measured}, judge)


def _different(column: Column) -> pl.Expr:
    return column.values.drop_nulls().n_unique()


def _quantile(values: pl.Expr, quantile: float, how: Any) -> pl.Expr:
    if how != "nearest":
        return values.quantile(quantile, how)
    # Halfway between two values numpy, and with it Great Expectations, takes the one at the even place.
    place = ((values.count() - 1) * quantile).round(mode="half_to_even").cast(pl.Int64)
    return pl.when(values.count() > 0).then(values.drop_nulls().sort().get(place, null_on_oob=True))


def _distinct(column: Column, value_set: Sequence[Any], *, others: bool, absent: bool) -> Measure:
    if not value_set:
        raise ValueError("value_set must be a non-empty set-like object.")
    matching = column.members(value_set)
    wanted = set(matching.to_list())
    foreign = [value for value in value_set if not len(column.members([value]))]

    def judge(found: Mapping[str, Any]) -> Verdict:
        present = set(found[_VALUE])
        result: dict[str, Any] = {"observed_value": None}
        success = True
        if others:
            unexpected = sorted(present - wanted)
            success = not unexpected
            result |= {"unexpected_count": len(unexpected), "partial_unexpected_list": unexpected[:_SHOWN]}
        if absent:
            missing = sorted(wanted - present) + foreign
            success = success and not missing
            result |= {"missing_count": len(missing), "partial_missing_list": missing[:_SHOWN]}
        return Verdict(success, result)

    return Measure({_VALUE: column.values.drop_nulls().unique().implode()}, judge)
