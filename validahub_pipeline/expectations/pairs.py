"""Expectations about two values of each row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from validahub_pipeline.expectations.columns import Column
from validahub_pipeline.expectations.registry import Scope, expectation


@expectation("expect_column_pair_values_to_be_equal", Scope.PAIR)
def pair_values_to_be_equal(column_a: Column, column_b: Column) -> pl.Expr:
    """Both are the same; a missing value equals nothing, not even another."""
    if _alike(column_a, column_b):
        return column_a.values == column_b.values
    return pl.lit(value=False)


@expectation("expect_column_pair_values_a_to_be_greater_than_b", Scope.PAIR)
def pair_values_a_to_be_greater_than_b(column_a: Column, column_b: Column, or_equal: bool | None = None) -> pl.Expr:
    """A is greater than B, or equal to it."""
    if not _alike(column_a, column_b):
        raise TypeError(f"'>' not supported between {column_a.dtype} and {column_b.dtype}")
    a, b = column_a.magnitudes, column_b.magnitudes
    return a >= b if or_equal else a > b


@expectation("expect_column_pair_values_to_be_in_set", Scope.PAIR)
def pair_values_to_be_in_set(column_a: Column, column_b: Column, value_pairs_set: Sequence[tuple[Any, Any]]) -> pl.Expr:
    """The pair is one of the set, in which null stands for a missing value."""
    by_first: dict[Any, list[Any]] = {}
    for first, second in value_pairs_set:
        by_first.setdefault(first, []).append(second)
    held = [_one_of(column_a, [first]) & _one_of(column_b, seconds) for first, seconds in by_first.items()]
    return pl.any_horizontal(held) if held else pl.lit(value=False)


def _one_of(column: Column, values: Sequence[Any]) -> pl.Expr:
    held = column.values.is_in(column.members(values).implode()).fill_null(value=False)
    return held | column.missing if any(value is None for value in values) else held


def _alike(one: Column, other: Column) -> bool:
    return (
        one.dtype == other.dtype
        or (one.comparable_by_size and other.comparable_by_size)
        or (one.dtype.is_temporal() and other.dtype.is_temporal())
    )
