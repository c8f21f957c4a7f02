"""White space in cells: what counts as blank, and the spaces and signs that nobody sees.

Some of those are content: emoji and several scripts are spelt with zero-width joiners, Thai and its neighbours part
words by zero-width spaces, and what is written from right to left needs marks of direction. There they stay.
"""

from __future__ import annotations

from typing import Final

import polars as pl

INVISIBLE: Final = "[\u200b\u2060\ufeff]"
UNUSUAL_SPACE: Final = "[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]"
UNSEEN: Final = "[\u00a0\u00ad\u1680\u2000-\u200f\u202a-\u202f\u205f\u2060\u2066-\u2069\u3000\ufeff]"
BLANK: Final = r"^[\s\x{200b}\x{2060}\x{feff}]*$"
OUTER_SPACE: Final = r"^\s|\s$"
REPEATED_SPACE: Final = r"[ \t][ \t]|\t"

_WITHOUT_SPACES: Final = "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]"
_RIGHT_TO_LEFT: Final = "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]"
_DIRECTION: Final = "[\u200e\u200f\u202a-\u202e\u2066-\u2069]"
_PLAIN: Final = r"[\x20-\x7e\p{Latin}]"
_STRAY_JOINER: Final = rf"(^|{_PLAIN})[\x{{200c}}\x{{200d}}]+($|{_PLAIN})"
# Not behind a letter of which it may be half: `Ã` and a soft hyphen were an `í` once.
_SOFT_HYPHEN: Final = r"(^|[^ÃÂâ])\x{ad}+"
_SOFT_HYPHEN_WITHIN: Final = r"(â)\x{ad}+(\p{L})"


def may_hold_blanks(cells: pl.DataFrame) -> list[str]:
    """The columns in which some cell may be blank; of nearly all others that is told at next to no cost, by where their
    cells stand in the order of texts. Blank ones begin with white space (U+0009 to U+0020, U+0085, U+00A0, or beyond
    U+1000)."""
    if not cells.width:
        return []
    low = cells.select((pl.all() < "!").any())
    # In most columns nothing begins beyond ASCII, which one comparison tells.
    beyond = [name for name, some in cells.select((pl.all() >= "\x7f").any()).row(0, named=True).items() if some]
    high = cells.select(((pl.col(beyond) >= "\x7f") & (pl.col(beyond) < "\u00a1") | (pl.col(beyond) >= "\u1000")).any())
    return [name for name in cells.columns if low.item(0, name) or (name in beyond and high.item(0, name))]


def empty_to_null(cells: pl.DataFrame) -> pl.DataFrame:
    """Cells of no text at all become null. Most columns have none, which is told quickly, while replacing costs up to
    as much as reading a file."""
    empty = cells.select((pl.all() == "").any()).row(0, named=True) if cells.width else {}
    return cells.with_columns(pl.col(name).replace("", None) for name, some in empty.items() if some)


def blank_to_null(text: pl.Expr) -> pl.Expr:
    """Cells that show nothing become null, as Great Expectations' rules take them."""
    return pl.when(text.str.contains(BLANK).not_()).then(text)


def trimmed(text: pl.Expr) -> pl.Expr:
    """Without white space at either end."""
    return text.str.strip_chars()


def collapsed(text: pl.Expr) -> pl.Expr:
    """Runs of spaces and tabs become one space; line breaks stay."""
    return text.str.replace_all(r"[ \t]{2,}|\t", " ")


def plain_spaces(text: pl.Expr) -> pl.Expr:
    """No-break and other wide or narrow spaces become a space; what takes no room goes, but where it is content."""
    spaced = text.str.replace_all(UNUSUAL_SPACE, " ").str.replace_all("[\u2060\ufeff]", "")
    parted = pl.when(spaced.str.contains(_WITHOUT_SPACES)).then(spaced).otherwise(spaced.str.replace_all("\u200b", ""))
    directed = parted.str.replace_all(_DIRECTION, "")
    bare = pl.when(parted.str.contains(_RIGHT_TO_LEFT)).then(parted).otherwise(directed)
    # Twice, since of two joiners around one letter the first takes the letter with it.
    joined = bare.str.replace_all(_STRAY_JOINER, "${1}${2}").str.replace_all(_STRAY_JOINER, "${1}${2}")
    return joined.str.replace_all(_SOFT_HYPHEN, "${1}").str.replace_all(_SOFT_HYPHEN_WITHIN, "${1}${2}")
