"""The first sheet of `errors.xlsx`: what is wrong, by kind, and what the workbook leaves out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import polars as pl
from xlsxwriter.worksheet import Worksheet

from validahub_pipeline.report.problems import Problems
from validahub_pipeline.report.workbook_cells import Formats, storable
from validahub_pipeline.rulepacks import Severity

_HEADERS: Final = ("severity", "problem", "count", "column", "meaning", "code")
_WIDTHS: Final = (12, 44, 12, 30, 100, 30)
_KINDS: Final = 2_000
_COLUMNS: Final = 12
_GRAVE: Final = {severity.value: rank for rank, severity in enumerate(Severity)}


@dataclass
class _Kind:
    code: str
    severity: str
    of_file: tuple[str, str] | None
    columns: dict[str, None] = field(default_factory=dict)
    count: int = 0


class Kinds:
    """The violations so far, by kind. Each of the file as a whole is a kind of its own, since it names a field."""

    def __init__(self) -> None:
        self._kinds: dict[tuple[str, tuple[str, str] | None], _Kind] = {}

    def add(self, violations: pl.DataFrame) -> None:
        """Count violations (`row, line, column, code, severity, value`), all of rows or all of the file as a whole."""
        if violations.item(0, "row") == 0:
            for code, column, severity, value in violations.select("code", "column", "severity", "value").iter_rows():
                self._kind(code, severity, (column, value)).count += 1
            return
        counted = violations.group_by("code", "severity", "column", maintain_order=True).len()
        for code, severity, column, count in counted.iter_rows():
            kind = self._kind(code, severity, None)
            kind.columns[column] = None
            kind.count += count

    def _kind(self, code: str, severity: str, of_file: tuple[str, str] | None) -> _Kind:
        return self._kinds.setdefault((code, of_file), _Kind(code, severity, of_file))

    def ordered(self) -> list[_Kind]:
        """Those of the file first, then grave ones, then frequent ones."""
        return sorted(
            self._kinds.values(),
            key=lambda kind: (kind.of_file is None, _GRAVE[kind.severity], -kind.count, kind.code),
        )


def write_summary(
    sheet: Worksheet, formats: Formats, problems: Problems, kinds: Kinds, *, title: str, notes: Sequence[str]
) -> None:
    """Fill the sheet: the title, notes on what the workbook holds, and a line for each kind."""
    say = problems.wording.text
    for place, width in enumerate(_WIDTHS):
        sheet.set_column(place, place, width)
    sheet.write_string(0, 0, storable(title), formats.title)
    at = 1
    for note in notes:
        sheet.merge_range(at, 0, at, len(_HEADERS) - 2, "", formats.soft)
        sheet.write_string(at, 0, storable(note), formats.soft)
        at += 1
    at += 1
    for place, name in enumerate(_HEADERS):
        sheet.write_string(at, place, say(f"column_{name}"), formats.header)
    for kind in kinds.ordered()[:_KINDS]:
        at += 1
        problem = problems.of_file(kind.code, *kind.of_file) if kind.of_file else problems.of(kind.code)
        columns = [kind.of_file[0]] if kind.of_file else list(kind.columns)
        named = ", ".join(columns[:_COLUMNS]) + (", …" if len(columns) > _COLUMNS else "")
        sheet.write_string(at, 0, problems.severity(kind.severity), formats.wrong("", kind.severity))
        sheet.write_string(at, 1, storable(problem.name), formats.wrapped)
        sheet.write_number(at, 2, kind.count, formats.count)
        sheet.write_string(at, 3, storable(named), formats.wrapped)
        sheet.write_string(at, 4, storable(problem.meaning), formats.wrapped)
        sheet.write_string(at, 5, storable(kind.code), formats.wrapped)
