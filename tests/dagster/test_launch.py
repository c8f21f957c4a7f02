"""`launch.process`: one upload in this process, as a run on the real instance."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing

import dagster as dg
import psycopg2
import pytest

from validahub_pipeline.embedded.postgres import PostgresServer
from validahub_pipeline.embedded.services import ServiceUrls
from validahub_pipeline.embedded.services import services as running_services
from validahub_pipeline.errors import InputError, ValidaHubError
from validahub_pipeline.exclusive import upload_lock
from validahub_pipeline.instance import open_instance, prepare_dagster_home
from validahub_pipeline.jobs import PROCESS_UPLOAD, REVISE_UPLOAD
from validahub_pipeline.launch import Outcome, RunError, process, revise
from validahub_pipeline.lost_runs import close_lost_runs
from validahub_pipeline.partitions import LOCATION, PARTITION_TAG, TAG_REVISION, UPLOADS
from validahub_pipeline.settings import Settings
from validahub_pipeline.stages import Services, open_services
from validahub_pipeline.stages.revising import Decision, Kind, require_ended, start
from validahub_pipeline.storage.layout import Drop

# Begins the run of a drop as `process` does, and is killed while a stage is at work.
KILLED_AT_WORK = """
import os, signal, sys
from validahub_pipeline.embedded.services import services
from validahub_pipeline.instance import open_instance
from validahub_pipeline.launch import process
from validahub_pipeline.settings import Settings
from validahub_pipeline.stages import open_services
from validahub_pipeline.storage.layout import parse_inbox_key

settings = Settings()
die = lambda stage, done, total: os.kill(os.getpid(), signal.SIGKILL)
with services(settings) as urls, open_instance(settings, urls) as instance:
    opened = open_services(settings, progress=die)
    process(instance, opened, parse_inbox_key(sys.argv[1], version=sys.argv[2], size=int(sys.argv[3])),
            postgres_url=urls.validahub_url, lang="en")
"""


@pytest.fixture(scope="module")
def settings(postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """One home for all tests here: Dagster's tables take longer to make than most of the tests."""
    name = f"test_{secrets.token_hex(8)}"
    with closing(psycopg2.connect(postgres.url("postgres"))) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        cursor.execute(f"CREATE DATABASE {name}")
        yield Settings(home=tmp_path_factory.mktemp("home"), postgres_url=postgres.url(name))
        cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="module")
def urls(settings: Settings) -> Iterator[ServiceUrls]:
    with running_services(settings) as urls:
        yield urls


@pytest.fixture(scope="module")
def instance(settings: Settings, urls: ServiceUrls) -> Iterator[dg.DagsterInstance]:
    """The real instance, in PostgreSQL."""
    with open_instance(settings, urls) as instance:
        yield instance


@pytest.fixture
def services(settings: Settings, urls: ServiceUrls) -> Services:
    return open_services(settings, read_models_url=urls.validahub_url)


@pytest.fixture
def new(drop: Callable[..., Drop], request: pytest.FixtureRequest) -> Callable[[str], Drop]:
    """A drop of this test alone."""
    return lambda kind: drop(kind, name=f"{request.node.name}.csv")


@pytest.fixture
def run(instance: dg.DagsterInstance, services: Services, urls: ServiceUrls) -> Callable[..., Outcome]:
    def run(drop: Drop, **options: float) -> Outcome:
        return process(instance, services, drop, postgres_url=urls.validahub_url, lang="en", **options)

    return run


def killed_at_work(settings: Settings, drop: Drop) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", KILLED_AT_WORK, drop.key, drop.version, str(drop.size)],
        env=os.environ | prepare_dagster_home(settings),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == -9, ended.stderr


def runs_of(instance: dg.DagsterInstance, drop: Drop) -> list[dg.DagsterRun]:
    return list(instance.get_runs(dg.RunsFilter(tags={PARTITION_TAG: drop.validation_id})))


def test_a_published_upload_says_so(run, new):
    outcome = run(new("good"))

    assert (outcome.published, outcome.refused_because, outcome.error) == (True, None, None)
    assert outcome.manifest["publication"]["published"] is True
    assert set(outcome.manifest["seconds"]) == {"ingest", "validate", "correct", "publish"}


def test_a_revision_is_a_run_of_its_own_on_the_same_partition(run, new, instance, services, urls):
    upload = new("good")
    run(upload)
    decision = Decision(Kind.REJECT, ("title_case_all_caps",))
    with upload_lock(urls.validahub_url, upload.validation_id):
        started = start(services, require_ended(services, upload.validation_id), decision, user_id="ana")
        outcome = revise(instance, services, started, lang="en")

    assert (outcome.published, outcome.error) == (True, None)
    assert outcome.manifest["publication"]["revision"] == 2
    found = instance.get_run_by_id(outcome.run_id)
    assert (found.job_name, found.status) == (REVISE_UPLOAD, dg.DagsterRunStatus.SUCCESS)
    assert found.tags[PARTITION_TAG] == upload.validation_id
    assert found.tags[TAG_REVISION] == "2"
    for asset in ("corrected_upload", "published_upload"):
        latest = instance.fetch_materializations(
            dg.AssetRecordsFilter(asset_key=dg.AssetKey(asset), asset_partitions=[upload.validation_id]), limit=1
        ).records[0]
        assert latest.run_id == outcome.run_id
        assert latest.asset_materialization.metadata["revision"].value == 2


def test_a_run_of_the_whole_upload_finishes_a_revision_that_was_left_behind(run, new, services):
    upload = new("good")
    run(upload)
    decision = Decision(Kind.REJECT, ("title_case_all_caps",))
    start(services, require_ended(services, upload.validation_id), decision, user_id="ana")

    outcome = run(upload)

    told = outcome.manifest["publication"]
    assert (told["published"], told["refused_because"], told["revision"]) == (True, None, 2)


def test_a_refusal_is_told_in_the_sellers_language_and_is_no_error(run, new):
    outcome = run(new("hopeless"))

    assert (outcome.published, outcome.error) == (False, None)
    assert outcome.refused_because.startswith("40 of 40")


def test_an_error_of_the_input_comes_back_as_it_was_raised(run, new):
    outcome = run(new("empty"))

    assert isinstance(outcome.error, InputError)
    assert outcome.error.code == "file_empty"
    assert not outcome.published
    assert outcome.manifest == {}


def test_a_broken_law_comes_back_as_an_error_of_ours(run, new, services):
    good = new("good")
    key = run(good).manifest["objects"]["original"]["key"]
    with services.lake.local(key) as stored:
        stored.chmod(0o600)
        stored.write_bytes(b"something else")

    outcome = run(good)

    assert isinstance(outcome.error, RunError)
    assert "every_record_accounted_for" in str(outcome.error)


def test_the_run_stands_under_the_job_and_the_code_location_the_ui_knows(run, new, instance):
    good = new("good")

    found = instance.get_run_by_id(run(good).run_id)

    assert found.job_name == PROCESS_UPLOAD
    assert found.status == dg.DagsterRunStatus.SUCCESS
    assert found.tags[PARTITION_TAG] == good.validation_id
    assert found.remote_job_origin.repository_origin.code_location_origin.location_name == LOCATION
    assert found.run_config == {}
    assert instance.has_dynamic_partition(UPLOADS, good.validation_id)


def test_nothing_is_printed_by_the_run(run, new, capfd):
    run(new("good"))
    run(new("empty"))

    assert capfd.readouterr() == ("", "")


def test_the_daemon_does_not_retry_a_run_that_a_person_started(run, new, instance):
    found = instance.get_run_by_id(run(new("empty")).run_id)

    assert found.tags["dagster/max_retries"] == "0"


def test_a_run_that_was_killed_is_closed_by_the_next_which_ends_the_upload(run, new, settings, instance, services):
    good = new("good")
    killed_at_work(settings, good)
    [lost] = runs_of(instance, good)
    assert lost.status == dg.DagsterRunStatus.STARTED

    outcome = run(good)

    assert outcome.published
    assert instance.get_run_by_id(lost.run_id).status == dg.DagsterRunStatus.FAILURE
    actions = [event.action for event in services.ledger.history(good.validation_id)]
    assert len(actions) == len(set(actions))


def test_a_lost_run_is_found_by_the_tag_it_carries_and_not_by_one_it_inherited(new, settings, instance, defs):
    good = new("good")
    killed_at_work(settings, good)
    [lost] = runs_of(instance, good)
    # A retry inherits the tags of the run it retries; it has not begun and must not be closed.
    retry = instance.create_run_for_job(defs.resolve_job_def(PROCESS_UPLOAD), tags=lost.tags)

    assert [run.run_id for run in close_lost_runs(instance)] == [lost.run_id]
    assert instance.get_run_by_id(retry.run_id).status == dg.DagsterRunStatus.NOT_STARTED
    assert close_lost_runs(instance) == []


def test_a_run_at_work_is_not_taken_for_lost(run, new, instance, services, monkeypatch):
    seen = []
    original = services.ledger.append

    def append(*arguments, **options):
        seen.extend(close_lost_runs(instance))
        return original(*arguments, **options)

    monkeypatch.setattr(services.ledger, "append", append)

    assert run(new("good")).published
    assert seen == []


def test_whoever_comes_while_another_works_on_the_upload_is_told_so(run, new, urls):
    good = new("good")
    with (
        upload_lock(urls.validahub_url, good.validation_id),
        pytest.raises(ValidaHubError, match="being processed by somebody else"),
    ):
        run(good, patience=0.1)


def test_whoever_waits_for_another_finds_the_upload_done(run, new, urls):
    good, outcomes = new("good"), []
    with upload_lock(urls.validahub_url, good.validation_id):
        waiting = threading.Thread(target=lambda: outcomes.append(run(good)))
        waiting.start()
        waiting.join(timeout=0.5)
        assert waiting.is_alive()
    waiting.join(timeout=30)

    assert [outcome.published for outcome in outcomes] == [True]


def test_uploads_do_not_wait_for_each_other(new, urls):
    first, second = new("good"), new("hopeless")
    assert first.validation_id != second.validation_id

    with (
        upload_lock(urls.validahub_url, first.validation_id),
        upload_lock(urls.validahub_url, second.validation_id, patience=0.1),
    ):
        pass
