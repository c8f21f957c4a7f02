"""A file as batches of proven CSV: what is in order is passed on as it stands, the rest is repaired or set aside.

Memory is bounded by the window, whatever the file's size. Nothing here knows what becomes of a batch (`intake`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np

from validahub_pipeline.ingest.encoding import decode_field
from validahub_pipeline.ingest.presumed import presumed
from validahub_pipeline.ingest.scanning import Offsets
from validahub_pipeline.ingest.source import Source
from validahub_pipeline.ingest.strangers import Strangers
from validahub_pipeline.ingest.structure import CR, LF, Framing, Structure
from validahub_pipeline.ingest.tolerant import STRAY_QUOTE, Resolution, resolve, serialise

WINDOW: Final = 16 << 20
# An unfinished record at a window's end is looked at again together with what follows it, unless it is this long
# already: then a quote that nobody closed is the likelier explanation.
_PATIENCE: Final = 1 << 20


# A file with one thing out of order usually has more of it.
_PROVING: Final = 8
# Bounds the memory that a window full of short and broken records takes.
_MAX_DOUBTS: Final = 20_000


@dataclass(frozen=True)
class Quarantined:
    """A record that is no row: its number, first physical line and byte offset in the file, why, and its bytes."""

    record: int
    line: int
    offset: int
    reason: str
    raw: bytes
    proposal: list[bytes] | None


class CellRepair(NamedTuple):
    """A cell whose bytes say something else than the text that was made of them. `column` counts from 0."""

    row: int
    line: int
    column: int
    code: str
    before: str
    after: str


@dataclass
class Batch:
    """Accepted records as RFC 4180 in the file's delimiter, quote and encoding; of each its length in bytes, line end
    included, its number, and its first line."""

    payload: bytes
    lengths: Offsets
    rows: Offsets
    lines: Offsets
    consumed: int
    quarantined: list[Quarantined]
    cells: list[CellRepair]
    kinds: Counter[str]
    presumed: bool = False
    """Not every record is proven (`presumed`): whoever parses them has to refuse one with another number of fields, and
    then have the reader `step_back`."""
    before: tuple[int, int, int, bool] = (0, 1, 1, False)
    """Offset, physical line and number of its first record, and whether another table had begun before it."""
    empty_quotes: bool = True
    """Some field may be quotes with nothing between them."""

    def records_at(self, offsets: Offsets) -> Offsets:
        """In which records these offsets of the payload lie: places in the batch, ascending, each once."""
        return np.unique(np.searchsorted(np.cumsum(self.lengths), offsets, side="right"))


@dataclass
class Draft:
    """A batch in the making: the same in pieces."""

    pieces: list[bytes | memoryview] = field(default_factory=list)
    lengths: list[Offsets] = field(default_factory=list)
    rows: list[Offsets] = field(default_factory=list)
    lines: list[Offsets] = field(default_factory=list)
    quarantined: list[Quarantined] = field(default_factory=list)
    cells: list[CellRepair] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)

    def finish(self) -> Batch:
        """The batch, all pieces joined."""
        whole = self.pieces[0] if len(self.pieces) == 1 else None
        if isinstance(whole, memoryview) and isinstance(whole.obj, bytes) and len(whole) == len(whole.obj):
            payload = whole.obj
        else:
            payload = b"".join(self.pieces)
        return Batch(
            payload=payload,
            lengths=_joined(self.lengths),
            rows=_joined(self.rows),
            lines=_joined(self.lines),
            consumed=0,
            quarantined=self.quarantined,
            cells=self.cells,
            kinds=self.kinds,
        )


class BatchReader:
    """Reads the records of a source from an offset on.

    Args:
        start: offset of the first data record, which lies on physical line `line` (from 1).
        headers: the header rows as the file has them, without line ends, by which lines are told that are no data
            (`strangers`); without them, every line is taken for data.
    """

    def __init__(self, source: Source, framing: Framing, *, start: int, line: int, headers: tuple[bytes, ...]) -> None:
        self._source = source
        self._encoding = source.content
        self._strangers = Strangers(headers, framing) if headers else None
        self._framing = framing
        self._at = start
        self._line = line
        self._record = 1
        # So many windows are proven record by record before one is presumed to be in order again.
        self._proving = 0

    def __iter__(self) -> Iterator[Batch]:
        return iter(self.following, None)

    def following(self) -> Batch | None:
        """The batch behind the last one; None where the source ends."""
        size = WINDOW
        while self._at < self._source.size:
            window = self._source.read_lines(self._at, size)
            complete = self._at + len(window) >= self._source.size
            if not complete and window.endswith((b"\r", b"\\")):
                # What it means depends on the byte behind it.
                window = window.rstrip(b"\r\\")
            if complete and window[-1] not in (LF, CR):
                window += b"\n"
            if self._framing.escaped:
                window = double_escaped(window, self._framing)
            before = (self._at, self._line, self._record, self._elsewhere)
            self._proving -= 1
            batch = self._whole(window, complete=complete) if self._proving < 0 else None
            used = len(window)
            if batch is None:
                batch, used = self._batch(window, complete=complete)
            if not used:
                size *= 2
                continue
            self._at = min(self._at + used, self._source.size)
            batch.before = before
            batch.consumed = self._source.origin(self._at)
            return batch
        return None

    def step_back(self, batch: Batch) -> None:
        """Go back to where a batch began, and prove each of its records: what was presumed of it is not so."""
        self._at, self._line, self._record, elsewhere = batch.before
        if self._strangers is not None:
            # What lies behind the batch may have been looked at already.
            self._strangers.elsewhere = elsewhere
        self._proving = _PROVING

    def _whole(self, window: bytes, *, complete: bool) -> Batch | None:
        """All of a window, if that much may be presumed."""
        found = None if self._elsewhere else presumed(window, self._framing)
        if found is None or (
            self._strangers and len(self._strangers.suspects(window, found.breaks, complete=complete))
        ):
            self._proving = _PROVING
            return None
        count = len(found.ends)
        draft = Draft(
            pieces=[memoryview(window)],
            lengths=[np.diff(found.ends, prepend=-1)],
            rows=[np.arange(self._record, self._record + count, dtype=np.int64)],
            lines=[found.lines + self._line],
        )
        self._record += count
        self._line += len(found.breaks)
        batch = draft.finish()
        batch.presumed = True
        batch.empty_quotes = found.empty_quotes
        return batch

    def _batch(self, window: bytes, *, complete: bool) -> tuple[Batch, int]:
        structure = Structure(window, self._framing)
        if self._strangers is not None:
            structure.suspect(self._strangers.suspects(window, structure.breaks, complete=complete))
        # Lone CRs that end records become LF in what is passed on; `window` keeps what the file says.
        clean = bytearray(window) if len(structure.bare_cr) else window
        draft = Draft()
        at = doubts = 0
        while at < len(window) and doubts < _MAX_DOUBTS:
            reading = structure.reading(at)
            first = int(np.searchsorted(reading.ends, at))
            next_doubt = int(np.searchsorted(reading.doubtful, first))
            stop = int(reading.doubtful[next_doubt]) if next_doubt < len(reading.doubtful) else len(reading.ends)
            if stop > first and not self._elsewhere:
                ends = reading.ends[first:stop]
                low, high = np.searchsorted(reading.blank, (first, stop))
                self._accept(structure, clean, draft, ends, start=at, blank=reading.blank[low:high] - first)
                at = int(ends[-1]) + 1
                continue
            if stop == len(reading.ends) and not complete and len(window) - at < _PATIENCE:
                break
            end = int(reading.ends[first]) + 1 if stop > first else structure.line_end(at)
            if self._elsewhere and np.isin(first, reading.blank):
                at = end
                continue
            reason = self._strangers and self._strangers.reason(window, at)
            resolution = Resolution(end, reason=reason) if reason else resolve(structure, at, complete=complete)
            if resolution is None:
                break
            self._settle(structure, draft, at, resolution)
            at = resolution.end
            doubts += 1
        self._line += structure.breaks_before(at)
        return draft.finish(), at

    @property
    def _elsewhere(self) -> bool:
        return self._strangers is not None and self._strangers.elsewhere

    def _accept(
        self,
        structure: Structure,
        clean: bytes | bytearray,
        draft: Draft,
        ends: Offsets,
        *,
        start: int,
        blank: Offsets,
    ) -> None:
        """Take records that are beyond doubt; `blank` are the indices of `ends` at which there is only a blank line."""
        starts = np.empty_like(ends)
        starts[0] = start
        starts[1:] = ends[:-1] + 1
        stop = int(ends[-1]) + 1
        first_break = structure.breaks_before(start)
        if structure.breaks_before(stop) - first_break == len(ends):
            breaks: Offsets = np.arange(first_break, first_break + len(ends), dtype=np.int64)
        else:
            breaks = np.searchsorted(structure.breaks, starts).astype(np.int64)
        if isinstance(clean, bytearray):
            np.frombuffer(clean, dtype=np.uint8)[ends] = LF
        if len(blank):
            kept = np.ones(stop - start, dtype=np.bool_)
            kept[starts[blank] - start] = kept[ends[blank] - start] = False
            draft.pieces.append(np.frombuffer(clean, dtype=np.uint8)[start:stop][kept].tobytes())
            starts, ends, breaks = np.delete(starts, blank), np.delete(ends, blank), np.delete(breaks, blank)
        else:
            draft.pieces.append(memoryview(clean)[start:stop])
        draft.lengths.append(ends - starts + 1)
        draft.lines.append(breaks + self._line)
        draft.rows.append(np.arange(self._record, self._record + len(ends), dtype=np.int64))
        self._record += len(ends)

    def _settle(self, structure: Structure, draft: Draft, start: int, resolution: Resolution) -> None:
        row, line = self._record, self._line + structure.breaks_before(start)
        self._record += 1
        if resolution.fields is None:
            raw = self._source.read(self._at + start, resolution.end - start).rstrip(b"\r\n")
            raw = self._framing.as_written(raw)
            proposal = resolution.proposal and [self._framing.as_written(value) for value in resolution.proposal]
            offset = self._source.origin(self._at + start)
            draft.quarantined.append(Quarantined(row, line, offset, resolution.reason, raw, proposal))
            return
        piece = serialise([f.value for f in resolution.fields], self._framing)
        draft.pieces.append(piece)
        draft.lengths.append(np.array([len(piece)], dtype=np.int64))
        draft.rows.append(np.array([row], dtype=np.int64))
        draft.lines.append(np.array([line], dtype=np.int64))
        draft.kinds.update(resolution.kinds)
        for column, cell in enumerate(resolution.fields):
            # An unquoted field says literally what its value is; a quoted one with stray quotes does not.
            if cell.value != cell.raw and (not cell.quoted or cell.strays or b"\0" in cell.raw):
                code = STRAY_QUOTE if cell.strays else "nul_removed"
                after = decode_field(self._framing.as_written(cell.value), self._encoding)[0]
                before = self._framing.as_written(cell.raw).decode("utf-8", "replace")
                draft.cells.append(CellRepair(row, line, column, code, before, after))


def double_escaped(window: bytes, framing: Framing) -> bytes:
    """Quotes that a backslash escapes as doubled ones: RFC 4180 of the same length, so that every offset holds.

    An escaped backslash keeps both its characters; `intake` takes one away when the fields are apart.
    """
    quote = b'"' if framing.quote is None else bytes([framing.quote])
    if b"\\" + quote not in window:
        return window
    escaped = re.compile(rb"\\[\\" + quote + b"]")
    return escaped.sub(lambda match: match.group().replace(b"\\" + quote, quote * 2), window)


def _joined(parts: list[Offsets]) -> Offsets:
    return np.concatenate(parts) if parts else np.empty(0, dtype=np.int64)
