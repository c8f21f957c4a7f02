"""GTINs: lengths and check digit as in the GS1 General Specifications, section 7.9.1 (mod 10, weights 3 and 1).

A check digit proves nothing about digits that were lost: see `EXCEL_ROUNDED` and `SCIENTIFIC`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import polars as pl

from validahub_pipeline.text.narrowing import also_where, changed_where, only_where

GTIN_SHAPE: Final = r"^(?:[0-9]{8}|[0-9]{12,14})$"
ELEVEN_DIGITS: Final = r"^[0-9]{11}$"
# Excel keeps 15 significant digits, but exports a number shown as 7,8912E+12 with the digits it shows.
EXCEL_ROUNDED: Final = r"^[0-9]{8,9}0{5}$"
SCIENTIFIC: Final = r"^\s*[+-]?[0-9]+(?:[.,][0-9]+)?[eE]\+[0-9]{1,3}\s*$"
# An apostrophe or quotes around, `_` or Excel's `.0` behind; between digits dashes and spaces, or the dots
# that part thousands. Parted otherwise they are a date, a post code, a tax number or a telephone, of which one in ten
# would pass the check digit.
_BEFORE: Final = r"^['\x{2018}\x{2019}`\"=\s]*"
# Three zeros behind a dot are a group of thousands, not what a spreadsheet adds.
_BEHIND: Final = r"(?:\.0{1,2})?[_'\x{2018}\x{2019}`\"\s]*$"
_DASH: Final = r"[-\x{2010}-\x{2014}\s]"
_PARTED: Final = rf"[0-9]+(?:{_DASH}{{1,3}}[0-9]+)+"
PUNCTUATED: Final = rf"{_BEFORE}(?:[0-9]+|{_PARTED}|[0-9]{{1,3}}(?:\.[0-9]{{3}}){{3,4}}){_BEHIND}"
_ONE_PIECE: Final = rf"{_BEFORE}[0-9]+{_BEHIND}"
_TWO_FOURS: Final = rf"{_BEFORE}[0-9]{{4}}\s[0-9]{{4}}{_BEHIND}"
_TELEPHONE: Final = rf"{_BEFORE}[1-9][0-9]{_DASH}?9[0-9]{{4}}{_DASH}?[0-9]{{4}}{_BEHIND}"

# The same digit all along, counting up or down, with or without Brazil's prefix: what is typed where a form asks for a
# code. The last digit may be any, since generators of check digits exist.
PLACEHOLDER: Final = (
    r"^(?:(?:0{7,13}|1{7,13}|2{7,13}|3{7,13}|4{7,13}|5{7,13}|6{7,13}|7{7,13}|8{7,13}|9{7,13})"
    r"|(?:0123456|1234567|9876543|7654321)"
    r"|(?:01234567890|12345678901|98765432109)"
    r"|(?:012345678901|123456789012|987654321098|789123456789|789012345678)"
    r"|(?:0123456789012|1234567890123|9876543210987))[0-9]$"
)
# What may be an ISBN-10 or a UPC-E, before any check digit is looked at.
LIKE_ISBN10: Final = r"^(?:[0-9][-\x{2010}-\x{2014}\s]*){9}[0-9Xx]$"
LIKE_UPC_E: Final = r"^[01][0-9]{7}$"

_LONGEST: Final = 14
_SHORTEST: Final = 8
_DIGITS: Final = rf"^[0-9]{{1,{_LONGEST}}}$"
# The last digit counts once, the one before it three times, and so on.
_WEIGHTS: Final = np.array([3, 1] * (_LONGEST // 2), dtype=np.uint16)


def check_digit_holds(digits: pl.Expr) -> pl.Expr:
    """Whether the last digit is the mod-10 check digit of the others (weights 1, 3, 1, ... from the right, so that
    leading zeros and length do not matter); false where the text is not up to 14 digits, null for null."""
    return only_where(digits, _DIGITS, _weighed)


def _weighed(digits: pl.Expr) -> pl.Expr:
    """The same, of what is known to be up to 14 digits: all at once, as bytes."""

    def weighed(cells: pl.Series) -> pl.Series:
        text = cells.str.zfill(_LONGEST).rechunk().to_arrow(compat_level=pl.CompatLevel.oldest())
        start = text.offset * _LONGEST
        digits = np.frombuffer(text.buffers()[2], dtype=np.uint8)[start : start + len(cells) * _LONGEST]
        sums = (digits.reshape(-1, _LONGEST) - ord("0")).astype(np.uint16) @ _WEIGHTS
        return pl.Series(sums % 10 == 0)

    return digits.map_batches(weighed, return_dtype=pl.Boolean, is_elementwise=True)


def is_gtin(text: pl.Expr) -> pl.Expr:
    """8, 12, 13 or 14 digits with a right check digit; null for null."""
    return only_where(text, GTIN_SHAPE, _weighed)


def may_have_prefix(prefixes: Sequence[str]) -> str:
    """A pattern that is found wherever `has_prefix` holds, and sometimes where it doesn't."""
    any_of = "|".join(prefixes)
    of_upc = [prefix[1:] for prefix in prefixes if prefix.startswith("0")]
    return rf"^(?:{'|'.join([any_of, f'[0-9](?:{any_of})', *of_upc])})[0-9]*$"


def has_prefix(text: pl.Expr, possible: pl.Expr, prefixes: Sequence[str]) -> pl.Expr:
    """Whether a valid GTIN of 12 to 14 digits starts with one of the prefixes, as 13 digits: with the zero that a UPC
    leaves out, without the digit that says how it is packed. `possible`: whether `may_have_prefix` is found. False for
    any other text; null for null."""
    any_of = "|".join(prefixes)

    def starts(digits: pl.Expr) -> pl.Expr:
        as_13 = digits.str.zfill(_LONGEST).str.contains(rf"^[0-9](?:{any_of})")
        return as_13 & (digits.str.len_bytes() > _SHORTEST) & is_gtin(digits)

    return also_where(possible, text, starts)


def is_isbn10(text: pl.Expr, possible: pl.Expr | None = None) -> pl.Expr:
    """Ten digits of which the last may be X, dashes aside, with a right check digit (mod 11); null for null.
    `possible`: whether `LIKE_ISBN10` is found, where that is known."""

    def weighed(digits: pl.Expr) -> pl.Expr:
        bare = _without_dashes(digits)
        total = pl.lit(0)
        for place in range(10):
            digit = bare.str.slice(place, 1)
            value = pl.when(digit.is_in(["X", "x"])).then(10).otherwise(digit.cast(pl.Int64, strict=False))
            total = total + value * (10 - place)
        return total % 11 == 0

    return also_where(text.str.contains(LIKE_ISBN10) if possible is None else possible, text, weighed)


def isbn13(text: pl.Expr) -> pl.Expr:
    """The ISBN-13 of a valid ISBN-10: 978, its nine digits, a new check digit; anything else unchanged."""
    body = pl.concat_str([pl.lit("978"), _without_dashes(text).str.slice(0, 9)])
    return pl.when(is_isbn10(text)).then(_with_check_digit(body)).otherwise(text)


def is_upc_e(text: pl.Expr, possible: pl.Expr | None = None) -> pl.Expr:
    """Eight digits that are no valid GTIN-8, but whose last is the check digit of the UPC-A they abbreviate; null for
    null. `possible`: whether `LIKE_UPC_E` is found, where that is known."""

    def abbreviates(eight: pl.Expr) -> pl.Expr:
        return check_digit_holds(_expanded(eight)) & is_gtin(eight).not_()

    return also_where(text.str.contains(LIKE_UPC_E) if possible is None else possible, text, abbreviates)


def upc_a(text: pl.Expr) -> pl.Expr:
    """The twelve digits that a UPC-E abbreviates; anything else unchanged."""
    return pl.when(is_upc_e(text)).then(_expanded(text)).otherwise(text)


def _expanded(text: pl.Expr) -> pl.Expr:
    """The zeros that UPC-E leaves out put back (GS1 General Specifications 5.2.2.4.2): its seventh digit says where."""
    return (
        text.str.replace(r"^([01])([0-9]{2})([0-9]{3})([012])([0-9])$", "$1$2${4}0000$3$5")
        .str.replace(r"^([01])([0-9]{3})([0-9]{2})3([0-9])$", "$1${2}00000$3$4")
        .str.replace(r"^([01])([0-9]{4})([0-9])4([0-9])$", "$1${2}00000$3$4")
        .str.replace(r"^([01])([0-9]{5})([5-9])([0-9])$", "$1${2}0000$3$4")
    )


def _with_check_digit(body: pl.Expr) -> pl.Expr:
    weighted = pl.lit(0)
    for place in range(12):
        weighted = weighted + body.str.slice(place, 1).cast(pl.Int64, strict=False) * (3 if place % 2 else 1)
    return pl.concat_str([body, ((10 - weighted % 10) % 10).cast(pl.String)])


def _without_dashes(text: pl.Expr) -> pl.Expr:
    return text.str.replace_all(r"[-\x{2010}-\x{2014}\s]", "")


def padded_upc(text: pl.Expr) -> pl.Expr:
    """11 digits with the one leading zero that spreadsheets drop, where the check digit then holds; else unchanged.

    9 and 10 digits are never padded: of real ones only 19 % and 13 % came out valid, as many as chance gives.
    """
    return pl.when(text.str.contains(ELEVEN_DIGITS) & check_digit_holds(text)).then("0" + text).otherwise(text)


def without_punctuation(text: pl.Expr) -> pl.Expr:
    """The bare digits, where they are a valid GTIN or would be one with a leading zero; else unchanged."""
    return changed_where(text, PUNCTUATED, _bare_where_proven)


def _bare_where_proven(punctuated: pl.Expr) -> pl.Expr:
    bare = punctuated.str.replace(_BEHIND, "").str.replace_all(r"[^0-9]", "")
    in_one = punctuated.str.contains(_ONE_PIECE)
    eight = bare.str.contains(r"^[0-9]{8}$") & (in_one | punctuated.str.contains(_TWO_FOURS))
    eleven = bare.str.contains(ELEVEN_DIGITS) & (in_one | punctuated.str.contains(_TELEPHONE).not_())
    proven = (bare.str.contains(r"^[0-9]{12,14}$") | eight | eleven) & check_digit_holds(bare)
    return pl.when(proven).then(bare).otherwise(punctuated)
