from __future__ import annotations

import itertools
import shutil

import pytest

from validahub_pipeline.errors import LedgerError
from validahub_pipeline.ledger import Action, event_table
from validahub_pipeline.ledger.upcasting import upcast


@pytest.fixture(scope="module")
def filled_once(tmp_path_factory):
    return tmp_path_factory.mktemp("filled") / "tables"


@pytest.fixture
def filled(local, act, filled_once):
    """Thirty appends of one to three events, upon five uploads; made for the first test, and copied for the others."""
    if filled_once.exists():
        shutil.copytree(filled_once, local.tables)
        return local
    ledger = local.ledger()
    for number in range(30):
        ledger.append([act(f"upload-{number % 5}", n=number)] * (number % 3 + 1), idempotency=str(number))
    shutil.copytree(local.tables, filled_once)
    return local


def test_reads_in_order_from_wherever_one_left_off(filled):
    ledger = filled.ledger()
    assert [event.seq for event in ledger.read()] == list(range(1, 61))
    assert [event.seq for event in ledger.read(after=41)] == list(range(42, 61))
    assert list(ledger.read(after=60)) == list(ledger.read(after=1000)) == []


def test_reads_in_windows_however_they_fall(filled, monkeypatch):
    for first, longest in itertools.product((1, 7, 59, 60, 61), (1, 3, 100)):
        monkeypatch.setattr(event_table, "_FIRST_WINDOW", first)
        monkeypatch.setattr(event_table, "_WINDOW", longest)
        assert [event.seq for event in filled.ledger().read(after=2)] == list(range(3, 61))


def test_reads_up_to_the_last_event_at_the_time_of_the_call(filled, act):
    ledger = filled.ledger()
    reading = ledger.read(after=58)
    ledger.append([act()], idempotency="later")
    assert [event.seq for event in reading] == [59, 60]


def test_tells_the_history_of_one_aggregate_alone(place, act):
    ledger = place.ledger()
    ledger.append([act("a"), act("b"), act("a", Action.FILE_PUBLISHED)], idempotency="1")
    ledger.append([act("b")], idempotency="2")
    ledger.append([act("a")], idempotency="3")
    assert [event.seq for event in ledger.history("a")] == [1, 3, 5]
    assert [event.action for event in ledger.history("b")] == ["file_uploaded", "file_uploaded"]
    assert ledger.history("c") == []


def test_two_ledgers_see_what_the_other_appended(place, act):
    one, other = place.ledger(), place.ledger()
    for number in range(3):
        one.append([act("a")], idempotency=f"one-{number}")
        other.append([act("a")], idempotency=f"other-{number}")
    assert one.last_seq() == other.last_seq() == 6
    assert one.history("a") == other.history("a") == list(one.reveal(one.read()))


@pytest.mark.parametrize("upkeep", ["compact", "z_order", "checkpoint"])
def test_upkeep_of_the_table_changes_nothing_that_is_read(filled, act, upkeep):
    before = list(filled.ledger().read())
    told = list(filled.ledger().reveal(before))
    living = filled.ledger()
    living.last_seq()
    table = filled.table("audit_events")
    match upkeep:
        case "compact":
            table.optimize.compact()
        case "z_order":
            table.optimize.z_order(["aggregate_id"])
        case "checkpoint":
            table.create_checkpoint()
    for ledger in (living, filled.ledger()):
        assert list(ledger.read()) == before
        assert ledger.history("upload-3") == [event for event in told if event.aggregate_id == "upload-3"]
        assert ledger.find("7") == [event for event in told if event.changes["n"] == 7]
        assert ledger.append([act("upload-2", n=2)] * 3, idempotency="2") == ledger.find("2")
    assert [event.seq for event in living.append([act()], idempotency="new")] == [61]


def test_a_reader_survives_the_files_being_replaced_under_it(filled, monkeypatch):
    monkeypatch.setattr(event_table, "_FIRST_WINDOW", 5)
    monkeypatch.setattr(event_table, "_WINDOW", 5)
    reading = filled.ledger().read()
    begun = [next(reading) for _ in range(3)]
    table = filled.table("audit_events")
    table.optimize.compact()
    table.vacuum(retention_hours=0, enforce_retention_duration=False, dry_run=False)
    assert [event.seq for event in [*begun, *reading]] == list(range(1, 61))


def test_lifts_an_old_event_step_by_step_into_todays_shape():
    steps = {
        1: lambda old: {**old, "changes": {**old["changes"], "one": True}},
        2: lambda old: {**old, "changes": {**old["changes"], "two": True}},
    }
    old = {"schema_version": 1, "seq": 7, "changes": {}}
    assert upcast(old, upcasters=steps, target=3) == {
        "schema_version": 3,
        "seq": 7,
        "changes": {"one": True, "two": True},
    }
    assert old["changes"] == {}


def test_refuses_an_event_from_the_future_rather_than_misread_it():
    with pytest.raises(LedgerError, match="Event 7 was written by a newer"):
        upcast({"schema_version": 2, "seq": 7}, target=1)
