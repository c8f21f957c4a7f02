"""One look at a whole batch for traces of what would have to be looked at cell by cell.

Most batches are without any, which a few searches for single bytes show; else the bytes beside these tell, for a
fraction of what reading the batch costs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import polars as pl
import pyarrow as pa

from validahub_pipeline.ingest.scanning import Bytes, Offsets, rare_positions
from validahub_pipeline.text import mojibake

MISREAD: Final = "misread"
SCIENTIFIC: Final = "scientific_notation"
ERROR_VALUE: Final = "error_value"
TOO_NARROW: Final = "cell_too_narrow"
APOSTROPHE: Final = "apostrophe_prefix"

NOWHERE: Final[Offsets] = np.empty(0, dtype=np.int64)

# Successive searches in a piece that stays in the processor's cache take half the time of searches of the whole, and
# most traces are found in the first.
_PIECE: Final = 1 << 17
_TEXT: Final = 1 << 20
# One of these bytes is in whatever the trace of a kind can be. A search for a single byte costs next to nothing.
_BYTES: Final = {
    # The second bytes of Ã, Â and ï, and what a misread â or ð is followed by.
    MISREAD: tuple(bytes([byte]) for byte in (0x83, 0x82, 0xAF, 0xE2, 0xC5, 0xC6, 0xCB, 0x80)),
    SCIENTIFIC: (b"+",),
    ERROR_VALUE: (b"#",),
    TOO_NARROW: (b"#",),
    APOSTROPHE: (b"'",),
}


class Screen:
    """Looks for traces in batches of one file.

    A trace is a byte with the right neighbours: `(byte, offset, bytes that may stand there)`; or, of text that was
    misread, an expression.
    """

    def __init__(self, delimiter: str) -> None:
        self._neighbours = {
            SCIENTIFIC: (b"+", ((-1, b"Ee"), (1, b"0123456789"))),
            ERROR_VALUE: (b"#", ((1, b"NRVD"),)),
            TOO_NARROW: (b"#", ((1, b"#"), (2, b"#"), (3, b"#"))),
            APOSTROPHE: (b"'", ((-1, delimiter.encode("ascii") + b'\n"'),)),
        }

    def traces(self, content: bytes) -> dict[str, Offsets]:
        """By kind, where there are traces of it in a batch, which has been found to be UTF-8; that text was misread is
        only said (no places)."""
        possible = _possible(content)
        data = np.frombuffer(content, dtype=np.uint8)
        marks = {self._neighbours[kind][0] for kind in possible if kind != MISREAD}
        places = {mark: rare_positions(data, mark[0]) for mark in marks}
        found = {
            kind: NOWHERE if kind == MISREAD else _with_neighbours(data, places, *self._neighbours[kind])
            for kind in possible
            if kind != MISREAD or _is_misread(content)
        }
        return {kind: where for kind, where in found.items() if kind == MISREAD or len(where)}


def _with_neighbours(
    data: Bytes, places: Mapping[bytes, Offsets], mark: bytes, neighbours: tuple[tuple[int, bytes], ...]
) -> Offsets:
    """The places of a byte at which it stands with all of its neighbours."""
    found = places[mark]
    for offset, those in neighbours:
        allowed = np.zeros(256, dtype=np.bool_)
        allowed[list(those)] = True
        # The first byte of a batch begins a cell, as the one behind its last line feed would.
        found = found[allowed[data[(found + offset) % len(data)]]]
    return found


def _is_misread(content: bytes) -> bool:
    """Whether there is a trace of text that went through an encoding twice."""
    at = 0
    while at < len(content):
        end = content.rfind(b"\n", at, at + _TEXT) + 1 or len(content)
        if _as_text(content[at:end]).str.contains(mojibake.TRACE).item():
            return True
        at = end
    return False


def _possible(content: bytes) -> list[str]:
    """The kinds of which one byte is there at least."""
    possible: list[str] = []
    wanted = dict(_BYTES)
    for at in range(0, len(content), _PIECE):
        for kind, marks in list(wanted.items()):
            if any(content.find(mark, at, at + _PIECE) >= 0 for mark in marks):
                possible.append(kind)
                del wanted[kind]
        if not wanted:
            break
    return possible


def _as_text(content: bytes) -> pl.Series:
    """One text of all the bytes, without a copy of them."""
    offsets = np.array([0, len(content)], dtype=np.int64)
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(content)]
    return pl.Series(pa.Array.from_buffers(pa.large_string(), 1, buffers))
