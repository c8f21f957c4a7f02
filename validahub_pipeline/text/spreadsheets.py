"""What a spreadsheet would take for a formula, and how to hand it over as the text it is.

For reports only: what is delivered as data is never altered.
https://owasp.org/www-community/attacks/CSV_Injection
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

import polars as pl

RUN: Final = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a cell begins with that is run rather than shown. The last four are the wide signs, which some spreadsheets read
as the others."""
FORMULA: Final = (*RUN, "\n")
"""The same, and a line feed, which only some read over: reports are on the safe side."""


def begins_with(signs: Iterable[str]) -> str:
    """A pattern for polars that finds any of the signs where a text begins."""
    return rf"\A[{''.join(map(re.escape, signs))}]"


_FORMULA: Final = begins_with(FORMULA)
_NUMBER: Final = r"^[+-]?[0-9][0-9.,]*$"


def inert(text: str) -> str:
    """The text, an apostrophe before it where a spreadsheet would run it."""
    return f"'{text}" if text.startswith(FORMULA) else text


def inert_cells(cells: pl.Series, *, but_numbers: bool = False) -> pl.Series:
    """Texts, an apostrophe before those that a spreadsheet would run; `but_numbers` leaves signed numbers as they are,
    which it would only count. Null stays null."""
    risky = cells.str.contains(_FORMULA)
    if but_numbers:
        risky = risky & ~cells.str.contains(_NUMBER)
    at = risky.arg_true()
    if not at.len():
        return cells
    # A clone, since polars changes a series in its place.
    return cells.clone().scatter(at, "'" + cells.gather(at))
