"""Where the records of a stretch of bytes lie, and which of them are beyond doubt: vectorised, no record is touched.

A record is proven when it is RFC 4180 with the expected number of fields: quotes only at field boundaries, no NUL.
Nothing is decided here about the others (`tolerant`) and nothing is decoded (`encoding`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np

from validahub_pipeline.ingest.scanning import Offsets

LF: Final = 10
CR: Final = 13
# Comparisons on pieces that stay in the processor's cache take half the time of comparisons on the whole.
_PIECE: Final = 1 << 19


@dataclass(frozen=True)
class Framing:
    """What separates fields, as byte values, and how many fields a record has. `quote` is None where there is none;
    `typed` are the indices of the columns that hold numbers, dates and the like nearly everywhere; `escaped` says that
    a backslash makes content of the quote or backslash behind it; `spelt` is what the delimiter stands for where the
    file's own takes several bytes, and what it means inside a field."""

    delimiter: int
    quote: int | None
    width: int
    typed: tuple[int, ...] = ()
    escaped: bool = False
    spelt: bytes = b""

    def of(self, width: int, typed: tuple[int, ...]) -> Framing:
        """The same for records of so many fields."""
        return replace(self, width=width, typed=typed)

    def as_written(self, content: bytes) -> bytes:
        """Content of a field, or a whole record, as the file has it."""
        return content.replace(bytes([self.delimiter]), self.spelt) if self.spelt else content


@dataclass(frozen=True)
class Reading:
    """Records of a window under one assumption about the quotes. Record i ends with the byte `ends[i]` and begins
    after `ends[i - 1]`; `doubtful` are the indices of the records that are not proven, `blank` those of blank lines,
    which are no records; both ascending."""

    ends: Offsets
    doubtful: Offsets
    blank: Offsets


class Structure:
    """The separators, quotes and line breaks of one window.

    A stray quote turns outside into inside for all that follows. So there are two readings: one for positions with
    an even number of quotes before them, one for an odd number. Who knows that a record begins at an offset also
    knows which reading holds from there to the next doubtful record, at no further cost.

    Line breaks are LF, CRLF, and CR that is not followed by LF.
    """

    def __init__(self, window: bytes, framing: Framing) -> None:
        self.window = window
        self.framing = framing
        self._data = np.frombuffer(window, dtype=np.uint8)
        self._suspects: Offsets = np.empty(0, dtype=np.int64)
        self.bare_cr = self._bare_cr()
        self._positions = self._find_positions()
        self._kinds = self._data[self._positions]
        self._is_quote = (
            self._kinds == framing.quote if self._quoted else np.zeros(len(self._positions), dtype=np.bool_)
        )
        self.quotes: Offsets = self._positions[self._is_quote]
        self._readings: dict[int, Reading] = {}

    def suspect(self, offsets: Offsets) -> None:
        """Have records that hold these offsets counted as doubtful, whatever they look like."""
        self._suspects = offsets
        self._readings.clear()

    @cached_property
    def breaks(self) -> Offsets:
        """Offsets of all line breaks (of CRLF: the LF), inside quotes as well."""
        breaks: Offsets = self._positions[(self._kinds == LF) | (self._kinds == CR)]
        return breaks

    def reading(self, record_start: int) -> Reading:
        """The reading that holds from an offset at which a record is known to begin."""
        phase = int(np.searchsorted(self.quotes, record_start)) & 1
        if phase not in self._readings:
            self._readings[phase] = self._read(phase)
        return self._readings[phase]

    def line_end(self, offset: int) -> int:
        """Offset after the line break that ends the line at `offset`; the window's length where there is none."""
        i = int(np.searchsorted(self.breaks, offset))
        return int(self.breaks[i]) + 1 if i < len(self.breaks) else len(self.window)

    def breaks_before(self, offset: int) -> int:
        """Number of line breaks before an offset."""
        return int(np.searchsorted(self.breaks, offset))

    @property
    def _quoted(self) -> bool:
        return self.framing.quote is not None and self.framing.quote in self.window

    def _bare_cr(self) -> Offsets:
        if b"\r" not in self.window:
            return np.empty(0, dtype=np.int64)
        returns = np.flatnonzero(self._data == CR)
        if len(returns) and returns[-1] == len(self._data) - 1:
            last_is_bare = returns[-1:]
            returns = returns[:-1]
        else:
            last_is_bare = returns[:0]
        return np.concatenate([returns[self._data[returns + 1] != LF], last_is_bare])

    def _find_positions(self) -> Offsets:
        wanted = [LF, self.framing.delimiter]
        if self._quoted:
            assert self.framing.quote is not None
            wanted.append(self.framing.quote)
        found = []
        for base in range(0, len(self._data), _PIECE):
            piece = self._data[base : base + _PIECE]
            mask = piece == wanted[0]
            for byte in wanted[1:]:
                mask |= piece == byte
            found.append(np.flatnonzero(mask) + base)
        positions: Offsets = np.concatenate(found) if found else np.empty(0, dtype=np.int64)
        if len(self.bare_cr):
            positions = np.union1d(positions, self.bare_cr)
        return positions

    def _read(self, phase: int) -> Reading:
        separators, kinds = self._positions, self._kinds
        if len(self.quotes):
            # Wraps around at 256, which leaves the parity as it is.
            parity = np.cumsum(self._is_quote, dtype=np.uint8) & 1
            outside = (parity == phase) & ~self._is_quote
            separators, kinds = separators[outside], kinds[outside]
        last = np.flatnonzero(kinds != self.framing.delimiter)
        ends = separators[last]
        doubtful = np.diff(last, prepend=-1) != self.framing.width
        lengths = np.diff(ends, prepend=-1) - 1
        blank = np.empty(0, dtype=np.int64)
        if len(lengths) and int(lengths.min()) <= 1:
            # A lone CR before the LF is all there is in a blank line that ends in CRLF.
            empty = (lengths == 0) | ((lengths == 1) & (self._data[ends] == LF) & (self._data[ends - 1] == CR))
            doubtful &= ~empty
            blank = np.flatnonzero(empty)
        for offsets in (self._misplaced_quotes(phase), self._nul(), self._suspects):
            where = np.searchsorted(ends, offsets)
            doubtful[where[where < len(ends)]] = True
        return Reading(ends, np.flatnonzero(doubtful), blank)

    def _nul(self) -> Offsets:
        return np.flatnonzero(self._data == 0) if b"\0" in self.window else np.empty(0, dtype=np.int64)

    def _misplaced_quotes(self, phase: int) -> Offsets:
        """Quotes that open other than after a separator, or close other than before one. A quote after a quote is
        half of a doubled one: it re-opens what the first has closed."""
        if not len(self.quotes):
            return self.quotes
        beside = np.zeros(256, dtype=np.bool_)
        beside[[LF, CR, self.framing.delimiter, self._data[self.quotes[0]]]] = True
        opening, closing = self.quotes[phase::2], self.quotes[1 - phase :: 2]
        before_ok = beside[self._data[opening - 1]]
        if len(opening) and opening[0] == 0:
            before_ok[0] = True
        after = closing + 1
        after_ok = beside[self._data[np.minimum(after, len(self._data) - 1)]]
        return np.sort(np.concatenate([opening[~before_ok], closing[~after_ok]]))
