"""Compaction changes how rows lie in files and nothing that anybody reads, while others read and write."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest

from tests.persons import keeper
from validahub_pipeline.ledger import Detail, Ledger
from validahub_pipeline.ledger.maintenance import Caretaker
from validahub_pipeline.ledger.sealing import PublishedLog, Sealer, open_keys
from validahub_pipeline.ledger.verification import Severity, verify_log
from validahub_pipeline.settings import Settings
from validahub_pipeline.storage import open_lake

APPENDS = 40


@pytest.fixture(params=["local", "s3"])
def lake(request, tmp_path):
    if request.param == "local":
        return open_lake(Settings(home=tmp_path / "home"))
    return open_lake(Settings(**request.getfixturevalue("s3_settings")))


@pytest.fixture
def ledger(lake, fresh):
    return fresh(lake)


@pytest.fixture
def fresh():
    return lambda lake: Ledger(lake.uri("tables"), lake.storage_options(), subjects=keeper())


def filled(ledger, act, violations):
    parquet = violations(rows=50)
    for number in range(APPENDS):
        name = f"v-{number}"
        ledger.append([act(name, n=number)], idempotency=name)
        if number < 3:
            constants = {"validation_id": name, "month": "2026-11"}
            ledger.record_detail(Detail.VIOLATIONS, parquet, constants=constants, idempotency=name)
            told = b'{"eventTime":"2026-11-30T12:00:00Z","eventType":"START","run":{"runId":"%d"}}' % number
            ledger.record_lineage(name, [told], idempotency=f"{name}/lineage")
    return parquet


def seen(ledger):
    return {
        "events": list(ledger.read()),
        "histories": [ledger.history(f"v-{number}") for number in (0, 17, APPENDS - 1)],
        "found": [ledger.find(f"v-{number}") for number in (0, APPENDS - 1)],
        "detail": [ledger.detail(Detail.VIOLATIONS, f"v-{n}").collect().sort("row", "column").rows() for n in range(3)],
        "lineage": [ledger.lineage(f"v-{number}") for number in range(3)],
    }


def test_everything_reads_as_before_from_fewer_files(lake, ledger, fresh, act, violations):
    parquet = filled(ledger, act, violations)
    before = seen(fresh(lake))
    done = {upkeep.after.name: upkeep for upkeep in Caretaker(lake, enough=2).maintain()}

    assert (done["audit_events"].before.files, done["audit_events"].after.files) == (APPENDS, 1)
    assert done["audit_events"].replaced == APPENDS
    assert done["violations"].after.files == done["lineage_events"].after.files == 1
    assert {name: upkeep.before.rows for name, upkeep in done.items()} == {
        name: upkeep.after.rows for name, upkeep in done.items()
    }
    # Nothing was deleted: what was replaced is still there.
    assert done["audit_events"].after.replaced_bytes == done["audit_events"].before.bytes
    for reader in (ledger, fresh(lake)):
        assert seen(reader) == before
    # Keys are known as before, and detail has its digest.
    assert ledger.append([act("v-17", n=17)], idempotency="v-17") == before["histories"][1]
    constants = {"validation_id": "v-1", "month": "2026-11"}
    assert ledger.record_detail(Detail.VIOLATIONS, parquet, constants=constants, idempotency="anew").rows == 50
    assert ledger.append([act("next")], idempotency="next")[0].seq == APPENDS + 1


def test_files_that_are_large_enough_and_tables_with_few_are_left_alone(lake, ledger, act, violations):
    filled(ledger, act, violations)
    caretaker = Caretaker(lake, enough=10)
    first = {upkeep.after.name: upkeep.replaced for upkeep in caretaker.maintain()}
    assert first == {"audit_events": APPENDS, "violations": 0, "lineage_events": 0}
    assert [upkeep.replaced for upkeep in caretaker.maintain()] == [0, 0, 0]
    tiny = Caretaker(lake, target=1_000, enough=1)
    assert next(upkeep.replaced for upkeep in tiny.maintain()) == 0


def test_the_log_verifies_after_it(tmp_path, fresh, act, violations):
    settings = Settings(home=tmp_path / "home")
    lake = open_lake(settings)
    ledger = fresh(lake)
    filled(ledger, act, violations)
    sealer = Sealer(ledger, PublishedLog(lake), open_keys(settings))
    sealer.seal()
    for _ in range(2):
        Caretaker(lake, enough=2).maintain()
        report = verify_log(lake, now=datetime.now(UTC), key=sealer.key(), history=True)
        assert (report.worst(), report.events, report.findings) == (Severity.NOTE, ledger.last_seq(), ())
        ledger.append([act("more")], idempotency=f"more-{ledger.last_seq()}")
        sealer.seal()


def test_readers_and_writers_go_on_meanwhile(local, act, tmp_path):
    lake = open_lake(Settings(home=tmp_path / "home", lake=str(local.tables).removesuffix("/tables")))
    ledger = local.ledger()
    for number in range(10):
        ledger.append([act(f"v-{number}")], idempotency=f"v-{number}")
    writer = local.writer("events", "meanwhile", 60)
    failures, stop, reads = [], threading.Event(), []

    def read():
        reader = local.ledger()
        while not stop.is_set():
            try:
                reads.append([event.seq for event in reader.read()])
            except Exception as error:
                failures.append(error)
                raise

    thread = threading.Thread(target=read)
    thread.start()
    rounds = 0
    while writer.poll() is None or rounds < 3:
        Caretaker(lake, enough=2).maintain()
        rounds += 1
    stop.set()
    thread.join()
    assert writer.communicate(timeout=60)[0].count("\n") == 61
    assert failures == []
    assert rounds >= 3
    assert all(seqs == list(range(1, len(seqs) + 1)) for seqs in reads)
    assert [event.seq for event in local.ledger().read()] == list(range(1, 71))
