"""What several packs found, for people: codes by marketplace."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from validahub_pipeline.checking.outcome import Verdict
from validahub_pipeline.checking.packs import PackChecked, PacksChecked
from validahub_pipeline.checking.paper import SIGNS, STYLES, Paper
from validahub_pipeline.messages import Language
from validahub_pipeline.report.shown import clipped
from validahub_pipeline.rulepacks import Severity

_CODE: Final = 28
_BETWEEN: Final = 3
_HEADER: Final = 30
_NO_RULE: Final = "\N{EN DASH}"


def print_matrix(checked: PacksChecked, lang: Language, console: Console, *, on: date) -> None:
    """Print a check against several packs."""
    _Matrix(checked, Paper(console, lang), on).print()


class _Matrix:
    """One matrix being printed."""

    def __init__(self, checked: PacksChecked, paper: Paper, on: date) -> None:
        self._checked = checked
        self._paper = paper
        self._on = on
        self._found = {one.pack.name: {found.code: found for found in one.codes} for one in checked.packs}
        self._asked = {one.pack.name: {rule.code for rule in one.pack.rules} for one in checked.packs}

    def print(self) -> None:
        paper, number, packs = self._paper, self._paper.words.number, self._checked.packs
        fit = [one for one in packs if one.verdict is not Verdict.CRITICAL]
        name = self._checked.source.path.name
        told = paper.say("verdict_several", file=name, fit=number(len(fit)), packs=number(len(packs)))
        paper.verdict(self._checked.verdict, told)
        rows = paper.say("rows_several", rows=number(self._checked.source.records), on=self._on.isoformat())
        paper.line(f"  {rows}")
        paper.category(self._checked)
        for block in self._blocks():
            paper.console.print(self._table(block))
        signs = {f"sign_{severity.value}": SIGNS[severity] for severity in Severity}
        paper.wrapped(paper.say("legend", **signs), "  ", style="dim")
        self._missing()
        self._changes()
        paper.quarantine(self._checked.source)
        if any(one.codes for one in packs):
            paper.line()
            paper.wrapped(paper.say("more_of_one", pack=packs[0].pack.name), "  ", style="dim")
        paper.line()

    def _missing(self) -> None:
        """The columns that are missed or claimed twice: what a count alone does not tell."""
        lacking = [(one, one.match.unmatched) for one in self._checked.packs if one.match.unmatched]
        if not lacking:
            return
        paper = self._paper
        paper.section(paper.say("columns_missing"))
        for one, unmatched in lacking:
            told = []
            for lost in unmatched:
                shown = ", ".join(clipped(header, _HEADER) for header in lost.candidates)
                key = "ambiguous_of" if lost.ambiguous else "nearest_of"
                told.append(paper.say(key, field=lost.field, headers=shown) if shown else lost.field)
            paper.wrapped(f"{one.pack.name}: {', '.join(told)}", "  ", hanging="    ")

    def _changes(self) -> None:
        if not self._checked.compared:
            return
        paper = self._paper
        paper.section(paper.say("changes", on=self._on.isoformat()))
        for one in self._checked.packs:
            paper.line(Text(f"  {one.pack.name}", style="bold"))
            paper.changes(one, self._on)

    def _blocks(self) -> Iterator[Sequence[PackChecked]]:
        """As many packs side by side as there is room for."""
        room = self._paper.width - _CODE - _BETWEEN
        block: list[PackChecked] = []
        for one in self._checked.packs:
            if block and sum(map(self._wide, [*block, one])) > room:
                yield block
                block = []
            block.append(one)
        yield block

    def _wide(self, one: PackChecked) -> int:
        words = [*one.pack.name.split("_"), *(self._cell(one, code).plain for code in self._codes())]
        figures = (one.result.critical_rows, one.result.rows_with_violations)
        return max(map(len, [*words, *map(self._paper.words.number, figures)])) + _BETWEEN

    def _codes(self) -> list[str]:
        """The gravest anywhere first, then the most frequent."""
        order = list(Severity)
        found = [one for codes in self._found.values() for one in codes.values()]
        gravest = {code: min(order.index(one.severity) for one in found if one.code == code) for code in self._all()}
        total = {code: sum(one.count for one in found if one.code == code) for code in self._all()}
        return sorted(gravest, key=lambda code: (gravest[code], -total[code], code))

    def _all(self) -> set[str]:
        return {code for codes in self._found.values() for code in codes}

    def _table(self, block: Sequence[PackChecked]) -> Table:
        paper, number = self._paper, self._paper.words.number
        table = Table(box=box.SIMPLE, padding=(0, 1), pad_edge=False)
        table.add_column("", min_width=_CODE, max_width=_CODE, no_wrap=True)
        for one in block:
            table.add_column(one.pack.name.replace("_", "\n"), justify="right", no_wrap=True)
        for code in self._codes():
            table.add_row(code, *(self._cell(one, code) for one in block))
        table.add_section()
        table.add_row(paper.say("critical_rows"), *(number(one.result.critical_rows) for one in block))
        table.add_row(paper.say("violating_rows"), *(number(one.result.rows_with_violations) for one in block))
        verdicts = (
            Text("✘", STYLES[Severity.CRITICAL]) if one.verdict is Verdict.CRITICAL else Text("✔", "bold green")
            for one in block
        )
        table.add_row(Text(paper.say("verdict"), "bold"), *verdicts)
        return table

    def _cell(self, one: PackChecked, code: str) -> Text:
        found = self._found[one.pack.name].get(code)
        if found is None:
            return Text("0" if code in self._asked[one.pack.name] else _NO_RULE, "dim")
        return Text.assemble(
            self._paper.words.number(found.count), (f" {SIGNS[found.severity]}", STYLES[found.severity])
        )
