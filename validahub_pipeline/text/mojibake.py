"""Text that was UTF-8, was read as cp1252 (or Latin-1) and saved again: `AÃ§aÃ­` for `Açaí`.

Such sequences are found one by one, since they stand beside correct text in real files. A sequence counts only if no
correct Portuguese, Spanish or English text holds it: a word may well end in `Ã` before a quote or a no-break space
(`“MAÇÃ”`), so those are left alone unless what stands around them excludes it.
"""

from __future__ import annotations

import re
from typing import Final

import polars as pl

from validahub_pipeline.text.narrowing import only_where

# cp1252 leaves five bytes unassigned; readers keep those, as Latin-1 keeps every byte, as control characters.
_BYTES: Final = {chr(byte): byte for byte in range(0x80, 0x100)} | {
    bytes([byte]).decode("cp1252"): byte for byte in range(0x80, 0xA0) if byte not in {0x81, 0x8D, 0x8F, 0x90, 0x9D}
}
_LATE: Final = "".join(char for char, byte in _BYTES.items() if 0x80 <= byte <= 0xBF)
_LATE_90: Final = "".join(char for char, byte in _BYTES.items() if 0x90 <= byte <= 0xBF)
_AFTER_A_WORD: Final = "\u00a0“”\u2018\u2019\u2013—…«»™®•"
_INSIDE_A_WORD: Final = "".join(char for char in _LATE if char not in _AFTER_A_WORD)

_UNMISTAKABLE: Final = f"Ã[{_INSIDE_A_WORD}]|Â[\u00a0-\u00bf]|â[{_LATE}]{{2}}|ð[{_LATE_90}][{_LATE}]{{2}}|ï»¿"
DAMAGED: Final = rf"{_UNMISTAKABLE}|(?:^|\P{{Lu}})Ã[{_AFTER_A_WORD}]|Ã[{_AFTER_A_WORD}]\p{{Ll}}|Ã[“”•]\p{{Lu}}"
LOST: Final = "\ufffd"
TRACE: Final = rf"Ã[{_LATE}]|Â[\u00a0-\u00bf]|â[{_LATE}]|ð[{_LATE_90}]|ï»¿"
"""Holds wherever text is damaged, and is quickly looked for: every alternative begins with a letter."""

_LOWER: Final = "a-zà-öø-ÿ"
_UPPER: Final = "A-ZÀ-ÖØ-Þ"
# The same in Python's regex, which has look-around and so can say where a sequence begins and ends.
_SEQUENCES: Final = re.compile(
    f"{_UNMISTAKABLE}|(?<![{_UPPER}])Ã[{_AFTER_A_WORD}]|Ã[{_AFTER_A_WORD}](?=[{_LOWER}])|Ã[“”•](?=[{_UPPER}])"
)
_EITHER: Final = re.compile(f"Ã[{_AFTER_A_WORD}]")
_ANY: Final = re.compile(f"{_UNMISTAKABLE}|{_EITHER.pattern}")


def is_damaged_or_lost(text: pl.Expr) -> pl.Expr:
    """Whether there is a damaged sequence, or a replacement character where a letter was lost; null for null."""
    return only_where(text, f"{TRACE}|{LOST}", lambda cells: cells.str.contains(f"{DAMAGED}|{LOST}"))


def repaired(text: pl.Expr) -> pl.Expr:
    """Each damaged sequence replaced by the character it was; cells without one unchanged."""

    def changed(cells: pl.Series) -> pl.Series:
        traced = cells.str.contains(TRACE).fill_null(value=False).arg_true()
        if not traced.len():
            return cells
        return cells.scatter(traced, [repair(cell) for cell in cells.gather(traced)])

    return text.map_batches(changed, return_dtype=pl.String, is_elementwise=True)


def repair(text: str) -> str:
    """One text repaired. Each replacement is proven by the way back: its UTF-8 bytes, misread, are the sequence.

    Beside damage there may stand what could be either, such as an `Ã` and a no-break space after a capital. Where all
    there is beyond ASCII can be read as damage, it is; else the whole text is left to a person.
    """
    if not _SEQUENCES.search(text):
        return text
    if _EITHER.search(_SEQUENCES.sub("", text)):
        return _ANY.sub(_original, text) if _ANY.sub("", text).isascii() else text
    return _SEQUENCES.sub(_original, text)


def _original(match: re.Match[str]) -> str:
    raw = bytes(_BYTES[char] for char in match.group())
    return raw.decode("utf-8")
