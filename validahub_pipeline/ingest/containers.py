"""Files in files: gzip, zstd, a zip with one table in it, and workbooks; recognised by their content, not their name.

What is inside is written to the scratch folder piece by piece, within bounds, so that a small file cannot fill the disk
or the memory. Nothing is known here of what the content says (`workbook` turns sheets into CSV).
"""

from __future__ import annotations

import gzip
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import NamedTemporaryFile
from typing import IO, Final

import zstandard

from validahub_pipeline.errors import InputError
from validahub_pipeline.ingest import workbook

MOST_BYTES: Final = 8 << 30
"""What a container may hold: eight times the largest catalogue we know of."""
MOST_TIMES: Final = 250
"""How many times its own size a container may hold, beyond `_ANYWAY`: catalogues shrink to a fortieth at best."""

_ANYWAY: Final = 64 << 20
_STEP: Final = 1 << 20
# Some hundred bytes of zstd may stand for tens of megabytes; handed over in small pieces, that is the most at once.
_ZSTD_STEP: Final = 512
_ZSTD_WINDOW: Final = 1 << 27

_GZIP: Final = b"\x1f\x8b"
_ZSTD: Final = b"\x28\xb5\x2f\xfd"
_ZIP: Final = b"PK\x03\x04"
_EMPTY_ZIP: Final = b"PK\x05\x06"
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@dataclass(frozen=True)
class Content:
    """A file as it is to be read.

    Attributes:
        path: where it lies.
        container: what it was taken out of: `gzip`, `zstd`, `zip`, `workbook`, or nothing.
        member: the file or sheet inside.
        others: the sheets that were not read.
    """

    path: Path
    container: str = ""
    member: str = ""
    others: tuple[str, ...] = ()


@contextmanager
def unpacked(path: Path, scratch: Path, name: str, *, sheet: str | None = None) -> Iterator[Content]:
    """The content of a file, taken out of its container where it is one; gone afterwards.

    Args:
        scratch: folder for working files.
        name: what messages call the file.
        sheet: which sheet of a workbook to read; default: the first that is shown.

    Raises:
        InputError: `container_damaged`, `container_truncated`, `container_too_large`, `container_encrypted`,
            `container_without_table`, `container_with_many`, `container_nested`, `sheet_unknown`.
    """
    with path.open("rb") as file:
        magic = file.read(8)
        kind = _kind(path, magic)
        if not kind:
            yield Content(path)
            return
        with NamedTemporaryFile(dir=scratch, prefix=".content-", suffix=".csv") as out:
            content = Path(out.name)
            file.seek(0)
            if kind == "workbook":
                read, others = _sheet(path, out, name, sheet)
                yield Content(content, kind, read, others)
                return
            member = ""
            try:
                if kind == "gzip":
                    with gzip.open(file) as stream:
                        _copy(stream, out, path.stat().st_size, name)
                elif kind == "zstd":
                    _from_zstd(file, out, name)
                else:
                    member = _from_zip(path, out, name)
            except EOFError as error:
                raise InputError("container_truncated", file=name, container=kind) from error
            except (OSError, zlib.error, zipfile.BadZipFile, zstandard.ZstdError, NotImplementedError) as error:
                if isinstance(error, OSError) and error.errno:
                    raise
                raise InputError("container_damaged", file=name, container=kind, cause=str(error)) from error
            out.flush()
            with content.open("rb") as start:
                if _kind(content, start.read(8)):
                    raise InputError("container_nested", file=name, container=kind)
            yield Content(content, kind, member)


def _kind(path: Path, magic: bytes) -> str:
    if magic.startswith(_GZIP):
        return "gzip"
    if magic.startswith(_ZSTD):
        return "zstd"
    if magic.startswith(_OLE):
        return "workbook"
    if magic.startswith((_ZIP, _EMPTY_ZIP)):
        return "workbook" if workbook.is_workbook(path) else "zip"
    return ""


def _copy(stream: IO[bytes] | gzip.GzipFile, out: IO[bytes], size: int, name: str) -> None:
    written = 0
    while piece := stream.read(_STEP):
        written += out.write(piece)
        _bound(written, size, name)


def _from_zstd(file: IO[bytes], out: IO[bytes], name: str) -> None:
    size = Path(file.name).stat().st_size
    decompressor = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW)
    frame = decompressor.decompressobj()
    written = 0
    rest = b""
    while piece := rest or file.read(_ZSTD_STEP):
        written += out.write(frame.decompress(piece))
        _bound(written, size, name)
        rest = b""
        if frame.eof:
            rest = frame.unused_data
            frame = decompressor.decompressobj()
            if not rest and not (rest := file.read(_ZSTD_STEP)):
                return
    raise EOFError


def _from_zip(path: Path, out: IO[bytes], name: str) -> str:
    with zipfile.ZipFile(path) as archive:
        members = [member for member in archive.infolist() if _is_content(member.filename)]
        if not members:
            raise InputError("container_without_table", file=name)
        if len(members) > 1:
            named = ", ".join(member.filename for member in members[:5]) + (", ..." if len(members) > 5 else "")
            raise InputError("container_with_many", file=name, count=len(members), names=named)
        member = members[0]
        if member.flag_bits & 1:
            raise InputError("container_encrypted", file=name)
        _bound(member.file_size, member.compress_size, name)
        with archive.open(member) as stream:
            _copy(stream, out, member.compress_size, name)
        return member.filename


def _is_content(member: str) -> bool:
    parts = PurePosixPath(member).parts
    return not member.endswith("/") and "__MACOSX" not in parts and bool(parts) and not parts[-1].startswith(".")


def _sheet(path: Path, out: IO[bytes], name: str, sheet: str | None) -> tuple[str, tuple[str, ...]]:
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            size = sum(member.file_size for member in archive.infolist())
        _bound(size, path.stat().st_size, name, most=workbook.MOST_BYTES)
    return workbook.write_sheet(path, out, name, sheet)


def _bound(content: int, container: int, name: str, most: int = MOST_BYTES) -> None:
    if content > most or (content > _ANYWAY and content > container * MOST_TIMES):
        raise InputError("container_too_large", file=name, size=content, most=min(most, container * MOST_TIMES))
