"""Characters that a text holds by accident: controls, decomposed letters, quotation marks that a target cannot take.

White space and what is as wide as nothing are `spacing`'s.
"""

from __future__ import annotations

from typing import Final

import polars as pl

# Between FS, GS and RS (U+001C to U+001E) stands data: GS1's separators, Word's hyphen that does not break. Those stay.
_NOTHING: Final = r"[\x00-\x08\x0e-\x1b\x1f\x7f]"
# What Unicode calls a line break by another name (Standard, 5.8). U+0085 is left: in cp1252 that byte is `…`.
_LINE_BREAK: Final = r"[\x0b\x0c\x{2028}\x{2029}]"
CONTROL: Final = rf"{_NOTHING}|{_LINE_BREAK}"
# Accents, the marks of Japanese and the letters of Korean: what software takes apart, and what form C puts together.
DECOMPOSED: Final = r"[\x{300}-\x{36f}\x{1100}-\x{11ff}\x{3099}\x{309a}]"

SMART_QUOTE: Final = r"[\x{2018}-\x{201f}]"


def without_controls(text: pl.Expr) -> pl.Expr:
    """Without control characters; vertical tabs, form feeds and Unicode's line separators become line breaks."""
    return text.str.replace_all(_NOTHING, "").str.replace_all(_LINE_BREAK, "\n")


def composed(text: pl.Expr) -> pl.Expr:
    """Letters and their marks as one character each (Unicode's form C, https://unicode.org/reports/tr15/). Never form
    KC, which would also turn `½`, `m²` and `™` into other characters."""
    return text.str.normalize("NFC")


def straight_quotes(text: pl.Expr) -> pl.Expr:
    """`“”` and their kin as `"`, the single ones as `'`."""
    return text.str.replace_all(r"[\x{2018}-\x{201b}]", "'").str.replace_all(r"[\x{201c}-\x{201f}]", '"')
