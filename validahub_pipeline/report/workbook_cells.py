"""Somebody else's text as a cell of a workbook: what a workbook can hold, and how cells look."""

from __future__ import annotations

import re
from typing import Final

from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook

from validahub_pipeline.report.shown import visible
from validahub_pipeline.rulepacks import Severity
from validahub_pipeline.text.spreadsheets import FORMULA

CHARACTERS: Final = 32_767
"""What a cell holds at most, in UTF-16 units."""

_COMMENT: Final = 1_000
_COLOURS: Final = {Severity.CRITICAL: "#FBD5D2", Severity.WARNING: "#FDEBC8", Severity.INFO: "#DCE8F7"}
# No XML may hold these, not even by their numbers.
_NO_XML: Final = re.compile("[\ufffe\uffff\ud800-\udfff]")


def storable(text: str) -> str:
    """The text as a workbook can hold it; nearly always as it is."""
    if len(text) > CHARACTERS // 2 and len(text.encode("utf-16-le", "replace")) > 2 * CHARACTERS:
        text = text.encode("utf-16-le", "replace")[: 2 * (CHARACTERS - 1)].decode("utf-16-le", "ignore") + "…"
    if not text.isascii():
        text = _NO_XML.sub("\ufffd", text)
    # What stands between these, the writer would take for XML of its own.
    return f"{text} " if text.startswith("<r>") and text.endswith("</r>") else text


def comment(text: str) -> str:
    """The text of a comment: short, with no character that is not seen."""
    lines = (visible(line) for line in text[:_COMMENT].split("\n"))
    return _NO_XML.sub("\ufffd", "\n".join(lines))


class Formats:
    """The looks of cells. A cell that begins as a formula does is marked as text, so that it stays one when it is
    edited: the mark belongs to the look, and the text is not altered."""

    def __init__(self, book: Workbook) -> None:
        self.title = book.add_format({"bold": True, "font_size": 14})
        self.header = book.add_format(
            {"bold": True, "bg_color": "#EEF1F4", "bottom": 1, "valign": "top", "text_wrap": True, "quote_prefix": True}
        )
        self.soft = book.add_format({"font_color": "#55606E", "text_wrap": True, "valign": "top"})
        self.wrapped = book.add_format({"text_wrap": True, "valign": "top", "quote_prefix": True})
        self.count = book.add_format({"num_format": "#,##0", "valign": "top"})
        self._plain = book.add_format({"quote_prefix": True})
        self._wrong = {
            severity.value: (
                book.add_format({"bg_color": colour, "border": 1, "border_color": "#C9CFD6"}),
                book.add_format({"bg_color": colour, "border": 1, "border_color": "#C9CFD6", "quote_prefix": True}),
            )
            for severity, colour in _COLOURS.items()
        }

    def of(self, text: str) -> Format | None:
        """Of a cell that is all right."""
        return self._plain if text.startswith(FORMULA) else None

    def wrong(self, text: str, severity: str) -> Format:
        """Of a cell that violates something."""
        plain, marked = self._wrong[severity]
        return marked if text.startswith(FORMULA) else plain
