"""The nightly upkeep as a job: tables compacted and measured, partitions archived that nobody works on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import dagster as dg
import pytest

from validahub_pipeline.archive import archivable, archive, busy_keys, ended_uploads
from validahub_pipeline.jobs import NIGHTLY_MAINTENANCE
from validahub_pipeline.launch import _origin
from validahub_pipeline.ledger import Event, Resource
from validahub_pipeline.partitions import PARTITION_TAG, UPLOADS
from validahub_pipeline.settings import Settings
from validahub_pipeline.stages import correct, deposit, ingest, open_services, publish, validate
from validahub_pipeline.upkeep import archive_partitions

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
MONTH = timedelta(days=30)


def days_ago(days: int) -> datetime:
    return NOW - timedelta(days=days)


def test_what_ended_long_ago_goes_and_what_has_not_ended_stays():
    ended = {"old": days_ago(31), "young": days_ago(29), "gone already": days_ago(90)}
    chosen = archivable(["old", "young", "open"], ended, (), now=NOW, older_than=MONTH, keep=100)
    assert chosen == ["old"]


def test_nothing_goes_that_a_run_is_to_work_on():
    ended = {"one": days_ago(31), "other": days_ago(40)}
    assert archivable(["one", "other"], ended, {"other"}, now=NOW, older_than=MONTH, keep=1) == ["one"]


def test_beyond_the_number_to_keep_the_longest_ended_go_first():
    keys = [f"k{day}" for day in range(10)]
    ended = {f"k{day}": days_ago(day) for day in range(10)}
    assert archivable(keys, ended, (), now=NOW, older_than=MONTH, keep=7) == ["k9", "k8", "k7"]
    assert archivable(keys, ended, {"k9"}, now=NOW, older_than=MONTH, keep=9) == ["k8"]
    assert archivable(keys, {}, (), now=NOW, older_than=MONTH, keep=1) == []


def event(action: str, of: str, at: datetime, **changes: object) -> Event:
    return Event(1, "id", at, "system", action, of, Resource("upload", of, of), changes, {}, 1)


def test_an_upload_has_ended_when_it_was_published_refused_or_failed_for_good():
    events = [
        event("file_published", "p", days_ago(1)),
        event("publication_refused", "r", days_ago(2)),
        event("validation_failed", "f", days_ago(3), retryable=False),
        event("validation_failed", "again", days_ago(3), retryable=True),
        event("file_uploaded", "open", days_ago(4)),
        event("file_published", "revising", days_ago(5)),
        event("revision_started", "revising", days_ago(4), revision=2),
    ]
    assert ended_uploads(events) == {"p": days_ago(1), "r": days_ago(2), "f": days_ago(3)}


@pytest.mark.parametrize(
    ("status", "busy"),
    [
        (dg.DagsterRunStatus.QUEUED, True),
        (dg.DagsterRunStatus.STARTING, True),
        (dg.DagsterRunStatus.STARTED, True),
        (dg.DagsterRunStatus.CANCELING, True),
        (dg.DagsterRunStatus.SUCCESS, False),
        (dg.DagsterRunStatus.FAILURE, False),
    ],
)
def test_a_key_with_a_run_that_has_not_ended_is_busy_and_stays_to_the_last_moment(defs, instance, status, busy):
    instance.add_dynamic_partitions(UPLOADS, ["k"])
    job = defs.resolve_job_def("process_upload")
    instance.create_run_for_job(
        job, tags={PARTITION_TAG: "k"}, status=status, remote_job_origin=_origin("process_upload")
    )
    assert busy_keys(instance) == ({"k"} if busy else set())
    assert archive(instance, ["k"]) == ([] if busy else ["k"])
    assert instance.get_dynamic_partitions(UPLOADS) == (["k"] if busy else [])


def test_the_job_compacts_measures_and_archives(defs, instance, services, tmp_path):
    file = tmp_path / "f.csv"
    file.write_text("SKU;Título;Preço;Estoque\n" + "".join(f"A{n};Furadeira {n};9,90;1\n" for n in range(30)))
    drop = deposit(services, file, user="u", marketplace="shopify_csv", category="all")
    ingest(services, drop, lang="en")
    validate(services, drop.validation_id)
    if correct(services, drop.validation_id).refused_because is None:
        publish(services, drop.validation_id)
    before = list(services.ledger.read())
    instance.add_dynamic_partitions(UPLOADS, [drop.validation_id, "still open"])

    for _ in range(2):
        result = defs.resolve_job_def(NIGHTLY_MAINTENANCE).execute_in_process(instance=instance)
        assert result.success

    metadata = {
        asset: result.asset_materializations_for_node(asset)[0].metadata
        for asset in ("ledger_tables", "ledger_overhead", "archived_partitions")
    }
    assert metadata["ledger_tables"]["files_replaced"].value == 0
    assert f"| {len(before)} |" in metadata["ledger_tables"]["tables"].value
    assert "data:image/png;base64," in metadata["ledger_overhead"]["chart"].value
    assert "%" in metadata["ledger_overhead"]["overhead"].value
    assert (metadata["archived_partitions"]["archived"].value, metadata["archived_partitions"]["live"].value) == (0, 2)
    assert list(services.ledger.read()) == before


def test_a_key_goes_when_its_time_has_come_and_the_history_stays(instance, services, tmp_path):
    file = tmp_path / "empty.csv"
    file.write_bytes(b"")
    drop = deposit(services, file, user="u", marketplace="shopify_csv", category="all")
    with pytest.raises(Exception, match="empty"):
        ingest(services, drop, lang="en")
    settings = Settings(home=services.settings.home, partitions_kept=1)
    patient = open_services(settings)
    instance.add_dynamic_partitions(UPLOADS, [drop.validation_id, "still open"])

    told = archive_partitions(patient, instance, datetime.now(UTC))
    assert told["archived"] == 1
    assert instance.get_dynamic_partitions(UPLOADS) == ["still open"]
    assert services.ledger.history(drop.validation_id)
