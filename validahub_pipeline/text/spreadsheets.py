"""What a spreadsheet would take for a formula, and how to hand it over as the text it is.

For reports only: what is delivered as data is never altered.
https://owasp.org/www-community/attacks/CSV_Injection
"""

from __future__ import annotations

from typing import Final

import polars as pl

FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a cell begins with that is run rather than shown. The last four are the wide signs, which some spreadsheets read
as the others."""

_FORMULA: Final = r"\A[=+\-@\t\r\n\x{ff1d}\x{ff0b}\x{ff0d}\x{ff20}]"
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
