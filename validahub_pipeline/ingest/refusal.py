"""What is no table at all: empty, blank and binary files. Everything else is read, however broken."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from validahub_pipeline.errors import InputError
from validahub_pipeline.ingest import encoding

_MAGIC: Final = (
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"%PDF-", "PDF"),
    (b"7z\xbc\xaf\x27\x1c", "7Z"),
    (b"Rar!\x1a\x07", "RAR"),
    (b"PAR1", "Parquet"),
    (b"SQLite format 3\0", "SQLite"),
    (b"\x7fELF", "ELF"),
)
_CONTROL: Final = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_HEAD: Final = 1 << 16
# A few stray control characters are a defect of single cells; from one byte in two hundred on it is no text.
_FEW: Final = 8
_TOO_MANY: Final = 200


def check_file(path: Path, name: str) -> None:
    """Refuse a file without content, and one whose content is no text.

    Args:
        name: what messages call the file.

    Raises:
        InputError: `file_empty`, `file_binary`.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
        _check_text(head, name)
        content = _without_bom(head).strip()
        while not content:
            piece = file.read(_HEAD)
            if not piece:
                raise InputError("file_empty", file=name)
            content = piece.strip()


def _check_text(head: bytes, name: str) -> None:
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            raise InputError("file_binary", file=name, line=1, offset=0, cause=kind)
    if not head or encoding.detect([head]).wide:
        return
    controls = list(_CONTROL.finditer(head))
    if len(controls) > _FEW and len(controls) * _TOO_MANY > len(head):
        first = controls[0]
        line = head.count(b"\n", 0, first.start()) + 1
        raise InputError("file_binary", file=name, line=line, offset=first.start(), cause=f"0x{first.group().hex()}")


def _without_bom(head: bytes) -> bytes:
    return head[encoding.detect([head]).bom :] if head else head
