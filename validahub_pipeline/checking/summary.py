"""What one pack found, for people: verdict, columns, violations with their cause, remedy and first lines."""

from __future__ import annotations

from datetime import date
from typing import Final

from rich.console import Console
from rich.text import Text

from validahub_pipeline.checking.packs import CodeFound, PacksChecked
from validahub_pipeline.checking.paper import SIGNS, STYLES, Paper
from validahub_pipeline.engine import ViolationExample
from validahub_pipeline.messages import Language
from validahub_pipeline.report.shown import clipped
from validahub_pipeline.report.wording import Wording

_EXAMPLES: Final = 3
_VALUE: Final = 60
_HEADER: Final = 30
_UNUSED: Final = 12


def print_pack(checked: PacksChecked, lang: Language, console: Console, *, on: date) -> None:
    """Print a check against one pack."""
    _Summary(checked, Wording(checked.packs[0].pack, lang), Paper(console, lang), on).print()


class _Summary:
    """One summary being printed."""

    def __init__(self, checked: PacksChecked, wording: Wording, paper: Paper, on: date) -> None:
        self._checked = checked
        self._source = checked.source
        self._one = checked.packs[0]
        self._wording = wording
        self._paper = paper
        self._on = on

    def print(self) -> None:
        self._verdict()
        self._columns()
        self._violations()
        self._paper.quarantine(self._source)
        self._changes()
        self._paper.line()

    def _verdict(self) -> None:
        one, number, pack = self._one, self._wording.number, self._one.pack
        titled = {"file": self._source.path.name, "title": pack.title}
        self._paper.verdict(one.verdict, self._paper.say(f"verdict_{one.verdict}", **titled))
        # A critical row is counted once; a row with a warning only is one of the others.
        noted = number(one.result.rows_with_violations - one.result.critical_rows)
        told = self._paper.say(
            "rows", rows=number(self._source.records), critical=number(one.result.critical_rows), noted=noted
        )
        self._paper.line(f"  {told}")
        ruled = self._paper.say(
            "rules", pack=pack.name, version=pack.version, on=self._on.isoformat(), category=pack.category
        )
        self._paper.line(Text(f"  {ruled}", style="dim"))
        self._paper.category(self._checked)

    def _columns(self) -> None:
        match = self._one.match
        self._paper.section(self._paper.say("columns"))
        known = ", ".join(
            f"{field} ← {header}" if field != header else field for field, header in match.columns.items()
        )
        if known:
            self._paper.wrapped(self._paper.say("matched", columns=known), "  ", hanging="    ")
        without = [field for field in self._one.pack.fields if field not in match.columns]
        if without:
            told = self._paper.say("unmatched", fields=", ".join(without))
            self._paper.wrapped(told, "  ", hanging="    ")
        unused = [name for name in self._source.columns if name not in match.columns.values()]
        if unused:
            shown = [clipped(name, _HEADER) for name in unused[:_UNUSED]]
            if len(unused) > _UNUSED:
                shown.append(self._paper.say("more", count=self._wording.number(len(unused) - _UNUSED)))
            told = self._paper.say("unused", columns=", ".join(shown))
            self._paper.wrapped(told, "  ", hanging="    ", style="dim")

    def _violations(self) -> None:
        if not self._one.codes:
            return
        self._paper.section(self._paper.say("violations"))
        for found in self._one.codes:
            self._found(found)

    def _found(self, found: CodeFound) -> None:
        paper, wording = self._paper, self._wording
        rule = wording.rule(found.code)
        name = wording.violation(found.code)
        code = found.code if rule is None or not rule.marketplace_code else f"{found.code} ({rule.marketplace_code})"
        count = f"{wording.number(found.count):>9}"
        told = Text.assemble(
            (f"  {SIGNS[found.severity]} ", STYLES[found.severity]), (name, "bold"), (f"  {code}", "dim")
        )
        told.truncate(paper.width - len(count) - 1, overflow="ellipsis", pad=True)
        paper.line(told + Text(f" {count}"))
        if rule is not None:
            paper.wrapped(rule.message(paper.lang), "      ")
            if not rule.verified:
                paper.wrapped(paper.say("unverified"), "      ", style="dim")
            if self._one.is_mended(found.code):
                paper.wrapped(paper.say("mended"), "      ", style="dim")
        for example in self._one.result.examples.get(found.code, ())[:_EXAMPLES]:
            if example.row == 0:
                self._of_file(found.code, example)
            else:
                self._example(example)

    def _of_file(self, code: str, example: ViolationExample) -> None:
        if self._wording.rule(code) is None:
            told = self._wording.of_file(code, field=example.column, candidates=example.value)
            self._paper.wrapped(told, "      ")
        elif example.value:
            self._paper.wrapped(
                self._paper.say("observed", value=clipped(example.value, _VALUE)), "      ", style="dim"
            )

    def _example(self, example: ViolationExample) -> None:
        value = f"“{clipped(example.value, _VALUE)}”" if example.value else f"({self._wording.text('empty_cell')})"
        line = self._wording.number(example.line)
        told = self._paper.say("example", line=line, column=clipped(example.column, _HEADER), value=value)
        self._paper.wrapped(told, "      ", style="dim", hanging="        ")

    def _changes(self) -> None:
        if self._checked.compared:
            self._paper.section(self._paper.say("changes", on=self._on.isoformat()))
            self._paper.changes(self._one, self._on)
