"""What spreadsheets do to codes, recognised and left as it is: the digits it hides are gone for good.

Counted for every column of every file, exactly, where `screening` has found a trace of it. What it means for a
marketplace is for the rules to say.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from validahub_pipeline.ingest.batches import Batch
from validahub_pipeline.ingest.scanning import Offsets
from validahub_pipeline.ingest.screening import APOSTROPHE, ERROR_VALUE, SCIENTIFIC, TOO_NARROW

DATE_IN_CODES: Final = "date_in_codes"
LOST_ZEROS: Final = "lost_leading_zeros"

_EXAMPLES: Final = 3
_MONTHS: Final = "jan|fev|feb|mar|abr|apr|mai|may|jun|jul|ago|aug|set|sep|out|oct|nov|dez|dec|ene|dic"
_TESTS: Final = {
    SCIENTIFIC: r"^\s*-?[0-9](?:[.,][0-9]+)?[eE]\+[0-9]{1,2}\s*$",
    ERROR_VALUE: r"^\s*#(?:N/A|N/D|REF!|VALUE!|VALOR!|DIV/0!|NAME\?|NOME\?|NOMBRE\?|NULL!|NULO!|NUM!|N[UÚ]M!)\s*$",
    TOO_NARROW: r"^\s*#{4,}\s*$",
    APOSTROPHE: r"^'[0-9=+-]",
}
_DATE: Final = rf"^(?i:[0-9]{{1,2}}[-/. ](?:{_MONTHS})\.?|(?:{_MONTHS})[-/. ][0-9]{{2,4}})$"
_CODE: Final = r"^[A-Za-z0-9._]*[A-Za-z/-][A-Za-z0-9._/-]*$"
_DIGITS: Final = r"^[0-9]+$"
# So many always fit into 64 bits.
_DIGITS_OF_A_NUMBER: Final = 19
# A column is one of codes, or of numbers of one length, where so many of its first cells are.
_MOST: Final = 0.8
_LOOKED_AT: Final = 5_000
# A day and a month, or a month and a year, take no more.
_LONGEST_DATE: Final = 10


@dataclass(frozen=True)
class Damage:
    """What was recognised in one column: how many cells, and a few of them as (row, line, value)."""

    kind: str
    column: str
    count: int
    examples: tuple[tuple[int, int, str], ...]


class DamageWatch:
    """Looks through the batches of one file. Memory does not grow with them."""

    def __init__(self, columns: Sequence[str]) -> None:
        self._columns = list(columns)
        self._counts: Counter[tuple[str, str]] = Counter()
        self._examples: dict[tuple[str, str], list[tuple[int, int, str]]] = {}
        self._codes: list[str] | None = None
        self._digits: dict[str, Counter[tuple[int, bool]]] = {}
        self._short: dict[str, list[tuple[int, int, str]]] = {}

    def look(self, frame: pl.DataFrame, batch: Batch, traces: Mapping[str, Offsets], *, as_read: bool) -> None:
        """Take a batch: its cells, and where there are traces of something in its bytes.

        Args:
            as_read: the places are those in the batch's payload, and not in something made of it; then only the
                records they lie in are looked at.
        """
        if self._codes is None:
            self._choose(frame)
        for kind in sorted(_TESTS.keys() & set(traces)):
            rows = batch.records_at(traces[kind]) if as_read else np.arange(frame.height)
            self._test(frame[rows] if as_read else frame, batch, rows, kind, self._columns)
        if self._codes:
            self._test(frame, batch, np.arange(frame.height), DATE_IN_CODES, self._codes)
        for column, lengths in self._digits.items():
            self._measure(frame, batch, column, lengths)

    def found(self) -> tuple[Damage, ...]:
        """Everything recognised, by column and kind."""
        found = [
            Damage(kind, column, count, tuple(self._examples[kind, column]))
            for (kind, column), count in self._counts.items()
        ]
        for column, lengths in self._digits.items():
            count = _without_zeros(lengths)
            if count:
                full = max(length for length, zero in lengths if zero)
                shown = [one for one in self._short[column] if len(one[2]) < full][:_EXAMPLES]
                found.append(Damage(LOST_ZEROS, column, count, tuple(shown)))
        return tuple(sorted(found, key=lambda one: (self._columns.index(one.column), one.kind)))

    def _choose(self, frame: pl.DataFrame) -> None:
        """Which columns hold codes, and which digits only, some with a zero in front."""
        frame = frame.head(_LOOKED_AT)
        text = pl.all().drop_nulls()
        shares = {
            pattern: frame.select(text.str.contains(pattern).mean()).row(0, named=True) for pattern in (_CODE, _DIGITS)
        }
        zeros = frame.select((pl.all().str.starts_with("0") & (pl.all().str.len_bytes() > 3)).any()).row(0, named=True)
        self._digits = {
            column: Counter() for column in self._columns if (shares[_DIGITS][column] or 0) >= _MOST and zeros[column]
        }
        self._short = {column: [] for column in self._digits}
        self._codes = [
            column
            for column in self._columns
            if (shares[_CODE][column] or 0) >= _MOST and (shares[_DIGITS][column] or 0) < _MOST
        ]

    def _test(self, frame: pl.DataFrame, batch: Batch, rows: Offsets, kind: str, columns: list[str]) -> None:
        """Count what is of a kind in some rows of a batch, whose places in it are `rows`."""
        pattern = _DATE if kind == DATE_IN_CODES else _TESTS[kind]
        tested = [pl.col(column) for column in columns]
        if kind == DATE_IN_CODES:
            tested = [cells.filter(cells.str.len_bytes() <= _LONGEST_DATE) for cells in tested]
        hits = frame.select(cells.str.contains(pattern).sum() for cells in tested).row(0, named=True)
        for column, count in hits.items():
            if not count:
                continue
            if kind == DATE_IN_CODES and count * 2 > frame.height:
                # A column of dates.
                continue
            self._counts[kind, column] += count
            shown = self._examples.setdefault((kind, column), [])
            if len(shown) < _EXAMPLES:
                cells = frame.get_column(column)
                at = cells.str.contains(pattern).fill_null(value=False).arg_true().head(_EXAMPLES - len(shown))
                shown += [(int(batch.rows[rows[i]]), int(batch.lines[rows[i]]), cells[i]) for i in at.to_list()]

    def _measure(self, frame: pl.DataFrame, batch: Batch, column: str, lengths: Counter[tuple[int, bool]]) -> None:
        cells = frame.get_column(column)
        number, length = are_digits(cells), cells.str.len_bytes()
        counts = np.bincount((length * 2 + cells.str.starts_with("0")).filter(number).to_numpy())
        for key in np.flatnonzero(counts).tolist():
            lengths[key // 2, bool(key % 2)] += int(counts[key])
        full = max((length for length, zero in lengths if zero), default=0)
        if len(self._short[column]) < _EXAMPLES and counts[: 2 * full].any():
            shown = (number & (length < full)).arg_true().head(_EXAMPLES - len(self._short[column])).to_list()
            self._short[column] += [(int(batch.rows[i]), int(batch.lines[i]), cells[i]) for i in shown]


def are_digits(cells: pl.Series) -> pl.Series:
    """Which cells are digits and nothing else: those that can be read as a number, in a third of the time that a
    pattern takes, but for the ones with a plus sign."""
    digits = cells.cast(pl.UInt64, strict=False).is_not_null() & ~cells.str.starts_with("+")
    long = (cells.str.len_bytes() > _DIGITS_OF_A_NUMBER).arg_true()
    return digits.scatter(long, cells.gather(long).str.contains(_DIGITS)) if long.len() else digits


def _without_zeros(lengths: Counter[tuple[int, bool]]) -> int:
    """How many numbers are shorter than all that begin with a zero, which must be of one length, as most must be: then
    the file itself shows what they have lost."""
    with_zero = {length for length, zero in lengths if zero and length > 3}
    if len(with_zero) != 1:
        return 0
    full = with_zero.pop()
    whole = sum(count for (length, _), count in lengths.items() if length == full)
    short = sum(count for (length, zero), count in lengths.items() if length < full and not zero)
    longer = sum(count for (length, _), count in lengths.items() if length > full)
    return short if not longer and whole > short else 0
