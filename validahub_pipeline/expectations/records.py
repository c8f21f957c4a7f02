"""Expectations about several values of each row."""

from __future__ import annotations

import itertools

import polars as pl

from validahub_pipeline.expectations.columns import Column
from validahub_pipeline.expectations.registry import Scope, expectation


@expectation("expect_compound_columns_to_be_unique", Scope.RECORD, across="identity")
def compound_columns_to_be_unique(columns: tuple[Column, ...]) -> pl.Expr:
    """No other row holds the same values in these columns; a missing value equals another."""
    first, *others = columns
    together = pl.struct([column.values.alias(str(place)) for place, column in enumerate(columns)])
    together = first.values if not others else together
    return together.is_duplicated().not_()


@expectation("expect_select_column_values_to_be_unique_within_record", Scope.RECORD)
def select_column_values_to_be_unique_within_record(columns: tuple[Column, ...]) -> pl.Expr:
    """All values of the row differ; a missing value equals another."""
    differ = [
        one.values.ne_missing(other.values) if _comparable(one, other) else (one.missing & other.missing).not_()
        for one, other in itertools.combinations(columns, 2)
    ]
    return pl.all_horizontal(differ) if differ else pl.lit(value=True)


@expectation("expect_multicolumn_values_to_be_equal", Scope.RECORD)
def multicolumn_values_to_be_equal(columns: tuple[Column, ...]) -> pl.Expr:
    """All values of the row are the same; a missing value equals another."""
    first = columns[0]
    same = [
        first.values.eq_missing(other.values) if _comparable(first, other) else first.missing & other.missing
        for other in columns[1:]
    ]
    return pl.all_horizontal(same) if same else pl.lit(value=True)


@expectation("expect_multicolumn_sum_to_equal", Scope.RECORD)
def multicolumn_sum_to_equal(columns: tuple[Column, ...], sum_total: float) -> pl.Expr:
    """The values of the row add up to the total; with one of them missing they don't."""
    return pl.sum_horizontal([column.numbers for column in columns], ignore_nulls=False) == sum_total


def _comparable(one: Column, other: Column) -> bool:
    return one.dtype == other.dtype or (one.comparable_by_size and other.comparable_by_size)
