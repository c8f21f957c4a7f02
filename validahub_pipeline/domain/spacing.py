"""White space in cells: what counts as blank, and the spaces that nobody sees.

Zero-width joiners stay: emoji and several scripts are spelt with them.
"""

from __future__ import annotations

from typing import Final

import polars as pl

INVISIBLE: Final = "[\u200b\u2060\ufeff]"
UNUSUAL_SPACE: Final = "[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]"
BLANK: Final = r"^[\s\x{200b}\x{2060}\x{feff}]*$"
OUTER_SPACE: Final = r"^\s|\s$"
REPEATED_SPACE: Final = r"[ \t][ \t]"


def may_be_blank(text: pl.Expr) -> pl.Expr:
    """False only for cells that are not blank: for nearly all of those, and at next to no cost, by where they stand in
    the order of texts. Blank ones begin with white space (U+0009 to U+0020, U+0085, U+00A0, or beyond U+1000)."""
    return (text < "!") | ((text >= "\x7f") & (text < "\u00a1")) | (text >= "\u1000")


def blank_to_null(text: pl.Expr) -> pl.Expr:
    """Cells that show nothing become null, as Great Expectations' rules take them."""
    return pl.when(text.str.contains(BLANK).not_()).then(text)


def trimmed(text: pl.Expr) -> pl.Expr:
    """Without white space at either end."""
    return text.str.strip_chars()


def collapsed(text: pl.Expr) -> pl.Expr:
    """Runs of spaces and tabs become one space; line breaks stay."""
    return text.str.replace_all(r"[ \t]{2,}", " ")


def plain_spaces(text: pl.Expr) -> pl.Expr:
    """No-break and other wide or narrow spaces become a space; zero-width spaces and byte order marks go."""
    return text.str.replace_all(UNUSUAL_SPACE, " ").str.replace_all(INVISIBLE, "")
