"""Yes and no as people write them, and the vote that tells whether a column says nothing else.

`sim` speaks for itself; `1`, `x` and `s` do so only in a column that is all yes and no, and not all figures.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import polars as pl

_YES: Final = ("sim", "verdadeiro", "true", "yes", "sí", "si", "verdadero")
_NO: Final = ("não", "nao", "falso", "false", "no")
_MARK: Final = ("x", "✓", "✔", "☑")
_LETTERS: Final = {"s": True, "y": True, "v": True, "t": True, "n": False, "f": False}
_BITS: Final = {"1": True, "0": False}

MEANING: Final[dict[str, bool]] = {
    **dict.fromkeys(_YES, True),
    **dict.fromkeys(_NO, False),
    **dict.fromkeys(_MARK, True),
    **_LETTERS,
    **_BITS,
}
"""What each word says, in small letters."""

WORD: Final = rf"^\s*(?i:{'|'.join(MEANING)})\s*$"
_NUMBER: Final = r"^-?[0-9]+(?:[.,][0-9]+)?$"
_STRANGERS: Final = 100


@dataclass(frozen=True)
class YesNoVote:
    """Cells of one column: words that say yes or no by themselves, ticks, letters for yes, letters for no, figures 0
    and 1, other figures, and anything else."""

    words: int = 0
    marks: int = 0
    letters_yes: int = 0
    letters_no: int = 0
    bits: int = 0
    figures: int = 0
    others: int = 0

    def __add__(self, other: YesNoVote) -> YesNoVote:
        return YesNoVote(*(getattr(self, name) + getattr(other, name) for name in self.__dataclass_fields__))

    @property
    def yes_or_no(self) -> bool:
        """Whether the column says yes or no: something in it says so by itself (a word, a tick among no figures,
        letters for both), there is no figure but 0 and 1, and of a hundred cells at most one is anything else."""
        by_letters = self.letters_yes > 0 and self.letters_no > 0
        told = self.words > 0 or by_letters or (self.marks > 0 and self.bits == 0)
        known = self.words + self.marks + self.letters_yes + self.letters_no + self.bits
        return told and self.figures == 0 and self.others * _STRANGERS <= known


def vote(cells: pl.Series) -> YesNoVote:
    """The evidence in some cells."""
    bare = cells.drop_nulls().str.strip_chars().str.to_lowercase()
    counts = bare.filter(bare != "").value_counts().rows()
    found = dict.fromkeys(("words", "marks", "letters_yes", "letters_no", "bits", "figures", "others"), 0)
    strangers = pl.Series([word for word, _ in counts], dtype=pl.String).str.contains(_NUMBER)
    for (word, count), is_number in zip(counts, strangers, strict=True):
        found[_kind(word, is_number=is_number)] += count
    return YesNoVote(**found)


def _kind(word: str, *, is_number: bool) -> str:
    if word in _YES or word in _NO:
        return "words"
    if word in _MARK:
        return "marks"
    if word in _LETTERS:
        return "letters_yes" if _LETTERS[word] else "letters_no"
    if word in _BITS:
        return "bits"
    return "figures" if is_number else "others"


def spelt(text: pl.Expr, when_true: str, when_false: str) -> pl.Expr:
    """Yes and no in a target's spelling; anything else unchanged."""
    spelling = {word: when_true if meaning else when_false for word, meaning in MEANING.items()}
    return text.str.strip_chars().str.to_lowercase().replace_strict(spelling, default=text)
