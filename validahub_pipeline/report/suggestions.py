"""Suggestions in the terminal: each pattern in a sentence, with examples, and what to type to accept it."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import Any, Final

from rich.console import Console
from rich.text import Text

from validahub_pipeline.messages import message
from validahub_pipeline.report.shown import clipped, difference, on_a_line
from validahub_pipeline.report.wording import Wording
from validahub_pipeline.revisions.patterns import Pattern

_VALUE: Final = 60
_NAME: Final = 40


def print_suggestions(
    found: Sequence[Pattern],
    rejected: Sequence[Mapping[str, Any]],
    wording: Wording,
    console: Console,
    *,
    validation_id: str,
    file: str,
    revision: int,
) -> None:
    """Print what a revision proposes, and what was rejected before."""

    def say(key: str, **values: object) -> str:
        return message("suggestions", key, wording.lang, **values)

    def line(text: Text | str = "") -> None:
        console.print(text, soft_wrap=True, highlight=False, markup=False)

    number = wording.number
    line()
    cells = sum(pattern.cells for pattern in found)
    heading = "heading" if found else "none"
    line(Text(say(heading, cells=number(cells), file=clipped(file, _NAME), revision=revision), style="bold"))
    for place, pattern in enumerate(found, 1):
        line()
        line(Text(f"{place}. {told(pattern, wording)}", style="bold"))
        for change in pattern.changes:
            times = f"  \u00d7{number(change.cells)}" if change.cells > 1 else ""
            where = say("where", row=number(change.row), line=number(change.line))
            before, after = (on_a_line(pieces, _VALUE) for pieces in difference(change.before, change.after))
            line(f"     “{before}” → “{after}”{times}")
            line(Text(f"       {where}", style="dim"))
        accept = f"validahub correct {validation_id} --accept {pattern.code} --column {shlex.quote(pattern.column)}"
        line(Text(f"     {say('accept')}  {accept}", style="cyan"))
    for one in rejected:
        line()
        name = wording.correction(one["code"])
        key = "rejected_in" if one["column"] else "rejected"
        line(Text(say(key, name=name, code=one["code"], column=one["column"]), style="dim"))
    line()


def told(pattern: Pattern, wording: Wording) -> str:
    """What a pattern is about, in a sentence."""
    number, lang = wording.number, wording.lang
    column = clipped(pattern.column, _NAME)
    values = {"cells": number(pattern.cells), "column": column, "values": number(pattern.values)}
    if len(pattern.changes) == 1 and pattern.cells > 1:
        value = clipped(pattern.changes[0].before, _VALUE)
        return message("suggestions", "one_value", lang, value=value, name=wording.correction(pattern.code), **values)
    key = f"of_{pattern.type}"
    limits = {name: number(value) for name, value in pattern.kwargs.items() if isinstance(value, int)}
    if wording.catalogued("suggestions", key):
        sentence = message("suggestions", key, lang, **values, **limits)
    else:
        sentence = message("suggestions", "of_any", lang, name=wording.correction(pattern.code), **values)
    if pattern.values == pattern.cells:
        return sentence
    return f"{sentence} {message('suggestions', 'different', lang, **values)}"
