"""A batch in UTF-8, whatever its file is in: cells that don't keep to the file's encoding are found and repaired.

Only the records that hold such cells are looked at one by one.
"""

from __future__ import annotations

import numpy as np

from validahub_pipeline.ingest import encoding as encodings
from validahub_pipeline.ingest.batches import Batch, CellRepair
from validahub_pipeline.ingest.structure import Framing
from validahub_pipeline.ingest.tolerant import tokenise


def in_utf8(batch: Batch, encoding: str, framing: Framing) -> bytes:
    """The payload of a batch as UTF-8. Cells in another encoding than the file's are added to the batch's repairs."""
    payload = batch.payload
    proper, broken = encodings.scan_utf8(payload)
    odd = broken if encoding == encodings.UTF8 else proper
    ends = np.cumsum(batch.lengths)
    view = memoryview(payload)
    pieces: list[bytes | memoryview] = []
    done = 0
    for record in batch.records_at(odd).tolist():
        end = int(ends[record])
        start = end - int(batch.lengths[record])
        pieces.append(_plain(view[done:start], encoding))
        pieces.append(_record(payload[start : end - 1], batch, record, encoding, framing))
        pieces.append(b"\n")
        done = end
    pieces.append(_plain(view[done:], encoding))
    return b"".join(pieces)


def _plain(piece: memoryview, encoding: str) -> bytes | memoryview:
    return piece if encoding == encodings.UTF8 else encodings.decode_single_byte(piece, encoding).encode("utf-8")


def _record(record: bytes, batch: Batch, index: int, encoding: str, framing: Framing) -> bytes:
    delimiter = bytes([framing.delimiter])
    fields = record.split(delimiter)
    if len(fields) != framing.width:
        fields = [field.raw for field in tokenise(record, 0, len(record), framing) or []]
    for column, raw in enumerate(fields):
        if raw.isascii():
            continue
        # Quotes and their doubling are ASCII: they come through the decoding as they are.
        text, found = encodings.decode_field(raw, encoding)
        fields[column] = text.encode("utf-8")
        if found is not None:
            code = f"encoding_{found.replace('-', '')}"
            batch.kinds[code] += 1
            before = _content(raw.decode("utf-8", "replace"), framing)
            after = _content(text, framing)
            batch.cells.append(CellRepair(int(batch.rows[index]), int(batch.lines[index]), column, code, before, after))
    return delimiter.join(fields)


def _content(text: str, framing: Framing) -> str:
    quote = "" if framing.quote is None else chr(framing.quote)
    text = text.removesuffix("\r")
    if framing.spelt:
        text = text.replace(chr(framing.delimiter), framing.spelt.decode("ascii"))
    return text[1:-1].replace(quote * 2, quote) if quote and text.startswith(quote) else text
