"""Cells made fit to be seen: clipped, every invisible character visible, and where two of them differ.

A cell is somebody else's text. Markup is escaped by the template; what is dealt with here is what escaping leaves:
control characters, text that reorders its surroundings, and values far too long to show.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Final

VALUE_LIMIT: Final = 160
# How much of what did not change is shown on either side of what did.
_CONTEXT: Final = 28

_PICTURES: Final = {"\n": "↵", "\r": "␍", "\t": "⇥", "\u00a0": "⍽", "\x7f": "␡"}
_HIDDEN: Final = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
# A joiner holds one emoji together; it moves nothing.
_HARMLESS: Final = {"\u200d"}


def visible(text: str) -> str:
    """The text with every invisible character replaced by a picture or, where there is none, its number: what
    reverses or hides its surroundings (U+202E, U+200B) does so no longer."""
    if text.isprintable() and "\u00a0" not in text:
        return text
    return "".join(_visible(character) for character in text)


def clipped(text: str, limit: int = VALUE_LIMIT) -> str:
    """At most `limit` characters of the text (more where some are shown as their numbers), visible. What is cut is cut
    from the middle and marked, since trouble sits at either end. Only what is shown is looked at."""
    if len(text) <= limit:
        return visible(text)
    tail = limit * 2 // 5
    return f"{visible(text[: limit - tail - 1])}…{visible(text[-tail:])}"


@dataclass(frozen=True)
class Piece:
    """A part of a cell; `changed` where the cell before and the cell after differ."""

    text: str
    changed: bool = False


def difference(before: str, after: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Both cells in pieces: what they begin and end with in common, and what lies between, which differs."""
    start = _common(before, after)
    end = _common(before[start:][::-1], after[start:][::-1])
    return _pieces(before, start, end), _pieces(after, start, end)


def _common(one: str, other: str) -> int:
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _pieces(text: str, start: int, end: int) -> tuple[Piece, ...]:
    head, middle, tail = text[:start], text[start : len(text) - end], text[len(text) - end :]
    if len(head) > _CONTEXT:
        head = f"…{head[-_CONTEXT:]}"
    if len(tail) > _CONTEXT:
        tail = f"{tail[:_CONTEXT]}…"
    changed = clipped(middle)
    if not changed.strip(" "):
        changed = "·" * len(changed)
    shown = (Piece(visible(head)), Piece(changed, changed=True), Piece(visible(tail)))
    return tuple(piece for piece in shown if piece.text)


def _visible(character: str) -> str:
    if character in _PICTURES:
        return _PICTURES[character]
    if character < " ":
        return chr(0x2400 + ord(character))
    if character not in _HARMLESS and unicodedata.category(character) in _HIDDEN:
        return f"[U+{ord(character):04X}]"
    return character
