"""The canonical form: UTF-8, comma, RFC 4180 with quotes only where needed, LF; and whether it is unmistakable.

What has been normalised must come out of a second normalising byte for byte. With as few quotes as possible it nearly
always does; where what it says could be taken for something else, it is written `guarded`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import IO

import polars as pl

from validahub_pipeline.errors import InputError
from validahub_pipeline.ingest import finding
from validahub_pipeline.ingest.batches import BatchReader
from validahub_pipeline.ingest.encoding import UTF8


def write_header(out: IO[bytes], names: Sequence[str]) -> None:
    """The first line of a file in canonical form."""
    pl.DataFrame(schema=dict.fromkeys(names, pl.String)).write_csv(out)


def write_rows(out: IO[bytes], rows: pl.DataFrame) -> None:
    """Records, as text, null where a cell is empty."""
    if rows.width == 1:
        # An empty line is no record: a lone empty cell has to be quoted.
        rows = rows.fill_null("")
    rows.write_csv(out, include_header=False)


def is_unmistakable(path: Path, names: Sequence[str], records: int) -> bool:
    """Whether a file in canonical form is read as exactly what was written, and so would be written again as it is."""
    try:
        with finding.found(path, path.parent, path.name) as again:
            plain = again.dialect.delimiter == "," and again.dialect.quote == '"' and not again.dialect.escape
            same = again.table.names == tuple(names) and again.table.header_lines == _first(again.table.header_lines)
            encoding = again.source.encoding
            if not (plain and same and encoding.name == UTF8 and not encoding.bom and again.table.width == len(names)):
                return False
            reader = BatchReader(
                again.source, again.framing, start=again.start, line=again.table.data_line, headers=again.headers
            )
            found = 0
            for batch in reader:
                if batch.quarantined or batch.kinds:
                    return False
                found += len(batch.rows)
            return found == records
    except InputError:
        return False


def _first(lines: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(range(1, len(lines) + 1)) or (0,)
