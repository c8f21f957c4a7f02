"""GTINs: lengths and check digit as in the GS1 General Specifications, section 7.9.1 (mod 10, weights 3 and 1).

A check digit proves nothing about digits that were lost: see `EXCEL_ROUNDED` and `SCIENTIFIC`.
"""

from __future__ import annotations

from typing import Final

import polars as pl

GTIN_SHAPE: Final = r"^(?:[0-9]{8}|[0-9]{12,14})$"
ELEVEN_DIGITS: Final = r"^[0-9]{11}$"
# Excel keeps 15 significant digits, but exports a number shown as 7,8912E+12 with the digits it shows.
EXCEL_ROUNDED: Final = r"^[0-9]{8,9}0{5}$"
SCIENTIFIC: Final = r"^\s*[+-]?[0-9]+(?:[.,][0-9]+)?[eE]\+[0-9]{1,3}\s*$"
# Dashes, spaces and dots between digits, an apostrophe or quotes around, `_` or Excel's `.0` behind.
PUNCTUATED: Final = r"^['\x{2018}\x{2019}`\"=\s]*[0-9](?:[0-9]|[-\x{2010}-\x{2014}\s.])*[0-9](?:\.0+)?[_'\"\s]*$"

_LONGEST: Final = 14


def check_digit_holds(digits: pl.Expr) -> pl.Expr:
    """Whether the last digit is the mod-10 check digit of the others; null where the text is no integer.

    Integer arithmetic from the right (weights 1, 3, 1, ...), so that leading zeros and length do not matter.
    """
    number = digits.cast(pl.Int64, strict=False)
    weighted = number % 10
    for position in range(1, _LONGEST):
        weighted = weighted + (number // 10**position) % 10 * (3 if position % 2 else 1)
    return weighted % 10 == 0


def is_gtin(text: pl.Expr) -> pl.Expr:
    """8, 12, 13 or 14 digits with a right check digit; null for null."""
    return pl.when(text.is_not_null()).then(text.str.contains(GTIN_SHAPE) & check_digit_holds(text).fill_null(False))


def padded_upc(text: pl.Expr) -> pl.Expr:
    """11 digits with the one leading zero that spreadsheets drop, where the check digit then holds; else unchanged.

    9 and 10 digits are never padded: of real ones only 19 % and 13 % came out valid, as many as chance gives.
    """
    return pl.when(text.str.contains(ELEVEN_DIGITS) & check_digit_holds(text)).then("0" + text).otherwise(text)


def without_punctuation(text: pl.Expr) -> pl.Expr:
    """The bare digits, where they are a valid GTIN or would be one with a leading zero; else unchanged."""
    bare = text.str.replace(r"\.0+[_'\"\s]*$", "").str.replace_all(r"[^0-9]", "")
    proven = (bare.str.contains(GTIN_SHAPE) | bare.str.contains(ELEVEN_DIGITS)) & check_digit_holds(bare)
    return pl.when(text.str.contains(PUNCTUATED) & proven).then(bare).otherwise(text)
