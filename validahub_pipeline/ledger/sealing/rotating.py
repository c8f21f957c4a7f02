"""The act of changing the key: sealed by the old one, announced under its signature, sealed by both."""

from __future__ import annotations

from dataclasses import replace

from validahub_pipeline.errors import LedgerError
from validahub_pipeline.ledger.events import SYSTEM, Action
from validahub_pipeline.ledger.merkle.note import NoteError, Signer, Verifier
from validahub_pipeline.ledger.sealing.rotation import AGGREGATE, Rotation, event_of, successor
from validahub_pipeline.ledger.sealing.sealer import Sealer


def rotate_to(sealer: Sealer, new: Signer, *, lost: bool) -> Rotation:
    """Let `new` sign from now on; the rotation as it was recorded.

    Args:
        lost: the old key is not at hand and can vouch for nobody.

    Raises:
        LedgerError: `ledger_key_unusable`: the new key has another name than the log. `ledger_key_missing`: the old
            key is not at hand, and nobody said it was lost. Otherwise as `Sealer.seal`.
    """
    old = _in_force(sealer)
    if new.name != old.name:
        raise LedgerError("ledger_key_unusable", where=new.name, cause=f"!= {old.name}")
    signer = sealer.keys.find(old.name, old.key_id)
    if signer is None and not lost:
        raise LedgerError("ledger_key_missing", signer=f"{old.name}+{old.key_id}")
    if signer is not None:
        sealer.seal()
    rotation = successor(signer, new.verifier) if signer else Rotation(0, old, new.verifier, None)
    if new.verifier != old:
        # Under a key of its own, so that a rotation begun twice is recorded once.
        key = f"key_rotated/{new.verifier.key_id}/{new.verifier.text}"
        [event] = sealer.ledger.append([event_of(rotation, user_id=SYSTEM)], idempotency=key)
        rotation = replace(Rotation.of(event), seq=event.seq)
    Sealer(sealer.ledger, sealer.published, sealer.keys.with_key(new), sealer.copies).seal()
    return rotation


def _in_force(sealer: Sealer) -> Verifier:
    """The key that signs now, as the events tell it."""
    key = sealer.key()
    for event in sealer.ledger.history(AGGREGATE):
        if event.action == Action.KEY_ROTATED:
            try:
                key = Rotation.of(event).new
            except NoteError as error:
                raise LedgerError("ledger_rotation_invalid", seq=event.seq, cause=str(error)) from error
    return key
