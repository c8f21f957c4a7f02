"""Our own expectations, for what Great Expectations has no word for: the cells of a product catalogue.

Each takes the field as `column`; missing cells are never violations here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import polars as pl

from validahub_pipeline.engine.domain import gtin, markup, notation, wording
from validahub_pipeline.engine.expectations.registry import Cell, expectation
from validahub_pipeline.text import mojibake


@expectation("expect_column_values_to_be_decimal_number")
def values_to_be_decimal_number(column: Cell) -> pl.Expr:
    """A number with a dot for its decimals and nothing else: `1234.56`."""
    return column.text.str.contains(notation.DECIMAL)


@expectation("expect_column_values_to_be_whole_number")
def values_to_be_whole_number(column: Cell) -> pl.Expr:
    """A number without decimals: `12`, not `12.0`."""
    return column.text.str.contains(notation.WHOLE)


@expectation("expect_column_values_to_be_valid_gtin")
def values_to_be_valid_gtin(column: Cell) -> pl.Expr:
    """8, 12, 13 or 14 digits whose last is the check digit (GS1, mod 10)."""
    return gtin.is_gtin(column.text)


@expectation("expect_column_values_to_have_no_scientific_notation")
def values_to_have_no_scientific_notation(column: Cell) -> pl.Expr:
    """No `7,8983E+12` or `7.8983E+12`: the digits it hides are lost for good."""
    return column.text.str.contains(gtin.SCIENTIFIC).not_()


@expectation("expect_column_values_to_have_no_excel_rounding")
def values_to_have_no_excel_rounding(column: Cell) -> pl.Expr:
    """Not 13 or 14 digits that end in five or more zeros, as a rounded `7,8983E+12` does once it is text again."""
    return column.text.str.contains(gtin.EXCEL_ROUNDED).not_()


@expectation("expect_column_values_to_be_valid_ncm")
def values_to_be_valid_ncm(column: Cell) -> pl.Expr:
    """The eight digits of a code of the Nomenclatura Comum do Mercosul, without dots."""
    return column.text.str.contains(r"^[0-9]{8}$")


@expectation("expect_column_values_to_have_no_html")
def values_to_have_no_html(column: Cell) -> pl.Expr:
    """Neither tags nor entities."""
    return column.text.str.contains(markup.MARKUP).not_()


@expectation("expect_column_values_to_have_no_contact_data")
def values_to_have_no_contact_data(column: Cell) -> pl.Expr:
    """No Brazilian phone number, e-mail or web address, @handle or invitation to a messenger."""
    return wording.has_contact(column.text).not_()


@expectation("expect_column_values_to_have_no_promotional_words")
def values_to_have_no_promotional_words(column: Cell, words: Sequence[str]) -> pl.Expr:
    """None of the words or phrases, whole, without regard to case or accents."""
    if not words:
        raise ValueError("words=[]")
    return column.text.str.contains(wording.promotional(words)).not_()


@expectation("expect_column_values_to_not_be_all_caps")
def values_to_not_be_all_caps(column: Cell, min_length: int) -> pl.Expr:
    """Not capitals only, where there are at least `min_length` letters."""
    return wording.is_shouted(column.text, min_length).not_()


@expectation("expect_column_values_to_have_no_mojibake")
def values_to_have_no_mojibake(column: Cell) -> pl.Expr:
    """No text misread on its way (`AÃ§aÃ­`) and no replacement character where a letter was lost."""
    return column.text.str.contains(f"{mojibake.DAMAGED}|{mojibake.LOST}").not_()


@expectation("expect_column_values_to_be_valid_url_list")
def values_to_be_valid_url_list(column: Cell, separator: str) -> pl.Expr:
    """One or more http or https addresses with `separator` (and spaces) between them; one may follow the last."""
    if not separator.strip():
        raise ValueError(f"separator={separator!r}")
    # With ^ and - escaped, any separator is safe inside a character class.
    apart = re.escape(separator.strip())
    address = rf"(?i:https?)://[^\s/?#<>\"{apart}]+\.[^\s<>\"{apart}]+"
    return column.text.str.contains(rf"^\s*{address}(?:\s*{apart}\s*{address})*\s*(?:{apart})?\s*$")
