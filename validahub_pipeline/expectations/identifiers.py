"""Our own expectations about what identifies a product: GTIN, UPC-E, ISBN."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import polars as pl

from validahub_pipeline.domain import gtin
from validahub_pipeline.expectations.columns import Column
from validahub_pipeline.expectations.registry import Example, Scope, our_expectation


@our_expectation(
    "expect_column_values_to_be_valid_gtin",
    Scope.VALUE,
    Example(
        holds=["7891000100103", "036000291452", "96385074", "17891000100100"],
        fails=["7891000100104", "36000291452", "789100010010", "7891000100103 ", "+7891000100103", "7,8983E+12", "abc"],
    ),
)
def values_to_be_valid_gtin(column: Column, or_written_as: Sequence[Literal["isbn10", "upc_e"]] = ()) -> pl.Expr:
    """8, 12, 13 or 14 digits whose last is the check digit (GS1, mod 10), or one of the older ways to write one."""
    older = {"isbn10": _is_isbn10, "upc_e": _is_upc_e}
    return pl.any_horizontal([gtin.is_gtin(column.text), *(older[way](column) for way in or_written_as)])


@our_expectation(
    "expect_column_values_to_have_no_scientific_notation",
    Scope.VALUE,
    Example(holds=["7891000100103", "12E3", "E+12"], fails=["7,8983E+12", "7.8983E+12", "789e+10", " 7E+12 "]),
)
def values_to_have_no_scientific_notation(column: Column) -> pl.Expr:
    """No `7,8983E+12` or `7.8983E+12`: the digits it hides are lost for good."""
    return column.seldom(gtin.SCIENTIFIC).not_()


@our_expectation(
    "expect_column_values_to_have_no_excel_rounding",
    Scope.VALUE,
    Example(holds=["7891000100103", "7891000010000", "789100000000"], fails=["7898300000000", "17898300000000"]),
)
def values_to_have_no_excel_rounding(column: Column) -> pl.Expr:
    """Not 13 or 14 digits that end in five or more zeros, as a rounded `7,8983E+12` does once it is text again."""
    return column.seldom(gtin.EXCEL_ROUNDED).not_()


@our_expectation(
    "expect_column_values_to_not_be_isbn10",
    Scope.VALUE,
    Example(holds=["9788535902778", "8535902770", "853590277X"], fails=["8535902775", "85-359-0277-5", "080442957X"]),
)
def values_to_not_be_isbn10(column: Column) -> pl.Expr:
    """No book number of ten digits with a right check digit (mod 11), which has an equal of thirteen."""
    return _is_isbn10(column).not_()


@our_expectation(
    "expect_column_values_to_not_be_upc_e",
    Scope.VALUE,
    Example(holds=["042100005264", "96385074", "04252615"], fails=["04252614", "01234531"]),
)
def values_to_not_be_upc_e(column: Column) -> pl.Expr:
    """No UPC without its zeros, as small packages carry it, unless the eight digits are a GTIN-8 as well."""
    return _is_upc_e(column).not_()


@our_expectation(
    "expect_column_values_to_have_no_gtin_prefix",
    Scope.VALUE,
    Example(
        holds=["7891000100103", "96385074", "2000000000018", "020"],
        fails=["2000000000015", "0200000000011", "200000000011", "12000000000012", "9812345678902"],
        kwargs={"prefixes": ["02", "04", "2", "981"]},
    ),
)
def values_to_have_no_gtin_prefix(column: Column, prefixes: Sequence[str]) -> pl.Expr:
    """No valid GTIN that starts with one of the prefixes, as 13 digits: a UPC has a zero before it, and the first of 14
    digits does not count. GTIN-8 has prefixes of its own."""
    if not prefixes or not all(prefix.isdecimal() for prefix in prefixes):
        raise ValueError(f"prefixes={list(prefixes)!r}")
    return gtin.has_prefix(column.text, column.seldom(gtin.may_have_prefix(prefixes)), prefixes).not_()


@our_expectation(
    "expect_column_values_to_not_be_placeholder_gtin",
    Scope.VALUE,
    Example(
        holds=["7891000100103", "1234", "0000"],
        fails=["00000000", "1111111111116", "1234567890128", "12345670", "7891234567895"],
    ),
)
def values_to_not_be_placeholder_gtin(column: Column) -> pl.Expr:
    """Not one digit all along, nor digits that count up or down: typed because a form asked for a code."""
    return column.seldom(gtin.PLACEHOLDER).not_()


def _is_isbn10(column: Column) -> pl.Expr:
    return gtin.is_isbn10(column.text, column.seldom(gtin.LIKE_ISBN10))


def _is_upc_e(column: Column) -> pl.Expr:
    return gtin.is_upc_e(column.text, column.seldom(gtin.LIKE_UPC_E))
