"""Great Expectations' own expectations, by its names and kwargs, with its treatment of nulls (GX Core 1.24).

Values are text; where an expectation compares numbers, cells are read leniently, and what is no number is unknown.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import polars as pl

from validahub_pipeline.engine.domain import regex as patterns
from validahub_pipeline.engine.expectations.registry import Cell, Cells, Scope, expectation


@expectation("expect_column_to_exist", scope=Scope.FILE)
def column_to_exist(column: Cell) -> pl.Expr:
    """The file has a column for the field; judged when columns are matched, true wherever there is a row to ask."""
    return column.text.is_null() | pl.lit(value=True)


@expectation("expect_column_values_to_not_be_null")
def values_to_not_be_null(column: Cell) -> pl.Expr:
    """There is something in the cell."""
    return column.text.is_not_null()


@expectation("expect_column_values_to_be_null")
def values_to_be_null(column: Cell) -> pl.Expr:
    """There is nothing in the cell."""
    return column.text.is_null()


@expectation("expect_column_values_to_be_in_set")
def values_to_be_in_set(column: Cell, value_set: Sequence[object]) -> pl.Expr:
    """The cell is one of the values, letter by letter."""
    return column.text.is_in(_texts(value_set))


@expectation("expect_column_values_to_not_be_in_set")
def values_to_not_be_in_set(column: Cell, value_set: Sequence[object]) -> pl.Expr:
    """The cell is none of the values."""
    return column.text.is_in(_texts(value_set)).not_()


@expectation("expect_column_values_to_be_between")
def values_to_be_between(
    column: Cell,
    min_value: float | None = None,
    max_value: float | None = None,
    strict_min: bool = False,
    strict_max: bool = False,
) -> pl.Expr:
    """The number lies within the limits, which belong to the range unless they are strict."""
    return _between(column.number, min_value, max_value, strict_min=strict_min, strict_max=strict_max)


@expectation("expect_column_value_lengths_to_be_between")
def value_lengths_to_be_between(
    column: Cell,
    min_value: int | None = None,
    max_value: int | None = None,
    strict_min: bool = False,
    strict_max: bool = False,
) -> pl.Expr:
    """The cell's length in characters lies within the limits."""
    return _between(column.text.str.len_chars(), min_value, max_value, strict_min=strict_min, strict_max=strict_max)


@expectation("expect_column_value_lengths_to_equal")
def value_lengths_to_equal(column: Cell, value: int) -> pl.Expr:
    """The cell has exactly that many characters."""
    return column.text.str.len_chars() == value


@expectation("expect_column_values_to_match_regex")
def values_to_match_regex(column: Cell, regex: str) -> pl.Expr:
    """The pattern is found in the cell, anywhere unless it is anchored."""
    return patterns.found(column.text, regex)


@expectation("expect_column_values_to_not_match_regex")
def values_to_not_match_regex(column: Cell, regex: str) -> pl.Expr:
    """The pattern is not found in the cell."""
    return patterns.found(column.text, regex).not_()


@expectation("expect_column_values_to_match_regex_list")
def values_to_match_regex_list(
    column: Cell, regex_list: Sequence[str], match_on: Literal["any", "all"] = "any"
) -> pl.Expr:
    """Any of the patterns is found in the cell, or all are."""
    if match_on not in {"any", "all"} or not regex_list:
        raise ValueError(f"match_on={match_on!r}, regex_list={list(regex_list)!r}")
    matches = [patterns.found(column.text, regex) for regex in regex_list]
    return pl.any_horizontal(matches) if match_on == "any" else pl.all_horizontal(matches)


@expectation("expect_column_values_to_not_match_regex_list")
def values_to_not_match_regex_list(column: Cell, regex_list: Sequence[str]) -> pl.Expr:
    """None of the patterns is found in the cell."""
    if not regex_list:
        raise ValueError("regex_list=[]")
    return pl.any_horizontal([patterns.found(column.text, regex) for regex in regex_list]).not_()


@expectation("expect_column_values_to_be_unique", scope=Scope.COLUMN)
def values_to_be_unique(column: Cell) -> pl.Expr:
    """No other row holds the same value; every one of several equal values violates."""
    return pl.when(column.text.is_not_null()).then(column.text.hash())


@expectation("expect_compound_columns_to_be_unique", scope=Scope.COLUMN)
def compound_columns_to_be_unique(column_list: Cells) -> pl.Expr:
    """No other row holds the same values in these columns; rows where all are missing are not asked, and a missing
    value equals another."""
    texts = [cell.text for cell in column_list]
    some = pl.any_horizontal([text.is_not_null() for text in texts])
    return pl.when(some).then(pl.struct([text.alias(str(place)) for place, text in enumerate(texts)]).hash())


@expectation("expect_column_pair_values_a_to_be_greater_than_b")
def pair_values_a_to_be_greater_than_b(
    column_A: Cell,  # noqa: N803 - Great Expectations spells it so
    column_B: Cell,  # noqa: N803
    or_equal: bool = False,
    ignore_row_if: Literal["both_values_are_missing", "either_value_is_missing", "neither"] = "both_values_are_missing",
) -> pl.Expr:
    """The number in A is greater than the one in B. As in Great Expectations, a row with only one of the two violates
    unless `ignore_row_if` says `either_value_is_missing`."""
    a, b = column_A, column_B
    greater = a.number >= b.number if or_equal else a.number > b.number
    some_missing = a.text.is_null() | b.text.is_null()
    both_missing = a.text.is_null() & b.text.is_null()
    match ignore_row_if:
        case "either_value_is_missing":
            return pl.when(some_missing.not_()).then(greater)
        case "both_values_are_missing":
            return pl.when(both_missing).then(None).when(some_missing).then(pl.lit(value=False)).otherwise(greater)
        case "neither":
            return pl.when(some_missing).then(pl.lit(value=False)).otherwise(greater)
        case _:
            raise ValueError(f"ignore_row_if={ignore_row_if!r}")


def _between(
    value: pl.Expr,
    min_value: float | None,
    max_value: float | None,
    *,
    strict_min: bool,
    strict_max: bool,
) -> pl.Expr:
    if min_value is None and max_value is None:
        raise ValueError("min_value=None, max_value=None")
    limits = []
    if min_value is not None:
        limits.append(value > min_value if strict_min else value >= min_value)
    if max_value is not None:
        limits.append(value < max_value if strict_max else value <= max_value)
    return pl.all_horizontal(limits)


def _texts(values: Sequence[object]) -> list[str]:
    return [str(value) for value in values if value is not None]
