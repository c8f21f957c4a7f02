"""`errors.xlsx`: the rows to fix, as a workbook in which each offending cell is coloured and says why.

Two sheets: what is wrong by kind, with what is not in the workbook and where that stands, and the rows themselves as
they are after correction, which a seller may mend there. Notes ask for nothing, so they alone make no row to fix. Rows
are written as they come and kept nowhere, but for the comments, which is one reason why those are bounded.
"""

from __future__ import annotations

import operator
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import polars as pl
import xlsxwriter

from validahub_pipeline.engine.stored import ROW
from validahub_pipeline.report.problems import Problems
from validahub_pipeline.report.summary_sheet import Kinds, write_summary
from validahub_pipeline.report.workbook_cells import Formats, comment, storable
from validahub_pipeline.rulepacks import Severity

EXCEL_ROWS: Final = 1_048_576
EXCEL_COLUMNS: Final = 16_384
_OWN: Final = ("line", "row", "problem")
"""What stands before the file's own columns: where the row is, and what is wrong with it."""

_WIDTHS: Final = (9, 9, 44)
_WIDTH: Final = 18
_GRAVE: Final = {severity.value: rank for rank, severity in enumerate(Severity)}


@dataclass(frozen=True)
class Limits:
    """How much a workbook may hold, besides what Excel can: cells of rows, comments, and characters (which take up
    disk while a sheet is written)."""

    cells: int
    comments: int
    characters: int


BESIDE_EVERY_REPORT: Final = Limits(cells=40_000, comments=2_000, characters=20_000_000)
"""Less than half a second, however large the file."""

ON_DEMAND: Final = Limits(cells=64 * EXCEL_ROWS, comments=65_000, characters=2_000_000_000)
"""What spreadsheets still open; with more comments they take minutes to."""


class ErrorsWorkbook:
    """A context manager that is handed rows and their violations, a batch at a time.

    Args:
        columns: the headers of the file.
        whole: name of the list that leaves nothing out.
        created: the moment the workbook says it was made at (without time zone), so that the same errors give the same
            bytes.
    """

    def __init__(
        self,
        path: Path,
        problems: Problems,
        columns: Sequence[str],
        *,
        file_name: str,
        whole: str,
        created: datetime,
        limits: Limits = BESIDE_EVERY_REPORT,
    ) -> None:
        self._problems = problems
        self._say = problems.wording.text
        self._number = problems.wording.number
        self._file_name = file_name
        self._whole = whole
        self._limits = limits
        self._headers = tuple(columns)
        self._shown = self._headers[: EXCEL_COLUMNS - len(_OWN)]
        self._book = xlsxwriter.Workbook(
            path,
            {
                "constant_memory": True,
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
                "tmpdir": str(path.parent),
            },
        )
        # Only a workbook that somebody asked for may need it; the others stay as they are.
        self._book.use_zip64()
        self._book.set_properties({"created": created, "title": storable(file_name)})
        self._summary = self._book.add_worksheet(self._say("errors_sheet_summary"))
        self._rows = self._book.add_worksheet(self._say("errors_sheet_rows"))
        self._formats = Formats(self._book)
        self._kinds = Kinds()
        self._violating = 0
        self._written = 0
        self._characters = 0
        self._comments = 0
        self._uncommented = 0
        self._start_rows()

    def write(self, rows: pl.DataFrame, violations: pl.DataFrame) -> None:
        """Append rows that violate something.

        Args:
            rows: `__row`, `__line` and the cells by place ("0", "1", ...) of a batch, after correction.
            violations: of these rows in order (`row, line, column, code, severity, value`), or of the file as a whole.
        """
        if violations.is_empty():
            return
        self._kinds.add(violations)
        if violations.item(0, "row") == 0:
            return
        to_fix = pl.col("severity") != Severity.INFO.value
        violating = violations.filter(to_fix).get_column("row").unique(maintain_order=True)
        self._violating += len(violating)
        wanted = violating.head(self._rows_left())
        if wanted.is_empty():
            return
        chosen = rows.filter(pl.col(ROW).is_in(wanted.implode()))
        told = violations.filter(pl.col("row").is_in(wanted.implode())).select("row", "column", "code", "severity")
        found = groupby(told.iter_rows(), operator.itemgetter(0))
        for cells, (_, here) in zip(chosen.iter_rows(), found, strict=True):
            if not self._rows_left():
                break
            self._write_row(cells, [(column, code, severity) for _, column, code, severity in here])

    def _rows_left(self) -> int:
        if self._characters >= self._limits.characters:
            return 0
        allowed = self._limits.cells // (len(_OWN) + len(self._shown))
        return max(0, min(EXCEL_ROWS - 1, allowed) - self._written)

    def _start_rows(self) -> None:
        for place, name in enumerate(_OWN):
            self._rows.write_string(0, place, self._say(f"column_{name}"), self._formats.header)
            self._rows.set_column(place, place, _WIDTHS[place])
        for place, header in enumerate(self._shown, start=len(_OWN)):
            self._rows.write_string(0, place, storable(header), self._formats.header)
        self._rows.set_column(len(_OWN), len(_OWN) + len(self._shown), _WIDTH)
        self._rows.freeze_panes(1, len(_OWN))

    def _write_row(self, cells: Sequence[object], found: Sequence[tuple[str, str, str]]) -> None:
        self._written += 1
        place = self._written
        row, line, *texts = cells
        wrong: dict[str, list[tuple[str, str]]] = {}
        for column, code, severity in found:
            wrong.setdefault(column, []).append((code, severity))
        names = storable("; ".join(dict.fromkeys(self._problems.of(code).name for _, code, _ in found)))
        self._rows.write_number(place, 0, int(str(line)))
        self._rows.write_number(place, 1, int(str(row)))
        self._rows.write_string(place, 2, names, self._formats.of(names))
        for at, (column, cell) in enumerate(zip(self._shown, texts, strict=False), start=len(_OWN)):
            text = storable(str(cell)) if cell is not None else ""
            self._characters += len(text)
            if column in wrong:
                self._write_wrong(place, at, text, wrong[column])
            elif text:
                self._rows.write_string(place, at, text, self._formats.of(text))

    def _write_wrong(self, place: int, at: int, text: str, found: Sequence[tuple[str, str]]) -> None:
        gravest = min((severity for _, severity in found), key=_GRAVE.__getitem__)
        look = self._formats.wrong(text, gravest)
        if text:
            self._rows.write_string(place, at, text, look)
        else:
            self._rows.write_blank(place, at, None, look)
        if self._comments == self._limits.comments:
            self._uncommented += 1
            return
        self._comments += 1
        told = [self._problems.of(code) for code in dict.fromkeys(code for code, _ in found)]
        why = comment("\n\n".join(f"{one.name}\n{one.meaning}" for one in told))
        self._rows.write_comment(place, at, why, {"author": "ValidaHub", "x_scale": 2.2, "y_scale": 1.6})

    def _notes(self) -> Iterator[str]:
        """What is in the workbook, and what is not."""
        number = self._number
        yield self._say("errors_rows_shown", shown=number(self._written), all=number(self._violating))
        if self._written < self._violating:
            yield self._say("errors_rows_left_out", rows=number(self._violating - self._written))
        if self._uncommented:
            yield self._say("errors_comments_left_out", cells=number(self._uncommented))
        if len(self._shown) < len(self._headers):
            yield self._say("errors_columns_left_out", columns=number(len(self._headers) - len(self._shown)))
        yield self._say("errors_full_list", file=self._whole)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._written:
            self._rows.autofilter(0, 0, self._written, len(_OWN) + len(self._shown) - 1)
        title = self._say("errors_title", file=self._file_name)
        notes = list(self._notes())
        write_summary(self._summary, self._formats, self._problems, self._kinds, title=title, notes=notes)
        self._book.close()
