"""Text that was UTF-8, was read as cp1252 (or Latin-1) and saved again: `AÃ§aÃ­` for `Açaí`.

Such sequences are found one by one, since they stand beside correct text in real files. A sequence counts only if no
correct Portuguese, Spanish or English text holds it: a word may well end in `Ã` before a quote or a no-break space
(`“MAÇÃ”`), so those are left alone unless what stands around them excludes it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

import polars as pl

from validahub_pipeline.text.narrowing import only_where

# cp1252 leaves five bytes unassigned; readers keep those, as Latin-1 keeps every byte, as control characters.
_BYTES: Final = {chr(byte): byte for byte in range(0x80, 0x100)} | {
    bytes([byte]).decode("cp1252"): byte for byte in range(0x80, 0xA0) if byte not in {0x81, 0x8D, 0x8F, 0x90, 0x9D}
}
_LATE: Final = "".join(char for char, byte in _BYTES.items() if 0x80 <= byte <= 0xBF)
_LATE_90: Final = "".join(char for char, byte in _BYTES.items() if 0x90 <= byte <= 0xBF)
_NO_BREAK: Final = "\u00a0"
_AFTER_A_WORD: Final = f"{_NO_BREAK}“”\u2018\u2019\u2013—…«»™®•"
_INSIDE_A_WORD: Final = "".join(char for char in _LATE if char not in _AFTER_A_WORD)

# Bytes that cp1252 does not assign, which nobody types.
_UNASSIGNED: Final = "\u0081\u008d\u008f\u0090\u009d"
_AFTER_A: Final = f"\u00a0-\u00ac\u00ae-\u00bf{_UNASSIGNED}"
_UNMISTAKABLE: Final = f"Ã[{_INSIDE_A_WORD}]|Â[{_AFTER_A}]|â[{_LATE}]{{2}}|ð[{_LATE_90}][{_LATE}]{{2}}|ï»¿"

DAMAGED: Final = rf"{_UNMISTAKABLE}|(?:^|\P{{Lu}})Ã[{_AFTER_A_WORD}]|Ã[«»®]\p{{Ll}}|Ã[\u2018“”•]\p{{Lu}}"
LOST: Final = "\ufffd"
TRACE: Final = rf"Ã[{_LATE}]|Â[\u00a0-\u00bf{_UNASSIGNED}]|â[{_LATE}]|ð[{_LATE_90}]|ï»¿"
"""Holds wherever text is damaged, and is quickly looked for: every alternative begins with a letter."""

_UNSEEN: Final = "\u00ad\u200b-\u200f\u2060\ufeff"
_LOWER: Final = "a-zà-öø-ÿ"
_UPPER: Final = "A-ZÀ-ÖØ-Þ"
# The same in Python's regex, which has look-around and so can say where a sequence begins and ends.
_SEQUENCES: Final = re.compile(
    # A soft hyphen in a word in capitals, as likely as an `í` there.
    f"Ã\u00ad(?=[{_UPPER}{_UNSEEN}])|"
    f"({_UNMISTAKABLE}|(?<![{_UPPER}])Ã[{_AFTER_A_WORD}]|Ã[«»®](?=[{_LOWER}])|Ã[\u2018“”•](?=[{_UPPER}]))"
)
# `Ã` or `Â` and what followed it, misread a second time: the sequences of letters such as `ƒ` are damage only there.
_SECOND: Final = f"Æ\u2019|Å[\u2019“\u00a0¡½¾\u00b8]|Ë[†œ]|Â[{_LATE}]|â[{_LATE}]{{2}}"
_TWICE: Final = re.compile(f"Ã[ƒ\u201a](?:{_SECOND})|Ã¢(?:{_SECOND}){{2}}|Ã°(?:{_SECOND}){{3}}")
_TIMES: Final = 12
_TRACE: Final = re.compile(TRACE)
_EITHER: Final = re.compile(f"Ã[{_AFTER_A_WORD}]")
# Where there may be one, now or once a sequence in between is taken out.
_OPEN: Final = re.compile(f"Ã[{_AFTER_A_WORD}ÃÂâðï]")
_ANY: Final = re.compile(f"{_UNMISTAKABLE}|{_EITHER.pattern}")


# What most damage is: two or three characters for a letter or sign, with one reading.
_SIGNS: Final = "€\u201a\u201e"  # Of them is the second character of a dash, a quotation mark, a `€`, a `™`.
_PLAIN: Final = {
    misread: bytes(_BYTES[char] for char in misread).decode("utf-8")
    for misread in (
        *(f"Ã{late}" for late in _INSIDE_A_WORD),
        *(f"Â{chr(late)}" for late in range(0xA0, 0xC0) if late != 0xAD),
        *(f"â{second}{third}" for second in _SIGNS for third in _LATE),
    )
} | {f" Ã{_NO_BREAK}": " à"}
# Beside one of these, what that was depends on what stands around it, or there is damage of another kind.
_MORE_THAN_PLAIN: Final = (
    rf"(?:^|[^ ])Ã\x{{a0}}|Ã[{_AFTER_A_WORD.replace(_NO_BREAK, '')}ÃÂâðï]"
    rf"|Ã[ƒ\x{{201a}}¢°][ÆÅËÂâ]|Ã\x{{ad}}[{_UPPER}{_UNSEEN}]"
    rf"|Â[{_UNASSIGNED}]|â[{''.join(late for late in _LATE if late not in _SIGNS)}]|ð[{_LATE_90}]|ï»¿"
)


def is_damaged_or_lost(text: pl.Expr) -> pl.Expr:
    """Whether there is a damaged sequence, or a replacement character where a letter was lost; null for null."""
    return only_where(text, f"{TRACE}|{LOST}", lambda cells: cells.str.contains(f"{DAMAGED}|{LOST}"))


def repaired(text: pl.Expr) -> pl.Expr:
    """Each damaged sequence replaced by the character it was; cells without one unchanged."""

    def changed(cells: pl.Series) -> pl.Series:
        traced = cells.str.contains(TRACE).fill_null(value=False).arg_true()
        return cells.clone().scatter(traced, repaired_cells(cells.gather(traced))) if traced.len() else cells

    return text.map_batches(changed, return_dtype=pl.String, is_elementwise=True)


def repaired_cells(cells: pl.Series) -> pl.Series:
    """What `repair` makes of each text; of most of them, which are plainly damaged, at once."""
    after = cells.str.replace_many(_PLAIN)
    open_ = (cells.str.contains(_MORE_THAN_PLAIN) | after.str.contains(TRACE)).arg_true()
    return after.scatter(open_, [repair(cell) for cell in cells.gather(open_)]) if open_.len() else after


def repair(text: str) -> str:
    """One text repaired. Each replacement is proven by the way back: its UTF-8 bytes, misread, are the sequence.

    Beside damage there may stand what could be either, such as an `Ã` and a no-break space after a capital. Where all
    there is beyond ASCII can be read as damage, it is; else the whole text is left to a person. A text that was misread
    more than once is repaired as often.
    """
    for _ in range(_TIMES):
        if not _TRACE.search(text):
            break
        once = _repaired_once(text)
        if once == text:
            break
        text = once
    return text


def _repaired_once(text: str) -> str:
    text = _TWICE.sub(_original_of_twice, text)
    if not _OPEN.search(text):
        return _SEQUENCES.sub(_original, text)
    if not any(found.group(1) for found in _SEQUENCES.finditer(text)):
        return text
    if _EITHER.search(_SEQUENCES.sub(_without, text)):
        return _ANY.sub(_original, text) if _ANY.sub("", text).isascii() else text
    return _SEQUENCES.sub(_original, text)


def _without(match: re.Match[str]) -> str:
    return "" if match.group(1) else match.group()


def _original(match: re.Match[str]) -> str:
    if match.re is _SEQUENCES and not match.group(1):
        return match.group()
    return _decoded(match.group())


def _original_of_twice(match: re.Match[str]) -> str:
    try:
        return _decoded(_decoded(match.group()))
    except (UnicodeDecodeError, KeyError):
        return match.group()


@lru_cache(maxsize=1024)
def _decoded(text: str) -> str:
    return bytes(_BYTES[char] for char in text).decode("utf-8")
