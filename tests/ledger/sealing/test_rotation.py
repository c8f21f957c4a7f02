from __future__ import annotations

import pytest

from validahub_pipeline.errors import LedgerError
from validahub_pipeline.ledger import Action, NewEvent, Resource
from validahub_pipeline.ledger.merkle.checkpoint import Checkpoint
from validahub_pipeline.ledger.merkle.note import Signer
from validahub_pipeline.ledger.sealing.heartbeat import beat
from validahub_pipeline.ledger.sealing.rotating import rotate_to
from validahub_pipeline.ledger.sealing.rotation import Rotation, event_of, successor
from validahub_pipeline.ledger.verification import Pin


@pytest.fixture
def rotated(local_log):
    """A log under its second key; the first, the second, and the last checkpoint that the first signed alone."""
    local_log.append("one", 3)
    sealer = local_log.sealer()
    before = sealer.seal()
    old, new = sealer.key(), sealer.keys.generate(before.origin)
    rotate_to(local_log.sealer(), new, lost=False)
    return local_log, old, new.verifier, before


def test_whoever_trusts_the_old_key_can_follow_to_the_new_one(rotated):
    log, old, new, before = rotated
    checkpoint = log.sealer().seal()
    assert checkpoint.signed_by(old)
    assert checkpoint.signed_by(new)
    log.append("two", 3)
    later = log.sealer().seal()
    assert not later.signed_by(old)
    for key in (old, new):
        report = log.verify(key=key, pins=[Pin("before", before)])
        assert (report.findings, report.key) == ((), new)


def test_a_rotation_repeated_is_recorded_once(rotated):
    log, _, new, _ = rotated
    signer = log.sealer().keys.find(new.name, new.key_id)
    rotate_to(log.sealer(), signer, lost=False)
    assert [event.action for event in log.ledger().read(after=3)] == ["key_rotated"]


def test_the_old_key_signs_nothing_after_its_end(rotated, codes):
    log, old, _, _ = rotated
    log.append("two")
    checkpoint = log.sealer().seal()
    signer = log.sealer().keys.find(old.name, old.key_id)
    forged = Checkpoint.signed(checkpoint.origin, checkpoint.size, checkpoint.root, [signer])
    log.path("ledger/checkpoint").write_text(forged.note, encoding="utf-8")
    assert codes(log.verify(key=old)) == {"checkpoint_forged"}


def test_a_lost_key_vouches_for_nobody_and_the_verification_says_so(local_log, codes):
    local_log.append("one", 3)
    sealer = local_log.sealer()
    old = sealer.key()
    sealer.seal()
    sealer.keys.key_file(sealer.keys.signers()[0]).unlink()
    new = sealer.keys.generate(old.name)
    with pytest.raises(LedgerError, match="not here"):
        rotate_to(local_log.sealer(), new, lost=False)
    rotate_to(local_log.sealer(), new, lost=True)
    assert codes(local_log.verify(key=old)) == {"rotation_unvouched"}
    assert codes(local_log.verify(key=new.verifier)) == set()
    beat(local_log.sealer(), local_log.verify().sealed_at)
    assert codes(local_log.verify(key=new.verifier)) == set()


def test_an_event_that_names_a_strangers_key_is_not_sealed(local_log):
    local_log.append("one", 3)
    origin = local_log.sealer().seal().origin
    thief = Signer.generate(origin)
    local_log.ledger().append([event_of(successor(thief, thief.verifier), user_id="thief")], idempotency="forged")
    with pytest.raises(LedgerError) as refused:
        local_log.sealer().seal()
    assert refused.value.code == "ledger_rotation_invalid"


def test_an_event_that_names_no_key_is_not_sealed(local_log):
    local_log.append("one", 3)
    local_log.sealer().seal()
    act = NewEvent(Action.KEY_ROTATED, "ledger", "system", Resource("ledger", "x", "x"), {"to": "nobody"})
    local_log.ledger().append([act], idempotency="forged")
    with pytest.raises(LedgerError) as refused:
        local_log.sealer().seal()
    assert refused.value.code == "ledger_rotation_invalid"


def test_a_statement_about_another_key_vouches_for_nothing():
    one, other, third = (Signer.generate("log") for _ in range(3))
    good = successor(one, other.verifier)
    assert good.vouched
    assert not Rotation(1, one.verifier, third.verifier, good.statement).vouched
    assert not Rotation(1, third.verifier, other.verifier, good.statement).vouched
    assert not Rotation(1, one.verifier, other.verifier, None).vouched
