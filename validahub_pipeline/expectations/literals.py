"""Texts of which one stands in whatever a pattern finds: a search for a few texts is many times faster than one for a
pattern that may begin with anything, and tells of most cells that the pattern is not in them.

Only patterns for Python's `re` are read here, none is run.
"""

from __future__ import annotations

import re
from typing import Final

_TOKEN: Final = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\(\?[a-zA-Z]*[):]|\{[0-9,]*\}|.", re.DOTALL)
_NOT_THERE: Final = ("?", "*", "{")
"""How the quantifiers begin by which what stands before them may be missing."""
_TELLING: Final = frozenset("@<>#$%*=~|^[]{}\\()")
"""Signs that are rare enough in text to be looked for alone."""


def one_of_which(regex: str) -> tuple[str, ...]:
    """Texts of which at least one is part of every text in which the pattern is found. Empty where none are known, or
    where looking for them would tell little: they are too short, or the pattern begins with a text anyway, which Rust's
    engine looks for by itself."""
    if re.search(r"\(\?(?!:)", regex):
        # Letters may stand for their capitals, and what follows need not be part of what is found.
        return ()
    alternatives = _alternatives(regex)
    texts = [max(runs, key=len, default="") for runs, _ in alternatives]
    anything = any(first[0] in "[.(" or first in {r"\w", r"\W", r"\S", r"\D"} for _, first in alternatives if first)
    if not anything or any(first == "^" for _, first in alternatives) or not all(map(_tells, texts)):
        return ()
    return tuple(dict.fromkeys(texts))


def _tells(text: str) -> bool:
    return len(text) > 2 or any(character in _TELLING for character in text)


def _alternatives(regex: str) -> list[tuple[list[str], str]]:
    """By alternative, the texts that are in it whatever else is, and its first token."""
    found: list[tuple[list[str], str]] = [([""], "")]
    depth = 0
    for token in _TOKEN.findall(regex):
        runs, first = found[-1]
        if token == "|" and not depth:
            found.append(([""], ""))
            continue
        found[-1] = (runs, first or token)
        depth += token.startswith("(") - (token == ")")
        literal = _literal(token)
        if token.startswith(_NOT_THERE):
            # Of a group nothing has been taken, so there is nothing to take back.
            runs[-1] = runs[-1][:-1]
            runs.append("")
        elif literal is None or depth:
            runs.append("")
        else:
            runs[-1] += literal
    return found


def _literal(token: str) -> str | None:
    """The character that a token stands for; None where it stands for something else."""
    if len(token) == 1:
        return None if token in ".^$+*?()|[]{}" else token
    return token[1] if token[0] == "\\" and len(token) == 2 and not token[1].isalnum() else None
