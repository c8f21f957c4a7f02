"""The bytes of a file as the reader wants them: mapped, not copied; wide encodings turned into UTF-8 beforehand.

Knows how a byte of what is read relates to a byte of the seller's file, and nothing of CSV.
"""

from __future__ import annotations

import bisect
import codecs
import mmap
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from validahub_pipeline.ingest import encoding as encodings
from validahub_pipeline.ingest.encoding import Encoding

_HEAD: Final = 1 << 20
_SAMPLES: Final = 16
_SAMPLE: Final = 1 << 16
_STEP: Final = 1 << 20


class Source:
    """Bytes in an ASCII-compatible encoding, read at any offset.

    Attributes:
        size: number of bytes.
        encoding: the encoding of the file itself (UTF-16, say, though UTF-8 is what is read here).
    """

    def __init__(self, data: mmap.mmap | bytes, encoding: Encoding, checkpoints: list[tuple[int, int]]) -> None:
        self._data = data
        self._checkpoints = checkpoints
        self.encoding = encoding
        self.size = len(data)

    @property
    def content(self) -> str:
        """Name of the encoding of the bytes that are read here."""
        return encodings.UTF8 if self.encoding.wide else self.encoding.name

    @property
    def start(self) -> int:
        """Offset of the first byte that is content."""
        return 0 if self.encoding.wide else self.encoding.bom

    def read(self, offset: int, size: int) -> bytes:
        """Up to `size` bytes from `offset` on."""
        return bytes(self._data[offset : offset + size])

    def origin(self, offset: int) -> int:
        """The offset in the file as it was handed in of a byte at `offset` here."""
        if not self._checkpoints:
            return offset
        here, there = self._checkpoints[bisect.bisect_right(self._checkpoints, (offset, self.size * 8)) - 1]
        text = self._data[here:offset].decode("utf-8", "replace")
        return there + len(text.encode(self.encoding.name))


@contextmanager
def opened(path: Path, scratch: Path) -> Iterator[Source]:
    """The content of a file, which must not be empty; working files go to the folder `scratch`."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        encoding = encodings.detect(_samples(data))
        if not encoding.wide:
            yield Source(data, encoding, [])
            return
        with tempfile.TemporaryFile(dir=scratch) as narrow:
            checkpoints = _narrow(data, encoding, narrow)
            if not narrow.tell():
                yield Source(b"", encoding, checkpoints)
                return
            narrow.flush()
            with mmap.mmap(narrow.fileno(), 0, access=mmap.ACCESS_READ) as text:
                yield Source(text, encoding, checkpoints)


def _samples(data: mmap.mmap) -> list[bytes]:
    samples = [data[:_HEAD]]
    for i in range(1, _SAMPLES):
        at = len(data) * i // _SAMPLES
        if at > _HEAD:
            samples.append(data[at : at + _SAMPLE])
    return samples


def _narrow(data: mmap.mmap, encoding: Encoding, out: IO[bytes]) -> list[tuple[int, int]]:
    """Write a wide file as UTF-8; returns pairs (offset in the output, offset in the file), one per step."""
    decoder = codecs.getincrementaldecoder(encoding.name)("replace")
    checkpoints = [(0, encoding.bom)]
    written = 0
    for at in range(encoding.bom, len(data), _STEP):
        piece = data[at : at + _STEP]
        text = decoder.decode(piece, final=at + _STEP >= len(data))
        written += out.write(text.encode("utf-8", "replace"))
        pending = len(decoder.getstate()[0])
        checkpoints.append((written, at + len(piece) - pending))
    return checkpoints
