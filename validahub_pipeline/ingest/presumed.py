"""A whole stretch of a file taken at once, for a quarter of what it costs to prove each record by itself.

Quotes are proven to be where RFC 4180 has them. The number of fields is left to the parser: polars takes no record with
too many, and `has_short_record` tells from what it read whether one had too few. Then each record is proven by itself
(`structure`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from validahub_pipeline.ingest.scanning import Offsets, count, positions
from validahub_pipeline.ingest.structure import CR, LF, Framing


@dataclass(frozen=True)
class Presumed:
    """The records of a stretch: the offsets of the line feeds that end them, and of all line feeds."""

    ends: Offsets
    breaks: Offsets
    inner: bool
    """Whether some line feeds lie inside records."""
    empty_quotes: bool
    """Whether some field is quotes with nothing between them."""

    @property
    def lines(self) -> Offsets:
        """Of each record the number of line feeds before it."""
        if not self.inner:
            return np.arange(len(self.ends), dtype=np.int64)
        return np.append(0, np.searchsorted(self.breaks, self.ends[:-1]) + 1).astype(np.int64)


def presumed(window: bytes, framing: Framing) -> Presumed | None:
    """The records of a stretch that begins with one and ends with a line feed; None where anything is unusual: quotes
    out of place, blank lines, carriage returns alone, NUL."""
    if framing.width < 2 or b"\0" in window or window[-1] != LF:
        return None
    data = np.frombuffer(window, dtype=np.uint8)
    breaks = positions(data, LF)
    if b"\r" in window and not _before_breaks(data, breaks):
        return None
    ends, empty_quotes = breaks, False
    if framing.quote is not None and bytes([framing.quote]) in window:
        quotes = positions(data, framing.quote)
        if len(quotes) % 2 or not _in_place(data, quotes, framing):
            return None
        ends = breaks[np.searchsorted(quotes, breaks) % 2 == 0]
        opening, closing = quotes[::2], quotes[1::2]
        empty_quotes = _stand_alone(data, opening[closing - opening == 1], framing.quote)
    if not len(ends) or int(np.diff(ends, prepend=-1).min()) <= 2:
        return None
    return Presumed(ends, breaks, inner=len(ends) < len(breaks), empty_quotes=empty_quotes)


def has_short_record(frame: pl.DataFrame, payload: bytes, lengths: Offsets, delimiter: int) -> bool:
    """Whether some record has fewer fields than the frame that was read from it has columns.

    To polars, a field that is not there is null like one that is empty. Of a record with all its fields, as many
    delimiters stand at the end as cells are null there; of a short one there are fewer.

    Args:
        frame: as read, quotes around nothing being text.
        lengths: of the records of the payload, line ends included.
    """
    data = np.frombuffer(payload, dtype=np.uint8)
    last = np.cumsum(lengths) - 2
    last -= data[last] == CR
    rows = np.arange(len(lengths))
    for back, name in enumerate(reversed(frame.columns[1:])):
        if not frame[name].null_count():
            return False
        rows = rows[frame[name].is_null().to_numpy()[rows]]
        at = last[rows] - back
        if at.min(initial=0) < 0 or (data[at] != delimiter).any():
            return True
    return False


def _stand_alone(data: npt.NDArray[np.uint8], pairs: Offsets, quote: int) -> bool:
    """Whether some of these pairs of quotes are no part of a doubled one."""
    before = (data[pairs - 1] != quote) | (pairs == 0)
    return bool((before & (data[pairs + 2] != quote)).any())


def _before_breaks(data: npt.NDArray[np.uint8], breaks: Offsets) -> bool:
    """Whether every carriage return comes before a line feed; there may be other line feeds, as in cells of Excel's."""
    return count(data, CR) == int(np.count_nonzero(data[breaks - 1] == CR))


def _in_place(data: npt.NDArray[np.uint8], quotes: Offsets, framing: Framing) -> bool:
    """Whether every quote opens after a separator or closes before one; one after another is half of a doubled one."""
    beside = np.zeros(256, dtype=np.bool_)
    beside[[LF, CR, framing.delimiter, int(data[quotes[0]])]] = True
    opening, closing = quotes[::2], quotes[1::2]
    before = beside[data[opening - 1]]
    if opening[0] == 0:
        before[0] = True
    # A quote may be the last byte but for the line feed that ends the stretch.
    return bool(before.all() and beside[data[closing + 1]].all())
