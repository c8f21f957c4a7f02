"""Titles recast: cut between words, and in small letters where they shout."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final

import polars as pl

from validahub_pipeline.text.dialects import SPACE_OR_CASE
from validahub_pipeline.text.distinct import each_distinct
from validahub_pipeline.text.narrowing import at_once_but_where

_SMALL_WORDS: Final = frozenset(
    [
        *("a", "as", "o", "os", "e", "é", "em", "de", "da", "do", "das", "dos", "no", "na", "nos", "nas", "com"),
        *("sem", "para", "por", "y", "el", "la", "los", "las"),
    ]
)
_ACRONYMS: Final = frozenset(
    [
        *("TV", "LED", "LCD", "USB", "HDMI", "SSD", "RAM", "CPU", "GPU", "UHD", "FHD", "QLED", "OLED", "DVD", "GPS"),
        *("NFC", "RGB", "ABS", "PVC", "MDF", "BPA", "ANVISA", "INMETRO", "USA", "EUA", "FPS", "SPF", "RFID", "LGA"),
        *("DDR", "ATX", "PSU", "NBR", "ABNT", "XXG", "XXL"),
    ]
)
_WORD: Final = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)*")
_VOWEL: Final = re.compile(r"[aeiouyà-öø-ÿ]", re.IGNORECASE)
_SMALL_WORD: Final = "|".join("".join(f"[{c}{c.upper()}]" for c in word) for word in sorted(_SMALL_WORDS))
_LOOSE_ENDS: Final = " \t\n,;:|/+-\u2013—("
# Where a text that was cut between words may have to be cut further, or not at all.
_OPEN: Final = rf"[(\[$]|^\S*$|(?:^|\s)(?:{_SMALL_WORD})$|[^0-9A-Za-zÀ-ÖØ-öø-ÿ]$"
_REMEMBERED: Final = 1 << 16


def truncated(text: pl.Expr, max_length: int) -> pl.Expr:
    """What `shortened` makes of each cell."""

    def plain(cells: pl.Expr) -> pl.Expr:
        whole_words = cells.str.head(max_length + 1).str.replace(r"\s\S*$", "")
        cut = whole_words.str.replace(rf"(?:\s+(?:{_SMALL_WORD}))+$", "").str.strip_chars_end(_LOOSE_ENDS)
        return pl.when(cells.str.len_chars() > max_length).then(cut).otherwise(cells)

    def open_(cells: pl.Expr, after: pl.Expr) -> pl.Expr:
        return after.str.contains(_OPEN) | cells.str.contains(SPACE_OR_CASE)

    return at_once_but_where(text, open_, plain, lambda cell: shortened(cell, max_length))


def shortened(text: str, max_length: int) -> str:
    """At most `max_length` characters, cut after a whole word, and before what makes no sense without the rest: a
    bracket that would stay open, a preposition, a currency sign. A first word longer than that is left alone."""
    if len(text) <= max_length:
        return text
    whole_words = re.match(rf"(.{{1,{max_length}}})(?=\s)", text, re.DOTALL)
    if not whole_words:
        return text
    words = whole_words.group(1)
    opened = max(words.rfind("("), words.rfind("["))
    if opened > max(words.rfind(")"), words.rfind("]")):
        words = words[:opened]
    words = words.rstrip()
    while words and _asks_for_more(last := words.split()[-1]):
        words = words.removesuffix(last).rstrip()
    return words.rstrip(_LOOSE_ENDS) or text


def _asks_for_more(word: str) -> bool:
    return word.lower() in _SMALL_WORDS or not any(map(str.isalnum, word)) or "$" in word


def titled(text: pl.Expr, names: Iterable[str] = ()) -> pl.Expr:
    """`title_case` of each cell. A space parts what has no bearing on each other, and the same words come again."""
    known = {name.lower(): name for name in names}

    @lru_cache(_REMEMBERED)
    def first(word: str) -> str:
        return title_case(word, known)

    @lru_cache(_REMEMBERED)
    def later(word: str) -> str:
        return title_case(f" {word}", known)[1:]

    def word_by_word(cell: str) -> str:
        beginning, *rest = cell.split(" ")
        return " ".join([first(beginning), *map(later, rest)])

    return each_distinct(text, word_by_word)


def title_case(text: str, names: Mapping[str, str] | None = None) -> str:
    """Capitals as in a title; acronyms, words with digits, without a vowel or of one or two letters stay, small words
    go low. `names` are brands and the like, by their small letters, in the spelling they have of themselves."""
    known = names or {}

    def recase(match: re.Match[str]) -> str:
        word = match.group()
        before, after = text[match.start() - 1 : match.start()], text[match.end() : match.end() + 1]
        if word.lower() in known:
            return known[word.lower()]
        if before.isdigit() or after.isdigit() or word in _ACRONYMS or not _VOWEL.search(word):
            return word
        if match.start() and word.lower() in _SMALL_WORDS:
            return word.lower()
        return word if len(word) <= 2 else word[0] + word[1:].lower()

    return _WORD.sub(recase, text)
