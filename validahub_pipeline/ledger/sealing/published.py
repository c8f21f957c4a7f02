"""The log as it lies in the lake: `ledger/checkpoint`, `ledger/key` and `ledger/tile/...`, read and written.

Tiles are immutable; the checkpoint is only ever exchanged for the one that was read.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from validahub_pipeline.errors import LedgerError, StorageError
from validahub_pipeline.ledger.merkle import tiles
from validahub_pipeline.ledger.merkle.checkpoint import Checkpoint
from validahub_pipeline.ledger.merkle.hashing import HASH_SIZE
from validahub_pipeline.ledger.merkle.note import NoteError, Verifier
from validahub_pipeline.ledger.merkle.tiles import TILE, Tile
from validahub_pipeline.storage.lake import Lake, ObjectInfo
from validahub_pipeline.storage.layout import LEDGER

CHECKPOINT: Final = f"{LEDGER}/checkpoint"
KEY: Final = f"{LEDGER}/key"


class TileMissing(Exception):  # noqa: N818
    """A tile that the tree needs is not in the lake."""


class PublishedLog:
    """Reads and writes of one lake's log; keeps nothing."""

    def __init__(self, lake: Lake) -> None:
        self.lake = lake

    def checkpoint(self) -> tuple[Checkpoint, str] | None:
        """The checkpoint and its tag for `exchange`; None before the first.

        Raises:
            LedgerError: `ledger_checkpoint_unreadable`.
        """
        found = self.lake.read_tagged(CHECKPOINT)
        if found is None:
            return None
        try:
            return Checkpoint.parse(found[0].decode("utf-8")), found[1]
        except (NoteError, UnicodeDecodeError) as error:
            raise LedgerError("ledger_checkpoint_unreadable", cause=str(error)) from error

    def exchange(self, checkpoint: Checkpoint, tag: str | None) -> bool:
        """Put a checkpoint in the place of the one that was read; False where somebody else was faster."""
        note = checkpoint.note.encode("utf-8")
        if self.lake.swap_bytes(note, CHECKPOINT, tag=tag):
            return True
        # The answer to a request that succeeded may have been lost, and its repetition refused.
        found = self.lake.read_tagged(CHECKPOINT)
        return found is not None and found[0] == note

    def key(self) -> Verifier | None:
        """The public key that the log was begun with, as the lake tells it.

        Raises:
            LedgerError: `ledger_key_unusable`.
        """
        found = self.lake.read_tagged(KEY)
        if found is None:
            return None
        try:
            return Verifier.parse(found[0].decode("utf-8"))
        except (NoteError, UnicodeDecodeError) as error:
            raise LedgerError("ledger_key_unusable", where=self.lake.uri(KEY), cause=str(error)) from error

    def publish_key(self, key: Verifier) -> Verifier:
        """Begin the log with a key; the key it was begun with, which may be somebody else's."""
        try:
            self.lake.put_bytes(f"{key.text}\n".encode(), KEY)
        except StorageError as error:
            if error.code != "object_exists":
                raise
        return self.key() or key

    def tile(self, tile: Tile) -> bytes:
        """A tile's hashes, from the full one where the partial one is gone.

        Raises:
            TileMissing: neither is there.
            LedgerError: `ledger_tile_altered`; it is not as long as it must be.
        """
        for candidate in dict.fromkeys((tile, tile.full)):
            found = self.lake.read_tagged(f"{LEDGER}/{candidate.path}")
            if found is not None:
                if len(found[0]) != candidate.width * HASH_SIZE:
                    raise LedgerError("ledger_tile_altered", tile=candidate.path)
                return found[0][: tile.width * HASH_SIZE]
        raise TileMissing(tile.path)

    def row(self, size: int, level: int, start: int, end: int) -> bytes:
        """Part of a row of the published tree of `size` leaves, packed. Raises as `tile`."""
        found = []
        for index in range(start // TILE, -(-end // TILE)):
            width = min(TILE, tiles.row_length(size, level) - index * TILE)
            hashes = self.tile(Tile(level, index, width))
            low, high = max(start, index * TILE) - index * TILE, min(end, (index + 1) * TILE) - index * TILE
            found.append(hashes[low * HASH_SIZE : high * HASH_SIZE])
        return b"".join(found)

    def publish_tile(self, tile: Tile, hashes: bytes) -> None:
        """Store a tile.

        Raises:
            LedgerError: `ledger_tile_altered`; other bytes lie in its place.
        """
        try:
            self.lake.put_bytes(hashes, f"{LEDGER}/{tile.path}")
        except StorageError as error:
            if error.code != "object_exists":
                raise
            raise LedgerError("ledger_tile_altered", tile=tile.path) from error

    def files(self) -> Iterator[ObjectInfo]:
        """Everything that lies where tiles lie."""
        return self.lake.list(f"{LEDGER}/tile/")
