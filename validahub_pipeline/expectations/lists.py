"""Our own expectations about cells that hold a list, such as the addresses of pictures or a product's bullet points.

`separator` stands between the entries; white space around an entry and entries without anything else do not count.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from validahub_pipeline.expectations.columns import Column
from validahub_pipeline.expectations.patterns import found
from validahub_pipeline.expectations.registry import Example, Scope, our_expectation
from validahub_pipeline.expectations.values import Length, within


@our_expectation(
    "expect_column_list_lengths_to_be_between",
    Scope.VALUE,
    Example(
        holds=["a", "a, b", "a,,b,", None],
        fails=["a,b,c", ","],
        kwargs={"separator": ",", "min_value": 1, "max_value": 2},
    ),
)
def list_lengths_to_be_between(
    column: Column, separator: str, min_value: Length | None = None, max_value: Length | None = None
) -> pl.Expr:
    """The number of entries lies within the limits."""
    return within(_entries(column, separator).list.len(), min_value, max_value, strict_min=False, strict_max=False)


@our_expectation(
    "expect_column_list_entry_lengths_to_be_between",
    Scope.VALUE,
    Example(
        holds=["ação", "ab;  abcd ;"],
        fails=["ab;abcde", "a"],
        kwargs={"separator": ";", "min_value": 2, "max_value": 4},
    ),
)
def list_entry_lengths_to_be_between(
    column: Column, separator: str, min_value: Length | None = None, max_value: Length | None = None
) -> pl.Expr:
    """The length in characters of every entry lies within the limits."""
    length = pl.element().str.len_chars()
    return _each(column, separator, within(length, min_value, max_value, strict_min=False, strict_max=False))


@our_expectation(
    "expect_column_list_entries_to_match_regex",
    Scope.VALUE,
    Example(holds=["a1", "a1 | b2"], fails=["a1|b", "x"], kwargs={"separator": "|", "regex": r"\d$"}),
)
def list_entries_to_match_regex(column: Column, separator: str, regex: str) -> pl.Expr:
    """The pattern is found in every entry."""
    return _each(column, separator, found(pl.element(), regex))


@our_expectation(
    "expect_column_list_entries_to_not_match_regex",
    Scope.VALUE,
    Example(holds=["a.jpg", "a.jpg,b.png"], fails=["a.jpg,b.gif"], kwargs={"separator": ",", "regex": r"\.gif$"}),
)
def list_entries_to_not_match_regex(column: Column, separator: str, regex: str) -> pl.Expr:
    """The pattern is found in no entry."""
    return _each(column, separator, found(pl.element(), regex).not_())


@our_expectation(
    "expect_column_list_entries_to_be_in_set",
    Scope.VALUE,
    Example(
        holds=["simple", "simple, virtual"],
        fails=["simple, Virtual", "simple,odd"],
        kwargs={"separator": ",", "value_set": ["simple", "virtual"]},
    ),
)
def list_entries_to_be_in_set(column: Column, separator: str, value_set: Sequence[str]) -> pl.Expr:
    """Every entry is one of the set."""
    return _each(column, separator, pl.element().is_in(list(value_set)))


@our_expectation(
    "expect_column_list_entries_to_be_unique",
    Scope.VALUE,
    Example(holds=["a", "a,b", "a,A,,"], fails=["a,b, a"], kwargs={"separator": ","}),
)
def list_entries_to_be_unique(column: Column, separator: str) -> pl.Expr:
    """No entry stands in the list twice."""
    entries = _entries(column, separator)
    return entries.list.n_unique() == entries.list.len()


def _each(column: Column, separator: str, holds: pl.Expr) -> pl.Expr:
    return _entries(column, separator).list.eval(holds).list.all()


def _entries(column: Column, separator: str) -> pl.Expr:
    if not separator.strip():
        raise ValueError(f"separator={separator!r}")
    stripped = pl.element().str.strip_chars()
    return column.text.str.split(separator.strip()).list.eval(stripped.filter(stripped != ""))
