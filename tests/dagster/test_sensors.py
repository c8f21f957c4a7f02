"""The sensors on a real inbox: a local folder, and S3 by the same code."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import dagster as dg
import pytest

from validahub_pipeline.build import build_defs
from validahub_pipeline.embedded.services import ServiceUrls
from validahub_pipeline.errors import StorageError
from validahub_pipeline.jobs import PROCESS_UPLOAD
from validahub_pipeline.ledger import Action, NewEvent, Resource
from validahub_pipeline.partitions import UPLOADS, run_tags
from validahub_pipeline.resources import Pipeline
from validahub_pipeline.schedules import heartbeat_schedule
from validahub_pipeline.sensors import inbox_sensor, lost_runs_sensor, projection_sensor, run_failure
from validahub_pipeline.settings import Settings
from validahub_pipeline.stages import Services, deposit, open_services

Tick = Callable[[], dg.SensorResult]


@pytest.fixture(params=["local folder", "S3"])
def services(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, postgres_url: str) -> Services:
    """Services on a lake of each kind, with persons of their own; nobody asks for read models here."""
    monkeypatch.setenv("VALIDAHUB_SUBJECTS_URL", postgres_url)
    if request.param == "S3":
        return open_services(Settings(**request.getfixturevalue("s3_settings")))
    return open_services(Settings(home=request.getfixturevalue("tmp_path") / "home"))


@pytest.fixture
def tick(pipeline: Pipeline, instance: dg.DagsterInstance) -> Tick:
    """One tick of the inbox sensor, and what the daemon does after it: partitions first, the cursor last."""
    cursor: str | None = None

    def tick() -> dg.SensorResult:
        nonlocal cursor
        context = dg.build_sensor_context(instance=instance, cursor=cursor, resources={"pipeline": pipeline})
        result = inbox_sensor(context)
        for request in result.dynamic_partitions_requests or []:
            instance.add_dynamic_partitions(request.partitions_def_name, list(request.partition_keys))
        cursor = result.cursor
        return result

    return tick


def run(defs: dg.Definitions, instance: dg.DagsterInstance, request: dg.RunRequest) -> dg.ExecuteInProcessResult:
    job = defs.resolve_job_def(PROCESS_UPLOAD)
    return job.execute_in_process(
        instance=instance, partition_key=request.partition_key, tags=request.tags, raise_on_error=False
    )


def test_a_dropped_file_is_found_run_and_not_taken_again(tick, drop, defs, instance, services):
    good = drop("good")

    first, second = tick(), tick()
    [request] = second.run_requests
    finished = run(defs, instance, request)
    third = tick()

    assert first.run_requests == []
    assert request.run_key == request.partition_key == good.validation_id
    assert instance.get_dynamic_partitions(UPLOADS) == [good.validation_id]
    assert finished.success
    assert services.ledger.history(good.validation_id)[-1].action == Action.FILE_PUBLISHED
    assert (third.run_requests, third.cursor) == ([], "{}")


def test_two_drops_are_two_runs_and_the_bad_one_fails_alone(tick, drop, defs, instance):
    by_id = {drop("good").validation_id: True, drop("empty").validation_id: False}

    tick()
    results = {request.partition_key: run(defs, instance, request).success for request in tick().run_requests}

    assert results == by_id


def test_a_drop_whose_run_was_never_made_is_asked_for_again(tick, drop, instance):
    good = drop("good")
    tick()

    assert [request.run_key for request in tick().run_requests] == [good.validation_id]
    # Its partition exists, and nothing else came of the tick.
    assert instance.has_dynamic_partition(UPLOADS, good.validation_id)
    assert [request.run_key for request in tick().run_requests] == [good.validation_id]


def test_a_new_version_under_an_old_name_is_a_new_partition(tick, drop, defs, instance):
    drop("good", name="catalogue.csv")
    tick()
    run(defs, instance, tick().run_requests[0])
    tick()
    drop("hopeless", name="catalogue.csv")

    assert tick().run_requests == []
    assert len(tick().run_requests) == 1
    assert len(instance.get_dynamic_partitions(UPLOADS)) == 2


def test_a_listing_that_fails_fails_the_tick_instead_of_looking_empty(tick, drop, services, monkeypatch):
    drop("good")

    def broken(prefix: str) -> object:
        raise StorageError("object_missing", key=prefix)

    monkeypatch.setattr(services.lake, "list", broken)

    with pytest.raises(StorageError):
        tick()


@pytest.fixture
def projected(settings: Settings, urls: ServiceUrls) -> Services:
    """Services whose read models nobody has brought up to date."""
    return open_services(settings, read_models_url=urls.validahub_url)


def test_the_projection_sensor_makes_up_for_events_nobody_projected(projected, instance):
    projected.ledger.append(
        [NewEvent(Action.PROJECTION_REBUILT, "read_models", "system", Resource("projection", "a", "a"))],
        idempotency="once",
    )
    pipeline = Pipeline(lambda: projected, lambda _: nullcontext())
    context = dg.build_sensor_context(instance=instance, resources={"pipeline": pipeline})

    assert "1 events" in projection_sensor(context).skip_message
    assert projected.read_models.position() == 1
    assert "up to date" in projection_sensor(context).skip_message


@pytest.fixture
def told_of_failure(projected: Services, instance: dg.DagsterInstance, capfd: pytest.CaptureFixture[str]):
    """What the failure sensor says of a run of that file."""

    def told_of_failure(file: Path) -> str:
        drop = deposit(projected, file, user="maria", marketplace="mercado_livre", category="all")
        instance.add_dynamic_partitions(UPLOADS, [drop.validation_id])
        failed = run(
            build_defs(resource_overrides={"pipeline": Pipeline(lambda: projected, lambda _: nullcontext())}),
            instance,
            dg.RunRequest(partition_key=drop.validation_id, tags=run_tags(drop)),
        )
        context = dg.build_run_status_sensor_context(
            sensor_name=run_failure.name,
            dagster_instance=instance,
            dagster_run=failed.dagster_run,
            dagster_event=failed.get_run_failure_event(),
        ).for_run_failure()
        capfd.readouterr()
        run_failure(context)
        [line] = [line for line in capfd.readouterr().err.splitlines() if drop.validation_id in line]
        return line

    return told_of_failure


def test_a_failure_is_told_with_the_file_the_stage_and_the_cause(told_of_failure, catalogue):
    line = told_of_failure(catalogue("empty"))

    assert "ERROR" in line
    assert re.search(r"empty.csv \(.*\): run .* failed in ingested_upload: .*empty.csv: holds nothing", line)


def test_a_refusal_is_told_apart_from_a_failure(told_of_failure, catalogue):
    line = told_of_failure(catalogue("hopeless"))

    assert "WARNING" in line
    assert "hopeless.csv" in line
    assert "publication refused by the gate" in line


def test_the_lost_runs_sensor_leaves_runs_alone_that_are_not_lost(instance):
    assert lost_runs_sensor(dg.build_sensor_context(instance=instance)).skip_message == "No run is lost."


def test_the_heartbeat_seals_by_the_clock_and_starts_no_run(pipeline, services):
    context = dg.build_schedule_context(resources={"pipeline": pipeline})
    skipped = heartbeat_schedule(context)
    assert isinstance(skipped, dg.SkipReason)
    assert [event.action for event in services.ledger.read()] == ["heartbeat"]
    assert services.sealer.published.checkpoint()[0].size == 1
