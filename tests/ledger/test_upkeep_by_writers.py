"""What writers do by the way, so that appends stay fast as the log grows: compaction, and an archive of commits."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

from validahub_pipeline.ledger.archive import archive_commits
from validahub_pipeline.ledger.verification import verify_log
from validahub_pipeline.storage.local import LocalLake


def test_the_number_of_files_and_of_commits_in_the_way_stays_bounded_and_nothing_is_lost(local, act):
    ledger, bystander = local.ledger(), local.ledger()
    folder = Path(local.tables) / "audit_events"
    bystander.append([act("first")], idempotency="first")
    for number in range(520):
        ledger.append([act(f"upload-{number}")], idempotency=str(number))
    table = local.table("audit_events")
    assert len(table.file_uris()) < 110
    log = {path.name for path in (folder / "_delta_log").iterdir()}
    archive = {path.name for path in (folder / "_archive").iterdir()}
    assert len(log) < 320
    commits = {f"{version:020}.json" for version in range(table.version() + 1)}
    assert not log & archive
    assert commits <= log | archive
    assert [event.seq for event in local.ledger().read()] == list(range(1, 522))
    # A view five hundred commits old finds its way.
    assert bystander.append([act("last")], idempotency="last")[0].seq == 522
    assert bystander.append([act("upload-3")], idempotency="3")[0].seq == 5
    table.vacuum(retention_hours=0, enforce_retention_duration=False, dry_run=False)
    assert {path.name for path in (folder / "_archive").iterdir()} == archive
    assert local.ledger().last_seq() == 522
    assert findings(local) == {"checkpoint_missing", "key_missing"}
    (folder / "_archive" / f"{77:020}.json").unlink()
    assert findings(local) == {"checkpoint_missing", "key_missing", "commit_missing"}


def findings(place):
    report = verify_log(LocalLake(Path(place.tables).parent), now=datetime.now(UTC))
    return {finding.code for finding in report.findings}


def test_a_table_without_a_checkpoint_is_left_as_it_is(local, act, tmp_path):
    local.ledger().append([act()], idempotency="one")
    assert archive_commits(Path(local.tables) / "audit_events") == 0
    shutil.rmtree(tmp_path / "a lake 100%")
    assert archive_commits(Path(local.tables) / "audit_events") == 0
