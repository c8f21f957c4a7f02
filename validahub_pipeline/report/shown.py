"""Cells made fit to be seen: clipped, every invisible character visible, and where two of them differ.

A cell is somebody else's text. Markup is escaped by the template; what is dealt with here is what escaping leaves:
control characters, text that reorders its surroundings, and values far too long to show.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from validahub_pipeline.text.spreadsheets import FORMULA

VALUE_LIMIT: Final = 160
# How much of what did not change is shown on either side of what did.
_CONTEXT: Final = 28

_PICTURES: Final = {"\n": "↵", "\r": "␍", "\t": "⇥", "\u00a0": "⍽", "\x7f": "␡"}
_HIDDEN: Final = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_UNSEEN_SPACES: Final = re.compile(r"^ +| +$| {2,}")
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


def harmless(text: str) -> str:
    """The text in quotation marks where a spreadsheet it is pasted into would take it for a formula."""
    return f"“{text}”" if text.lstrip().startswith(FORMULA) else text


@dataclass(frozen=True)
class Piece:
    """A part of a cell; `changed` where the cell before and the cell after differ. A changed one is empty where the
    other cell alone has something in its place."""

    text: str
    changed: bool = False


def difference(before: str, after: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Both cells in pieces: what they begin and end with in common, and what lies between, which differs."""
    shorter = min(len(before), len(after))
    start = _longest(shorter, lambda size: before[:size] == after[:size])
    end = _longest(shorter - start, lambda size: before[len(before) - size :] == after[len(after) - size :])
    return _pieces(before, start, end), _pieces(after, start, end)


def on_a_line(pieces: Sequence[Piece], limit: int) -> str:
    """A change in at most `limit` characters: where it begins, and a few characters on either side of it."""
    whole = "".join(piece.text for piece in pieces)
    if len(whole) <= limit:
        return whole
    beside = limit // 4
    told, until = "", None
    for piece in pieces:
        if piece.changed:
            until = limit - beside
            told += _beginning(piece.text, until - len(told))
        elif until is None:
            told += piece.text if len(piece.text) <= beside else f"…{piece.text[1 - beside :]}"
        else:
            told += _beginning(piece.text, limit - len(told))
    return told


def _beginning(text: str, room: int) -> str:
    return text if len(text) <= room else f"{text[: room - 1]}…"


def _longest(limit: int, holds: Callable[[int], bool]) -> int:
    """The largest size up to `limit` for which it holds, as it does for all smaller ones. By halving: comparing
    slices is quick, comparing a megabyte character by character is not."""
    return bisect_left(range(1, limit + 1), True, key=lambda size: not holds(size))


def _pieces(text: str, start: int, end: int) -> tuple[Piece, ...]:
    head, middle, tail = text[:start], text[start : len(text) - end], text[len(text) - end :]
    if len(head) > _CONTEXT:
        head = f"…{head[-_CONTEXT:]}"
    if len(tail) > _CONTEXT:
        tail = f"{tail[:_CONTEXT]}…"
    # Spaces that nobody would see, which are what most corrections are about.
    changed = _UNSEEN_SPACES.sub(lambda spaces: "·" * len(spaces.group()), clipped(middle))
    shown = (Piece(visible(head)), Piece(changed, changed=True), Piece(visible(tail)))
    return tuple(piece for piece in shown if piece.text or piece.changed) if text else ()


def _visible(character: str) -> str:
    if character in _PICTURES:
        return _PICTURES[character]
    if character < " ":
        return chr(0x2400 + ord(character))
    if character not in _HARMLESS and unicodedata.category(character) in _HIDDEN:
        return f"[U+{ord(character):04X}]"
    return character
