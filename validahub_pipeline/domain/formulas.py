"""Cells that a spreadsheet would run as a formula when it opens the file (CSV injection, as OWASP describes it).

Such cells are delivered as they are, since what is a formula to Excel is a title to a marketplace; they are only told.
https://owasp.org/www-community/attacks/CSV_Injection
"""

from __future__ import annotations

from typing import Final

import polars as pl

from validahub_pipeline.text.narrowing import only_where
from validahub_pipeline.text.spreadsheets import RUN, begins_with

_STARTS: Final = begins_with(RUN)
# Signed figures with a unit, telephone numbers, a lone dash.
_FIGURE: Final = r"^[+-](?:[0-9()][0-9()\s.,/-]*\s?(?:%|°\s?[CF]|[\p{L}\"']{1,6}\.?)?|[\s+-]*)$"
# An item of a list: a sign, a space, words. Nothing in it can be called or started.
_ITEM: Final = r"^[+-]\s+[^|=@]*$"
_CALL: Final = r"[\p{L}_.]\("


def may_run(text: pl.Expr) -> pl.Expr:
    """Whether a spreadsheet takes the cell for a formula: it begins with `=`, `@`, a tab or carriage return, or with a
    sign and is no figure, telephone number or item of a list; null for null."""

    def runs(cells: pl.Expr) -> pl.Expr:
        is_item = cells.str.contains(_ITEM) & cells.str.contains(_CALL).not_()
        return cells.str.contains(_STARTS) & (cells.str.contains(_FIGURE) | is_item).not_()

    return only_where(text, _may_start, runs)


def _may_start(cells: pl.Expr) -> pl.Expr:
    """Whether a cell is in the order of texts where those that begin with one of the signs are: before the digits,
    between them and the letters, or from the wide signs on. A third of what the pattern costs, which every cell of a
    file is asked."""
    return (cells < "0") | ((cells >= "=") & (cells < "A")) | (cells >= "\uff0b")
