"""Our own expectations about cells that hold a list, such as the addresses of pictures or a product's bullet points.

`separator` stands between the entries; white space around an entry and entries without anything else do not count.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import polars as pl

from validahub_pipeline.expectations.columns import Column
from validahub_pipeline.expectations.patterns import END, found, translated
from validahub_pipeline.expectations.registry import Example, Scope, our_expectation
from validahub_pipeline.expectations.values import Length, within
from validahub_pipeline.text.narrowing import only_where


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
    mark = _mark(separator)

    def holds(text: pl.Expr) -> pl.Expr:
        return within(_entries(text, mark).list.len(), min_value, max_value, strict_min=False, strict_max=False)

    if min_value is not None or max_value is None:
        return holds(column.text)
    # There are no more entries than one after each separator, which takes less to count.
    return only_where(
        column.text,
        lambda text: text.str.count_matches(mark, literal=True) >= max_value,
        lambda text: holds(text).not_(),
    ).not_()


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
    mark = _mark(separator)

    def refused(text: pl.Expr) -> pl.Expr:
        return _entries(text, mark).list.eval(found(pl.element(), regex)).list.any()

    possible = _in_whole(regex, mark)
    return (only_where(column.text, possible, refused) if possible else refused(column.text)).not_()


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
    entries = _entries(column.text, _mark(separator))
    return entries.list.n_unique() == entries.list.len()


def _each(column: Column, separator: str, holds: pl.Expr) -> pl.Expr:
    return _entries(column.text, _mark(separator)).list.eval(holds).list.all()


def _entries(text: pl.Expr, mark: str) -> pl.Expr:
    stripped = pl.element().str.strip_chars()
    return text.str.split(mark).list.eval(stripped.filter(stripped != ""))


def _mark(separator: str) -> str:
    if not separator.strip():
        raise ValueError(f"separator={separator!r}")
    return separator.strip()


def _in_whole(regex: str, mark: str) -> str | None:
    """A pattern that is found in the whole list wherever the given one is found in an entry; None where what stands
    around the entries could keep it from that."""
    in_rust = translated(regex)
    if in_rust is None:
        return None
    body = in_rust.removesuffix(END)
    if END in body or "^" in body.replace("[^", "").replace(r"\^", ""):
        return None
    return body if body == in_rust else rf"{body}\s*(?:{re.escape(mark)}|\z)"
