"""Which encoding a file is in, and text from bytes that don't keep to it, field by field.

A shop's export may hold UTF-8 and cp1252 side by side in one column, so a file's encoding is a prior, not a law.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa

UTF8: Final = "utf-8"
CP1252: Final = "cp1252"
CP850: Final = "cp850"

_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Share of zero bytes at each of four successive positions, from and to, in text that is mostly ASCII.
_ZERO, _CHARACTER, _EITHER = (0.7, 1.0), (0.0, 0.05), (0.0, 1.0)
_WIDE_PATTERNS: Final = (
    ("utf-32-le", (_CHARACTER, _EITHER, _ZERO, _ZERO)),
    ("utf-32-be", (_ZERO, _ZERO, _EITHER, _CHARACTER)),
    ("utf-16-le", (_CHARACTER, _ZERO, _CHARACTER, _ZERO)),
    ("utf-16-be", (_ZERO, _CHARACTER, _ZERO, _CHARACTER)),
)
# Bytes that cp1252 leaves undefined become the C1 control of the same number, as browsers do: nothing is lost.
_CP1252_TABLE: Final = "".join(bytes([b]).decode("cp1252", "ignore") or chr(b) for b in range(256))
_CP850_TABLE: Final = bytes(range(256)).decode("cp850")
_TABLES: Final = {CP1252: _CP1252_TABLE, CP850: _CP850_TABLE}

_MULTIBYTE: Final = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]"
    rb"|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2}"
)
_CUT_OFF: Final = re.compile(rb"\A[\x80-\xbf]{1,3}|[\xc2-\xf4][\x80-\xbf]{0,2}\Z")
_HIGH: Final = re.compile(rb"[\x80-\xff]")
_IN_A_WORD: Final = re.compile(rb"(?<=[A-Za-z])[\x80-\xff]|[\x80-\xff](?=[A-Za-z])")
# The letters of Portuguese, Spanish, French, Italian and German that ASCII lacks.
_LETTERS: Final = frozenset("áàâãäéèêëíìîïóòôõöúùûüçñßÁÀÂÃÄÉÈÊËÍÌÎÏÓÒÔÕÖÚÙÛÜÇÑªº")


@dataclass(frozen=True)
class Encoding:
    """A file's encoding, the bytes of its byte order mark, and whether that is `certain` or `likely`."""

    name: str
    bom: int
    confidence: str

    @property
    def wide(self) -> bool:
        """Whether a character takes at least two bytes (UTF-16, UTF-32)."""
        return self.name.startswith(("utf-16", "utf-32"))


def detect(samples: list[bytes]) -> Encoding:
    """The encoding of a file, from samples of it; the first one is its head."""
    for bom, name in _BOMS:
        if samples[0].startswith(bom):
            return Encoding(name, len(bom), "certain")
    wide = _wide_without_bom(samples[0])
    if wide is not None:
        return Encoding(wide, 0, "likely")
    proper = foreign = 0
    words = b""
    for sample in samples:
        # A sample may begin and end in the middle of a character.
        rest, count = _MULTIBYTE.subn(b" ", _CUT_OFF.sub(b"", sample))
        proper += count
        foreign += len(_HIGH.findall(rest))
        words += b"".join(_IN_A_WORD.findall(rest)[:10_000])
    if foreign <= proper:
        return Encoding(UTF8, 0, "certain" if not foreign else "likely")
    letters = {
        name: sum(words.count(bytes([b])) for b in range(128, 256) if t[b] in _LETTERS) for name, t in _TABLES.items()
    }
    return Encoding(CP850 if letters[CP850] > letters[CP1252] else CP1252, 0, "likely")


def is_utf8(data: bytes) -> bool:
    """Whether bytes are valid UTF-8; several GB/s and nothing is copied."""
    ends = pa.py_buffer(np.array([0, len(data)], dtype=np.int64))
    try:
        pa.LargeStringArray.from_buffers(1, ends, pa.py_buffer(data)).validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def has_multibyte(data: bytes) -> bool:
    """Whether a valid UTF-8 sequence of more than one byte occurs."""
    return _MULTIBYTE.search(data) is not None


def decode_single_byte(data: bytes, name: str) -> str:
    """Text of bytes in cp1252 or cp850; every byte has a character and the way back is unique."""
    return codecs.charmap_decode(data, "strict", _TABLES[name])[0]


def decode_field(raw: bytes, name: str) -> tuple[str, str | None]:
    """The text of one field and the encoding it was found in, None where that is what the file's encoding promised.

    UTF-8 is recognised by its form, so it has precedence; what isn't UTF-8 is in the single-byte encoding of the file.
    """
    other = CP1252 if name not in _TABLES else name
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        return decode_single_byte(raw, other), None if other == name else other
    return text, None if name == UTF8 or raw.isascii() else UTF8


def decode_sample(data: bytes, name: str) -> str:
    """Text to find separators in, reversible to the very bytes; cells of it are for `decode_cell`."""
    return decode_single_byte(data, name) if name in _TABLES else data.decode("utf-8", "surrogateescape")


def decode_cell(cell: str, name: str) -> str:
    """The proper text of a cell cut out of `decode_sample`'s result."""
    if name in _TABLES:
        raw = codecs.charmap_encode(cell, "strict", codecs.charmap_build(_TABLES[name]))[0]
        return decode_field(raw, name)[0]
    return decode_field(cell.encode("utf-8", "surrogateescape"), name)[0]


def byte_length(text: str, name: str) -> int:
    """Number of bytes that a part of `decode_sample`'s result was made of."""
    return len(text) if name in _TABLES else len(text.encode("utf-8", "surrogateescape"))


def invalid_offsets(data: bytes) -> list[int]:
    """Offsets at which UTF-8 is broken, ascending."""
    found: list[int] = []
    at = 0
    view = memoryview(data)
    # Decoded piecewise: after each error the decoder would otherwise start anew on all that is left.
    while at < len(data):
        piece = view[at : at + 65_536]
        try:
            decoder = codecs.utf_8_decode(piece, "strict", at + len(piece) >= len(data))
        except UnicodeDecodeError as error:
            found.append(at + error.start)
            at += error.start + 1
        else:
            at += decoder[1]
    return found


def _wide_without_bom(head: bytes) -> str | None:
    head = head[: min(len(head), 4096) // 4 * 4]
    if len(head) < 4:
        return None
    zeros = [head[i::4].count(0) * 4 / len(head) for i in range(4)]
    for name, pattern in _WIDE_PATTERNS:
        if all(low <= share <= high for share, (low, high) in zip(zeros, pattern, strict=True)):
            return name
    return None
