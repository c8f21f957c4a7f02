"""The tree cut into tiles of 256 hashes, as C2SP tlog-tiles lays them out. https://c2sp.org/tlog-tiles

A row is the hashes of all full subtrees of 256^level leaves, from the left; tile `index` of a row holds its entries
from 256 * index on. What tiles are needed and how they are named is said here; where they lie is not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from validahub_pipeline.ledger.merkle.hashing import HASH_SIZE, fold

TILE: Final = 256
"""Hashes in a full tile: eight levels of the tree."""

_NAME: Final = re.compile(r"tile/(0|[1-9][0-9]?)/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?")


@dataclass(frozen=True, order=True)
class Tile:
    """One tile; `width` hashes, 256 where it is full."""

    level: int
    index: int
    width: int

    @property
    def path(self) -> str:
        """`tile/<L>/<N>[.p/<W>]`, N in groups of three digits."""
        digits = f"{self.index:03}"
        digits = digits.zfill(-(-len(digits) // 3) * 3)
        groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
        name = "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
        return f"tile/{self.level}/{name}" + ("" if self.width == TILE else f".p/{self.width}")

    @property
    def full(self) -> Tile:
        """The tile it becomes."""
        return Tile(self.level, self.index, TILE)

    @property
    def start(self) -> int:
        """The first entry of its row that it holds."""
        return self.index * TILE


def parse(path: str) -> Tile | None:
    """The tile of a path, or None where the path is that of no tile."""
    found = _NAME.fullmatch(path)
    if found is None:
        return None
    level, name, width = found.groups()
    tile = Tile(int(level), int(name.replace("x", "").replace("/", "")), int(width) if width else TILE)
    return tile if tile.path == path else None


def row_length(size: int, level: int) -> int:
    """How many entries the row of a level has in a tree of `size` leaves."""
    return size >> (8 * level)


def of_size(size: int) -> Iterator[Tile]:
    """Every tile of a tree of `size` leaves, level by level from the leaves."""
    level = 0
    while (length := row_length(size, level)) > 0:
        for index in range(length // TILE):
            yield Tile(level, index, TILE)
        if length % TILE:
            yield Tile(level, length // TILE, length % TILE)
        level += 1


def row_above(row: bytes | memoryview) -> bytes:
    """The row above one that starts at the beginning of a tile: an entry for each of its full tiles."""
    step = TILE * HASH_SIZE
    view = memoryview(row)
    return b"".join([fold(view[at : at + step]) for at in range(0, len(row) - step + 1, step)])
