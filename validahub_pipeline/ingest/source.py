"""The bytes of a file as the reader wants them; wide encodings are turned into UTF-8 beforehand.

Knows how a byte of what is read relates to a byte of the seller's file, and nothing of CSV.
"""

from __future__ import annotations

import bisect
import codecs
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from validahub_pipeline.ingest import encoding as encodings
from validahub_pipeline.ingest.encoding import Encoding

_HEAD: Final = 1 << 20
_SAMPLES: Final = 16
_SAMPLE: Final = 1 << 16
_STEP: Final = 1 << 20
_LONG_LINE: Final = 1 << 16


class Source:
    """Bytes in an ASCII-compatible encoding, read at any offset. Read, not mapped: a page fault costs more than the
    copy, and a file that shrinks meanwhile must not end the process.

    Attributes:
        size: number of bytes.
        encoding: the encoding of the file itself (UTF-16, say, though UTF-8 is what is read here).
    """

    def __init__(
        self, file: IO[bytes], encoding: Encoding, checkpoints: list[tuple[int, int]], marked: _Marked | None = None
    ) -> None:
        self._file = file
        self._checkpoints = checkpoints
        self._marked = marked
        self.encoding = encoding
        self.size = os.fstat(file.fileno()).st_size

    @property
    def mark(self) -> int:
        """The byte that stands for a delimiter of several.

        Raises:
            ValueError: there is none.
        """
        if self._marked is None:
            raise ValueError("the delimiter is its own mark")
        return self._marked.mark

    @property
    def spelt(self) -> bytes:
        """What the mark stands for; nothing where there is none."""
        return self._marked.delimiter if self._marked else b""

    @property
    def content(self) -> str:
        """Name of the encoding of the bytes that are read here."""
        return encodings.UTF8 if self.encoding.wide else self.encoding.name

    @property
    def start(self) -> int:
        """Offset of the first byte that is content."""
        return 0 if self._checkpoints else self.encoding.bom

    def read(self, offset: int, size: int) -> bytes:
        """Up to `size` bytes from `offset` on, fewer only at the end."""
        return _read(self._file, offset, size)

    def read_lines(self, offset: int, size: int) -> bytes:
        """Up to `size` bytes that end after an LF, unless the file ends before or its lines are very long."""
        end = offset + size
        if end < self.size and size > _LONG_LINE:
            newline = _read(self._file, end - _LONG_LINE, _LONG_LINE).rfind(b"\n")
            if newline >= 0:
                size += newline + 1 - _LONG_LINE
        return _read(self._file, offset, size)

    def origin(self, offset: int) -> int:
        """The offset in the file as it was handed in of a byte at `offset` here."""
        if not self._checkpoints:
            return offset
        at = bisect.bisect_right(self._checkpoints, offset, key=lambda checkpoint: checkpoint[0]) - 1
        here, there = self._checkpoints[at]
        content = self.read(here, offset - here)
        if self._marked is not None:
            written = content.replace(bytes([self._marked.mark]), self._marked.delimiter)
            return self._marked.of.origin(there + len(written))
        return there + len(content.decode("utf-8", "replace").encode(self.encoding.name))


@contextmanager
def opened(path: Path, scratch: Path) -> Iterator[Source]:
    """The content of a file; working files go to the folder `scratch`."""
    with path.open("rb") as file:
        encoding = encodings.detect(_samples(file))
        if not encoding.wide:
            yield Source(file, encoding, [])
            return
        with tempfile.TemporaryFile(dir=scratch) as narrow:
            checkpoints = _narrow(file, encoding, narrow)
            narrow.flush()
            yield Source(narrow, encoding, checkpoints)


@contextmanager
def marked(source: Source, delimiter: bytes, marks: bytes, scratch: Path) -> Iterator[Source]:
    """The content of a source with one byte for a delimiter of several: the first of `marks` that it does not hold.
    Where it holds all of them, the last one is taken, and is read as a delimiter wherever it stands."""
    for mark in marks:
        with tempfile.TemporaryFile(dir=scratch) as file:
            checkpoints = _replace(source, delimiter, bytes([mark]), file, last=mark == marks[-1])
            if checkpoints:
                file.flush()
                yield Source(file, source.encoding, checkpoints, _Marked(source, delimiter, mark))
                return


@dataclass(frozen=True)
class _Marked:
    of: Source
    delimiter: bytes
    mark: int


def _replace(source: Source, delimiter: bytes, mark: bytes, out: IO[bytes], *, last: bool) -> list[tuple[int, int]]:
    """Write a source with a mark for each delimiter; returns checkpoints as `_narrow`, none where the mark occurs."""
    checkpoints = [(0, source.start)]
    written, at = 0, source.start
    while at < source.size:
        piece = source.read(at, _STEP)
        if mark in piece and not last:
            return []
        whole = at + len(piece) == source.size
        # A delimiter must not be cut: what follows the last one for certain waits for the next piece.
        end = len(piece) if whole else max(piece.rfind(delimiter, 0, -len(delimiter)), len(piece) // 2)
        end = next((n for n in range(end, len(piece)) if piece[n] not in delimiter), len(piece)) if not whole else end
        written += out.write(piece[:end].replace(delimiter, mark))
        at += end
        checkpoints.append((written, at))
    return checkpoints


def _read(file: IO[bytes], offset: int, size: int) -> bytes:
    data = os.pread(file.fileno(), size, offset)
    while len(data) < size:
        more = os.pread(file.fileno(), size - len(data), offset + len(data))
        if not more:
            break
        data += more
    return data


def _samples(file: IO[bytes]) -> list[bytes]:
    size = os.fstat(file.fileno()).st_size
    spread = [size * i // _SAMPLES for i in range(1, _SAMPLES)]
    return [_read(file, 0, _HEAD), *(_read(file, at, _SAMPLE) for at in spread if at > _HEAD)]


def _narrow(file: IO[bytes], encoding: Encoding, out: IO[bytes]) -> list[tuple[int, int]]:
    """Write a wide file as UTF-8; returns pairs (offset in the output, offset in the file), one per step."""
    decoder = codecs.getincrementaldecoder(encoding.name)("replace")
    checkpoints = [(0, encoding.bom)]
    written = 0
    at = encoding.bom
    while piece := _read(file, at, _STEP):
        at += len(piece)
        written += out.write(decoder.decode(piece).encode("utf-8", "replace"))
        checkpoints.append((written, at - len(decoder.getstate()[0])))
    out.write(decoder.decode(b"", final=True).encode("utf-8", "replace"))
    return checkpoints
