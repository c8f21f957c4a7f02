"""Our own expectations about how a text is worded: its words, its characters, and what it repeats of other fields."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Final

import polars as pl
from pydantic import Field

from validahub_pipeline.domain import formulas, wording
from validahub_pipeline.expectations.columns import Column
from validahub_pipeline.expectations.registry import Example, Scope, our_expectation
from validahub_pipeline.expectations.values import Length, within
from validahub_pipeline.text.distinct import each_distinct_holds
from validahub_pipeline.text.narrowing import true_but_where

_WORD: Final = re.compile(r"[^\W\d_]+")
_EITHER: Final = {"ignore_row_if": "either_value_is_missing"}


@our_expectation(
    "expect_column_value_byte_lengths_to_be_between",
    Scope.VALUE,
    Example(holds=["abcd", "çã", None], fails=["abcde", "ação", "a"], kwargs={"min_value": 2, "max_value": 4}),
)
def value_byte_lengths_to_be_between(
    column: Column, min_value: Length | None = None, max_value: Length | None = None
) -> pl.Expr:
    """The length in bytes as UTF-8, in which letters with accents take two, lies within the limits."""
    return within(column.text.str.len_bytes(), min_value, max_value, strict_min=False, strict_max=False)


@our_expectation(
    "expect_column_values_to_have_no_characters",
    Scope.VALUE,
    Example(holds=["Mesa 2 m", "a-b"], fails=["Mesa!", "10 $", "a^b", "[x]"], kwargs={"characters": "!$^[]\\"}),
)
def values_to_have_no_characters(column: Column, characters: str) -> pl.Expr:
    """None of the characters."""
    if not characters:
        raise ValueError("characters=''")
    return column.text.str.contains_any(list(characters)).not_()


@our_expectation(
    "expect_column_values_to_have_no_repeated_words",
    Scope.VALUE,
    Example(
        holds=["Copo de vidro e copo de louça", "10 10 10", "de de de"],
        fails=["Copo, COPO e copo", "Açaí açaí AÇAÍ"],
        kwargs={"max_count": 2, "except_words": ["de"]},
    ),
)
def values_to_have_no_repeated_words(
    column: Column, max_count: Annotated[int, Field(ge=1)], except_words: Sequence[str] = ()
) -> pl.Expr:
    """No word more often than that, without regard to case; numbers and the words excepted are none."""
    excepted = {word.lower() for word in except_words}

    def varied(value: str) -> bool:
        counts = Counter(word for word in _WORD.findall(value.lower()) if word not in excepted)
        return max(counts.values(), default=0) <= max_count

    return each_distinct_holds(column.text, varied)


@our_expectation(
    "expect_column_pair_values_a_to_not_contain_b",
    Scope.PAIR,
    Example(
        holds=[("Tênis azulado", "Azul"), ("Camiseta", "M"), ("Camiseta", None)],
        fails=[("Tênis AZUL 42", "azul"), ("Sofá, marrom-claro", "Marrom claro"), ("Rádio 110 V", "110v")],
        kwargs=_EITHER,
    ),
)
def pair_values_a_to_not_contain_b(column_a: Column, column_b: Column) -> pl.Expr:
    """The text of A does not hold that of B as whole words, without regard to case, accents and punctuation."""
    within_a, of_b = wording.bare_words(column_a.text), wording.bare_words(column_b.text)
    return within_a.str.contains(of_b, literal=True).not_()


@our_expectation(
    "expect_column_pair_values_a_to_name_no_brand_but_b",
    Scope.PAIR,
    Example(
        holds=[
            ("Celular Samsung Galaxy A54", "SAMSUNG"),
            ("Capa para Samsung e Motorola", "Ipê"),
            ("Lente compatível com Sony", "Ipê"),
            ("Cadeira", "Ipê"),
            ("Capa Samsung", None),
        ],
        fails=[("Capa Samsung A54", "Ipê"), ("Fonte SONY para notebook", "Ipê")],
        kwargs=_EITHER | {"brands": ["Samsung", "Sony", "Motorola"], "unless_after": ["para", "compatível com"]},
    ),
)
def pair_values_a_to_name_no_brand_but_b(
    column_a: Column, column_b: Column, brands: Sequence[str], unless_after: Sequence[str]
) -> pl.Expr:
    """The text of A names none of the brands, other than the one in B; what follows one of the words that say what a
    product is for does not count."""
    if not brands or not unless_after:
        raise ValueError(f"brands={list(brands)!r}, unless_after={list(unless_after)!r}")
    wanted = _bare(brands)
    purpose, name = "|".join(_bare(unless_after)), "|".join(wanted)

    def named(a: pl.Expr) -> pl.Expr:
        return wording.bare_words(a).str.replace(rf" (?:{purpose}) .*$", " ").str.extract(rf"( (?:{name}) )")

    def is_own(named: pl.Expr, b: pl.Expr) -> pl.Expr:
        return wording.bare_words(b).str.contains(named, literal=True)

    return true_but_where(column_a.text, column_b.text, wording.may_name(wanted), named, is_own)


def _bare(words: Sequence[str]) -> list[str]:
    bare = pl.DataFrame({"word": list(words)}).select(wording.bare_words(pl.col("word"))).to_series()
    return [word.strip() for word in bare]


@our_expectation(
    "expect_column_values_to_be_no_formula",
    Scope.VALUE,
    Example(
        holds=["Algodão", "-5 °C", "- Item (azul)", "+55 11 98765-4321", "a=b", "-", "+10", "-1,5"],
        fails=["=1+1", "@SUM(A1)", "\tx", "-1+1", "+cmd|'C'!A0", "- SUM(A1)"],
    ),
)
def values_to_be_no_formula(column: Column) -> pl.Expr:
    """Nothing that a spreadsheet would run as a formula: a text that begins with `=`, `@`, a tab, or a sign before
    anything but a figure, a telephone number or an item of a list."""
    return formulas.may_run(column.text).not_()
