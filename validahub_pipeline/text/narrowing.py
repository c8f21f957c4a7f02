"""Tests and changes of cells that cost something, made only where a cheaper test leaves the matter open."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

_CELL = "cell"
_BESIDE = "beside"

NOWHERE = r"[^\s\S]"
"""A pattern that is found in no text, for where there is nothing to look for."""

Test = Callable[[pl.Expr], pl.Expr]


def only_where(text: pl.Expr, possible: str | Test, holds: Test) -> pl.Expr:
    """Whether the pattern `possible` is found (or that test holds) and `holds` as well, which is asked of those cells
    alone. What is unknown does not hold; null for null."""
    first = (lambda cells: cells.str.contains(possible)) if isinstance(possible, str) else possible

    def tested(cells: pl.Series) -> pl.Series:
        found = cells.to_frame(_CELL).select(first(pl.col(_CELL))).to_series()
        open_ = found.fill_null(value=False).arg_true()
        if not open_.len():
            return found
        asked = cells.gather(open_).to_frame(_CELL)
        return found.scatter(open_, asked.select(holds(pl.col(_CELL)).fill_null(value=False)).to_series())

    return text.map_batches(tested, return_dtype=pl.Boolean, is_elementwise=True)


def also_where(found: pl.Expr, text: pl.Expr, holds: Test) -> pl.Expr:
    """Whether something has been `found` in the text and `holds` of it as well, as in `only_where`."""

    def tested(pairs: pl.Series) -> pl.Series:
        frame = pairs.struct.unnest()
        already = frame.get_column(_BESIDE)
        open_ = already.fill_null(value=False).arg_true()
        if not open_.len():
            return already
        asked = frame.select(_CELL)[open_]
        return already.scatter(open_, asked.select(holds(pl.col(_CELL)).fill_null(value=False)).to_series())

    together = pl.struct(text.alias(_CELL), found.alias(_BESIDE))
    return together.map_batches(tested, return_dtype=pl.Boolean, is_elementwise=True)


def changed_where(text: pl.Expr, possible: str, change: Test) -> pl.Expr:
    """The text after `change`, which leaves cells alone in which the pattern `possible` is not found; null stays
    null."""

    def changed(cells: pl.Series) -> pl.Series:
        open_ = cells.str.contains(possible).fill_null(value=False).arg_true()
        if not open_.len():
            return cells
        asked = cells.gather(open_).to_frame(_CELL)
        return cells.scatter(open_, asked.select(change(pl.col(_CELL))).to_series())

    return text.map_batches(changed, return_dtype=pl.String, is_elementwise=True)


def true_but_where(
    text: pl.Expr, beside: pl.Expr, possible: str, told: Test, holds: Callable[[pl.Expr, pl.Expr], pl.Expr]
) -> pl.Expr:
    """What `holds` says of what is `told` by the text and of what stands beside it; true, also for null, where nothing
    (null) is told. It is told only where the pattern `possible` is found in the text."""

    def tested(pairs: pl.Series) -> pl.Series:
        frame = pairs.struct.unnest()
        settled = pl.repeat(value=True, n=frame.height, eager=True)
        open_ = frame.get_column(_CELL).str.contains(possible).fill_null(value=False).arg_true()
        if not open_.len():
            return settled
        asked = frame[open_].with_columns(told(pl.col(_CELL)).alias(_CELL))
        telling = asked.get_column(_CELL).is_not_null()
        verdicts = asked.filter(telling).select(holds(pl.col(_CELL), pl.col(_BESIDE))).to_series()
        return settled.scatter(open_.filter(telling), verdicts)

    together = pl.struct(text.alias(_CELL), beside.alias(_BESIDE))
    return together.map_batches(tested, return_dtype=pl.Boolean, is_elementwise=True)


def at_once_but_where(
    text: pl.Expr, open_: Callable[[pl.Expr, pl.Expr], pl.Expr], plain: Test, change: Callable[[str], str]
) -> pl.Expr:
    """What `change` makes of each text; null stays null. It is what `plain` makes of all of them at once, but where
    something is `open_` in the text before or after that: only these are asked of `change`, one by one."""

    def changed(cells: pl.Series) -> pl.Series:
        both = cells.to_frame(_CELL).with_columns(plain(pl.col(_CELL)).alias(_BESIDE))
        asked = both.select(open_(pl.col(_CELL), pl.col(_BESIDE)).fill_null(value=False)).to_series().arg_true()
        after = both.get_column(_BESIDE)
        return after.scatter(asked, [change(cell) for cell in cells.gather(asked)]) if asked.len() else after

    return text.map_batches(changed, return_dtype=pl.String, is_elementwise=True)
