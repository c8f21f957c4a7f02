"""The keys remembered between appends: that a key is not there is said only where it is certain."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from deltalake import DeltaTable

from validahub_pipeline.ledger.canonical import event_id
from validahub_pipeline.ledger.keys import CommittedKeys

TABLE = "audit_events"


def key(number):
    return event_id(str(number), 0)


@pytest.fixture
def keys(place):
    return CommittedKeys(f"{place.tables}/{TABLE}", place.options)


def test_a_key_that_anybody_committed_is_never_said_to_lack(place, act, keys):
    """Two writers in turn, checkpoints in between, and two who look now and then, one of them from the middle on."""
    writers, late = [place.ledger(), place.ledger()], CommittedKeys(f"{place.tables}/{TABLE}", place.options)
    choice = random.Random(5)
    for number in range(24):
        choice.choice(writers).append([act(str(number))], idempotency=str(number))
        table = place.table(TABLE)
        if number in {9, 17}:
            table.create_checkpoint()
        if choice.random() < 0.3 or number == 23:
            looking = [keys, late] if number > 12 else [keys]
            for each in looking:
                assert not any(each.lack(key(used), table.version()) for used in range(number + 1))
                assert each.lack(key(number + 1), table.version())


def test_the_checkpoint_is_not_read_again_for_a_key_that_was_never_used(local, act, monkeypatch):
    ledger = local.ledger()
    ledger.append([act("first")], idempotency="first")
    asked = []
    looking = DeltaTable.transaction_version
    monkeypatch.setattr(DeltaTable, "transaction_version", lambda self, key: asked.append(key) or looking(self, key))
    ledger.append([act("second")], idempotency="second")
    assert event_id("second", 0) not in asked
    assert ledger.append([act("first")], idempotency="first")[0].seq == 1
    assert event_id("first", 0) in asked


def commits(folder):
    return sorted((folder / "_delta_log").glob("*.json"))


@pytest.mark.parametrize(
    "harm",
    [
        lambda log: commits(log)[3].unlink(),
        lambda log: commits(log)[3].write_text("neither JSON nor anything\n", encoding="utf-8"),
        lambda log: commits(log)[3].write_text('{"txn": "a text"}\n', encoding="utf-8"),
    ],
    ids=["a commit is gone", "a commit is spoilt", "a commit says something else"],
)
def test_where_the_log_cannot_be_read_nothing_is_said(local, act, harm):
    for number in range(6):
        local.ledger().append([act(str(number))], idempotency=str(number))
    table, folder = local.table(TABLE), Path(local.tables) / TABLE
    harm(folder)
    keys = CommittedKeys(str(folder), None)
    assert not keys.lack(key("new"), table.version())


@pytest.mark.parametrize("pointer", ['{"version": 5, "parts": 2}', '{"version": 4}', "{}", "nothing of the kind"])
def test_a_pointer_that_does_not_lead_to_a_checkpoint_of_ours_hides_no_key(local, act, pointer):
    for number in range(6):
        local.ledger().append([act(str(number))], idempotency=str(number))
    table, folder = local.table(TABLE), Path(local.tables) / TABLE
    (folder / "_delta_log" / "_last_checkpoint").write_text(pointer + "\n", encoding="utf-8")
    keys = CommittedKeys(str(folder), None)
    assert not any(keys.lack(key(number), table.version()) for number in range(6))


def test_of_another_log_under_the_same_address_nothing_is_said(local, act):
    for number in range(6):
        local.ledger().append([act(str(number))], idempotency=str(number))
    keys = CommittedKeys(f"{local.tables}/{TABLE}", None)
    assert keys.lack(key("new"), 6)
    assert not keys.lack(key("new"), 3)


def test_with_very_many_commits_since_the_checkpoint_delta_is_asked(local, act):
    local.ledger().append([act()], idempotency="0")
    keys = CommittedKeys(f"{local.tables}/{TABLE}", None)
    assert not keys.lack(key("new"), 5_000)
