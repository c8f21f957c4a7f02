"""Text against patterns, as Python's `re` and SQL's LIKE have them, on Rust's engine where that says the same."""

from __future__ import annotations

import re
from typing import Final

import polars as pl

from validahub_pipeline.engine.domain.regex import runs_in_rust
from validahub_pipeline.text.distinct import each_distinct_holds

# What the two engines write alike and mean differently, in Rust's words: inside a character class, and outside of one.
_CLASSES: Final = {
    r"\d": (r"\p{Nd}", r"\p{Nd}"),
    r"\D": (r"\P{Nd}", r"\P{Nd}"),
    r"\w": (r"\p{L}\p{N}_", r"[\p{L}\p{N}_]"),
    r"\W": (None, r"[^\p{L}\p{N}_]"),
    r"\s": (r"\s\x1c-\x1f", r"[\s\x1c-\x1f]"),
    r"\S": (None, r"[^\s\x1c-\x1f]"),
}
_SAME_ESCAPES: Final = frozenset(".^$*+?{}[]\\|()-/ \"'#&~,:;<>=!@%_`" + "nrtfv")
_TOKEN: Final = re.compile(r"\\.|\(\?[a-zA-Z]*[):]?|.", re.DOTALL)


def found(text: pl.Expr, regex: str) -> pl.Expr:
    """Whether Python's `re.search` finds the pattern; null for null.

    Raises:
        re.error: it is no pattern.
    """
    pattern = re.compile(regex)
    in_rust = translated(regex)
    if in_rust is not None:
        return text.str.contains(in_rust)
    return each_distinct_holds(text, lambda value: pattern.search(value) is not None)


def translated(regex: str) -> str | None:
    """A Python pattern for Rust's engine; None where that has no equal to it, such as look-around."""
    parts: list[str] = []
    in_class = False
    for token in _TOKEN.findall(regex):
        if token[0] == "\\" and len(token) == 2:
            spelt = _escape(token, in_class=in_class)
            if spelt is None:
                return None
            parts.append(spelt)
        elif in_class:
            # Set operations, which are only Rust's, and a bracket that may open or close a class.
            if token == "[" or (token in "&-~" and parts[-1] == token):
                return None
            in_class = token != "]" or parts[-1] in {"[", "[^"}
            parts.append(token)
        elif token in {"$"}:
            # Also before a final line feed.
            parts.append(r"(?:\n?\z)")
        elif token.startswith("(?") and token not in {"(?:", "(?s)"}:
            return None
        else:
            in_class = token == "["
            parts.append(token)
    spelt = "".join(parts)
    # Python takes {,3} for {0,3} and a lone { for itself.
    return spelt if not re.search(r"(?<!\\p)(?<!\\P)\{(?!\d)", spelt) and runs_in_rust(spelt) else None


def _escape(token: str, *, in_class: bool) -> str | None:
    if token in _CLASSES:
        return _CLASSES[token][0 if in_class else 1]
    return token if token[1] in _SAME_ESCAPES else None


def like(text: pl.Expr, pattern: str, escape: str | None) -> pl.Expr:
    """Whether the whole text is like an SQL pattern, letter by letter: `%` is any text, `_` any one character, and
    what follows `escape` is itself.

    Raises:
        ValueError: the escape is not one character.
    """
    if escape is not None and len(escape) != 1:
        raise ValueError(f"escape must be one character, not {escape!r}")
    parts = []
    characters = iter(pattern)
    for character in characters:
        if character == escape:
            parts.append(re.escape(next(characters, character)))
        else:
            parts.append({"%": ".*", "_": "."}.get(character) or re.escape(character))
    return text.str.contains(rf"(?s)\A(?:{''.join(parts)})\z")
