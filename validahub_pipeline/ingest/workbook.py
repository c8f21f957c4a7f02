"""Sheets of workbooks (xlsx, xlsb, xls, ods) as CSV, by calamine: one line per row, so that line numbers are rows.

Cells say what they show, without digits that nobody typed: 7898357417892, not 7.898357417892E+12; ISO dates.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable
from datetime import date, datetime, time
from pathlib import Path
from typing import IO, Any, Final

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

from validahub_pipeline.errors import InputError

MOST_BYTES: Final = 2 << 30
"""Of the XML in a workbook: a sheet is held in memory. Excel's own limit of a million rows stays below it."""

# Beyond it a number of a cell, a double, no longer says which whole number was meant.
_EXACT: Final = 2**53
_MARKERS: Final = ("xl/workbook.xml", "xl/workbook.bin", "content.xml")


def is_workbook(path: Path) -> bool:
    """Whether a zip file is a workbook."""
    try:
        with zipfile.ZipFile(path) as archive:
            return any(marker in archive.namelist() for marker in _MARKERS)
    except zipfile.BadZipFile:
        return False


def write_sheet(path: Path, out: IO[bytes], name: str, sheet: str | None) -> tuple[str, tuple[str, ...]]:
    """Write one sheet as CSV (UTF-8, comma, LF).

    Returns:
        Its name, and the names of the other sheets.

    Raises:
        InputError: `container_damaged`, `container_encrypted`, `container_without_table`, `sheet_unknown`.
    """
    try:
        with CalamineWorkbook.from_path(path) as workbook:
            sheets = [one for one in workbook.sheets_metadata if one.typ == SheetTypeEnum.WorkSheet]
            shown = [one.name for one in sheets if one.visible == SheetVisibleEnum.Visible] or [s.name for s in sheets]
            if not shown:
                raise InputError("container_without_table", file=name)
            chosen = sheet if sheet is not None else shown[0]
            if chosen not in {one.name for one in sheets}:
                known = ", ".join(one.name for one in sheets)
                raise InputError("sheet_unknown", file=name, sheet=chosen, known=known)
            _write(workbook.get_sheet_by_name(chosen).iter_rows(), out)
    except PasswordError as error:
        raise InputError("container_encrypted", file=name) from error
    except CalamineError as error:
        raise InputError("container_damaged", file=name, container="workbook", cause=str(error)) from error
    return chosen, tuple(one.name for one in sheets if one.name != chosen)


def _write(rows: Iterable[list[Any]], out: IO[bytes]) -> None:
    text = io.TextIOWrapper(out, encoding="utf-8", newline="", write_through=True)
    # Python before 3.13 quotes a carriage return inside a cell only where it is part of the line's end.
    writer = csv.writer(text, lineterminator="\r\n")
    for row in rows:
        cells = [_shown(cell) for cell in row]
        if any(cells):
            writer.writerow(cells)
        else:
            text.write("\r\n")
    text.flush()
    text.detach()


def _shown(cell: object) -> str:
    match cell:
        case None:
            return ""
        case bool():
            return "TRUE" if cell else "FALSE"
        case float():
            return _number(cell)
        case datetime():
            return cell.date().isoformat() if cell.time() == time.min else cell.isoformat(sep=" ")
        case date() | time():
            return cell.isoformat()
    return str(cell)


def _number(value: float) -> str:
    """As Excel shows it in a wide enough cell: fifteen digits, whole numbers without a point."""
    if value.is_integer() and abs(value) <= _EXACT:
        return str(int(value))
    return f"{value:.15G}" if abs(value) >= _EXACT else f"{value:.15g}"
