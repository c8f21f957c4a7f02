"""One look at a whole batch for traces of what would have to be looked at cell by cell.

A batch without any costs a thirtieth of its reading, thanks to one expression with literal beginnings.
"""

from __future__ import annotations

import re
from typing import Final

import polars as pl

from validahub_pipeline.text import mojibake

MISREAD: Final = "misread"
SCIENTIFIC: Final = "scientific_notation"
ERROR_VALUE: Final = "error_value"
TOO_NARROW: Final = "cell_too_narrow"
APOSTROPHE: Final = "apostrophe_prefix"


class Screen:
    """Looks for traces in batches of one file."""

    def __init__(self, delimiter: str) -> None:
        self._traces = {
            MISREAD: mojibake.TRACE,
            SCIENTIFIC: r"E\+[0-9]|e\+[0-9]",
            ERROR_VALUE: r"#N|#R|#V|#D",
            TOO_NARROW: r"####",
            APOSTROPHE: rf"{re.escape(delimiter)}'|\n'|\"'",
        }
        self._any = "|".join(self._traces.values())

    def traces(self, content: bytes) -> frozenset[str]:
        """Of what there are traces in a batch, which is UTF-8."""
        text = pl.Series([content], dtype=pl.Binary).cast(pl.String)
        if not text.str.contains(self._any).item():
            return frozenset()
        return frozenset(kind for kind, trace in self._traces.items() if text.str.contains(trace).item())
