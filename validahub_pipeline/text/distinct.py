"""Python functions on cells, called once per distinct text.

That is many times slower than what polars does by itself, and so it can be watched who asks for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

import polars as pl

_ASKED: Final[ContextVar[list[str] | None]] = ContextVar("asked", default=None)


@contextmanager
def watched() -> Iterator[list[str]]:
    """A list that holds an entry for each expression made inside the `with` that calls Python for every distinct text
    of a column. What is called only for cells that a quick look leaves open does not count."""
    asked: list[str] = []
    token = _ASKED.set(asked)
    try:
        yield asked
    finally:
        _ASKED.reset(token)


def each_distinct(text: pl.Expr, change: Callable[[str], str]) -> pl.Expr:
    """The text after `change`; null stays null."""
    _note(change)

    def changed(cells: pl.Series) -> pl.Series:
        distinct = cells.unique().drop_nulls()
        return cells.replace(distinct, pl.Series([change(cell) for cell in distinct], dtype=pl.String))

    return text.map_batches(changed, return_dtype=pl.String)


def each_distinct_holds(text: pl.Expr, test: Callable[[str], bool]) -> pl.Expr:
    """Whether `test` holds for each text; null for null."""
    _note(test)

    def tested(cells: pl.Series) -> pl.Series:
        distinct = cells.unique().drop_nulls()
        verdicts = pl.Series([test(cell) for cell in distinct], dtype=pl.Boolean)
        return cells.replace_strict(distinct, verdicts, default=None, return_dtype=pl.Boolean)

    return text.map_batches(tested, return_dtype=pl.Boolean)


def _note(function: Callable[[str], object]) -> None:
    asked = _ASKED.get()
    if asked is not None:
        asked.append(function.__qualname__)
