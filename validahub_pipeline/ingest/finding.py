"""What is found out about a file before its records are read: encoding, dialect, and where the table begins."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from validahub_pipeline.errors import InputError
from validahub_pipeline.ingest import encoding as encodings
from validahub_pipeline.ingest import header, refusal, sniff
from validahub_pipeline.ingest import source as sources
from validahub_pipeline.ingest.containers import Content, unpacked
from validahub_pipeline.ingest.guarded import is_guarded
from validahub_pipeline.ingest.report import Dialect
from validahub_pipeline.ingest.source import Source
from validahub_pipeline.ingest.structure import Framing
from validahub_pipeline.text import mojibake

_SAMPLE: Final = 1 << 18


@dataclass(frozen=True)
class Found:
    """A file with a table in it.

    Attributes:
        source: its content, as it is to be read.
        dialect: the file's own.
        framing: what separates fields in `source`.
        start: offset of the first data record in `source`.
        headers: the header rows as the source has them, without line ends.
        empty: whether there is nothing behind the header.
        content: what it was taken out of.
    """

    source: Source
    dialect: Dialect
    table: header.Table
    framing: Framing
    start: int
    headers: tuple[bytes, ...]
    empty: bool
    content: Content


@contextmanager
def found(path: Path, scratch: Path, name: str, *, sheet: str | None = None) -> Iterator[Found]:
    """Open a file and find the table in it; working files go to the folder `scratch`.

    Args:
        name: what messages call the file.
        sheet: which sheet of a workbook; default: the first.

    Raises:
        InputError: `file_empty`, `file_binary`, and those of `containers`.
    """
    with unpacked(path, scratch, name, sheet=sheet) as content:
        refusal.check_file(content.path, name)
        with _opened(content, scratch, name) as found:
            yield found


@contextmanager
def _opened(content: Content, scratch: Path, name: str) -> Iterator[Found]:
    with sources.opened(content.path, scratch) as source:
        raw = _head(source, source.start)
        guarded = _guarded(source, content, raw)
        if guarded is not None:
            yield guarded
            return
        dialect = sniff.detect(encodings.decode_sample(raw, source.content))
        if len(dialect.delimiter) == 1:
            yield _located(source, content, dialect, ord(dialect.delimiter), name)
            return
        with sources.marked(source, dialect.delimiter.encode("ascii"), sniff.MARKS.encode("ascii"), scratch) as marked:
            yield _located(marked, content, dialect, marked.mark, name)


def _guarded(source: Source, content: Content, head: bytes) -> Found | None:
    """What a guarded file says outright; None where a file is not guarded."""
    last = source.read(source.size - 1, 1)
    if source.encoding.bom or not is_guarded(head, whole=len(head) == source.size, last=last):
        return None
    dialect = Dialect()
    rows = list(sniff.rows(encodings.decode_sample(head, source.content), dialect))
    names = header.unique_names(rows[0].cells)
    if tuple(rows[0].cells) != names or any(len(row.cells) != len(names) for row in rows):
        return None
    table = header.Table(len(names), names, (rows[0],), rows[0].end, rows[0].last_line + 1, 0, ())
    start = len(encodings.sample_bytes(encodings.decode_sample(head, source.content)[: rows[0].end], source.content))
    framing = Framing(ord(","), ord('"'), len(names))
    return Found(source, dialect, table, framing, start, headers=(), empty=start >= source.size, content=content)


def _located(source: Source, content: Content, dialect: Dialect, delimiter: int, name: str) -> Found:
    start, encoding = source.start, source.content
    raw = _head(source, start)
    sample = encodings.decode_sample(raw, encoding)
    if dialect.escape:
        sample = sniff.doubled(sample, dialect.quote)
    as_read = Dialect(chr(delimiter), dialect.quote, dialect.escape, dialect.line_end)
    framing = Framing(delimiter, ord(dialect.quote), 0, escaped=bool(dialect.escape), spelt=source.spelt)
    table = header.locate(
        list(sniff.rows(sample, as_read)),
        lambda cell: mojibake.repair(encodings.decode_cell(cell, encoding).replace(chr(delimiter), dialect.delimiter)),
    )
    if table is None or not raw.strip():
        raise InputError("file_empty", file=name)
    data_start = start + len(encodings.sample_bytes(sample[: table.data_offset], encoding))
    headers = tuple(
        encodings.sample_bytes(sample[row.start : row.end], encoding).rstrip(b"\r\n") for row in table.headers
    )
    return Found(
        source=source,
        dialect=dialect,
        table=table,
        framing=framing.of(table.width, table.typed),
        start=data_start,
        headers=headers,
        empty=not source.read(data_start, _SAMPLE).strip(),
        content=content,
    )


def _head(source: Source, start: int) -> bytes:
    """The beginning of the content, up to the end of a line."""
    raw = source.read(start, _SAMPLE)
    if len(raw) == _SAMPLE:
        raw = raw[: max(raw.rfind(b"\n"), raw.rfind(b"\r")) + 1] or raw
    return raw
