"""Whether a row names the columns below it or is one of their records, where types alone don't tell.

Judges cells against those below them; where the row stands in the file is `header`'s business.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

from validahub_pipeline.ingest.shape import is_typed

Cells = Sequence[str]

_DIGITS: Final = re.compile(r"\d+")
_LETTER: Final = re.compile(r"[^\W\d_]")
_CODE_LENGTH: Final = 4
_YEAR: Final = re.compile(r"(?:19|20)\d\d")
_ORDINAL: Final = re.compile(r"\d{1,4}(?:\.\d+)?")


def is_record(cells: Cells, below: Sequence[Cells]) -> bool:
    """Whether a row of words is a record like those below it: a code of the same build as nearly all of its column's
    (`C3268-0` above `B8670-1`), or two values that occur again in their columns, in different rows: in one and the same
    it would be the header of another table."""
    for c, cell in enumerate(cells):
        others = [row[c] for row in below if c < len(row) and row[c].strip()]
        if len(cell) >= _CODE_LENGTH and _DIGITS.search(cell) and others:
            build = _build(cell)
            if sum(_build(other) == build for other in others) >= 0.9 * len(others):
                return True
    again = [
        {c for c, (cell, other) in enumerate(zip(cells, row, strict=False)) if cell == other and cell.strip()}
        for row in below
    ]
    most = max(again, key=len, default=set())
    return len(set().union(*(columns for columns in again if columns != most or len(columns) == 1))) > 1


def is_index_header(cells: Cells, below: Sequence[Cells]) -> bool:
    """Whether a row names the columns of a table whose first column counts or names the records and has no name itself,
    as R and pandas write them. Of numbers as names, see `are_scale`."""
    names = cells[1:]
    if cells[0].strip() or not names or not all(name.strip() for name in names) or len(set(names)) < len(names):
        return False
    index = [row[0] for row in below if row]
    if not index or not all(entry.strip() for entry in index) or len(set(index)) < len(index):
        return False
    if any(map(is_typed, names)):
        return are_scale(names)
    return not is_record(cells, below)


def are_scale(names: Cells) -> bool:
    """Whether names are a scale: three numbers at least that rise from left to right, as years and size classes do."""
    if len(names) < 3 or not all(_ORDINAL.fullmatch(name.strip()) for name in names):
        return False
    return all(low < high for low, high in itertools.pairwise(map(float, names)))


def are_years(names: Cells, below: Sequence[Cells]) -> bool:
    """Whether names are years, one after another, above something that isn't.

    Args:
        below: the cells under each of the names.
    """
    if len(names) < 2 or not all(_YEAR.fullmatch(name.strip()) for name in names):
        return False
    steps = {int(second) - int(first) for first, second in itertools.pairwise(names)}
    filled = Counter(bool(_YEAR.fullmatch(cell.strip())) for cells in below for cell in cells if cell.strip())
    return len(steps) == 1 and steps != {0} and filled[False] > filled[True]


def _build(cell: str) -> str:
    """What a code is made of: `a9-9` for `C3268-0`, `aaa-9` for `SKU-17`."""
    return _LETTER.sub("a", _DIGITS.sub("9", cell.strip()))
