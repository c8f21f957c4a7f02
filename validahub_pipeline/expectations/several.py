"""Our own expectations about each of several cells of a row, such as the columns of a product's bullet points.

Missing cells are passed over, and so are columns that a file lacks.
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from validahub_pipeline.domain import formulas, wording
from validahub_pipeline.expectations.columns import Column
from validahub_pipeline.expectations.patterns import found
from validahub_pipeline.expectations.registry import Example, Scope, our_expectation
from validahub_pipeline.expectations.values import Length, within


@our_expectation(
    "expect_multicolumn_value_lengths_to_be_between",
    Scope.RECORD,
    Example(
        holds=[("ação", "ab"), ("ab", None), (None, None)],
        fails=[("ab", "abcde"), ("a", "ab"), (None, "a")],
        kwargs={"min_value": 2, "max_value": 4},
    ),
    counts_missing=True,
    any_column=True,
)
def multicolumn_value_lengths_to_be_between(
    columns: tuple[Column, ...], min_value: Length | None = None, max_value: Length | None = None
) -> pl.Expr:
    """The length in characters of every cell lies within the limits."""
    return _each(within(column.length, min_value, max_value, strict_min=False, strict_max=False) for column in columns)


@our_expectation(
    "expect_multicolumn_length_sums_to_be_between",
    Scope.RECORD,
    Example(
        holds=[("abc", "de"), ("ação", None), (None, None)],
        fails=[("abc", "def"), ("a", None)],
        kwargs={"min_value": 2, "max_value": 5},
    ),
    counts_missing=True,
    any_column=True,
)
def multicolumn_length_sums_to_be_between(
    columns: tuple[Column, ...], min_value: Length | None = None, max_value: Length | None = None
) -> pl.Expr:
    """The lengths of the cells, added up, lie within the limits, where any of the cells is filled."""
    total = pl.sum_horizontal([column.length for column in columns])
    held = within(total, min_value, max_value, strict_min=False, strict_max=False)
    return held | pl.all_horizontal([column.missing for column in columns])


@our_expectation(
    "expect_multicolumn_values_to_match_regex",
    Scope.RECORD,
    Example(holds=[("1", "0"), ("1", None)], fails=[("1", "yes"), ("2", None)], kwargs={"regex": "^[01]$"}),
    counts_missing=True,
    any_column=True,
)
def multicolumn_values_to_match_regex(columns: tuple[Column, ...], regex: str) -> pl.Expr:
    """The pattern is found in every cell."""
    return _each(found(column.text, regex) for column in columns)


@our_expectation(
    "expect_multicolumn_values_to_not_match_regex",
    Scope.RECORD,
    Example(
        holds=[("Algodão", "Azul"), (None, None)],
        fails=[("Algodão", "N/A"), ("n/a", None)],
        kwargs={"regex": "(?i)^n/a$"},
    ),
    counts_missing=True,
    any_column=True,
)
def multicolumn_values_to_not_match_regex(columns: tuple[Column, ...], regex: str) -> pl.Expr:
    """The pattern is found in none of the cells."""
    return _each(found(column.text, regex).not_() for column in columns)


@our_expectation(
    "expect_multicolumn_values_to_have_no_contact_data",
    Scope.RECORD,
    Example(holds=[("Algodão", "Azul"), (None, "42")], fails=[("Algodão", "www.loja.com"), ("(11) 98765-4321", None)]),
    counts_missing=True,
    any_column=True,
)
def multicolumn_values_to_have_no_contact_data(columns: tuple[Column, ...]) -> pl.Expr:
    """No telephone number, e-mail or web address, @handle or invitation to a messenger in any of the cells."""
    return _each(wording.has_contact(column.text, column.seldom(wording.CONTACT)).not_() for column in columns)


@our_expectation(
    "expect_multicolumn_values_to_be_no_formula",
    Scope.RECORD,
    Example(
        holds=[
            ("Algodão", "-5 °C"),
            ("- Item (azul)", "+55 11 98765-4321"),
            ("a=b", None),
            ("-", "+10"),
            ("-1,5", "x"),
        ],
        fails=[
            ("=1+1", "x"),
            ("x", "@SUM(A1)"),
            ("\tx", None),
            ("-1+1", ""),
            ("+cmd|'C'!A0", None),
            ("- SUM(A1)", None),
        ],
    ),
    counts_missing=True,
    any_column=True,
)
def multicolumn_values_to_be_no_formula(columns: tuple[Column, ...]) -> pl.Expr:
    """No cell that a spreadsheet would run as a formula: one that begins with `=`, `@`, a tab, or a sign before
    anything but a figure, a telephone number or an item of a list."""
    return _each(formulas.may_run(column.text).not_() for column in columns)


def _each(verdicts: Iterable[pl.Expr]) -> pl.Expr:
    return pl.all_horizontal([verdict.fill_null(value=True) for verdict in verdicts])
