"""From a file to rows: opens it, finds the table in it, and sends batch after batch to Parquet or canonical CSV."""

from __future__ import annotations

import codecs
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

import polars as pl
from polars.io.plugins import register_io_source

from validahub_pipeline.domain import spacing
from validahub_pipeline.errors import InputError
from validahub_pipeline.ingest import canonical, finding
from validahub_pipeline.ingest.arrow_file import ArrowFile
from validahub_pipeline.ingest.batches import Batch, BatchReader
from validahub_pipeline.ingest.damage import DamageWatch
from validahub_pipeline.ingest.encoding import UTF8
from validahub_pipeline.ingest.finding import Found
from validahub_pipeline.ingest.guarded import guard
from validahub_pipeline.ingest.outputs import QuarantineFile, RepairsFile
from validahub_pipeline.ingest.pipelining import Ahead, Behind
from validahub_pipeline.ingest.presumed import has_short_record
from validahub_pipeline.ingest.recoding import in_utf8
from validahub_pipeline.ingest.report import IngestReport
from validahub_pipeline.ingest.scanning import Offsets
from validahub_pipeline.ingest.screening import MISREAD, Screen
from validahub_pipeline.ingest.unmixing import unmixed

ROW: Final = "__row"
LINE: Final = "__line"
ROW_GROUP: Final = 262_144


@dataclass(frozen=True)
class _Taken:
    """A batch as it was read: its frame, None where it is not in order though its counts are; where there are traces of
    something in its UTF-8, and whether that is the payload itself."""

    batch: Batch
    frame: pl.DataFrame | None
    traces: Mapping[str, Offsets] = field(default_factory=dict)
    as_read: bool = True


class _NotAsPresumedError(Exception):
    """A batch is not in order, though its counts are."""


class _Intake:
    """One pass over one file. `frames` yields what is accepted; quarantine and repairs are written on the way."""

    def __init__(self, opened: Found, quarantine: QuarantineFile, repairs: RepairsFile | None) -> None:
        self.opened = opened
        self.records = 0
        self.kinds: Counter[str] = Counter()
        self._quarantine = quarantine
        self._repairs = repairs
        self._mixed = False
        table = opened.table
        self._watching = Behind()
        self._damage = DamageWatch(table.names[: table.width])
        self._screen = Screen(chr(opened.framing.delimiter))
        self.schema = {ROW: pl.Int64, LINE: pl.Int64} | dict.fromkeys(table.names, pl.String)

    def frames(self, progress: Callable[[int], None] | None) -> Iterator[pl.DataFrame]:
        """The accepted records as frames of `schema`."""
        opened = self.opened
        reader = BatchReader(
            opened.source,
            opened.framing,
            start=opened.start,
            line=opened.table.data_line,
            headers=opened.headers,
        )
        with Ahead(reader.following, self._take) as coming, self._watching:
            for taken in coming:
                batch, frame = taken.batch, taken.frame
                if frame is None:
                    coming.drop()
                    reader.step_back(batch)
                    continue
                self._watching.do(partial(self._damage.look, frame, batch, taken.traces, as_read=taken.as_read))
                self._quarantine.write(batch.quarantined, opened.source.content)
                if self._repairs is not None:
                    self._repairs.write(batch.cells, opened.table.names)
                self.kinds.update(batch.kinds)
                self.records += frame.height
                if frame.height:
                    yield self._numbered(frame, batch)
                if progress is not None:
                    progress(batch.consumed)

    def report(self, milliseconds: dict[str, int]) -> IngestReport:
        """What was found, once all frames have been taken."""
        opened = self.opened
        table = opened.table
        return IngestReport(
            encoding=opened.source.encoding.name,
            encoding_confidence=opened.source.encoding.confidence,
            dialect=opened.dialect,
            columns=table.names,
            has_header=bool(table.headers),
            header_lines=table.header_lines,
            preamble_lines=table.preamble_lines,
            records=self.records,
            quarantined=self._quarantine.reasons.total(),
            reasons=dict(sorted(self._quarantine.reasons.items())),
            repairs=dict(sorted(self.kinds.items())),
            damage=self._damage.found(),
            milliseconds=milliseconds,
            container=opened.content.container,
            member=opened.content.member,
            other_sheets=opened.content.others,
        )

    def _take(self, batch: Batch) -> _Taken:
        """A batch as a frame of the columns that the file has. Batches may be taken at once, in any order."""
        try:
            frame, content = self._parsed(batch)
        except _NotAsPresumedError:
            return _Taken(batch, None)
        framing = self.opened.framing
        if framing.escaped and b"\\\\" in batch.payload:
            frame = frame.with_columns(pl.all().str.replace_all("\\\\", "\\", literal=True))
        if framing.spelt:
            mark, spelt = chr(framing.delimiter), framing.spelt.decode("ascii")
            frame = frame.with_columns(pl.all().str.replace_all(mark, spelt, literal=True))
        as_read = content is batch.payload
        traces = self._screen.traces(content)
        if MISREAD in traces:
            frame = unmixed(frame, batch, batch.records_at(traces[MISREAD]) if as_read else None)
        return _Taken(batch, frame, traces, as_read)

    def _parsed(self, batch: Batch) -> tuple[pl.DataFrame, bytes]:
        """A batch as polars reads it, and the UTF-8 that it has read."""
        encoding, framing = self.opened.source.content, self.opened.framing
        frame, content = None, batch.payload
        if encoding == UTF8 and not self._mixed:
            try:
                frame = self._read(content, batch)
            except pl.exceptions.PolarsError as error:
                if batch.presumed:
                    raise _NotAsPresumedError from error
                # polars is the one who checks every field; checking beforehand would cost every sound file a tenth.
                self._mixed = True
        if frame is None:
            content = in_utf8(batch, encoding, framing)
            try:
                frame = self._read(content, batch)
            except pl.exceptions.PolarsError as error:
                if batch.presumed:
                    raise _NotAsPresumedError from error
                raise
        if frame.height != len(batch.rows):
            if batch.presumed:
                raise _NotAsPresumedError
            raise AssertionError(f"{frame.height} rows were read from {len(batch.rows)} proven records")
        return frame, content

    def _numbered(self, frame: pl.DataFrame, batch: Batch) -> pl.DataFrame:
        """The frame in full: numbers and lines before the columns, those that no record reaches behind them."""
        unreached = self.opened.table.names[self.opened.table.width :]
        return frame.select(
            pl.Series(ROW, batch.rows),
            pl.Series(LINE, batch.lines),
            pl.all(),
            *(pl.lit(None, dtype=pl.String).alias(name) for name in unreached),
        )

    def _read(self, payload: bytes, batch: Batch) -> pl.DataFrame:
        if payload.startswith(codecs.BOM_UTF8):
            # polars takes a byte order mark at the start of any buffer for its own; here it is content.
            payload = codecs.BOM_UTF8 + payload
        frame = pl.read_csv(
            payload,
            has_header=False,
            schema=dict.fromkeys(self.opened.table.names[: self.opened.table.width], pl.String),
            separator=chr(self.opened.framing.delimiter),
            quote_char=self.opened.dialect.quote or None,
            raise_if_empty=False,
        )
        if batch.presumed and has_short_record(frame, batch.payload, batch.lengths, self.opened.framing.delimiter):
            raise _NotAsPresumedError
        # To polars, quotes around nothing are text.
        return spacing.empty_to_null(frame) if batch.empty_quotes else frame


def to_rows(
    source: Path,
    rows: Path,
    *,
    quarantine: Path,
    repairs: Path,
    file_name: str | None = None,
    sheet: str | None = None,
    progress: Callable[[int], None] | None = None,
) -> IngestReport:
    """Read a seller's file into rows, with no parameters: everything about it is found out.

    Args:
        rows: a Parquet, or where the name ends in `.arrow`, Arrow as it is in memory: as large as the file and more,
            and quickly written and read. `__row`, `__line` (Int64, from 1), then the file's columns as String; an
            empty cell is null.
        quarantine: CSV `record, line, byte_offset, reason, raw, proposal`: records that could not be read as rows.
        repairs: Parquet `row, line, column, code, before, after, confidence`: cells repaired on reading.
        file_name: what messages call the file; default its own name.
        sheet: which sheet of a workbook to read; default: the first that is shown.
        progress: called with the number of bytes consumed so far.

    Raises:
        InputError: there is no table in the file (`file_empty`, `file_header_only`, `file_binary`), or no way into it
            (`containers`).
    """
    started = time.perf_counter()
    with ExitStack() as stack:
        opened = stack.enter_context(finding.found(source, rows.parent, file_name or source.name, sheet=sheet))
        intake = _Intake(
            opened, stack.enter_context(QuarantineFile(quarantine)), stack.enter_context(RepairsFile(repairs))
        )
        if opened.empty:
            raise InputError("file_header_only", file=file_name or source.name, line=opened.table.data_line - 1)
        found = time.perf_counter()

        def frames(
            _columns: list[str] | None, _predicate: pl.Expr | None, _n_rows: int | None, _batch_size: int | None
        ) -> Iterator[pl.DataFrame]:
            return intake.frames(progress)

        if rows.suffix == ".arrow":
            with ArrowFile(rows, intake.schema) as file, Behind() as writing:
                for frame in intake.frames(progress):
                    writing.do(partial(file.write, frame))
        else:
            lazy = register_io_source(frames, schema=intake.schema)
            lazy.sink_parquet(rows, compression="zstd", compression_level=1, row_group_size=ROW_GROUP)
        return intake.report(_milliseconds(started, found))


def normalise(source: Path, target: Path, quarantine: Path | None = None, *, sheet: str | None = None) -> IngestReport:
    """Rewrite a seller's file as canonical CSV: UTF-8, comma, RFC 4180 with quotes only where needed, LF. What has been
    normalised comes out of this byte for byte (`canonical`).

    Args:
        target: replaced when, and only when, everything has been read.
        quarantine: as in `to_rows`; without it, quarantined records are counted but not kept.
        sheet: which sheet of a workbook to read; default: the first that is shown.

    Raises:
        InputError: there is no table in the file (`file_empty`, `file_binary`), or no way into it (`containers`).
    """
    started = time.perf_counter()
    part, guarded = (target.with_name(f"{target.name}.{suffix}") for suffix in ("part", "guarded"))
    try:
        with ExitStack() as stack:
            opened = stack.enter_context(finding.found(source, target.parent, source.name, sheet=sheet))
            intake = _Intake(opened, stack.enter_context(QuarantineFile(quarantine)), None)
            found = time.perf_counter()
            out = stack.enter_context(part.open("wb"))
            canonical.write_header(out, opened.table.names)
            for frame in intake.frames(None):
                canonical.write_rows(out, frame.drop(ROW, LINE))
        if not canonical.is_unmistakable(part, opened.table.names, intake.records):
            guard(part, guarded, opened.table.names)
            guarded.replace(part)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
        guarded.unlink(missing_ok=True)
    return intake.report(_milliseconds(started, found))


def _milliseconds(started: float, found: float) -> dict[str, int]:
    now = time.perf_counter()
    return {"detect": round((found - started) * 1000), "read": round((now - found) * 1000)}
