"""The dialect of a file, guessed from its head.

The measure is CleverCSV's (van den Burg, Nazábal & Sutton, "Wrangling messy CSV files by detecting row and type
patterns", 2019): the right dialect gives rows of one length, filled with cells that look like something.
"""

from __future__ import annotations

import csv
import itertools
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from validahub_pipeline.ingest.report import Dialect
from validahub_pipeline.ingest.shape import is_typed

MARKS: Final = "\x1f\x1e\x1d\x1c\x02\x03"
"""What a delimiter of several characters may be replaced by while reading, since fields are told apart by one byte."""

_SINGLE: Final = (",", ";", "\t", "|")
# A longer one is tried where the sample has it; on a tie it wins, or its spaces would become part of the cells.
_LONGER: Final = (", ", "; ", "| ", " | ", "||", "::", "\t\t")
_SPACE: Final = " "
_LINE: Final = re.compile(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+")
_MAX_CELLS: Final = 4_000
_MAX_RESTARTS: Final = 100
_INNER_LINES: Final = 50
# Scoring every dialect on all of a large sample would tell no more.
_SCORED: Final = 1 << 16
# Cells of the least table that is told from the free text above it, by a delimiter of prose and by another.
_SMALL: Final = 6
_SMALL_RARE: Final = 4
_FEW_PADDED: Final = 0.1
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


@dataclass(frozen=True)
class _Candidate:
    dialect: Dialect
    score: float
    width: int
    told_apart: bool
    """Whether something beside the delimiter itself speaks for it: quotes beside it, or a column of one type."""
    padded: bool
    """Whether cells begin with spaces that the delimiter leaves over, as in columns that were aligned."""


def detect(sample: str) -> Dialect:
    """The dialect of a sample, which must end at a line's end where the file goes on."""
    head = sample if len(sample) <= _SCORED else sample[: sample.rfind("\n", 0, _SCORED) + 1] or sample
    ends = re.search(r"\r\n|\n|\r", sample)
    line_end = ends.group() if ends else "\n"
    best = _candidate(head, ",", line_end)
    for delimiter in (*_SINGLE[1:], *_LONGER, _SPACE):
        if delimiter not in head or (delimiter == delimiter[0] * 2 and not _always_doubled(head, delimiter)):
            continue
        found = _candidate(head, delimiter, line_end)
        if found.width == 1:
            # It stands in some cells; most rows it leaves whole.
            continue
        if delimiter == _SPACE and not (found.told_apart and (found.width > 2 or _quotes_beside(head, delimiter))):
            # Words in a row are no columns.
            continue
        if found.score > best.score or _says_more(found, best):
            best = found
    return best.dialect


def _says_more(found: _Candidate, best: _Candidate) -> bool:
    """Whether a longer delimiter explains as much as the one inside it: what that leaves is in every cell."""
    delimiter, inner = found.dialect.delimiter, best.dialect.delimiter
    if len(delimiter) <= len(inner) or found.width < 2 or found.padded:
        return False
    return found.score >= best.score or (delimiter == inner * 2 and best.width == 2 * found.width - 1)


def marked(sample: str, delimiter: str) -> tuple[str, str]:
    """The sample with one character for a delimiter of several, and that character: one that it does not hold.

    Raises:
        ValueError: it holds all of `MARKS`.
    """
    if len(delimiter) == 1:
        return sample, delimiter
    mark = next((mark for mark in MARKS if mark not in sample), None)
    if mark is None:
        raise ValueError("every mark occurs in the sample")
    return sample.replace(delimiter, mark), mark


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
                unclosed = len(span) > 1 and len(cells) != width and restarts < _MAX_RESTARTS
                unclosed = unclosed and _hides_records(span, cells, width, dialect, lines[seen + len(span) :])
            except csv.Error:
                # A field beyond the reader's limit of 131,072 characters.
                unclosed = True
            if unclosed:
                cells, span = lines[seen].rstrip("\r\n").split(dialect.delimiter), lines[seen : seen + 1]
                restarts += 1
            width = len(cells) if not unclosed and cells else width
            start, offset = offset, offset + sum(map(len, span))
            yield Row(cells, start, offset, seen + 1, seen + len(span))
            seen += len(span)
            if unclosed:
                break


def _hides_records(span: list[str], cells: list[str], width: int, dialect: Dialect, behind: list[str]) -> bool:
    """Whether lines inside what reads as one record are whole records: as wide as the one before it, or, at the head
    of the file, as its first line would be by itself. There, a single one may be chance, if the record behind is as
    wide as this one."""
    inner = [len(_alone(line, dialect)) for line in span[1:_INNER_LINES]]
    if width:
        return width > 1 and width in inner
    first = span[0].count(dialect.delimiter) + 1
    if first == 1 or inner.count(first) > 2:
        return first > 1
    return len(cells) != first and first in inner and _next_width(behind, dialect) != len(cells)


def _next_width(lines: list[str], dialect: Dialect) -> int:
    """The number of fields of the record that follows, 0 where there is none."""
    reader = csv.reader(lines[:_INNER_LINES], delimiter=dialect.delimiter, quotechar=dialect.quote)
    return len(next((cells for cells in reader if cells), []))


def _alone(line: str, dialect: Dialect) -> list[str]:
    return next(csv.reader([line], delimiter=dialect.delimiter, quotechar=dialect.quote), [])


def doubled(sample: str, quote: str) -> str:
    """The sample with quotes doubled that a backslash escapes, as long as it was."""
    return re.sub(
        r"\\[\\" + quote + "]", lambda match: quote * 2 if match.group()[1] == quote else match.group(), sample
    )


def _candidate(sample: str, delimiter: str, line_end: str) -> _Candidate:
    try:
        view, mark = marked(sample, delimiter)
    except ValueError:
        return _Candidate(Dialect(delimiter=delimiter, line_end=line_end), -1.0, 1, told_apart=False, padded=False)
    quote = _quote(view, mark)
    escape = _escape(view, mark, quote)
    if escape:
        view = doubled(view, quote)
    widths: list[int] = []
    cells: Counter[str] = Counter()
    typed: Counter[int] = Counter()
    padded = 0
    for row in rows(view, Dialect(delimiter=mark, quote=quote)):
        if row.blank:
            continue
        widths.append(len(row.cells))
        if cells.total() < _MAX_CELLS:
            cells.update(row.cells)
            padded += sum(cell.startswith(" ") for cell in row.cells[1:])
            if delimiter == _SPACE:
                typed.update(column for column, cell in enumerate(row.cells) if is_typed(cell))
    score = 0.0
    lengths = Counter(widths)
    if lengths:
        pattern = sum(n * (max(length - 1, 0.001)) / length for length, n in lengths.items()) / len(lengths)
        known = sum(n for cell, n in cells.items() if _KNOWN.fullmatch(cell))
        score = pattern * max(known / max(cells.total(), 1), 0.001)
    told_apart = bool(typed) and typed.most_common(1)[0][1] * 5 > lengths.total() * 4
    dialect = Dialect(delimiter=delimiter, quote=quote, escape=escape, line_end=line_end)
    return _Candidate(
        dialect,
        score,
        _width(widths, delimiter),
        told_apart=told_apart or _quotes_beside(view, mark),
        padded=padded > _FEW_PADDED * cells.total(),
    )


def _width(widths: list[int], delimiter: str) -> int:
    """The number of fields most rows have; where that is one, of those at the end: lines of free text may stand above a
    small table."""
    usual = Counter(widths).most_common(1)[0][0] if widths else 1
    if usual > 1 or widths[-1:] == [1] or not widths:
        return usual
    last = widths[-1]
    table = list(itertools.takewhile(lambda width: width == last, reversed(widths)))
    if len(table) < sum(width > 1 for width in widths):
        return usual
    # Two lines of prose may have a comma each.
    rare = delimiter[0] not in ", "
    return last if len(table) * last >= (_SMALL_RARE if rare else _SMALL) else usual


def _always_doubled(sample: str, delimiter: str) -> bool:
    """Whether its character stands alone nowhere, and makes more than one gap somewhere."""
    return sample.count(delimiter) * 2 == sample.count(delimiter[0]) and any(
        line.count(delimiter) > 1 for line in sample.splitlines()[:_INNER_LINES]
    )


def _quotes_beside(sample: str, delimiter: str) -> bool:
    """Whether fields in quotes stand beside the delimiter."""
    spelt = re.escape(delimiter)
    return re.search(rf'(?:^|{spelt})"[^"\r\n]+"{spelt}"?|{spelt}"[^"\r\n]+"$', sample, re.MULTILINE) is not None


def _escape(sample: str, delimiter: str, quote: str) -> str:
    """A backslash if it stands before every quote inside a quoted field, and before at least one."""
    edge = rf"[{re.escape(delimiter)}\r\n]"
    inside = rf"(?<!{edge}){quote}(?!{edge})"
    quotes = [sample[match.start() - 1] for match in re.finditer(inside, sample) if 0 < match.start() < len(sample) - 1]
    return "\\" if quotes and all(before == "\\" for before in quotes) else ""


def _quote(sample: str, delimiter: str) -> str:
    edge = re.escape(delimiter)
    double = len(re.findall(rf'(?:^|{edge})"', sample, re.MULTILINE))
    single = len(re.findall(rf"(?:^|{edge})'(?:[^'\\]|''|\\.)*'(?={edge}|[\r\n]|$)", sample, re.MULTILINE | re.DOTALL))
    return "'" if single > double else '"'
