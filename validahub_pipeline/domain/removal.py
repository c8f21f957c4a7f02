"""Taking out of a text what marketplaces do not want to read there, and closing the gap.

Each kind is told by two patterns that find the same. Python's looks around, to see that what it finds stands by itself;
Rust's, which is quicker by far, has to find what stands around as well, and it is put back.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

import polars as pl

from validahub_pipeline.domain import wording
from validahub_pipeline.text.dialects import NEW_LETTER, SPACE_OR_CASE
from validahub_pipeline.text.narrowing import NOWHERE, at_once_but_where

_SPACES: Final = re.compile(r"[ \t]{2,}")
_DANGLING: Final = re.compile(r"(?:^[\s,;:|/+-]+|[\s,;:|/+-]+$|\(\s*\)|\[\s*\])")


@dataclass(frozen=True)
class Unwanted:
    """Something to take out.

    Attributes:
        alone: Python's pattern for it.
        with_sides: Rust's, in which groups 1 and 2 are what stands before and behind it, and stays.
        doubtful: where (Rust's regex) the two may not find the same.
    """

    alone: re.Pattern[str]
    with_sides: str
    doubtful: str = SPACE_OR_CASE


def contact_data() -> Unwanted:
    """What `wording.CONTACT` finds, without what stands before it. The last character of one is never what stands
    before another."""
    before = wording.BEFORE_ADDRESS
    right_here, anywhere = (wording.CONTACT.replace(before, instead) for instead in ("", NOWHERE))
    return Unwanted(
        alone=re.compile(wording.CONTACT.replace(before, r"(?<![^\s(\[>:;,|])")),
        with_sides=rf"({before})(?:{right_here})|{anywhere}",
    )


def promotion(words: Collection[str]) -> Unwanted:
    """The words or phrases, as `wording.promotional` finds them, with the exclamation marks behind them. Rust misses
    one right behind another, from which it took what stood between."""
    any_word = wording.any_spelling(words)
    beginning = wording.any_spelling({word.strip()[:3] for word in words})
    other = r"[^\p{L}\p{N}]"
    return Unwanted(
        alone=re.compile(rf"(?i:(?<![^\W_])(?:{any_word})(?![^\W_])\s*!*)"),
        with_sides=rf"(?i:(^|{other})(?:{any_word})(?:\s+!*|!+|$|([^\p{{L}}\p{{N}}\s!])))",
        doubtful=rf"{SPACE_OR_CASE}|{NEW_LETTER}|(?i:(?:{any_word})(?:\s*!*|{other})(?:{beginning}))",
    )


def emoji() -> Unwanted:
    """Emoji and other pictographs."""
    in_python = re.sub(r"\\x\{([0-9A-Fa-f]+)\}", lambda char: f"\\U{char.group(1):0>8}", wording.EMOJI)
    return Unwanted(alone=re.compile(in_python), with_sides=wording.EMOJI)


def prices() -> Unwanted:
    """Prices, with the words around them. Of what is before one, only a full stop may have belonged to another."""
    return Unwanted(
        alone=re.compile(rf"(?<!\w){wording.WHOLE_PRICE}"),
        with_sides=rf"(^|[^\p{{L}}\p{{N}}_]){wording.WHOLE_PRICE}",
        doubtful=rf"{SPACE_OR_CASE}|{NEW_LETTER}|\.{wording.WHOLE_PRICE}",
    )


def without(text: pl.Expr, unwanted: Unwanted) -> pl.Expr:
    """What `taken_out` makes of each cell."""
    return at_once_but_where(
        text,
        lambda cells, after: cells.str.contains(unwanted.doubtful) | after.str.contains("[0-9A-Za-z]").not_(),
        lambda cells: _closed(cells.str.replace_all(unwanted.with_sides, "${1} ${2}")),
        lambda cell: taken_out(cell, unwanted.alone),
    )


def _closed(text: pl.Expr) -> pl.Expr:
    spaced = text.str.replace_all(_SPACES.pattern, " ").str.strip_chars()
    return spaced.str.replace_all(_DANGLING.pattern, "").str.strip_chars()


def taken_out(text: str, unwanted: re.Pattern[str]) -> str:
    """A text without what the pattern finds, the gap closed; one that would lose everything is left alone."""
    rest = _SPACES.sub(" ", unwanted.sub(" ", text)).strip()
    rest = _DANGLING.sub("", rest).strip()
    return rest if any(char.isalnum() for char in rest) else text
