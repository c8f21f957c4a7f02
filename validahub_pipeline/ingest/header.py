"""Where the table begins: preamble, header row, first data record, number of columns and their names.

Told from the sample's own contrast: a header is a full row of words above columns of something else.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from validahub_pipeline.ingest.sniff import Row

_LOOK_AT: Final = 40
_TYPED: Final = re.compile(
    r"\s*(?:[-+]?(?:R\$|US\$|\$|€)?\s?-?\d[\d.,\s]*%?|[-+]?\d[\d.,]*[eE][-+]?\d+"
    r"|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?:[T ].*)?|true|false|https?://\S+|[\w.+-]+@[\w-]+\.[\w.]+|[0-9a-f]{16,})\s*",
    re.IGNORECASE,
)
_RESERVED: Final = ("__row", "__line")


@dataclass(frozen=True)
class Table:
    """Where a table lies in a file.

    Attributes:
        width: fields of a record.
        names: as many, unique and not blank.
        header: the header row; None where the file has none.
        header_offset: where the header begins; where the data begins, if there is none (characters of the sample).
        data_offset, data_line: where the first data record begins (characters of the sample; line from 1).
        preamble_lines: physical lines above the header, or above the data where there is no header.
    """

    width: int
    names: tuple[str, ...]
    header: Row | None
    header_offset: int
    data_offset: int
    data_line: int
    preamble_lines: int


def locate(sample: list[Row], decode: Callable[[str], str]) -> Table | None:
    """Find the table in the rows of a file's head; None where there is no row at all.

    Args:
        decode: the proper text of a cell of the sample.
    """
    rows = [row for row in sample if not row.blank]
    if not rows:
        return None
    width = _usual_width(rows)
    header = _header_index(rows, width)
    if header is None:
        first = next(row for row in rows if len(row.cells) == width)
        lines = first.first_line - 1
        return Table(width, _unique([""] * width), None, first.start, first.start, first.first_line, lines)
    row = rows[header]
    cells = [decode(cell) for cell in row.cells]
    while len(cells) > width and not cells[-1].strip():
        cells = cells[:-1]
    width = max(width, len(cells))
    names = _unique([*cells, *[""] * (width - len(cells))])
    return Table(width, names, row, row.start, row.end, row.last_line + 1, row.first_line - 1)


def _usual_width(rows: list[Row]) -> int:
    """The number of fields most records have; of the rows behind the first few, where there are enough."""
    body = rows[_LOOK_AT:] if len(rows) > 2 * _LOOK_AT else rows[len(rows) // 2 :]
    counts = Counter(len(row.cells) for row in body)
    return max(counts, key=lambda width: (counts[width], width))


def _header_index(rows: list[Row], width: int) -> int | None:
    head = rows[:_LOOK_AT]
    full = [i for i, row in enumerate(head) if len(row.cells) >= width and _filled(row) * 2 >= width]
    if not full:
        full = [i for i, row in enumerate(head) if len(row.cells) >= width]
    typed = _typed_columns(rows[full[0] + 1 :], width)
    if not typed:
        return full[0]
    header = _last_above_data(rows, full, typed)
    if header is None:
        # A header may name fewer columns than its data has, a preamble hardly ever more than one.
        narrow = [i for i in range(full[0]) if len(rows[i].cells) > 1 and _filled(rows[i]) * 2 >= width]
        header = _last_above_data(rows, narrow, typed)
    return header


def _last_above_data(rows: list[Row], candidates: list[int], typed: list[int]) -> int | None:
    """The last of the candidates that has words where the columns have something else; none behind the first data."""
    header = None
    for i in candidates:
        cells = rows[i].cells
        filled = [c for c in typed if c < len(cells) and cells[c].strip()]
        wordy = [c for c in filled if not _TYPED.fullmatch(cells[c])]
        if filled and len(wordy) * 2 < len(filled):
            break
        if wordy and len(wordy) * 2 >= sum(1 for c in typed if c < len(cells)):
            header = i
    return header


def _filled(row: Row) -> int:
    return sum(1 for cell in row.cells if cell.strip())


def _typed_columns(rows: list[Row], width: int) -> list[int]:
    """Columns that hold numbers, dates and the like nearly everywhere."""
    body = [row.cells for row in (rows[_LOOK_AT:] if len(rows) > 2 * _LOOK_AT else rows) if len(row.cells) >= width]
    found = []
    for column in range(width):
        cells = [cells[column] for cells in body if cells[column].strip()]
        if cells and sum(1 for cell in cells if _TYPED.fullmatch(cell)) >= 0.9 * len(cells):
            found.append(column)
    return found


def _unique(cells: list[str]) -> tuple[str, ...]:
    """Names from header cells: trimmed, `column_<n>` for blank ones, `_2`, `_3`... for repeated ones. What the file
    itself calls a column has precedence over what is made up."""
    given = [" ".join(cell.split()) for cell in cells]
    taken = {*_RESERVED, *given}
    seen: set[str] = set(_RESERVED)
    names: list[str] = []
    for n, name in enumerate(given, 1):
        unique = name
        if not name or name in seen:
            stem = name or f"column_{n}"
            options = itertools.chain([stem], (f"{stem}_{i}" for i in itertools.count(2)))
            unique = next(option for option in options if option not in taken)
        seen.add(unique)
        taken.add(unique)
        names.append(unique)
    return tuple(names)
