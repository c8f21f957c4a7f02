"""Addresses of pictures as sellers write them: several in a cell, without a scheme, with spaces.

Never invented: a host, a path, an ending. What is no address after this stays as it was.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote

import polars as pl

from validahub_pipeline.text.distinct import each_distinct

_NOT_ASCII: Final = r"[^\x00-\x7f]"
_SCHEME: Final = re.compile(r"(?i)^(?:https?://)*(https?)://")
_HOST: Final = r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}(?::[0-9]+)?"
_PICTURE: Final = r"[^\s?#]*\.(?:jpe?g|png|webp|gif)(?:[?#]\S*)?"
_WITHOUT_SCHEME: Final = re.compile(rf"(?i)^(?:www\.{_HOST}/\S+|{_HOST}/{_PICTURE})$")
_ADDRESS: Final = re.compile(rf"(?i)^https?://({_HOST}|[0-9.]+(?::[0-9]+)?)(?:[/?#]\S*)?$")
# A space within a file's name, and not before something else that stands behind an address.
_SPACED: Final = re.compile(
    r"(?i)^(?:(?!\.(?:jpe?g|png|webp|gif)\b)[^\s,;|?#]| )+\.(?:jpe?g|png|webp|gif)(?:[?#]\S*)?$"
)
# What parts two addresses for certain: the next one's beginning stands right behind it.
_BETWEEN: Final = re.compile(r"(?:\s*[;|\n\r\t]\s*|\s*,\s*|\s+)(?=(?i:https?:|//|www\.))")
_ENDS: Final = " \t\r\n,;|\"'<>\u00a0"


def untidy(separator: str, *, ascii_only: bool) -> str:
    """A pattern that is found in every cell `tidied` would change."""
    parted = re.escape(separator)
    found = [
        r"[^\s,;|]\s+[^\s,;|]",
        r"[\\\"'<>]",
        r"^\s|\s$",
        r"\s[,;|]",
        rf"^[,;|]|[,;|]\s*$|{parted}\s*{parted}",
        r"(?:^|[\s,;|])//",
        r"(?i:(?:^|[\s,;|])www\.)",
        r"(?:^|[\s,;|])(?:[hH]?[tT]?[tT]?[pP]?[sS]?[A-Z][A-Za-z]*):",
        r"(?i:https?://https?:)",
        r"(?i:[;|\s]\s*https?:)",
        rf"(?i:(?:^|[\s,;|]){_HOST}/)",
    ]
    return "|".join([*found, _NOT_ASCII] if ascii_only else found)


def tidied(text: pl.Expr, separator: str, *, ascii_only: bool) -> pl.Expr:
    """Cells whose every entry is an address after this, in the target's spelling: scheme `https` where there was none,
    spaces as `%20`, one separator between two; other cells unchanged."""
    return each_distinct(text, lambda cell: _tidied(cell, separator, ascii_only=ascii_only))


def _tidied(cell: str, separator: str, *, ascii_only: bool) -> str:
    pieces = [piece.strip(_ENDS) for piece in _BETWEEN.split(cell)]
    pieces = [entry.strip(_ENDS) for piece in pieces for entry in _split(piece, separator)]
    entries = [_entry(piece, ascii_only=ascii_only) for piece in pieces if piece]
    if not entries or not all(map(_ADDRESS.match, entries)):
        return cell
    # A space behind the separator is as good.
    return cell if entries == cell.replace(f"{separator} ", separator).split(separator) else separator.join(entries)


def _split(piece: str, separator: str) -> list[str]:
    """A piece at the separator, if each part is an address by itself (a comma may well belong to one)."""
    parts = piece.split(separator)
    if len(parts) > 1 and all(_SCHEME.match(part.strip()) or _WITHOUT_SCHEME.match(part.strip()) for part in parts):
        return parts
    return [piece]


def _entry(piece: str, *, ascii_only: bool) -> str:
    address = piece.replace("\\", "/")
    if address.startswith("//"):
        address = f"https:{address}"
    elif not _SCHEME.match(address) and _WITHOUT_SCHEME.match(address.replace(" ", "%20")):
        address = f"https://{address}"
    address = _SCHEME.sub(lambda scheme: f"{scheme.group(1).lower()}://", address)
    if _SPACED.match(address):
        address = address.replace(" ", "%20")
    # A host in other letters has a name of its own in DNS, which is not for us to choose.
    if ascii_only and address.partition("://")[2].partition("/")[0].isascii():
        return re.sub(_NOT_ASCII, lambda char: quote(char.group()), address)
    return address
