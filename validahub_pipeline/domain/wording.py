"""What marketplaces do not want to read in a title or description: shouting, sales talk, ways around the platform.

Patterns avoid `\\b`, which Rust's regex can only do slowly on text with accents.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

import polars as pl

from validahub_pipeline.text.narrowing import also_where, changed_where, only_where

# What may stand before an address, a handle or a bare number; not what stands before one inside a tag's attribute,
# which is how pictures are embedded.
BEFORE_ADDRESS: Final = r"(?:^|[\s(\[>:;,|])"
_PHONE: Final = (
    r"\([1-9][0-9]\)\s?9?[0-9]{4}[-.\s]?[0-9]{4}"
    r"|\+55[\s.(-]*[1-9][0-9][\s.)-]*9?[0-9]{4}[-.\s]?[0-9]{4}"
    rf"|{BEFORE_ADDRESS}[1-9][0-9][\s.-]9[0-9]{{4}}-[0-9]{{4}}"
    r"|(?i:tel|telefone|fone|cel|celular|whats|whatsapp|zap|wpp)\s?[.:]?\s?\(?[0-9]{2}\)?[\s.-]?9?[0-9]{4}[-.\s]?[0-9]{4}"
)
_EMAIL: Final = r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"
# Bare numbers lead to a device at home, as manuals have them, and not to a seller.
_PLACE: Final = r"(?:https?://[0-9.]*[^0-9.:/\s<>\"]|www\.|wa\.me/|(?:[a-z0-9-]+\.)+(?:com|net)\.br)[^\s<>\"]*"
_ADDRESS: Final = rf"(?i:{BEFORE_ADDRESS}{_PLACE}|href\s*=\s*[\"']?(?:https?:|mailto:|tel:)[^\s<>\"]*)"
_HANDLE: Final = rf"{BEFORE_ADDRESS}@[A-Za-z0-9_.]{{3,30}}"
_MESSENGER: Final = (
    r"(?i:(?:cham[ae]|fale|contato|pedidos?|dúvidas|duvidas|tratar)[^.!?\n<]{0,20}(?:whats|zap|wpp)[a-z]*)"
)
_TAG: Final = r"<[a-zA-Z/!][^<>]*>"
_SILENT_TAG: Final = r"<(?:[b-zB-Z/!]|[aA][a-zA-Z])[^<>]*>"
CONTACT: Final = f"{_EMAIL}|{_ADDRESS}|{_PHONE}|{_HANDLE}|{_MESSENGER}"

# Pictographs with what joins and colours them; not ©, ®, ™, digits and the like, which are text before that.
EMOJI: Final = (
    r"[\x{1F000}-\x{1FAFF}\x{2600}-\x{27BF}\x{2B00}-\x{2BFF}\x{2300}-\x{23FF}]"
    r"[\x{FE0F}\x{200D}\x{1F000}-\x{1FAFF}\x{2600}-\x{27BF}\x{20E3}]*"
)
# A bare figure may be a model or a size.
PRICE: Final = r"[rR]\$\s?[0-9]"
# A price with the words that lead to it, and those behind it.
WHOLE_PRICE: Final = (
    r"(?i:(?:(?:apenas|somente|s[oó]|por|de|a partir de|desde|only|now|from)\s+)*R\$\s?[0-9][0-9.]*(?:,[0-9]{2})?"
    r"(?:\s*(?:[àa]\s+vista|no\s+pix|cada|each))?)"
)


def promotional(words: Iterable[str]) -> str:
    """A pattern that finds any of the words or phrases as whole words, without regard to case or accents."""
    return rf"(?i:(?:^|[^\p{{L}}\p{{N}}])(?:{any_spelling(words)})(?:$|[^\p{{L}}\p{{N}}]))"


def has_promotion(text: pl.Expr, found: pl.Expr, words: Iterable[str]) -> pl.Expr:
    """Whether any of the words or phrases is in the text that shows, outside of tags; `found`: whether `promotional`
    finds one anywhere. Null for null."""
    pattern = promotional(words)
    return also_where(found, text, lambda cells: cells.str.replace_all(_TAG, " ").str.contains(pattern))


def any_spelling(words: Iterable[str]) -> str:
    """A pattern for any of the words or phrases, whatever its accents; longer ones before those they begin with."""
    return "|".join(sorted((_spellings(word) for word in words), key=lambda spelling: (-len(spelling), spelling)))


_ACCENTED: Final = {"a": "aáàâãä", "e": "eéèêë", "i": "iíìîï", "o": "oóòôõö", "u": "uúùûü", "c": "cç", "n": "nñ"}
_WITHOUT: Final = {accented: plain for plain, ways in _ACCENTED.items() for accented in ways[1:]}
_WITH_ACCENT: Final = [*_WITHOUT, *map(str.upper, _WITHOUT)]
_WITHOUT_ACCENT: Final = [*_WITHOUT.values(), *map(str.upper, _WITHOUT.values())]
# What may stand between two bare words, or nothing between a digit and a letter.
_GAP: Final = r"[^\p{L}\p{N}]*"


def _spellings(word: str) -> str:
    plain = "".join(c for c in unicodedata.normalize("NFD", word.lower().strip()) if not unicodedata.combining(c))
    parts = [f"[{_ACCENTED[c]}]" if c in _ACCENTED else r"\s+" if c.isspace() else re.escape(c) for c in plain]
    return "".join(parts)


def is_shouted(text: pl.Expr, min_length: int) -> pl.Expr:
    """Whether all letters are capitals, and there are at least `min_length` of them; null for null."""
    shouted = rf"(?:\p{{Lu}}\P{{Lu}}*){{{min_length}}}"
    return only_where(text, r"^\P{Ll}*$", lambda capitals: capitals.str.contains(shouted))


def bare_words(text: pl.Expr) -> pl.Expr:
    """The words alone, in small letters without accents, a space around each: ` tenis azul 110 v ` for `Tênis
    AZUL/110V`. A number and its unit are two words, however they are written. Null for null."""
    plain = changed_where(
        text.str.replace_many(_WITH_ACCENT, _WITHOUT_ACCENT),
        r"[^\x00-\x7f]",
        lambda rest: rest.str.normalize("NFKD").str.replace_all(r"\p{M}", ""),
    ).str.to_lowercase()
    parted = changed_where(plain, r"[0-9]\p{L}", lambda some: some.str.replace_all(r"([0-9])(\p{L})", "$1 $2"))
    spaced = changed_where(
        parted, r"[^a-z0-9 ]|  |^ | $", lambda some: some.str.replace_all(r"[^\p{L}\p{N}]+", " ").str.strip_chars()
    )
    return pl.concat_str([pl.lit(" "), spaced, pl.lit(" ")])


def may_name(words: Iterable[str]) -> str:
    """A pattern that is found wherever the bare words of a text hold those of any of `words`, and sometimes where they
    don't; it is quickly looked for."""
    spelt = "|".join(_GAP.join(map(_spellings, word.split())) for word in words)
    return rf"(?i:(?:^|\P{{L}})(?:{spelt})(?:$|\P{{L}}))|[^\x00-\x7f{''.join(_WITH_ACCENT)}]"


def has_contact(text: pl.Expr, found: pl.Expr) -> pl.Expr:
    """Whether there is contact data in the text or behind a link; what other tags carry (a picture's address, names of
    styles) is none. `found`: whether there is any, tags included. Null for null."""
    return also_where(found, text, lambda cells: cells.str.replace_all(_SILENT_TAG, " ").str.contains(CONTACT))
