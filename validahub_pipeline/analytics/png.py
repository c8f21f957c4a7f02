"""Charts made small: the renderer writes 32-bit pixels and hardly compresses, five times what a page should carry."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import Final

import numpy as np

_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_HEADER: Final = struct.Struct(">IIBBBBB")
_RGBA, _INDEXED = 6, 3
# PNG specification, section 9: the byte before each line says how it was filtered.
_NO_FILTER, _SUB = 0, 1
_COLOURS: Final = 256


def indexed(png: bytes) -> bytes:
    """The same picture with a palette of at most 256 colours, without transparency.

    Colours that anti-aliasing has multiplied beyond that are brought down to fewer bits per channel. A picture of
    another kind than the renderer's (8-bit RGBA, lines filtered by `Sub` or not at all) is returned as it is.
    """
    chunks = dict(_chunks(png))
    width, height, depth, kind, *_, interlaced = _HEADER.unpack(chunks[b"IHDR"])
    if (depth, kind, interlaced) != (8, _RGBA, 0):
        return png
    lines = np.frombuffer(zlib.decompress(chunks[b"IDAT"]), np.uint8).reshape(height, 1 + 4 * width)
    filters = lines[:, 0]
    if not np.isin(filters, (_NO_FILTER, _SUB)).all():
        return png
    pixels = lines[:, 1:].reshape(height, width, 4)
    pixels = np.where((filters == _SUB)[:, None, None], np.cumsum(pixels, axis=1, dtype=np.uint8), pixels)
    palette, places = _palette(np.ascontiguousarray(pixels[..., :3]).reshape(-1, 3))
    body = np.zeros((height, 1 + width), np.uint8)
    body[:, 1:] = places.reshape(height, width)
    return _SIGNATURE + b"".join(
        [
            _chunk(b"IHDR", _HEADER.pack(width, height, 8, _INDEXED, 0, 0, 0)),
            _chunk(b"PLTE", palette.tobytes()),
            _chunk(b"IDAT", zlib.compress(body.tobytes(), 9)),
            _chunk(b"IEND", b""),
        ]
    )


def _palette(pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The colours (n, 3) and, for each pixel, which of them it has."""
    for bits in range(8, 0, -1):
        reduced = pixels >> (8 - bits)
        numbers = reduced.astype(np.uint32) @ np.array([1 << 16, 1 << 8, 1], np.uint32)
        found, places = np.unique(numbers, return_inverse=True)
        if len(found) <= _COLOURS:
            channels = np.stack([found >> 16, found >> 8 & 255, found & 255], axis=1)
            # Stretched, so that the brightest stays white.
            return (channels * 255 // ((1 << bits) - 1)).astype(np.uint8), places.astype(np.uint8)
    raise AssertionError("one bit per channel gives eight colours")


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Name and content of each chunk, the parts of the picture's data joined."""
    data, position = b"", len(_SIGNATURE)
    while position < len(png):
        length, name = struct.unpack_from(">I4s", png, position)
        content = png[position + 8 : position + 8 + length]
        if name == b"IDAT":
            data += content
        else:
            yield name, content
        position += length + 12
    yield b"IDAT", data


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
