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
        return (cells.str.contains(_FIGURE) | is_item).not_()

    return only_where(text, _STARTS, runs)
