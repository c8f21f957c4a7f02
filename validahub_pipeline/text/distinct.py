"""Python functions on cells, called once per distinct text."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl


def each_distinct(text: pl.Expr, change: Callable[[str], str]) -> pl.Expr:
    """The text after `change`; null stays null."""

    def changed(cells: pl.Series) -> pl.Series:
        distinct = cells.unique().drop_nulls()
        return cells.replace(distinct, pl.Series([change(cell) for cell in distinct], dtype=pl.String))

    return text.map_batches(changed, return_dtype=pl.String)


def each_distinct_holds(text: pl.Expr, test: Callable[[str], bool]) -> pl.Expr:
    """Whether `test` holds for each text; null for null."""

    def tested(cells: pl.Series) -> pl.Series:
        distinct = cells.unique().drop_nulls()
        verdicts = pl.Series([test(cell) for cell in distinct], dtype=pl.Boolean)
        return cells.replace_strict(distinct, verdicts, default=None, return_dtype=pl.Boolean)

    return text.map_batches(tested, return_dtype=pl.Boolean)
