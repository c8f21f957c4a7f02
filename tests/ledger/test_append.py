from __future__ import annotations

import itertools
import json
import os
import statistics
import time
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import rfc8785

from tests.persons import plain
from validahub_pipeline.errors import LedgerError
from validahub_pipeline.ledger import Action, delta

NOON = datetime(2026, 11, 30, 12, 0, 0, 123456, tzinfo=UTC)


def test_numbers_events_from_one_without_a_gap(place, act):
    ledger = place.ledger()
    first = ledger.append([act("a")], idempotency="1")
    both = ledger.append([act("a"), act("b")], idempotency="2")
    assert [event.seq for event in first + both] == [1, 2, 3]
    assert ledger.last_seq() == 3


def test_gives_the_time_of_its_clock_and_an_id_that_follows_from_the_key(local, act):
    recorded = local.ledger(clock=lambda: NOON).append([act(), act()], idempotency="upload-1/x")
    assert {event.timestamp for event in recorded} == {NOON}
    assert [event.event_id for event in recorded] == [
        event.event_id for event in local.ledger().append([act(), act()], idempotency="upload-1/x")
    ]
    assert len({uuid.UUID(event.event_id) for event in recorded}) == 2


def test_keeps_everything_the_act_said(place, act):
    place.ledger().append([act("a", text='ção "x"\n', none=None, yes=True, deep=[{"n": -1}])], idempotency="1")
    (event,) = place.ledger().reveal(place.ledger().read(), names=True)
    assert event.action == Action.FILE_UPLOADED
    assert (event.user_id, event.aggregate_id, event.resource.name) == ("seller-7", "a", "catálogo.csv")
    assert event.changes == {"text": 'ção "x"\n', "none": None, "yes": True, "deep": [{"n": -1}]}
    assert event.schema_version == 2


def test_stores_the_canonical_bytes_and_beside_them_what_people_filter_on(local, act):
    (event,) = local.ledger(clock=lambda: NOON).append([act("a", z=1, ä=[2])], idempotency="1")
    (row,) = local.table("audit_events").to_pyarrow_table().to_pylist()
    text = row.pop("event")
    sealed = json.loads(text)["resource"]["name"]
    assert plain(sealed) == "catálogo.csv"
    assert text.encode() == rfc8785.dumps(
        {
            "schema_version": 2,
            "seq": 1,
            "event_id": event.event_id,
            "timestamp": "2026-11-30T12:00:00.123456Z",
            "action": "file_uploaded",
            "aggregate_id": "a",
            "user_id": event.user_id,
            "resource": {"type": "upload", "id": "a", "name": sealed},
            "changes": {"z": 1, "ä": [2]},
            "metadata": {},
        }
    )
    assert row == {
        "seq": 1,
        "month": "2026-11",
        "timestamp": NOON,
        "action": "file_uploaded",
        "aggregate_id": "a",
        "user_id": event.user_id,
    }
    assert plain(event.user_id) == "seller-7"


def test_records_a_key_once_and_returns_what_was_recorded_first(place, act):
    first = place.ledger().append([act(milliseconds=10)], idempotency="1")
    again = place.ledger().append([act(milliseconds=99)], idempotency="1")
    assert again == first == place.ledger().find("1")
    assert place.ledger().last_seq() == 1


@pytest.mark.parametrize("other", ["another aggregate", "another action", "one more", "one less"])
def test_refuses_other_acts_under_a_key_that_was_used(local, act, other):
    ledger = local.ledger()
    ledger.append([act("a"), act("a")], idempotency="1")
    offered = {
        "another aggregate": [act("a"), act("b")],
        "another action": [act("a"), act("a", Action.FILE_PUBLISHED)],
        "one more": [act("a"), act("a"), act("a")],
        "one less": [act("a")],
    }[other]
    with pytest.raises(LedgerError) as refused:
        ledger.append(offered, idempotency="1")
    assert refused.value.code == "ledger_key_reused"
    assert ledger.last_seq() == 2


@pytest.mark.parametrize(
    ("value", "path"),
    [
        (1.5, "changes.x"),
        ([1, {"y": [0.1]}], "changes.x[1].y[0]"),
        (float("nan"), "changes.x"),
        (2**53, "changes.x"),
        (-(2**53), "changes.x"),
        ("caf\udce9.csv", "changes.x"),
        ({"a": {1: 2}}, "changes.x.a"),
        ({"\ud800": 1}, "changes.x"),
        (b"bytes", "changes.x"),
        ({1, 2}, "changes.x"),
        (NOON, "changes.x"),
    ],
    ids=repr,
)
def test_refuses_what_json_cannot_carry_unchanged_and_names_its_place(local, act, value, path):
    with pytest.raises(LedgerError) as refused:
        local.ledger().append([act(x=1), act(x=value)], idempotency="1")
    assert refused.value.code == "ledger_value_refused"
    assert refused.value.values["path"] == path
    assert local.ledger().last_seq() == 0


def test_refuses_to_append_nothing(local):
    with pytest.raises(ValueError, match="without an event"):
        local.ledger().append([], idempotency="1")


def test_finds_nothing_and_creates_nothing_before_the_first_append(local, tmp_path):
    ledger = local.ledger()
    assert (ledger.find("1"), ledger.history("a"), list(ledger.read()), ledger.last_seq()) == ([], [], [], 0)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("times", [1, 2, 3])
def test_records_once_what_succeeded_but_was_reported_as_failed(local, act, monkeypatch, times):
    left = itertools.count(times, -1)
    write = delta.write_deltalake

    def succeed_and_fail(*arguments, **named):
        write(*arguments, **named)
        if next(left) > 0:
            raise OSError("connection reset by peer")

    monkeypatch.setattr(delta, "write_deltalake", succeed_and_fail)
    ledger = local.ledger()
    recorded = [ledger.append([act(str(n))], idempotency=str(n))[0].seq for n in range(4)]
    assert recorded == [1, 2, 3, 4] == [event.seq for event in local.ledger().read()]


def test_says_so_when_storage_keeps_failing_and_takes_the_same_key_afterwards(local, act, monkeypatch):
    ledger = local.ledger()
    ledger.append([act("a")], idempotency="1")
    with monkeypatch.context() as broken:

        def fail(*_arguments, **_named):
            raise OSError(28, "No space left on device")

        broken.setattr(delta, "write_deltalake", fail)
        with pytest.raises(LedgerError) as refused:
            ledger.append([act("b")], idempotency="2")
    assert refused.value.code == "ledger_unavailable"
    assert refused.value.retryable
    assert "No space left on device" in str(refused.value)
    assert [event.seq for event in ledger.append([act("b")], idempotency="2")] == [2]


def test_knows_a_key_after_delta_has_forgotten_it(local, act):
    now = datetime.now(UTC)
    long_ago = local.ledger(clock=lambda: now - timedelta(days=90))
    old = [long_ago.append([act(f"a{n}"), act(f"a{n}")], idempotency=f"old-{n}") for n in range(3)]
    ledger = local.ledger()
    ledger.append([act("new")], idempotency="new")
    assert local.table("audit_events").transaction_version(old[1][0].event_id) is None
    assert ledger.append([act("a1"), act("a1")], idempotency="old-1") == old[1] == ledger.find("old-1")
    with pytest.raises(LedgerError, match="old-2"):
        ledger.append([act("a2", Action.FILE_PUBLISHED)], idempotency="old-2")
    assert ledger.find("never") == []
    assert ledger.last_seq() == 7


def test_goes_on_counting_after_a_pause_longer_than_any_retention(local, act):
    now = datetime.now(UTC)
    local.ledger(clock=lambda: now - timedelta(days=4000)).append([act()], idempotency="1")
    local.table("audit_events").create_checkpoint()
    assert local.ledger().append([act()], idempotency="2")[0].seq == 2


def test_takes_no_more_time_as_the_log_grows_past_a_checkpoint(local, act):
    ledger = local.ledger()
    taken = []
    for number in range(230):
        # Of the processor, since other tests are at work beside this one.
        started = time.process_time()
        ledger.append([act(str(number))], idempotency=str(number))
        taken.append(time.process_time() - started)
    # The last thirty follow the second checkpoint as the first thirty the creation: without opening anew, 3 to 5 times.
    assert statistics.median(taken[200:]) < 2.5 * statistics.median(taken[:30])


def test_an_acknowledged_commit_has_reached_the_disk(local, act, monkeypatch):
    flush, reached = os.fsync, set()

    def observed(descriptor):
        flush(descriptor)
        reached.add(Path(f"/proc/self/fd/{descriptor}").readlink())

    ledger = local.ledger()
    for number in range(98):
        ledger.append([act()], idempotency=str(number))
    monkeypatch.setattr(os, "fsync", observed)
    folder = Path(local.tables) / "audit_events"
    before = set(folder.rglob("*"))
    ledger.append([act()], idempotency="the one that Delta makes a checkpoint after")
    created = set(folder.rglob("*")) - before
    assert {path.suffix for path in created} == {".json", ".parquet", ""}
    assert created | {path.parent for path in created} <= reached
