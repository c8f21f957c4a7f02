"""The sealer: signs the root over everything recorded, if and only if that continues what was signed before.

Any number may seal at once. Each works out the same tiles from the same events; who exchanges the checkpoint first
wins, and the others look again. Killed at any point, it leaves a checkpoint whose tiles are there.
"""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from typing import Final

from validahub_pipeline.errors import LedgerError
from validahub_pipeline.ledger.events import Action
from validahub_pipeline.ledger.ledger import Ledger
from validahub_pipeline.ledger.merkle.checkpoint import Checkpoint
from validahub_pipeline.ledger.merkle.hashing import EMPTY_ROOT
from validahub_pipeline.ledger.merkle.note import NoteError, Signer, Verifier
from validahub_pipeline.ledger.merkle.tree import extends
from validahub_pipeline.ledger.sealing.copies import Copies
from validahub_pipeline.ledger.sealing.growth import GrownTree, first_to_derive
from validahub_pipeline.ledger.sealing.keys import KeyRing
from validahub_pipeline.ledger.sealing.published import PublishedLog, TileMissing
from validahub_pipeline.ledger.sealing.rotation import Rotation

_ATTEMPTS: Final = 50
_PAUSE: Final = 0.05


@dataclass(frozen=True)
class _Derived:
    """What was read of the events: their leaf hashes, and the keys changed after the last seal."""

    leaves: bytes
    rotations: tuple[Rotation, ...]


class Sealer:
    """Seals the events of one ledger in one lake. May be shared by threads."""

    def __init__(self, ledger: Ledger, published: PublishedLog, keys: KeyRing, copies: Copies | None = None) -> None:
        self.ledger = ledger
        self.published = published
        self.keys = keys
        self.copies = copies or Copies([], keys.folder)

    def seal(self, *, repair: bool = False) -> Checkpoint:
        """Bring the checkpoint up to the last event recorded when this was called; the checkpoint that covers it.

        Args:
            repair: derive every tile from the events again and put back those that are missing.

        Raises:
            LedgerError: `ledger_truncated`, `ledger_contradicted`, `ledger_tile_altered`, `ledger_checkpoint_forged`,
                `ledger_checkpoint_missing`, `ledger_checkpoint_unreadable`: what is stored is not what was signed.
                `ledger_key_missing`, `ledger_key_unusable`: the key is not at hand. `ledger_seal_contended`.
        """
        wanted = self.ledger.last_seq()
        for attempt in range(_ATTEMPTS):
            last, tag = self._last()
            if attempt and last.size >= wanted:
                # Whoever was faster sees to the copies.
                return last
            sealed = self._grow(last, tag, repair=repair)
            if sealed is not None:
                self.keys.remember(sealed)
                self.copies.deliver(sealed, retry=False)
                return sealed
            time.sleep(random.uniform(0, _PAUSE * min(attempt + 1, 10)))
        raise LedgerError("ledger_seal_contended", retryable=True, attempts=_ATTEMPTS)

    def key(self) -> Verifier:
        """The public key that the log was begun with; begins it where it has not been."""
        return self.published.key() or self.published.publish_key(self.keys.for_new_log().verifier)

    def _last(self) -> tuple[Checkpoint, str]:
        """The last checkpoint and its tag; that of the empty tree, signed, where the log is new.

        It comes before any tile, so that tiles without a checkpoint mean that the checkpoint was taken away.
        """
        found = self.published.checkpoint()
        if found is not None:
            return found
        key = self.key()
        signer = self.keys.find(key.name, key.key_id)
        if signer is None:
            raise LedgerError("ledger_key_missing", signer=f"{key.name}+{key.key_id}")
        known = self.keys.remembered(key.name)
        if (known is not None and known.size) or next(self.published.files(), None) is not None:
            # Others may have begun in the meantime.
            if (found := self.published.checkpoint()) is not None:
                return found
            raise LedgerError("ledger_checkpoint_missing", signer=f"{key.name}+{key.key_id}")
        first = Checkpoint.signed(key.name, 0, EMPTY_ROOT, [signer])
        self.keys.remember(first)
        self.published.exchange(first, None)
        return self._last()

    def _grow(self, last: Checkpoint, tag: str, *, repair: bool) -> Checkpoint | None:
        """Sign what has been recorded since; None where somebody else did so first."""
        # Looked up before the events are counted: others may append, seal and remember at any time.
        known = self.keys.remembered(last.origin)
        signed = [last, known] if known else [last]
        size = self.ledger.last_seq()
        if size < max(checkpoint.size for checkpoint in signed):
            raise LedgerError("ledger_truncated", signed=max(checkpoint.size for checkpoint in signed), found=size)
        try:
            derived, grown = self._grown(signed, size, first=0 if repair else first_to_derive(last.size))
        except TileMissing:
            # All tiles follow from the events, and the signed root tells whether these are the right ones.
            repair = True
            derived, grown = self._grown(signed, size, first=0)
        signers = self._signers(last, derived.rotations)
        root = _proven(grown, signed)
        for tile, hashes in grown.tiles(every=repair):
            self.published.publish_tile(tile, hashes)
        if size == last.size:
            return last
        checkpoint = Checkpoint.signed(last.origin, size, root, signers)
        return checkpoint if self.published.exchange(checkpoint, tag) else None

    def _grown(self, signed: list[Checkpoint], size: int, *, first: int) -> tuple[_Derived, GrownTree]:
        derived = self._derive(first, size, since=signed[0].size)
        grown = GrownTree(self.published, old=signed[0].size, first=first, leaves=derived.leaves)
        # Reads every published tile that root and proofs will need, so that a missing one shows here.
        grown.tree.root(size)
        for checkpoint in signed:
            grown.tree.consistency(checkpoint.size, size)
        return derived, grown

    def _derive(self, first: int, size: int, *, since: int) -> _Derived:
        leaves, rotations = [], []
        for packed, rotated in self.ledger.leaves(after=first, last=size, parsed=Action.KEY_ROTATED):
            leaves.append(packed)
            for event in rotated:
                if event.seq <= since:
                    continue
                try:
                    rotations.append(Rotation.of(event))
                except NoteError as error:
                    raise LedgerError("ledger_rotation_invalid", seq=event.seq, cause=str(error)) from error
        return _Derived(b"".join(leaves), tuple(rotations))

    def _signers(self, last: Checkpoint, rotations: tuple[Rotation, ...]) -> list[Signer]:
        """The key in force first; where it has just come into force, also the one before, for those who know only that.

        Checks on the way that the last checkpoint was signed by the key in force then.
        """
        line = last.in_force
        known = self.keys.find(line.name, line.key_id) if line else None
        if line is None:
            raise LedgerError("ledger_checkpoint_forged", size=last.size)
        old = known.verifier if known else rotations[0].old if rotations else None
        if old is None or old.key_id != line.key_id:
            raise LedgerError("ledger_key_missing", signer=f"{line.name}+{line.key_id}")
        try:
            if not last.signed_by(old):
                raise NoteError("another key's")
        except NoteError as error:
            raise LedgerError("ledger_checkpoint_forged", size=last.size) from error
        signers = [known] if known else []
        for rotation in rotations:
            new = self.keys.find(rotation.new.name, rotation.new.key_id)
            if rotation.old != old or rotation.new.name != last.origin:
                raise LedgerError("ledger_rotation_invalid", seq=rotation.seq, cause=rotation.old.key_id)
            if new is None:
                raise LedgerError("ledger_key_missing", signer=f"{rotation.new.name}+{rotation.new.key_id}")
            signers.insert(0, new)
            old = rotation.new
        return signers


def _proven(grown: GrownTree, signed: list[Checkpoint]) -> bytes:
    """The grown tree's root, after proving that it continues everything that was signed."""
    root = grown.tree.root(grown.size)
    for checkpoint in signed:
        proof = grown.tree.consistency(checkpoint.size, grown.size)
        if not extends(checkpoint.size, checkpoint.root, grown.size, root, proof):
            raise LedgerError("ledger_contradicted", signed=checkpoint.size, found=grown.size)
    return root
