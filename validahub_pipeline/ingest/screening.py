"""One look at a whole batch for traces of what would have to be looked at cell by cell.

A search for single bytes, and then what stands beside them, tell for a fraction of what reading the batch costs.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from validahub_pipeline.ingest.scanning import Bytes, Offsets, positions, unusual_leads

MISREAD: Final = "misread"
SCIENTIFIC: Final = "scientific_notation"
ERROR_VALUE: Final = "error_value"
TOO_NARROW: Final = "cell_too_narrow"
APOSTROPHE: Final = "apostrophe_prefix"

# What begins text that was misread, which is one of ÃÂâðï (`mojibake.TRACE`), and the bytes that begin what follows.
_FIRST: Final = 0xC3
_SECOND: Final = b"\x83\x82\xa2\xb0\xaf"
_NEXT: Final = b"\xc2\xc5\xc6\xcb\xe2"


class Screen:
    """Looks for traces in batches of one file.

    A trace is a byte with the right neighbours: `(byte, offset, bytes that may stand there)`.
    """

    def __init__(self, delimiter: str) -> None:
        self._neighbours = {
            SCIENTIFIC: (b"+", ((-1, b"Ee"), (1, b"0123456789"))),
            ERROR_VALUE: (b"#", ((1, b"NRVD"),)),
            TOO_NARROW: (b"#", ((1, b"#"), (2, b"#"), (3, b"#"))),
            APOSTROPHE: (b"'", ((-1, delimiter.encode("ascii") + b'\n"'),)),
        }

    def traces(self, content: bytes) -> dict[str, Offsets]:
        """By kind, where there are traces of it in a batch, which has been found to be UTF-8."""
        data = np.frombuffer(content, dtype=np.uint8)
        places = {mark: positions(data, mark[0]) for mark in {mark for mark, _ in self._neighbours.values()}}
        found = {MISREAD: _misread(data)} | {
            kind: _with_neighbours(data, places[mark], neighbours)
            for kind, (mark, neighbours) in self._neighbours.items()
        }
        return {kind: where for kind, where in found.items() if len(where)}


def _with_neighbours(data: Bytes, found: Offsets, neighbours: tuple[tuple[int, bytes], ...]) -> Offsets:
    """Of places, those at which a byte stands with all of its neighbours."""
    for offset, those in neighbours:
        allowed = np.zeros(256, dtype=np.bool_)
        allowed[list(those)] = True
        # The first byte of a batch begins a cell, as the one behind its last line feed would.
        found = found[allowed[data[(found + offset) % len(data)]]]
    return found


def _misread(data: Bytes) -> Offsets:
    """Where text may have gone through an encoding twice."""
    return _with_neighbours(data, unusual_leads(data), ((0, _NEXT), (-1, _SECOND), (-2, bytes([_FIRST]))))
