"""The dialect of a file, guessed from its head.

The measure is CleverCSV's (van den Burg, Nazábal & Sutton, "Wrangling messy CSV files by detecting row and type
patterns", 2019): the right dialect gives rows of one length, filled with cells that look like something.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from validahub_pipeline.ingest.report import Dialect

DELIMITERS: Final = (",", ";", "\t", "|")
_LINE: Final = re.compile(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+")
_MAX_CELLS: Final = 4_000
_MAX_RESTARTS: Final = 100
_INNER_LINES: Final = 50
_KNOWN: Final = re.compile(
    r"\s*(?:"
    r"[-+]?(?:R\$|US\$|\$|€)?\s?-?\d{1,3}(?:[.,\s]?\d{3})*(?:[.,]\d+)?\s?%?"  # amounts
    r"|[-+]?\d+(?:[.,]\d+)?(?:[eE][-+]?\d+)?"
    r"|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?:[T ]\d{1,2}:\d{2}(?::\d{2})?.*)?"
    r"|https?://\S+|[\w.+-]+@[\w-]+\.[\w.]+"
    r"|#?N/?A|nan|null|true|false"
    r"|[\w#&*'°ºª.()/+-]+(?:[ :!?][\w#&*'°ºª.()/+-]*)*"  # words
    r")?\s*",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Row:
    """A record of the sample: its cells, the offsets (in characters) of it and behind it, its first and last line from
    1."""

    cells: list[str]
    start: int
    end: int
    first_line: int
    last_line: int

    @property
    def blank(self) -> bool:
        """Whether it is no record at all: an empty line."""
        return not self.cells


def detect(sample: str) -> Dialect:
    """The dialect of a sample, which must end at a line's end where the file goes on."""
    quote = _quote(sample)
    escape = _escape(sample, quote)
    if escape:
        sample = doubled(sample, quote)
    best, best_score = DELIMITERS[0], -1.0
    for delimiter in DELIMITERS:
        if delimiter not in sample:
            continue
        score = _score(sample, delimiter, quote)
        if score > best_score:
            best, best_score = delimiter, score
    ends = re.search(r"\r\n|\n|\r", sample)
    return Dialect(delimiter=best, quote=quote, escape=escape, line_end=ends.group() if ends else "\n")


def rows(sample: str, dialect: Dialect) -> Iterator[Row]:
    """The records of a sample as Python's own reader sees them, with their places. A quote that nobody closed costs
    its own line."""
    lines = _LINE.findall(sample)
    offset = seen = width = restarts = 0
    while seen < len(lines):
        reader = csv.reader(lines[seen:], delimiter=dialect.delimiter, quotechar=dialect.quote)
        base = seen
        while seen < len(lines):
            try:
                cells = next(reader)
                span = lines[seen : base + reader.line_num]
            except csv.Error:
                # A field beyond the reader's limit of 131,072 characters.
                cells, span = [], lines[seen:]
            unclosed = len(span) > 1 and len(cells) != width and restarts < _MAX_RESTARTS
            unclosed = unclosed and any(len(_alone(line, dialect)) == width > 1 for line in span[1:_INNER_LINES])
            if unclosed:
                cells, span = span[0].rstrip("\r\n").split(dialect.delimiter), span[:1]
                restarts += 1
            width = len(cells) if not unclosed and cells else width
            start, offset = offset, offset + sum(map(len, span))
            yield Row(cells, start, offset, seen + 1, seen + len(span))
            seen += len(span)
            if unclosed:
                break


def _alone(line: str, dialect: Dialect) -> list[str]:
    return next(csv.reader([line], delimiter=dialect.delimiter, quotechar=dialect.quote), [])


def doubled(sample: str, quote: str) -> str:
    """The sample with quotes doubled that a backslash escapes, as long as it was."""
    return re.sub(
        r"\\[\\" + quote + "]", lambda match: quote * 2 if match.group()[1] == quote else match.group(), sample
    )


def _escape(sample: str, quote: str) -> str:
    """A backslash if it stands before every quote inside a quoted field, and before at least one."""
    inside = rf"(?<![,;\t|\r\n]){quote}(?![,;\t|\r\n])"
    quotes = [sample[match.start() - 1] for match in re.finditer(inside, sample) if 0 < match.start() < len(sample) - 1]
    return "\\" if quotes and all(before == "\\" for before in quotes) else ""


def _quote(sample: str) -> str:
    double = len(re.findall(r'(?:^|[,;\t|])"', sample, re.MULTILINE))
    single = len(re.findall(r"(?:^|[,;\t|])'[^'\r\n]*'(?=[,;\t|\r\n]|$)", sample, re.MULTILINE))
    return "'" if single > double else '"'


def _score(sample: str, delimiter: str, quote: str) -> float:
    lengths: Counter[int] = Counter()
    cells: Counter[str] = Counter()
    for row in rows(sample, Dialect(delimiter=delimiter, quote=quote)):
        if row.blank:
            continue
        lengths[len(row.cells)] += 1
        if cells.total() < _MAX_CELLS:
            cells.update(row.cells)
    pattern = sum(n * (max(length - 1, 0.001)) / length for length, n in lengths.items()) / max(len(lengths), 1)
    known = sum(n for cell, n in cells.items() if _KNOWN.fullmatch(cell))
    return pattern * max(known / max(cells.total(), 1), 0.001)
