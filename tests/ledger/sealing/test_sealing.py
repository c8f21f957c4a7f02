"""What is signed, and what is refused. Whether others accept it is tested in tests/faults/test_interoperability.py."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from validahub_pipeline.errors import LedgerError
from validahub_pipeline.ledger.merkle.checkpoint import Checkpoint
from validahub_pipeline.ledger.merkle.note import Signer
from validahub_pipeline.ledger.sealing.heartbeat import beat
from validahub_pipeline.ledger.verification import Severity

SEAL = Path(__file__).with_name("sealing_process.py")


def refusal(sealer):
    with pytest.raises(LedgerError) as refused:
        sealer.seal()
    assert str(refused.value)
    return refused.value.code


def test_an_empty_ledger_can_be_sealed(log):
    assert log.sealer().seal().size == 0


def test_a_seal_covers_everything_recorded(log):
    for number, count in enumerate([1, 2, 253, 1, 300, 5]):
        log.append(f"key {number}", count)
        checkpoint = log.sealer().seal()
        assert checkpoint.size == log.ledger().last_seq()
    report = log.verify(key=log.sealer().key())
    assert (report.findings, report.checkpoint) == ((), checkpoint)


def test_sealing_again_without_an_event_changes_nothing(log):
    log.append("key", 3)
    assert log.sealer().seal() == log.sealer().seal()


def test_a_key_is_made_at_first_use_and_only_its_owner_can_read_it(local_log):
    local_log.append("key")
    local_log.sealer().seal()
    [key] = (local_log.settings.home / "ledger").glob("*.key")
    assert key.stat().st_mode & 0o077 == 0


def test_a_second_lake_of_the_same_home_is_a_log_of_its_own(local_log, tmp_path):
    local_log.append("key")
    first = local_log.sealer().seal()
    other = type(local_log)(local_log.settings, type(local_log.lake)(tmp_path))
    assert other.sealer().seal().origin != first.origin


def test_threads_that_append_and_seal_at_once_end_in_one_log(local_log):
    def work(name):
        sealer = local_log.sealer()
        for number in range(4):
            local_log.append(f"{name} {number}", 3)
            assert sealer.seal().size >= 3

    threads = [threading.Thread(target=work, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    report = local_log.verify(key=local_log.sealer().key())
    assert (report.findings, report.checkpoint.size) == ((), 48)


def test_processes_that_seal_at_once_end_in_one_log(log):
    log.append("first", 5)
    environment = {
        "VALIDAHUB_HOME": str(log.settings.home),
        "VALIDAHUB_LAKE": log.settings.lake,
        "VALIDAHUB_SUBJECTS_URL": os.environ["VALIDAHUB_SUBJECTS_URL"],
        "VALIDAHUB_S3_ENDPOINT_URL": log.settings.s3_endpoint_url or "",
        "VALIDAHUB_S3_ACCESS_KEY_ID": log.settings.s3_access_key_id or "",
        "VALIDAHUB_S3_SECRET_ACCESS_KEY": log.settings.s3_secret_access_key.get_secret_value()
        if log.settings.s3_secret_access_key
        else "",
    }
    given = {name: value for name, value in environment.items() if value}
    processes = [subprocess.Popen([sys.executable, SEAL, name, "5"], env=given) for name in "abc"]
    assert [process.wait(timeout=120) for process in processes] == [0, 0, 0]
    report = log.verify(key=log.sealer().key())
    assert (report.findings, report.checkpoint.size) == ((), 20)


def test_nothing_is_signed_over_a_log_that_lost_its_end(local_log):
    local_log.append("one", 3)
    local_log.append("two", 3)
    local_log.sealer().seal()
    commits = sorted(local_log.path("tables/audit_events/_delta_log").glob("*.json"))
    commits[-1].unlink()
    assert refusal(local_log.sealer()) == "ledger_truncated"


def test_nothing_is_signed_over_changed_events(local_log):
    local_log.append("one", 3)
    local_log.sealer().seal()
    [file] = local_log.path("tables/audit_events").rglob("*.parquet")
    table = pq.read_table(file, partitioning=None).to_pandas()
    one, other = table["user_id"][0], "u-" + "a" * 24
    table["event"] = table["event"].str.replace(one, other)
    table["user_id"] = other
    table.to_parquet(file)
    local_log.append("two")
    assert refusal(local_log.sealer()) == "ledger_contradicted"


def test_nothing_is_signed_where_the_checkpoint_was_taken_away(log):
    log.append("one", 3)
    log.sealer().seal()
    if log.lake.root.startswith("s3://"):
        log.lake._call("delete_object", Key=log.lake._name("ledger/checkpoint"))
    else:
        log.path("ledger/checkpoint").unlink()
    log.append("two")
    assert refusal(log.sealer()) == "ledger_checkpoint_missing"


def test_nothing_is_signed_over_a_checkpoint_of_another_key(local_log):
    local_log.append("one", 3)
    good = local_log.sealer().seal()
    thief = Signer.generate(good.origin)
    forged = Checkpoint.signed(good.origin, 2, good.root, [thief])
    local_log.path("ledger/checkpoint").write_text(forged.note, encoding="utf-8")
    assert refusal(local_log.sealer()) == "ledger_key_missing"
    local_log.path("ledger/checkpoint").write_text(good.note.replace("\n3\n", "\n2\n"), encoding="utf-8")
    assert refusal(local_log.sealer()) == "ledger_checkpoint_forged"
    local_log.path("ledger/checkpoint").write_text("gone", encoding="utf-8")
    assert refusal(local_log.sealer()) == "ledger_checkpoint_unreadable"


def test_nothing_is_signed_over_changed_tiles(local_log):
    local_log.append("one", 600)
    local_log.sealer().seal()
    tile = local_log.path("ledger/tile/1/000.p/2")
    tile.write_bytes(tile.read_bytes()[::-1])
    local_log.append("two")
    assert refusal(local_log.sealer()) == "ledger_contradicted"


def test_a_whole_lake_set_back_is_not_signed_again_where_it_was_signed(local_log):
    local_log.append("one", 3)
    early = local_log.sealer().seal()
    kept = {path: path.read_bytes() for path in local_log.path("ledger").rglob("*") if path.is_file()}
    commits = sorted(local_log.path("tables/audit_events/_delta_log").glob("*.json"))
    local_log.append("two", 3)
    local_log.sealer().seal()
    for path in local_log.path("ledger").rglob("*"):
        if path.is_file() and path not in kept:
            path.unlink()
    local_log.path("ledger/checkpoint").write_text(early.note, encoding="utf-8")
    for path in set(local_log.path("tables/audit_events/_delta_log").glob("*.json")) - set(commits):
        path.unlink()
    local_log.append("three", 5)
    assert refusal(local_log.sealer()) == "ledger_contradicted"


def test_tiles_that_went_missing_are_derived_again(local_log, codes):
    local_log.append("one", 600)
    local_log.sealer().seal()
    local_log.path("ledger/tile/0/002.p/88").unlink()
    local_log.path("ledger/tile/0/000").unlink()
    report = local_log.verify()
    assert (codes(report), report.worst()) == ({"tile_missing"}, Severity.INCOMPLETE)
    local_log.sealer().seal(repair=True)
    assert codes(local_log.verify()) == set()
    local_log.path("ledger/tile/1/000.p/2").unlink()
    local_log.append("two")
    assert local_log.sealer().seal().size == 601
    assert codes(local_log.verify()) == set()


def test_without_its_key_a_log_is_not_continued(local_log):
    local_log.append("one")
    local_log.sealer().seal()
    [key] = (local_log.settings.home / "ledger").glob("*.key")
    key.unlink()
    local_log.append("two")
    assert refusal(local_log.sealer()) == "ledger_key_missing"


def test_a_heartbeat_is_recorded_once_an_interval_and_carries_the_checkpoint_before_it(log):
    log.append("one", 3)
    now = datetime.now(UTC)
    before = log.sealer().seal()
    first, again = beat(log.sealer(), now), beat(log.sealer(), now)
    assert (first.size, again.size) == (4, 4)
    later = beat(log.sealer(), now + timedelta(minutes=5))
    events = list(log.ledger().read(after=3))
    assert [event.changes["checkpoint"] for event in events] == [before.note, first.note]
    assert (later.size, log.verify(key=log.sealer().key()).findings) == (5, ())
