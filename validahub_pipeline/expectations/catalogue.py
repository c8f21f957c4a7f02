"""Our own expectations, for what Great Expectations has no word for: the cells of a product catalogue.

Each takes the field as `column`; missing cells are never violations here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated

import polars as pl
from pydantic import Field

from validahub_pipeline.domain import markup, notation, wording
from validahub_pipeline.expectations.columns import Column
from validahub_pipeline.expectations.registry import Example, Scope, our_expectation
from validahub_pipeline.expectations.values import within
from validahub_pipeline.text import mojibake


@our_expectation(
    "expect_column_values_to_be_decimal_number",
    Scope.VALUE,
    Example(holds=["1", "-1.50", " 2.5 ", "007"], fails=["1,5", "1.", ".5", "R$ 1", "1e3", "x", "1.234,5"]),
)
def values_to_be_decimal_number(column: Column) -> pl.Expr:
    """A number with a dot for its decimals and nothing else: `1234.56`."""
    return column.text.str.contains(notation.DECIMAL)


@our_expectation(
    "expect_column_values_to_be_whole_number", Scope.VALUE, Example(holds=["0", "-3"], fails=["1.0", "1,0", "x"])
)
def values_to_be_whole_number(column: Column) -> pl.Expr:
    """A number without decimals: `12`, not `12.0`."""
    return column.text.str.contains(notation.WHOLE)


@our_expectation(
    "expect_column_values_to_be_valid_ncm",
    Scope.VALUE,
    Example(holds=["85171231"], fails=["8517.12.31", "8517123", "851712310"]),
)
def values_to_be_valid_ncm(column: Column) -> pl.Expr:
    """The eight digits of a code of the Nomenclatura Comum do Mercosul, without dots."""
    return column.text.str.contains(r"^[0-9]{8}$")


@our_expectation(
    "expect_column_values_to_have_no_html",
    Scope.VALUE,
    Example(
        holds=["a < b > c", "P&G", "x &reg=1", "1<2"],
        fails=["<b>x</b>", "a<br>b", "x&nbsp;y", "&#39;", "</p>", "<!-- x -->"],
    ),
)
def values_to_have_no_html(column: Column) -> pl.Expr:
    """Neither tags nor entities."""
    return column.text.str.contains(markup.MARKUP).not_()


@our_expectation(
    "expect_column_values_to_have_no_contact_data",
    Scope.VALUE,
    Example(
        holds=[
            "Tênis 42",
            "7891000100103",
            "Smartwatch com WhatsApp",
            "ref. 1234-5678",
            "3.5mm",
            "a @ b",
            '<div class="flex @container/x">a</div>',
            '<img src="https://cdn.loja.com.br/a.jpg">',
            "Abra http://192.168.10.1/ no navegador",
        ],
        fails=[
            "(11) 98765-4321",
            "11 98765-4321",
            "+55 11 98765 4321",
            "x@y.com.br",
            "https://loja.com",
            "https://123loja.com",
            "www.loja.com",
            "loja.com.br",
            "siga @loja_x",
            "zap 11 98765-4321",
            "chame no whats",
            "wa.me/5511",
            '<a class="x" href="https://wa.me/5511">aqui</a>',
        ],
    ),
)
def values_to_have_no_contact_data(column: Column) -> pl.Expr:
    """No Brazilian phone number, e-mail or web address, @handle or invitation to a messenger."""
    return wording.has_contact(column.text, column.seldom(wording.CONTACT)).not_()


@our_expectation(
    "expect_column_values_to_have_no_promotional_words",
    Scope.VALUE,
    Example(
        holds=["Promocional", "Frete", '<img alt="Frete grátis">'],
        fails=["FRETE GRATIS", "promoção!", "em Promocao já", "<b>Promoção</b>"],
        kwargs={"words": ["frete grátis", "promoção"]},
    ),
)
def values_to_have_no_promotional_words(column: Column, words: Sequence[str]) -> pl.Expr:
    """None of the words or phrases, whole, without regard to case or accents; what stands inside a tag does not
    show."""
    if not words:
        raise ValueError("words=[]")
    return wording.has_promotion(column.text, column.seldom(wording.promotional(words)), words).not_()


@our_expectation(
    "expect_column_values_to_not_be_all_caps",
    Scope.VALUE,
    Example(holds=["TÊNI", "Tênis", "123456", "ABC 123"], fails=["TÊNIS", "TÊNIS 42 LED"], kwargs={"min_length": 5}),
)
def values_to_not_be_all_caps(column: Column, min_length: int) -> pl.Expr:
    """Not capitals only, where there are at least `min_length` letters."""
    return wording.is_shouted(column.text, min_length).not_()


@our_expectation(
    "expect_column_values_to_have_no_mojibake",
    Scope.VALUE,
    Example(holds=["Açaí", "“MAÇÔ", "MAÇÃ\u00a0VERDE", "20 °C"], fails=["AÃ§aÃ­", "â€œx", "NÂº", "Ol\ufffd"]),
)
def values_to_have_no_mojibake(column: Column) -> pl.Expr:
    """No text misread on its way (`AÃ§aÃ­`) and no replacement character where a letter was lost."""
    return mojibake.is_damaged_or_lost(column.text).not_()


@our_expectation(
    "expect_column_values_to_be_valid_url_list",
    Scope.VALUE,
    Example(
        holds=["https://a.com/x.jpg", "http://a.com/x, https://b.com/y", "https://a.com/x,"],
        fails=["a.jpg", "ftp://a.com/x", "https://a.com/x,b.jpg", "https://a.com/x y", "https://a"],
        kwargs={"separator": ","},
    ),
)
def values_to_be_valid_url_list(column: Column, separator: str) -> pl.Expr:
    """One or more http or https addresses with `separator` (and spaces) between them; one may follow the last."""
    if not separator.strip():
        raise ValueError(f"separator={separator!r}")
    # With ^ and - escaped, any separator is safe inside a character class.
    apart = re.escape(separator.strip())
    address = rf"(?i:https?)://[^\s/?#<>\"{apart}]+\.[^\s<>\"{apart}]+"
    return column.text.str.contains(rf"^\s*{address}(?:\s*{apart}\s*{address})*\s*(?:{apart})?\s*$")


@our_expectation(
    "expect_column_values_to_recur_at_most",
    Scope.VALUE,
    Example(holds=["a", "b", "a", None, None, None, "A"], fails=["a", "a"], kwargs={"max_count": 2}),
    across="identity",
)
def values_to_recur_at_most(column: Column, max_count: Annotated[int, Field(ge=1)]) -> pl.Expr:
    """The value is in no more rows than that; those beyond are unexpected."""
    return column.values.cum_count().over(column.values) <= max_count


@our_expectation(
    "expect_multicolumn_values_to_be_all_or_none",
    Scope.RECORD,
    Example(holds=[("85171300", "2106400"), (None, None)], fails=[("85171300", None), (None, "2106400")]),
)
def multicolumn_values_to_be_all_or_none(columns: tuple[Column, ...]) -> pl.Expr:
    """All of the row's values are there, or none is."""
    return pl.all_horizontal([column.missing.not_() for column in columns])


@our_expectation(
    "expect_multicolumn_values_to_not_all_be_null",
    Scope.RECORD,
    Example(holds=[("Azul", None), (None, "P"), ("Azul", "P")], fails=[(None, None)]),
    counts_missing=True,
    any_column=True,
)
def multicolumn_values_to_not_all_be_null(columns: tuple[Column, ...]) -> pl.Expr:
    """At least one of the row's values is there; a column that a file lacks holds none."""
    return pl.any_horizontal([column.missing.not_() for column in columns])


@our_expectation(
    "expect_multicolumn_sums_to_be_between",
    Scope.RECORD,
    Example(
        holds=[("1", "2"), (None, None), ("2", "2.5")],
        fails=[("2", "3")],
        kwargs={"min_value": 1, "max_value": 4.5},
        numbers=True,
    ),
)
def multicolumn_sums_to_be_between(
    columns: tuple[Column, ...], min_value: float | None = None, max_value: float | None = None
) -> pl.Expr:
    """The values of the row, added up, lie within the limits."""
    total = pl.sum_horizontal([column.numbers for column in columns], ignore_nulls=False)
    return within(total, min_value, max_value, strict_min=False, strict_max=False)
