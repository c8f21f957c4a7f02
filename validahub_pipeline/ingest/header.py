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

from validahub_pipeline.ingest import naming
from validahub_pipeline.ingest.shape import is_typed
from validahub_pipeline.ingest.sniff import Row

_LOOK_AT: Final = 40
_ENOUGH: Final = 1_000
_BLOCK: Final = 10
# So many times as many cells make a table below another one the one that is meant.
_FAR_LARGER: Final = 1.5
_BREAK: Final = re.compile(r"\s*[\r\n]\s*")
_RESERVED: Final = ("__row", "__line")
# `item_sku`, `item_name[language_tag=pt_BR]#1.value`: what templates name their columns for the upload itself.
_FOR_MACHINES: Final = re.compile(r"(?:::)?[a-z][a-z0-9]*(?:[_.#|-]+[a-z0-9]+|\[[^\[\]\s]+\])*", re.IGNORECASE)
_SIMPLE: Final = re.compile(r"[a-z0-9]*", re.IGNORECASE)
_NAMES_AT_LEAST: Final = 4
_NAMES_WITHIN: Final = 3


@dataclass(frozen=True)
class Table:
    """Where a table lies in a file.

    Attributes:
        width: fields of a record.
        names: of the columns, unique and not blank; more than `width` where the header names columns that no record
            reaches. Those are empty.
        headers: the header rows; usually one, none where the file has none. Several are read as one, joined by spaces;
            where one of them has names for machines (`item_sku`), these alone name the columns.
        data_offset, data_line: where the first data record begins (characters of the sample; line from 1).
        preamble_lines: physical lines above the header, or above the data where there is no header.
        typed: indices of the columns that hold numbers, dates and the like nearly everywhere.
    """

    width: int
    names: tuple[str, ...]
    headers: tuple[Row, ...]
    data_offset: int
    data_line: int
    preamble_lines: int
    typed: tuple[int, ...]

    @property
    def header_lines(self) -> tuple[int, ...]:
        """Physical lines of the header, from 1."""
        return tuple(line for row in self.headers for line in range(row.first_line, row.last_line + 1))


def locate(sample: list[Row], decode: Callable[[str], str]) -> Table | None:
    """Find the table in the rows of a file's head; None where there is no row at all.

    Args:
        decode: the proper text of a cell of the sample.
    """
    rows = [row for row in sample if not row.blank]
    if not rows:
        return None
    width = _usual_width(rows)
    found = _with_names_for_machines(rows, _header_rows(rows, width), width)
    if not found:
        first = next(row for row in rows if len(row.cells) == width)
        typed = _typed_columns(rows, width)
        return Table(width, unique_names([""] * width), (), first.start, first.first_line, first.first_line - 1, typed)
    headers = tuple(rows[i] for i in found)
    parts = [[decode(cell) for cell in _fitted(row.cells, width)] for row in headers]
    named = max(width, *map(len, parts))
    if any(len(row.cells) >= named for row in rows[found[-1] + 1 :]):
        width = named
    alone = [part for part, row in zip(parts, headers, strict=True) if len(headers) > 1 and _for_machines(row)]
    names = unique_names([_joined([part[c] for part in alone[:1] or parts if c < len(part)]) for c in range(named)])
    last = headers[-1]
    typed = _typed_columns(_first_block(rows[found[-1] + 1 :]), width)
    return Table(width, names, headers, last.end, last.last_line + 1, headers[0].first_line - 1, typed)


def _first_block(rows: list[Row]) -> list[Row]:
    """The rows up to the first blank line, if they are some: behind it there may be another table."""
    for i, (row, following) in enumerate(itertools.pairwise(rows), 1):
        if following.first_line - row.last_line > 1:
            return rows[:i] if i >= _BLOCK else rows
    return rows


def _fitted(cells: list[str], width: int) -> list[str]:
    """The cells without blank ones beyond `width`, and without one too many further left: where a header has as many
    blank names as it has names too many, they name nothing."""
    while len(cells) > width and not cells[-1].strip():
        cells = cells[:-1]
    blank = sum(1 for cell in cells if not cell.strip())
    return [cell for cell in cells if cell.strip()] if 0 < blank == len(cells) - width else cells


def _usual_width(rows: list[Row]) -> int:
    """The number of fields most records have; of the rows behind the first few, where there are enough. Lines of free
    text, which make one field, have no say against records. Of two tables below each other it is that of the first,
    unless the second is far larger."""
    widths = [len(row.cells) for row in rows]
    counts = Counter(widths[_LOOK_AT:] if len(widths) > 2 * _LOOK_AT else widths)
    best = max(counts, key=lambda width: (counts[width] * (width - 1) / width, width))
    everywhere = Counter(widths)
    above = Counter(widths[: widths.index(best)])
    for width, count in above.most_common(1):
        alone = count == everywhere[width] and count >= 0.9 * above.total()
        if width > 1 and alone and count * width * _FAR_LARGER > everywhere[best] * best:
            return width
    return best


def _header_rows(rows: list[Row], width: int) -> list[int]:
    """Indices of the header rows, successive ones; none where the file begins with its data."""
    head = rows[:_LOOK_AT]
    full = [i for i, row in enumerate(head) if len(row.cells) >= width and _filled(row) * 2 >= width]
    if not full:
        full = [i for i, row in enumerate(head) if len(row.cells) >= width]
    if not full:
        # No row of the head is as wide as those behind it.
        return []
    below = [row.cells for row in rows[full[0] + 1 : _ENOUGH]]
    if not below and _is_lone_record(rows[full[0]].cells):
        return []
    typed = _typed_columns(rows[full[0] + 1 :], width)
    if not typed:
        first = _repeated(rows, _below_title(rows, full))
        others = [row.cells for row in rows[first[-1] + 1 : _ENOUGH] if row.cells != rows[first[0]].cells]
        return [] if len(first) == 1 and naming.is_record(rows[first[0]].cells, others) else first
    wordy = _above_data(rows, full, typed)
    if not wordy and (
        naming.is_index_header(rows[full[0]].cells, below) or _has_years(rows[full[0]].cells, below, typed)
    ):
        return full[:1]
    if not wordy:
        # A header may name fewer columns than its data has, a preamble hardly ever more than one.
        narrow = [i for i in range(full[0]) if len(rows[i].cells) > 1 and _filled(rows[i]) * 2 >= width]
        wordy = _above_data(rows, narrow, typed)
    # A record that got mixed up may have words in places; a header has nothing else where there are numbers below.
    pure = [i for i in wordy if not any(is_typed(cell) for c, cell in enumerate(rows[i].cells) if c in typed)]
    found = (pure or wordy)[-1:]
    # One odd cell can make data look like a header, so a second header row takes two columns' word for it.
    while len(typed) > 1 and found and found[0] - 1 in wordy and not any(map(is_typed, rows[found[0]].cells)):
        found.insert(0, found[0] - 1)
    return found


def _with_names_for_machines(rows: list[Row], found: list[int], width: int) -> list[int]:
    """The header rows down to one of names for machines, which makes the columns look as if they held words where
    there is little data below it."""
    if not found or any(_for_machines(rows[i]) for i in found):
        return found
    last = found[-1]
    for i in range(last + 1, min(last + 1 + _NAMES_WITHIN, len(rows))):
        if len(rows[i].cells) == width and _for_machines(rows[i]):
            return found if any(map(_for_machines, rows[i + 1 : i + 2])) else [*found, *range(last + 1, i + 1)]
    return found


def _for_machines(row: Row) -> bool:
    """Whether a row names columns as templates do for their own use: one word each, no two alike, most of several
    parts."""
    names = [cell.strip() for cell in row.cells if cell.strip()]
    if len(names) < _NAMES_AT_LEAST or len(set(names)) < len(names):
        return False
    return all(map(_FOR_MACHINES.fullmatch, names)) and sum(map(bool, map(_SIMPLE.fullmatch, names))) * 2 < len(names)


def _is_lone_record(cells: list[str]) -> bool:
    """Whether a row with nothing below it is a record: a third of it is no words."""
    filled = [cell for cell in cells if cell.strip()]
    return sum(map(is_typed, filled)) * 3 >= max(len(filled), 1)


def _has_years(cells: list[str], below: list[list[str]], typed: tuple[int, ...]) -> bool:
    """Whether a row has successive years where there are numbers below."""
    years = [c for c in typed if c < len(cells) and is_typed(cells[c])]
    return naming.are_years([cells[c] for c in years], [[row[c] for row in below if c < len(row)] for c in years])


def _below_title(rows: list[Row], full: list[int]) -> int:
    """The first full row; where a row of nothing but delimiters follows on little text, the one below that."""
    for i in range(1, min(len(rows) - 1, _LOOK_AT)):
        if not _filled(rows[i]) and rows[i].cells and i + 1 in full:
            above = max(_filled(row) for row in rows[:i])
            if above < _filled(rows[i + 1]):
                return i + 1
    return full[0]


def _repeated(rows: list[Row], first: int) -> list[int]:
    """A header row and those right below it that say the same again."""
    last = first
    while last + 1 < len(rows) and rows[last + 1].cells == rows[first].cells:
        last += 1
    return list(range(first, last + 1))


def _above_data(rows: list[Row], candidates: list[int], typed: tuple[int, ...]) -> list[int]:
    """The candidates that have words where the columns have something else, down to the first row of data."""
    wordy = []
    for i in candidates:
        cells = rows[i].cells
        filled = [c for c in typed if c < len(cells) and cells[c].strip()]
        words = [c for c in filled if not is_typed(cells[c])]
        if filled and len(words) * 2 < len(filled):
            break
        if words and len(words) * 2 >= sum(1 for c in typed if c < len(cells)):
            wordy.append(i)
    return wordy


def _filled(row: Row) -> int:
    return sum(1 for cell in row.cells if cell.strip())


def _typed_columns(rows: list[Row], width: int) -> tuple[int, ...]:
    """Columns that hold numbers, dates and the like nearly everywhere."""
    behind = rows[_LOOK_AT:_ENOUGH] if len(rows) > 2 * _LOOK_AT else rows
    body = [row.cells for row in behind if len(row.cells) == width]
    found = []
    for column in range(width):
        cells = [cells[column] for cells in body if cells[column].strip()]
        if cells and sum(1 for cell in cells if is_typed(cell)) >= 0.9 * len(cells):
            found.append(column)
    return tuple(found)


def _joined(cells: list[str]) -> str:
    """The name that a column has in one header row, or in several."""
    return cells[0] if len(cells) == 1 else " ".join(cell.strip() for cell in cells)


def unique_names(cells: list[str]) -> tuple[str, ...]:
    """Names from header cells, as they are but in one line: `column_<n>` for blank ones, `_2`, `_3`... for repeated
    ones. What the file itself calls a column has precedence over what is made up."""
    given = [_BREAK.sub(" ", cell.replace("\ufeff", "").replace("\0", "")) for cell in cells]
    given = [name if name.strip() else "" for name in given]
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
