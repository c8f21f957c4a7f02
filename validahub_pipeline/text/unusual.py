"""Which cells hold what ordinary text does not: a character other than ASCII's and those from À to ÿ, a control
character, white space at an end, or two spaces in a row.

All that is wrong with a text's characters and spaces lies in such cells, which its bytes tell several times faster than
patterns. What is wrong with them is not known here.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

# Comparisons on pieces that stay in the processor's cache take a fraction of the time of comparisons on the whole.
_PIECE: Final = 1 << 17
_SPACE: Final = 0x20
_DELETE: Final = 0x7F
# The first bytes of UTF-8's characters of two bytes and more are C2 to F4; C3 that of those from À to ÿ. What follows a
# first byte is less than C0.
_BEFORE_LATIN: Final = 0xC2
_BEYOND_LATIN: Final = 0xC4
_LINE_ENDS: Final = (0x0A, 0x0D)

Bytes = npt.NDArray[np.uint8]
Places = npt.NDArray[np.int64]


def unusual(cells: pl.Series) -> Places:
    """The places of such cells, ascending. Line breaks within a text are usual."""
    texts = cells.to_arrow(compat_level=pl.CompatLevel.oldest())
    _, offsets, content = texts.buffers()
    if not content:
        return np.empty(0, dtype=np.int64)
    starts = np.frombuffer(offsets, dtype=np.int64)[texts.offset : texts.offset + len(texts) + 1]
    data = np.frombuffer(content, dtype=np.uint8)[: starts[-1]]
    spaces = (data.take(starts[:-1], mode="clip") <= _SPACE) | (data.take(starts[1:] - 1, mode="clip") <= _SPACE)
    at_an_end = np.flatnonzero(spaces)
    # Of an empty cell, those were its neighbours' bytes.
    at_an_end = at_an_end[starts[at_an_end] < starts[at_an_end + 1]]
    within = np.searchsorted(starts, _unusual_bytes(data), side="right") - 1
    return np.union1d(at_an_end, within[within >= 0])


def _unusual_bytes(data: Bytes) -> Places:
    """The offsets of bytes that belong to something unusual; of two spaces in a row, of the first."""
    found = [np.empty(0, dtype=np.int64)]
    for at in range(0, len(data), _PIECE):
        # Counted from the space, and round the end: controls are then among the largest.
        counted = data[at : at + _PIECE] - np.uint8(_SPACE)
        odd = counted >= _BEYOND_LATIN - _SPACE
        odd |= counted == _BEFORE_LATIN - _SPACE
        odd |= counted == _DELETE - _SPACE
        spaces = data[at : at + _PIECE + 1] == _SPACE
        odd[: len(spaces) - 1] |= spaces[:-1] & spaces[1:]
        if odd.any():
            found.append(np.flatnonzero(odd) + at)
    places = np.concatenate(found)
    return places[~np.isin(data[places], _LINE_ENDS)]
