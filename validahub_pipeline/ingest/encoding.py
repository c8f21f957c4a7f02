"""Which encoding a file is in, and text from bytes that don't keep to it, field by field.

A shop's export may hold UTF-8 and cp1252 side by side in one column, so a file's encoding is a prior, not a law.
"""

from __future__ import annotations

import codecs
import itertools
import re
from dataclasses import dataclass
from typing import Final

import numpy as np

from validahub_pipeline.ingest.scanning import Offsets

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

# By lead byte: how many bytes follow it, and the range of the first of them.
_FOLLOWERS: Final = np.zeros(256, dtype=np.uint8)
_FOLLOWERS[0xC2:0xE0], _FOLLOWERS[0xE0:0xF0], _FOLLOWERS[0xF0:0xF5] = 1, 2, 3
_SECOND_FROM: Final = np.full(256, 0x80, dtype=np.uint8)
_SECOND_FROM[0xE0], _SECOND_FROM[0xF0] = 0xA0, 0x90
_SECOND_TO: Final = np.full(256, 0xBF, dtype=np.uint8)
_SECOND_TO[0xED], _SECOND_TO[0xF4] = 0x9F, 0x8F
# The letters of Portuguese, Spanish, French, Italian and German that ASCII lacks.
_LETTERS: Final = "áàâãäéèêëíìîïóòôõöúùûüçñßÁÀÂÃÄÉÈÊËÍÌÎÏÓÒÔÕÖÚÙÛÜÇÑ"
# With what stands beside it; so many of a sample tell as much as all.
_ENOUGH: Final = 500
_BEYOND_ASCII: Final = re.compile(rb"[\x00-\x7f]?[\x80-\xff]+[\x00-\x7f]?")
# What people write: letters beside letters, and signs where they belong: ordinals behind digits; dashes (U+2013,
# U+2014) and other signs not between letters; quotation marks (U+2018, U+201C; U+2019, U+201D) before, behind words.
_WRITTEN: Final = re.compile(
    rf"(?<=[A-Za-z{_LETTERS}])[{_LETTERS}]|[{_LETTERS}](?=[A-Za-z{_LETTERS}])|(?<=\d)[ªº°]"
    r"|(?<![A-Za-z])[\u2013\u2014\u2022€™®©°±²³½¼¾«»](?![A-Za-z])"
    r"|[\u2018\u201c\u2022€«©](?=\w)|(?<=\w)\u2019|(?<=\w)[\u201d…™®»²³](?![A-Za-z])"
)


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
    for sample in samples:
        well_formed, broken = scan_utf8(_whole_characters(sample))
        proper += len(well_formed)
        foreign += len(broken)
    if foreign <= proper:
        return Encoding(UTF8, 0, "likely" if foreign else "certain")
    parts = (itertools.islice(_BEYOND_ASCII.finditer(sample), _ENOUGH) for sample in samples)
    beyond_ascii = b"\n".join(part.group() for part in itertools.chain.from_iterable(parts))
    written = {name: len(_WRITTEN.findall(decode_single_byte(beyond_ascii, name))) for name in _TABLES}
    return Encoding(CP850 if written[CP850] > written[CP1252] else CP1252, 0, "likely")


def scan_utf8(data: bytes) -> tuple[Offsets, Offsets]:
    """Where well-formed sequences of more than one byte begin, and which bytes beyond ASCII belong to none.

    Follows table 3-7 of the Unicode standard; looks only at the bytes beyond ASCII, all at once.
    """
    values = np.frombuffer(data, dtype=np.uint8)
    where = np.flatnonzero(values >= 0x80)
    high = values[where]
    # One entry longer at the end per byte that may follow, so that every sequence can be looked at in full.
    follows = np.zeros(len(high) + 4, dtype=np.bool_)
    follows[1 : len(high)] = (np.diff(where) == 1) & ((high[1:] & 0xC0) == 0x80)
    second = np.append(high[1:], 0)[: len(high)]
    need = _FOLLOWERS[high]
    first, then, last = (follows[i : i + len(high)] for i in (1, 2, 3))
    proper = (need > 0) & first & ((need < 2) | then) & ((need < 3) | then & last)
    proper &= (second >= _SECOND_FROM[high]) & (second <= _SECOND_TO[high])
    covered = np.zeros(len(high) + 4, dtype=np.bool_)
    covered[: len(high)] = proper
    for i in (1, 2, 3):
        covered[i : i + len(high)] |= proper & (need >= i)
    return where[proper], where[~covered[: len(high)]]


def decode_single_byte(data: bytes | memoryview, name: str) -> str:
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
    return decode_field(sample_bytes(cell, name), name)[0]


def sample_bytes(text: str, name: str) -> bytes:
    """The bytes that a part of `decode_sample`'s result was made of."""
    if name in _TABLES:
        return codecs.charmap_encode(text, "strict", codecs.charmap_build(_TABLES[name]))[0]
    return text.encode("utf-8", "surrogateescape")


def _whole_characters(sample: bytes) -> bytes:
    """A sample without the parts of a UTF-8 character that it may begin and end with."""
    start = next((i for i, byte in enumerate(sample[:3]) if byte & 0xC0 != 0x80), 0)
    cut = next((i for i in range(1, min(4, len(sample)) + 1) if sample[-i] & 0xC0 != 0x80), 1)
    end = len(sample) - cut if sample[-cut] >= 0xC0 and _FOLLOWERS[sample[-cut]] >= cut else len(sample)
    return sample[start:end]


def _wide_without_bom(head: bytes) -> str | None:
    head = head[: min(len(head), 4096) // 4 * 4]
    if len(head) < 4:
        return None
    zeros = [head[i::4].count(0) * 4 / len(head) for i in range(4)]
    for name, pattern in _WIDE_PATTERNS:
        if all(low <= share <= high for share, (low, high) in zip(zeros, pattern, strict=True)):
            text = head.decode(name, "replace")
            # Zeros come in patterns in binary data as well; control characters beside them give it away.
            return None if any(character < " " and character not in "\t\r\n" for character in text) else name
    return None
