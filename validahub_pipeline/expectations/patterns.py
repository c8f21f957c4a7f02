"""Text against patterns, as Python's `re` and SQL's LIKE have them, on Rust's engine where that says the same."""

from __future__ import annotations

import re
from typing import Final

import polars as pl

from validahub_pipeline.expectations.literals import one_of_which
from validahub_pipeline.text.distinct import each_distinct_holds
from validahub_pipeline.text.narrowing import only_where

# What the two engines write alike and mean differently, in Rust's words: inside a character class, and outside of one.
_CLASSES: Final = {
    r"\d": (r"\p{Nd}", r"\p{Nd}"),
    r"\D": (r"\P{Nd}", r"\P{Nd}"),
    r"\w": (r"\p{L}\p{N}_", r"[\p{L}\p{N}_]"),
    r"\W": (None, r"[^\p{L}\p{N}_]"),
    r"\s": (r"\s\x1c-\x1f", r"[\s\x1c-\x1f]"),
    r"\S": (None, r"[^\s\x1c-\x1f]"),
}
# Without regard to case Python takes these for an i, Rust does not.
_ALSO_I: Final = "\u0130\u0131"
_HOLDS_I: Final = re.compile("[iI]|[a-hA-H]-")
_GROUPS: Final = frozenset({"(?:", "(?s)", "(?i:"})
_SAME_ESCAPES: Final = frozenset(".^$*+?{}[]\\|()-/ \"'#&~,:;<>=!@%_`" + "nrtfv")
END: Final = r"(?:\n?\z)"
"""Python's `$` in Rust's words."""
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


def found_rarely(text: pl.Expr, regex: str) -> pl.Expr:
    """The same as `found`, for what is in few cells: first, texts are looked for without which it is not found.

    Raises:
        re.error: it is no pattern.
    """
    texts = one_of_which(regex)
    if not texts or translated(regex) is None:
        return found(text, regex)
    return only_where(text, "|".join(map(re.escape, texts)), lambda cells: found(cells, regex))


def translated(regex: str) -> str | None:
    """A Python pattern for Rust's engine; None where that has no equal to it, such as look-around."""
    try:
        return _translated(regex)
    except _Untranslatable:
        return None


def only_in_python(regex: str) -> str | None:
    """What keeps a pattern from Rust's engine, as it is spelt there (`(?=`, `\\b`, `\\1`); None where nothing does."""
    try:
        _translated(regex)
    except _Untranslatable as untranslatable:
        return str(untranslatable)
    return None


def _translated(regex: str) -> str:
    spelt = _Translation(regex).spelt
    # Python takes {,3} for {0,3} and a lone { for itself.
    if re.search(r"(?<!\\p)(?<!\\P)\{(?!\d)", spelt):
        raise _Untranslatable("{")
    if not runs_in_rust(spelt):
        raise _Untranslatable(regex)
    return spelt


def runs_in_rust(regex: str) -> bool:
    """Whether Rust's engine takes the pattern."""
    try:
        pl.Series([""]).str.contains(regex)
    except pl.exceptions.ComputeError:
        return False
    return True


class _Untranslatable(Exception):  # noqa: N818 - no error: the pattern takes the other way
    """Rust has no equal to the token."""


class _Translation:
    """One pattern on its way, token by token."""

    def __init__(self, regex: str) -> None:
        self._parts: list[str] = []
        self._class: str | None = None
        # For the pattern and each open group, whether case is ignored in it.
        self._ignoring = [regex.startswith("(?i)")]
        body = regex.removeprefix("(?i)")
        for found_token in _TOKEN.finditer(body):
            if self._class is None:
                self._outside(found_token.group(), body[found_token.end() :])
            else:
                self._inside(found_token.group())
        self.spelt = ("(?i)" if regex.startswith("(?i)") else "") + "".join(self._parts)

    def _outside(self, token: str, rest: str) -> None:
        if token[0] == "\\":
            self._parts.append(_escaped(token, in_class=False))
        elif token == "$":
            # Also before a final line feed, which is only then not taken from what comes after if nothing does.
            if rest.strip(")") and not (rest.startswith("|") and len(self._ignoring) == 1):
                raise _Untranslatable(token)
            self._parts.append(END)
        elif token in "iI" and self._ignoring[-1]:
            self._parts.append(f"[i{_ALSO_I}]")
        else:
            possessive = token == "+" and self._parts and self._parts[-1] in {"*", "+", "?", "}"}
            if possessive or (token.startswith("(?") and token not in _GROUPS):
                # What kind of group it is, the next signs say.
                raise _Untranslatable(token + (rest[: 1 + rest.startswith("<")] if token == "(?" else ""))
            if token.startswith("(") and token != "(?s)":
                self._ignoring.append(self._ignoring[-1] or token == "(?i:")
            elif token == ")" and len(self._ignoring) > 1:
                self._ignoring.pop()
            self._class = "" if token == "[" else None
            self._parts.append(token)

    def _inside(self, token: str) -> None:
        before = self._class or ""
        if token[0] == "\\":
            spelt = _escaped(token, in_class=True)
        elif token == "]" and before not in {"", "^"}:
            spelt = f"{_ALSO_I}]" if self._ignoring[-1] and _HOLDS_I.search(before) else "]"
        elif token == "[" or (token in "&-~" and before.endswith(token)):
            # Set operations, which are only Rust's, and a bracket that may open a class.
            raise _Untranslatable(token)
        else:
            spelt = token
        self._class = None if token == "]" and before not in {"", "^"} else before + token
        self._parts.append(spelt)


def _escaped(token: str, *, in_class: bool) -> str:
    spelt = _CLASSES[token][0 if in_class else 1] if token in _CLASSES else token
    if spelt is None or (token not in _CLASSES and token[1:] not in _SAME_ESCAPES):
        raise _Untranslatable(token)
    return spelt


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
