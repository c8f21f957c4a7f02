"""The verification of the log: tables, events, keys, checkpoint, tiles and pins, one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from validahub_pipeline.errors import LedgerError
from validahub_pipeline.ledger.events import Action
from validahub_pipeline.ledger.merkle import tiles
from validahub_pipeline.ledger.merkle.checkpoint import Checkpoint
from validahub_pipeline.ledger.merkle.hashing import HASH_SIZE
from validahub_pipeline.ledger.merkle.note import NoteError, Verifier
from validahub_pipeline.ledger.merkle.tiles import TILE, Tile
from validahub_pipeline.ledger.merkle.tree import Tree, rows_of
from validahub_pipeline.ledger.sealing.published import PublishedLog, TileMissing
from validahub_pipeline.ledger.sealing.rotation import Rotation, Succession
from validahub_pipeline.ledger.tables import AUDIT_EVENTS, DETAILS, LINEAGE_EVENTS
from validahub_pipeline.ledger.verification.findings import Finding, Findings, Severity
from validahub_pipeline.ledger.verification.raw_events import RawEvents, read_events
from validahub_pipeline.ledger.verification.raw_table import RawTable
from validahub_pipeline.storage.lake import Lake
from validahub_pipeline.storage.layout import LEDGER

GRACE: Final = timedelta(minutes=15)
"""How long an event may wait for its seal."""


@dataclass(frozen=True)
class Pin:
    """A checkpoint that somebody kept; `where` names it to people."""

    where: str
    checkpoint: Checkpoint


@dataclass(frozen=True)
class LogReport:
    """What the verification found.

    Attributes:
        checkpoint: the lake's, None where there is none that can be read.
        events: how many there are without a gap.
        sealed_at: when the last sealed event was recorded.
        key: the key that the checkpoint's signature was checked with.
        pins: those that were held against the log.
    """

    checkpoint: Checkpoint | None
    events: int
    sealed_at: datetime | None
    key: Verifier | None
    pins: tuple[Pin, ...]
    findings: tuple[Finding, ...]

    def worst(self) -> Severity:
        """TAMPERED, INCOMPLETE, or NOTE where nothing is wrong."""
        found = {finding.severity for finding in self.findings}
        return next(
            (severity for severity in (Severity.TAMPERED, Severity.INCOMPLETE) if severity in found), Severity.NOTE
        )


def verify_log(
    lake: Lake,
    *,
    now: datetime,
    key: Verifier | None = None,
    pins: Sequence[Pin] = (),
    max_age: timedelta | None = None,
    history: bool = False,
) -> LogReport:
    """Verify the log of a lake.

    Args:
        now: aware; what age is measured against.
        key: one the auditor trusts; None to believe the lake itself, which is told.
        pins: checkpoints that must be beginnings of this log.
        max_age: how old the last sealed event may be.
        history: look through every commit for what ValidaHub never does, not only where something is wrong.

    Raises:
        StorageError: the lake cannot be reached.
    """
    return _Verification(lake, Findings(), now).run(key, pins, max_age, history=history)


class _Verification:
    def __init__(self, lake: Lake, findings: Findings, now: datetime) -> None:
        self._published = PublishedLog(lake)
        self._lake = lake
        self._findings = findings
        self._now = now

    def run(self, key: Verifier | None, pins: Sequence[Pin], max_age: timedelta | None, *, history: bool) -> LogReport:
        specs = (AUDIT_EVENTS, *DETAILS.values(), LINEAGE_EVENTS)
        tables = [RawTable(self._lake, spec, self._findings) for spec in specs]
        for table in tables:
            table.check()
        events = read_events(tables[0], self._findings)
        checkpoint = self._checkpoint(events)
        rows = _rows(events.leaves)
        tree = Tree(rows_of(rows))
        signer = self._signature(checkpoint, events, key)
        if checkpoint is not None:
            self._root(checkpoint, events, tree)
            self._age(checkpoint, events, max_age)
        self._told_checkpoints(events, tree, checkpoint)
        for pin in pins:
            self._pin(pin, checkpoint, events, tree)
        self._tiles(checkpoint, events, rows)
        if history or self._findings.any_tampered():
            for table in tables:
                table.explain()
        sealed = min(checkpoint.size if checkpoint else 0, events.count)
        return LogReport(
            checkpoint,
            events.count,
            events.moment(sealed) if sealed else None,
            signer,
            tuple(pins),
            tuple(self._findings),
        )

    def _checkpoint(self, events: RawEvents) -> Checkpoint | None:
        try:
            found = self._published.checkpoint()
        except LedgerError as error:
            self._findings.tampered("checkpoint_unreadable", cause=error.values.get("cause"))
            return None
        if found is None:
            self._findings.incomplete("checkpoint_missing", events=events.count)
            return None
        return found[0]

    def _signature(self, checkpoint: Checkpoint | None, events: RawEvents, given: Verifier | None) -> Verifier | None:
        """Check the signature and the way from the trusted key to the one that made it; that key."""
        succession = self._succession(events, given)
        if succession is None:
            return None
        if given is None:
            self._findings.note("key_from_lake", key=succession.first.text)
        elif (reached := succession.trusted_from(given)) is None:
            self._findings.tampered("key_unknown", key=given.text)
        elif checkpoint is not None and reached != succession.in_force(checkpoint.size):
            broken = next(rotation for rotation in succession.rotations if rotation.old == reached)
            self._findings.tampered("rotation_unvouched", [broken.seq], key=broken.new.text)
        if checkpoint is None:
            return None
        signer = succession.in_force(checkpoint.size)
        if checkpoint.origin != signer.name or not _signed(checkpoint, signer):
            self._findings.tampered("checkpoint_forged", size=checkpoint.size, key=signer.text)
        return signer

    def _succession(self, events: RawEvents, given: Verifier | None) -> Succession | None:
        try:
            told = self._published.key()
        except LedgerError:
            told = None
        if told is None:
            self._findings.incomplete("key_missing")
        rotations = []
        for seq, action, changes in events.of_the_log:
            if action == Action.KEY_ROTATED:
                try:
                    rotations.append(Rotation.read(seq, changes))
                except NoteError as error:
                    self._findings.tampered("rotation_invalid", [seq], cause=str(error))
        first = rotations[0].old if rotations else (told or given)
        if first is None:
            return None
        if told is not None and told != first:
            self._findings.tampered("key_replaced", key=told.text)
        try:
            return Succession.of(first, rotations)
        except NoteError as error:
            self._findings.tampered("rotation_invalid", [rotations[-1].seq], cause=str(error))
            return Succession(first)

    def _root(self, checkpoint: Checkpoint, events: RawEvents, tree: Tree) -> None:
        """Hold the events against the signed root; where they differ, find out which."""
        if checkpoint.size > events.highest:
            self._findings.tampered("tail_missing", signed=checkpoint.size, found=events.highest)
        if checkpoint.size <= events.count:
            root = tree.root(checkpoint.size)
            if root == checkpoint.root:
                return
            self._findings.tampered("root_differs", size=checkpoint.size)
        altered = self._altered(checkpoint, events)
        if altered:
            self._findings.tampered("events_altered", altered)

    def _altered(self, checkpoint: Checkpoint, events: RawEvents) -> list[int]:
        """The events that are not what the signed tree holds, where its tiles are still there to tell."""
        try:
            signed = self._published.row(checkpoint.size, 0, 0, checkpoint.size)
            if Tree(rows_of(_rows(signed))).root(checkpoint.size) != checkpoint.root:
                return []
        except (TileMissing, LedgerError):
            return []
        return [
            seq
            for seq in range(1, checkpoint.size + 1)
            if (found := _leaf(events, seq)) is not None and found != _hash(signed, seq - 1)
        ]

    def _age(self, checkpoint: Checkpoint, events: RawEvents, max_age: timedelta | None) -> None:
        if checkpoint.size < events.count:
            waiting = range(checkpoint.size + 1, events.count + 1)
            since = events.moment(checkpoint.size + 1)
            told = {"since": f"{since:%Y-%m-%d %H:%M:%S} UTC"}
            if self._now - since > (max_age or GRACE):
                self._findings.incomplete("unsealed", waiting, **told)
            else:
                self._findings.note("unsealed_yet", waiting, **told)
        sealed = min(checkpoint.size, events.count)
        if max_age is not None and sealed and self._now - events.moment(sealed) > max_age:
            age = int((self._now - events.moment(sealed)).total_seconds() // 60)
            self._findings.incomplete("stale", [sealed], at=f"{events.moment(sealed):%Y-%m-%d %H:%M:%S} UTC", age=age)

    def _told_checkpoints(self, events: RawEvents, tree: Tree, checkpoint: Checkpoint | None) -> None:
        """Each heartbeat carries the checkpoint before it, which must be one of this very log."""
        for seq, action, changes in events.of_the_log:
            if action != Action.HEARTBEAT:
                continue
            try:
                told = Checkpoint.parse(changes["checkpoint"])
            except (NoteError, KeyError, TypeError, AttributeError):
                self._findings.tampered("heartbeat_unreadable", [seq])
                continue
            if told.size <= events.count and tree.root(told.size) != told.root:
                self._findings.tampered("heartbeat_contradicted", [seq], size=told.size)
            if checkpoint is not None and seq <= checkpoint.size and told.origin != checkpoint.origin:
                self._findings.tampered("heartbeat_foreign", [seq], origin=told.origin)

    def _pin(self, pin: Pin, checkpoint: Checkpoint | None, events: RawEvents, tree: Tree) -> None:
        signed = pin.checkpoint
        if checkpoint is not None and signed.origin != checkpoint.origin:
            self._findings.tampered("pin_foreign", pin=pin.where, origin=signed.origin, found=checkpoint.origin)
        elif signed.size > events.highest:
            self._findings.tampered("pin_ahead", pin=pin.where, size=signed.size, found=events.highest)
        elif signed.size <= events.count and tree.root(signed.size) != signed.root:
            self._findings.tampered("pin_contradicted", pin=pin.where, size=signed.size)
        elif checkpoint is not None and signed.size > checkpoint.size:
            self._findings.tampered("checkpoint_set_back", pin=pin.where, size=signed.size, found=checkpoint.size)

    def _tiles(self, checkpoint: Checkpoint | None, events: RawEvents, rows: Sequence[bytes]) -> None:
        """Hold every tile there is against the events, and see that none is missing that the checkpoint needs."""
        present = set()
        for info in self._published.files():
            path = info.key.removeprefix(f"{LEDGER}/")
            tile = tiles.parse(path)
            if tile is None:
                self._findings.tampered("tile_foreign", file=path)
                continue
            present.add(tile)
            wanted = _hashes(rows, tile)
            if wanted is None:
                # Beyond the first gap nothing can be derived, and the gap has been told.
                if events.count == events.highest:
                    self._findings.tampered("tile_ahead", tile=path, found=events.count)
            elif info.size != len(wanted) or self._lake.read_bytes(info.key) != wanted:
                self._findings.tampered("tile_altered", tile=path)
        for tile in tiles.of_size(checkpoint.size if checkpoint else 0):
            if tile not in present and tile.full not in present:
                self._findings.incomplete("tile_missing", tile=tile.path)


def _rows(leaves: bytes) -> list[bytes]:
    """All rows of the tree over packed leaf hashes."""
    rows = [leaves]
    while len(rows[-1]) >= TILE * HASH_SIZE:
        rows.append(tiles.row_above(rows[-1]))
    return rows


def _hashes(rows: Sequence[bytes], tile: Tile) -> bytes | None:
    """What a tile has to hold; None where the events do not reach so far."""
    if tile.level >= len(rows):
        return None
    hashes = rows[tile.level][tile.start * HASH_SIZE : (tile.start + tile.width) * HASH_SIZE]
    return hashes if len(hashes) == tile.width * HASH_SIZE else None


def _hash(packed: bytes, at: int) -> bytes:
    return packed[at * HASH_SIZE : (at + 1) * HASH_SIZE]


def _leaf(events: RawEvents, seq: int) -> bytes | None:
    return _hash(events.leaves, seq - 1) if seq <= events.count else events.sparse.get(seq)


def _signed(checkpoint: Checkpoint, key: Verifier) -> bool:
    try:
        return checkpoint.signed_by(key)
    except NoteError:
        return False
