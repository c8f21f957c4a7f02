"""What differs between two packs, for people: entries that came and went, and each change with both values."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, Final

from rich.console import Console
from rich.text import Text

from validahub_pipeline.checking.paper import STYLES, Paper
from validahub_pipeline.messages import Language, message
from validahub_pipeline.report.shown import clipped
from validahub_pipeline.rulebook.compared import Compared
from validahub_pipeline.rulepacks import Severity
from validahub_pipeline.rulepacks.differences import SECTIONS, Difference, Document, Section, ValueChange

_VALUE: Final = 70
_LISTED: Final = 5
_SIGNS: Final = {"+": "bold green", "-": "bold red", "~": "bold yellow"}


def print_difference(
    before: Compared, after: Compared, found: Difference, lang: Language, console: Console, *, whole: bool
) -> None:
    """Print a comparison.

    Args:
        whole: show what a verdict does not depend on, too: texts, sources, header names.
    """
    _Table(before, after, found, Paper(console, lang), whole=whole).print()


class _Table:
    """One comparison being printed."""

    def __init__(self, before: Compared, after: Compared, found: Difference, paper: Paper, *, whole: bool) -> None:
        self._sides = (before, after)
        self._found = found
        self._paper = paper
        self._whole = whole
        self._hidden = 0

    def print(self) -> None:
        paper = self._paper
        paper.line()
        for sign, side in zip("-+", self._sides, strict=True):
            paper.line(
                Text.assemble((f"{sign} ", _SIGNS[sign]), (f"{side.name} {side.version}", "bold"), self._told(side))
            )
        if not self._found:
            paper.line(f"  {self._say('diff_same')}")
        for section in ("rules", "fields", "corrections"):
            self._section(section)
        self._pack()
        for section in self._found.reordered:
            paper.line(f"  {self._say('diff_reordered', section=section)}")
        if self._hidden:
            paper.line()
            paper.wrapped(self._say("diff_hidden", count=paper.words.number(self._hidden)), "  ", style="dim")
        paper.line()

    def _say(self, key: str, **values: object) -> str:
        return message("packs", key, self._paper.lang, **values)

    def _told(self, side: Compared) -> str:
        day = side.on.isoformat() if side.on else self._say("diff_pinned")
        number = self._paper.words.number(side.rules)
        return "  " + self._say("diff_side", category=side.category, on=day, rules=number, hash=side.hash[:12])

    def _section(self, section: Section) -> None:
        found, key = self._found.sections[section], SECTIONS[section]
        changed = {name: self._shown(changes, section) for name, changes in found.changed.items()}
        changed = {name: changes for name, changes in changed.items() if changes}
        if not (found.added or found.removed or changed):
            return
        paper, number = self._paper, self._paper.words.number
        counts = {"added": len(found.added), "removed": len(found.removed), "changed": len(changed)}
        paper.section(self._say(f"diff_{section}", **{name: number(count) for name, count in counts.items()}))
        for sign, entries in (("-", found.removed), ("+", found.added)):
            for entry in entries:
                self._entry(sign, entry[key], entry)
        for name, changes in changed.items():
            self._changed(name, changes)

    def _shown(self, changes: Sequence[ValueChange], section: Section) -> list[ValueChange]:
        """The changes to be shown; of a rule, at first those that its verdict depends on."""
        shown = [one for one in changes if self._whole or section == "corrections" or _matters(one, section)]
        self._hidden += len(changes) - len(shown)
        return shown

    def _entry(self, sign: str, name: str, entry: Document) -> None:
        severity = entry.get("severity")
        style = STYLES[Severity(severity)] if severity else ""
        told = Text.assemble((f"  {sign} ", _SIGNS[sign]), (name, "bold"), "  ", (severity or "", style))
        self._paper.line(told)
        self._paper.wrapped(_summary(entry), "      ", hanging="        ", style="dim")

    def _changed(self, name: str, changes: Sequence[ValueChange]) -> None:
        self._paper.line(Text.assemble(("  ~ ", _SIGNS["~"]), (name, "bold")))
        for change in changes:
            self._change(change, "      ")

    def _change(self, change: ValueChange, indent: str) -> None:
        if isinstance(change.before, list) and isinstance(change.after, list):
            told = ", ".join(_listed(change.before, change.after)) or self._say("diff_order")
        else:
            told = f"{_value(change.before)} → {_value(change.after)}"
        self._paper.wrapped(f"{change.key}: {told}", indent, hanging=f"{indent}  ")

    def _pack(self) -> None:
        # That two packs have two names and versions, the first two lines say.
        shown = [one for one in self._found.pack if one.key not in {"version", "title"}]
        if shown:
            self._paper.section(self._say("diff_pack"))
            for change in shown:
                self._change(change, "  ")


def _matters(change: ValueChange, section: Section) -> bool:
    return change.judges if section == "rules" else change.key not in {"aliases", "inherited"}


def _summary(entry: Document) -> str:
    if "aliases" in entry:
        return ", ".join(entry["aliases"][:_LISTED])
    own = {name: value for name, value in entry["kwargs"].items() if value != []}
    parts = [entry["type"], *(f"{name}={_value(value)}" for name, value in own.items())]
    parts += [f"{name}={_value(entry[name])}" for name in ("fields", "mostly") if entry.get(name) is not None]
    return ", ".join(parts) + (f", where {entry['row_condition']}" if entry.get("row_condition") else "")


def _listed(before: Sequence[Any], after: Sequence[Any]) -> Iterator[str]:
    for sign, values in (
        ("+", [one for one in after if one not in before]),
        ("-", [one for one in before if one not in after]),
    ):
        yield from (f"{sign}{_value(value)}" for value in values[:_LISTED])
        if len(values) > _LISTED:
            yield f"{sign}…{len(values) - _LISTED}"


def _value(value: Any) -> str:
    if value is None:
        return "\N{EN DASH}"
    return clipped(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False), _VALUE)
