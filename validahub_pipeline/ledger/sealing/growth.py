"""The tree grown by the events since a checkpoint: what is known of the old one, worked out anew at its right edge.

The old rows are read from the published tiles, but for the last tile of leaves, which is derived from the events again;
so whoever changed tiles, or the last few hundred events, changes the old root, and that is signed.
"""

from __future__ import annotations

from collections.abc import Iterator

from validahub_pipeline.ledger.merkle import tiles
from validahub_pipeline.ledger.merkle.hashing import HASH_SIZE
from validahub_pipeline.ledger.merkle.tiles import TILE, Tile
from validahub_pipeline.ledger.merkle.tree import Tree
from validahub_pipeline.ledger.sealing.published import PublishedLog


class GrownTree:
    """A tree of `old` published leaves and those derived from leaf `first` on, where a tile begins."""

    def __init__(self, published: PublishedLog, *, old: int, first: int, leaves: bytes) -> None:
        """Reads the published rows' right edges. Raises as `PublishedLog.tile`."""
        self._published = published
        self._old = old
        self.size = first + len(leaves) // HASH_SIZE
        self._derived: list[tuple[int, bytes]] = []
        row = leaves
        while row or first:
            base = first - first % TILE
            row = self._stored(len(self._derived), base, first) + row
            self._derived.append((base, row))
            first, row = base // TILE, tiles.row_above(row)
        self.tree = Tree(self._rows)

    def tiles(self, *, every: bool = False) -> Iterator[tuple[Tile, bytes]]:
        """The tiles that the old tree did not have, upper levels last; with `every`, all derived ones."""
        for level, (base, row) in enumerate(self._derived):
            known = 0 if every else tiles.row_length(self._old, level)
            for at in range(0, len(row), TILE * HASH_SIZE):
                hashes = row[at : at + TILE * HASH_SIZE]
                tile = Tile(level, base // TILE + at // (TILE * HASH_SIZE), len(hashes) // HASH_SIZE)
                if tile.start + tile.width > known:
                    yield tile, hashes

    def _stored(self, level: int, start: int, end: int) -> bytes:
        return self._published.row(self._old, level, start, end) if start < end else b""

    def _rows(self, level: int, start: int, end: int) -> bytes:
        base, row = self._derived[level]
        return (
            self._stored(level, start, min(end, base))
            + row[max(start - base, 0) * HASH_SIZE : max(end - base, 0) * HASH_SIZE]
        )


def first_to_derive(old: int) -> int:
    """Where the last tile of leaves of a tree begins."""
    return max(old - 1, 0) // TILE * TILE
