"""Words a target knows in one spelling: the same word in another case, with other accents or gaps, and near misses."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Final

import polars as pl

from validahub_pipeline.text.distinct import each_distinct
from validahub_pipeline.text.narrowing import NOWHERE

_GAP: Final = re.compile(r"[\s_-]+")
_AND: Final = re.compile(r"\s*&\s*")
# Shorter words are a letter away from too many others.
_SHORTEST_NEAR_MISS: Final = 4
_LONG: Final = 8


def folded(text: str) -> str:
    """A word without what people vary: case, accents, and how its parts are held together."""
    letters = unicodedata.normalize("NFD", text.strip().lower())
    bare = "".join(char for char in letters if not unicodedata.combining(char))
    return _AND.sub("&", _GAP.sub(" ", bare))


def canonical(words: Mapping[str, str]) -> dict[str, str]:
    """The target's spelling by folded word.

    Raises:
        ValueError: two words that fold alike are to be spelt differently.
    """
    spelling: dict[str, str] = {}
    for word, target in words.items():
        if spelling.setdefault(folded(word), target) != target:
            raise ValueError(f"{word!r}: {spelling[folded(word)]!r}, {target!r}")
    return spelling


def any_of(words: Iterable[str]) -> str:
    """A pattern for cells that, folded, may be one of the words; it is also found in some others."""
    ways = sorted({"".join(_way(char) for char in word) for word in words}, key=lambda way: (-len(way), way))
    return rf"^\s*(?i:{'|'.join(ways) or NOWHERE})\s*$"


def _way(char: str) -> str:
    if char == " ":
        return r"[\s_-]+"
    if char in "aceinouy":
        accented = {other for other in map(chr, range(0xC0, 0x180)) if folded(other) == char}
        return f"[{char}{''.join(sorted(accented))}]\\p{{M}}*"
    return r"[\s_-]*&[\s_-]*" if char == "&" else re.escape(char)


def settled(spelling: Mapping[str, str]) -> frozenset[str]:
    """The target's own words, as far as they stand for themselves: `respelt` and `nearly` leave those as they are."""
    return frozenset(target for target in spelling.values() if spelling.get(folded(target)) == target)


def respelt(text: pl.Expr, spelling: Mapping[str, str]) -> pl.Expr:
    """Cells that fold to one of the words in its spelling; others unchanged."""
    return each_distinct(text, lambda cell: spelling.get(folded(cell), cell))


def nearly(text: pl.Expr, spelling: Mapping[str, str]) -> pl.Expr:
    """Cells one slip away from exactly one spelling (two in a long word): a letter missing, added, another, or two that
    changed places; others unchanged."""

    def mended(cell: str) -> str:
        word = folded(cell)
        if word in spelling or len(word) < _SHORTEST_NEAR_MISS or not word.replace(" ", "").isalpha():
            return cell
        slips = {known: _slips(word, known) for known in spelling if abs(len(known) - len(word)) <= 2}
        near = {
            spelling[known]
            for known, count in slips.items()
            if len(known) >= _SHORTEST_NEAR_MISS and count <= (2 if len(known) >= _LONG else 1)
        }
        return near.pop() if len(near) == 1 else cell

    return each_distinct(text, mended)


def _slips(one: str, other: str) -> int:
    """Optimal string alignment distance (Damerau 1964), small words."""
    before: list[int] = []
    last = list(range(len(other) + 1))
    for row, char in enumerate(one, 1):
        here = [row]
        for place, wanted in enumerate(other, 1):
            cost = min(last[place] + 1, here[place - 1] + 1, last[place - 1] + (char != wanted))
            if row > 1 and place > 1 and char == other[place - 2] and one[row - 2] == wanted:
                cost = min(cost, before[place - 2] + 1)
            here.append(cost)
        before, last = last, here
    return last[-1]
