"""Lines between and behind the records that are no data of the table: its header again, another table, totals.

Recognised from a few bytes of all lines at once; only what may be one is looked at in full. Nothing is lost: what is
recognised goes to quarantine with its reason.
"""

from __future__ import annotations

import re
from typing import Final

import numpy as np

from validahub_pipeline.ingest.scanning import Offsets
from validahub_pipeline.ingest.shape import is_typed
from validahub_pipeline.ingest.structure import CR, LF, Framing
from validahub_pipeline.ingest.tolerant import tokenise

REPEATED_HEADER: Final = "repeated_header"
OTHER_TABLE: Final = "other_table"
FOOTER: Final = "footer"

_TITLE: Final = re.compile(r"[^\d]{1,40}")
_TAIL: Final = 5
_LONG_LINE: Final = 1 << 20
_TOTAL: Final = re.compile(
    rb"\s*(?:(?:sub|grand )?(?:total|totais|totales)(?: (?:geral|general|de \w+))?|soma|suma)\s*:?\s*", re.IGNORECASE
)


class Strangers:
    """Tells lines that are no data. `elsewhere` says that another table has begun and this one not come back."""

    def __init__(self, headers: tuple[bytes, ...], framing: Framing) -> None:
        self._headers = headers
        self._framing = framing
        self._names = {
            field.value.strip()
            for header in headers[-1:]
            for field in tokenise(header, 0, len(header), framing) or []
            if field.value.strip()
        }
        self.elsewhere = False

    def suspects(self, content: bytes, breaks: Offsets, *, complete: bool) -> Offsets:
        """Offsets of lines that have to be looked at, whatever they look like otherwise.

        Args:
            breaks: offsets of the content's line breaks.
            complete: the content reaches to the end of the file.
        """
        window = np.frombuffer(content, dtype=np.uint8)
        starts = np.append(0, breaks + 1)
        found = []
        for header in self._headers:
            # Told from the first few bytes for all lines at once; a search for the whole header costs five times that.
            lines = starts[starts + len(header) < len(window)]
            for i, byte in enumerate(header[:4]):
                lines = lines[window[lines + i] == byte]
            found += [at for at in lines.tolist() if self._is_header(content, at)]
        # A blank line may part this table from another.
        apart = starts[1:][np.diff(starts) <= 2]
        found += [at for at in apart[apart < len(window)].tolist() if window[at] not in {LF, CR}]
        if complete:
            tail = starts[starts < len(window)][-_TAIL:]
            found += [at for at in tail.tolist() if self._is_total(content, at)]
        return np.array(sorted(set(found)), dtype=np.int64)

    def reason(self, window: bytes, at: int) -> str | None:
        """Why the line at an offset is no data; None where it is, for all that is known here."""
        if self._is_header(window, at):
            self.elsewhere = False
            return REPEATED_HEADER
        if self._begins_another(window, at):
            self.elsewhere = True
        if self.elsewhere:
            return OTHER_TABLE
        return FOOTER if self._is_total(window, at) else None

    def _is_header(self, window: bytes, at: int) -> bool:
        return any(
            window.startswith(header, at) and window[at + len(header) : at + len(header) + 1] in (b"\n", b"\r")
            for header in self._headers
        )

    def _begins_another(self, window: bytes, at: int) -> bool:
        """Whether the line is the header of a table of fewer, more or other columns: half of this header's names are in
        it, or it comes after a blank line and has nothing but titles, in columns of numbers as well."""
        fields = tokenise(window, at, _line_end(window, at), self._framing) or []
        values = [field.value.strip() for field in fields]
        common = len(self._names & set(values))
        if common > 1 and common * 2 >= len(self._names):
            return True
        return _after_blank_line(window, at) and self._are_titles(values)

    def _are_titles(self, values: list[bytes]) -> bool:
        framing = self._framing
        if len(values) != framing.width or len(set(values)) < len(values) or len(framing.typed) < 2:
            return False
        return all(_TITLE.fullmatch(value.decode("latin-1")) for value in values)

    def _is_total(self, window: bytes, at: int) -> bool:
        """Whether the first cell that is not empty says that sums follow, and numbers do, or nothing much."""
        fields = tokenise(window, at, _line_end(window, at), self._framing) or []
        values = [field.value.strip() for field in fields]
        filled = [value for value in values if value]
        if not filled or _TOTAL.fullmatch(filled[0]) is None:
            return False
        sums = len(filled) < len(values) and all(is_typed(value.decode("latin-1")) for value in filled[1:])
        return sums or len(filled) * 2 <= len(values) or len(values) == 2


def _after_blank_line(window: bytes, at: int) -> bool:
    return window[max(0, at - 4) : at].replace(b"\r\n", b"\n").replace(b"\r", b"\n").endswith(b"\n\n")


def _line_end(window: bytes, at: int) -> int:
    ends = [end for end in (window.find(b"\n", at), window.find(b"\r", at, at + _LONG_LINE)) if end >= 0]
    return min(ends, default=len(window))
