"""Files in which a person lists decisions: row numbers, or cells with what they are to hold. Read whole or not at all;
whatever is wrong is told with file, line, cause and remedy.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from validahub_pipeline.errors import InputError
from validahub_pipeline.local_files import check_readable

ROW: Final = "row"
COLUMN: Final = "column"
AFTER: Final = "after"
REASON: Final = "reason"
_DELIMITERS: Final = ",;\t"
_LARGEST: Final = 1 << 53
_SHOWN: Final = 60


@dataclass(frozen=True)
class ListedRow:
    """A row number, and the line that lists it."""

    line: int
    row: int


@dataclass(frozen=True)
class ListedCell:
    """What a cell is to hold, and the line that says so."""

    line: int
    row: int
    column: str
    after: str
    reason: str


@dataclass(frozen=True)
class DecisionFile:
    """A file as it was read: where it lies, its sha256, and what it lists."""

    path: Path
    sha256: str
    rows: tuple[ListedRow, ...] = ()
    cells: tuple[ListedCell, ...] = ()

    def described(self) -> dict[str, Any]:
        """As an event names it."""
        return {"file_name": self.path.name, "sha256": self.sha256}


def read_rows(path: Path) -> DecisionFile:
    """Row numbers, one a line; a header `row` and further columns may be there.

    Raises:
        InputError: the file cannot be read, or a line of it is no row number.
    """
    text, sha256 = _text(path)
    records = list(_records(path, text))
    if records and _folded(records[0][1])[0] == ROW:
        records = records[1:]
    rows = tuple(ListedRow(line, _number(path, line, fields[0])) for line, fields in records)
    if not rows:
        raise InputError("decisions_empty", file=str(path))
    return DecisionFile(path, sha256, rows=rows)


def read_cells(path: Path) -> DecisionFile:
    """Cells: a CSV with the columns `row`, `column`, `after` and, where somebody wants to say why, `reason`.

    Raises:
        InputError: the file cannot be read, its header lacks a column, a line has more or fewer fields, a row is no
            number, or a cell comes twice.
    """
    text, sha256 = _text(path)
    records = _records(path, text)
    line, header = next(records, (1, [""]))
    places = {name: place for place, name in enumerate(_folded(header))}
    missing = [name for name in (ROW, COLUMN, AFTER) if name not in places]
    if missing:
        found = _shown(", ".join(header))
        raise InputError("decisions_header", file=str(path), line=line, missing=", ".join(missing), found=found)
    cells: dict[tuple[int, str], ListedCell] = {}
    for line, fields in records:
        if len(fields) != len(header):
            raise InputError("decisions_fields", file=str(path), line=line, found=len(fields), wanted=len(header))
        row, column = _number(path, line, fields[places[ROW]]), fields[places[COLUMN]]
        reason = fields[places[REASON]] if REASON in places else ""
        cell = ListedCell(line, row, column, fields[places[AFTER]], reason)
        first = cells.setdefault((row, column), cell)
        if first is not cell:
            raise InputError(
                "decisions_twice", file=str(path), line=line, row=row, column=_shown(column), first=first.line
            )
    if not cells:
        raise InputError("decisions_empty", file=str(path))
    return DecisionFile(path, sha256, cells=tuple(cells.values()))


def _text(path: Path) -> tuple[str, str]:
    check_readable(path)
    raw = path.read_bytes()
    try:
        return raw.decode("utf-8-sig"), hashlib.sha256(raw).hexdigest()
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise InputError("decisions_not_text", file=str(path), line=line, byte=f"0x{raw[error.start]:02x}") from error


def _records(path: Path, text: str) -> Iterator[tuple[int, list[str]]]:
    """The records that are not blank, each with its first physical line."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    line = 1
    try:
        for fields in reader:
            if any(field.strip() for field in fields):
                yield line, fields
            line = reader.line_num + 1
    except csv.Error as error:
        raise InputError("decisions_malformed", file=str(path), line=line, cause=str(error)) from error


def _delimiter(text: str) -> str:
    first = text.partition("\n")[0]
    return max(_DELIMITERS, key=first.count)


def _folded(fields: Sequence[str]) -> list[str]:
    return [field.strip().lower() for field in fields]


def _number(path: Path, line: int, field: str) -> int:
    digits = field.strip()
    if not (digits.isascii() and digits.isdecimal() and 0 < int(digits) < _LARGEST):
        raise InputError("decisions_row_invalid", file=str(path), line=line, value=_shown(field))
    return int(digits)


def _shown(value: str) -> str:
    """A value short enough to be read in an error."""
    return value if len(value) <= _SHOWN else f"{value[:_SHOWN]}…"
