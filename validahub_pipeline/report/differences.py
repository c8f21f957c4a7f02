"""What differs between two states of an upload, in the terminal."""

from __future__ import annotations

from typing import Final

import polars as pl
from rich.console import Console
from rich.text import Text

from validahub_pipeline.messages import Language, message
from validahub_pipeline.report.shown import clipped, difference, on_a_line
from validahub_pipeline.report.wording import Wording

CELLS: Final = 30
KINDS: Final = 12
_VALUE: Final = 40
_NAME: Final = 24


def state(revision: int, lang: Language) -> str:
    """What a revision is called; the one before the first is the file as handed in."""
    return message("differences", "state" if revision else "state_handed_in", lang, revision=revision)


def print_differences(
    different: pl.DataFrame, wording: Wording, console: Console, *, file: str, older: int, newer: int
) -> None:
    """Print the kinds of differences, and the first cells."""
    lang, number = wording.lang, wording.number

    def say(key: str, **values: object) -> str:
        return message("differences", key, lang, **values)

    def line(text: Text | str = "") -> None:
        console.print(text, soft_wrap=True, highlight=False, markup=False)

    between = {"older": state(older, lang), "newer": state(newer, lang)}
    line()
    line(Text(say("between", file=clipped(file, 40), **between), style="bold"))
    rows = different.get_column("row").n_unique()
    line("  " + say("counted" if different.height else "none", cells=number(different.height), rows=number(rows)))
    kinds = different.group_by("code", "column").len().sort("len", "code", "column", descending=[True, False, False])
    if different.height:
        line()
    for code, column, count in kinds.head(KINDS).iter_rows():
        name = wording.correction(code) if code else say("as_handed_in")
        line(f"  {number(count):>9}  {clipped(column, _NAME)}: {name}")
    if kinds.height > KINDS:
        line(Text(f"             {say('more_kinds', count=number(kinds.height - KINDS))}", style="dim"))
    if different.height:
        line()
    for shown in different.head(CELLS).iter_rows(named=True):
        before, after = (on_a_line(pieces, _VALUE) for pieces in difference(shown["before"], shown["after"]))
        where = say("where", row=number(shown["row"]), line=number(shown["line"]))
        line(f"  {where}  {clipped(shown['column'], _NAME)}: “{before}” → “{after}”")
    if different.height > CELLS:
        line(Text(f"  {say('more_cells', count=number(different.height - CELLS))}", style="dim"))
    line()
