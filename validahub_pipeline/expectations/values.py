"""Expectations about each value of a column. Missing values are passed over, but where they are what is asked about."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

import polars as pl
from dateutil import parser as dates
from pydantic import Field

from validahub_pipeline.expectations.columns import Column
from validahub_pipeline.expectations.patterns import found, found_rarely, like
from validahub_pipeline.expectations.registry import Scope, expectation
from validahub_pipeline.text.distinct import each_distinct_holds

Length = Annotated[float, Field(ge=0)]


@expectation("expect_column_values_to_not_be_null", Scope.VALUE, counts_missing=True)
def values_to_not_be_null(column: Column) -> pl.Expr:
    """There is a value."""
    return column.missing.not_()


@expectation("expect_column_values_to_be_null", Scope.VALUE, counts_missing=True)
def values_to_be_null(column: Column) -> pl.Expr:
    """There is no value."""
    return column.missing


@expectation("expect_column_values_to_be_in_set", Scope.VALUE)
def values_to_be_in_set(column: Column, value_set: Sequence[Any]) -> pl.Expr:
    """The value is one of the set."""
    return column.values.is_in(column.members(value_set).implode())


@expectation("expect_column_values_to_not_be_in_set", Scope.VALUE)
def values_to_not_be_in_set(column: Column, value_set: Sequence[Any]) -> pl.Expr:
    """The value is none of the set."""
    return column.values.is_in(column.members(value_set).implode()).not_()


@expectation("expect_column_values_to_be_between", Scope.VALUE)
def values_to_be_between(
    column: Column,
    min_value: Any = None,
    max_value: Any = None,
    strict_min: bool = False,
    strict_max: bool = False,
) -> pl.Expr:
    """The value lies within the limits, which belong to the range unless they are strict."""
    values, (low, high) = column.limited(min_value, max_value)
    return within(values, low, high, strict_min=strict_min, strict_max=strict_max)


@expectation("expect_column_value_lengths_to_be_between", Scope.VALUE)
def value_lengths_to_be_between(
    column: Column,
    min_value: Length | None = None,
    max_value: Length | None = None,
    strict_min: bool = False,
    strict_max: bool = False,
) -> pl.Expr:
    """The value's length in characters lies within the limits."""
    return within(column.length, min_value, max_value, strict_min=strict_min, strict_max=strict_max)


@expectation("expect_column_value_lengths_to_equal", Scope.VALUE)
def value_lengths_to_equal(column: Column, value: Length) -> pl.Expr:
    """The value has exactly that many characters."""
    return column.length == value


@expectation("expect_column_values_to_match_regex", Scope.VALUE)
def values_to_match_regex(column: Column, regex: str = "(?s).*") -> pl.Expr:
    """The pattern is found in the value."""
    return found(column.text, regex)


@expectation("expect_column_values_to_not_match_regex", Scope.VALUE)
def values_to_not_match_regex(column: Column, regex: str) -> pl.Expr:
    """The pattern is not found in the value."""
    return found_rarely(column.text, regex).not_()


@expectation("expect_column_values_to_match_regex_list", Scope.VALUE)
def values_to_match_regex_list(
    column: Column, regex_list: Sequence[str], match_on: Literal["any", "all"] = "any"
) -> pl.Expr:
    """Any of the patterns is found in the value, or all are."""
    return _any_or_all([found(column.text, regex) for regex in regex_list], match_on)


@expectation("expect_column_values_to_not_match_regex_list", Scope.VALUE)
def values_to_not_match_regex_list(column: Column, regex_list: Sequence[str]) -> pl.Expr:
    """None of the patterns is found in the value."""
    return _any_or_all([found(column.text, regex) for regex in regex_list], "any").not_()


@expectation("expect_column_values_to_match_like_pattern", Scope.VALUE)
def values_to_match_like_pattern(column: Column, like_pattern: str, escape: str | None = None) -> pl.Expr:
    """The value is like the SQL pattern: `%` for anything, `_` for one character."""
    return like(column.text, like_pattern, escape)


@expectation("expect_column_values_to_not_match_like_pattern", Scope.VALUE)
def values_to_not_match_like_pattern(column: Column, like_pattern: str, escape: str | None = None) -> pl.Expr:
    """The value is not like the SQL pattern."""
    return like(column.text, like_pattern, escape).not_()


@expectation("expect_column_values_to_match_like_pattern_list", Scope.VALUE)
def values_to_match_like_pattern_list(
    column: Column,
    like_pattern_list: Sequence[str],
    match_on: Literal["any", "all"] = "any",
    escape: str | None = None,
) -> pl.Expr:
    """The value is like any of the SQL patterns, or all."""
    return _any_or_all([like(column.text, pattern, escape) for pattern in like_pattern_list], match_on)


@expectation("expect_column_values_to_not_match_like_pattern_list", Scope.VALUE)
def values_to_not_match_like_pattern_list(
    column: Column, like_pattern_list: Sequence[str], escape: str | None = None
) -> pl.Expr:
    """The value is like none of the SQL patterns."""
    return _any_or_all([like(column.text, pattern, escape) for pattern in like_pattern_list], "any").not_()


@expectation("expect_column_values_to_match_strftime_format", Scope.VALUE)
def values_to_match_strftime_format(column: Column, strftime_format: str) -> pl.Expr:
    """The text reads as a moment in that format of Python's `strptime`."""
    _require_readable(strftime_format)
    _require_text(column, "expect_column_values_to_match_strftime_format")
    return each_distinct_holds(column.values, _succeeds(lambda text: datetime.strptime(text, strftime_format)))  # noqa: DTZ007 - whether it reads is all that is asked


@expectation("expect_column_values_to_be_dateutil_parseable", Scope.VALUE)
def values_to_be_dateutil_parseable(column: Column) -> pl.Expr:
    """The text reads as a moment by the rules of `dateutil`."""
    _require_text(column, "expect_column_values_to_be_dateutil_parseable")
    return each_distinct_holds(column.values, _succeeds(dates.parse))


@expectation("expect_column_values_to_be_json_parseable", Scope.VALUE)
def values_to_be_json_parseable(column: Column) -> pl.Expr:
    """The text is JSON; what is no text is none."""
    if column.dtype != pl.String:
        return pl.lit(value=False)
    return each_distinct_holds(column.values, _succeeds(json.loads))


@expectation("expect_column_values_to_match_json_schema", Scope.VALUE)
def values_to_match_json_schema(column: Column, json_schema: dict[str, Any]) -> pl.Expr:
    """The text is JSON that the schema allows. Text that is no JSON is an error, not an unexpected value."""
    _require_text(column, "expect_column_values_to_match_json_schema")
    # Few suites ask for it, and it costs every command 40 ms.
    from jsonschema.validators import validator_for  # noqa: PLC0415

    kind = validator_for(json_schema)
    kind.check_schema(json_schema)
    validator = kind(json_schema)
    return each_distinct_holds(column.values, lambda text: bool(validator.is_valid(json.loads(text))))


@expectation("expect_column_values_to_be_unique", Scope.VALUE, across="identity")
def values_to_be_unique(column: Column) -> pl.Expr:
    """No other row holds the same value; every one of several equal values is unexpected."""
    return column.values.is_duplicated().not_()


@expectation("expect_column_values_to_be_increasing", Scope.VALUE, across="order")
def values_to_be_increasing(column: Column, strictly: bool | None = None) -> pl.Expr:
    """The value is not less than the one before it, or greater; missing ones are skipped."""
    values, before = _with_one_before(column)
    return before.is_null() | (values > before if strictly else values >= before)


@expectation("expect_column_values_to_be_decreasing", Scope.VALUE, across="order")
def values_to_be_decreasing(column: Column, strictly: bool | None = None) -> pl.Expr:
    """The value is not greater than the one before it, or less; missing ones are skipped."""
    values, before = _with_one_before(column)
    return before.is_null() | (values < before if strictly else values <= before)


@expectation("expect_column_value_z_scores_to_be_less_than", Scope.VALUE, across="order")
def value_z_scores_to_be_less_than(column: Column, threshold: float, double_sided: bool) -> pl.Expr:
    """The value lies less than `threshold` standard deviations (n - 1) above the mean; `double_sided`: off it. Where
    all values are equal, none is unexpected."""
    values = column.numbers
    score = (values - values.mean()) / values.std()
    below = score.abs() < abs(threshold) if double_sided else score < threshold
    return below | score.is_nan().fill_null(value=True)


@expectation("expect_column_values_to_not_be_outliers", Scope.VALUE, across="order")
def values_to_not_be_outliers(
    column: Column, method: Literal["iqr", "std"] = "iqr", multiplier: float = 1.5
) -> pl.Expr:
    """The value lies inside Tukey's fences (`iqr`; on a fence is inside), or less than `multiplier` standard
    deviations off the mean (`std`). A column without a spread to measure has no outliers."""
    values = column.numbers.cast(pl.Float64)
    if method == "iqr":
        first, third = values.quantile(0.25, "linear"), values.quantile(0.75, "linear")
        reach = (third - first) * multiplier
        return (values >= first - reach) & (values <= third + reach)
    mean, reach = values.mean(), values.std() * multiplier
    inside = pl.when(reach <= 0).then(values == mean).otherwise((values - mean).abs() < reach)
    return reach.is_null() | inside


def within(values: pl.Expr, low: Any, high: Any, *, strict_min: bool | None, strict_max: bool | None) -> pl.Expr:
    """Whether values lie within limits of which one may be open.

    Raises:
        ValueError: both are open, or the lower exceeds the upper.
    """
    if low is None and high is None:
        raise ValueError("min_value and max_value cannot both be None")
    if low is not None and high is not None and low > high:
        raise ValueError("min_value cannot be greater than max_value")
    held = []
    if low is not None:
        held.append(values > low if strict_min else values >= low)
    if high is not None:
        held.append(values < high if strict_max else values <= high)
    return pl.all_horizontal(held)


def _with_one_before(column: Column) -> tuple[pl.Expr, pl.Expr]:
    values = column.values if column.dtype.is_temporal() else column.numbers
    return values, values.forward_fill().shift(1)


def _require_text(column: Column, name: str) -> None:
    if column.dtype != pl.String:
        raise TypeError(
            f"Values passed to {name} must be of type string.\nIf you want to validate a column of dates or "
            "timestamps, please call the expectation before converting from string format."
        )


def _require_readable(strftime_format: str) -> None:
    moment = datetime(2000, 1, 1, tzinfo=UTC)
    try:
        datetime.strptime(moment.strftime(strftime_format), strftime_format)  # noqa: DTZ007 - whether it reads is all that is asked
    except ValueError as error:
        raise ValueError(f"Unable to use provided strftime_format. {error}") from error


def _any_or_all(held: list[pl.Expr], match_on: Literal["any", "all"]) -> pl.Expr:
    if not held:
        raise ValueError("the list of patterns is empty")
    return pl.any_horizontal(held) if match_on == "any" else pl.all_horizontal(held)


def _succeeds(read: Callable[[str], object]) -> Callable[[str], bool]:
    def reads(text: str) -> bool:
        try:
            read(text)
        except (ValueError, OverflowError, RecursionError):
            return False
        return True

    return reads
