"""Dagster's storage: one small pool, and what of Dagster's inside it relies on."""

from __future__ import annotations

import gc
import os
from contextlib import closing
from pathlib import Path

import dagster as dg
import psycopg2
import pytest
import sqlalchemy
from dagster_postgres import DagsterPostgresStorage

from validahub_pipeline.embedded import locks
from validahub_pipeline.embedded.services import ServiceUrls
from validahub_pipeline.instance import dagster_home, open_instance, prepare_dagster_home
from validahub_pipeline.partitions import UPLOADS
from validahub_pipeline.settings import Settings


def sessions(url: str) -> int:
    """Connections to the database ever since its statistics began."""
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT sessions FROM pg_stat_database WHERE datname = current_database()")
        return cursor.fetchone()[0]


def in_use(home: Path) -> bool:
    """Whether anybody keeps the embedded server of a home running."""
    lock = locks.try_exclusive(home / "postgres" / "users.lock")
    if lock is not None:
        os.close(lock)
    return lock is None


def test_many_queries_share_a_connection(settings: Settings, urls: ServiceUrls):
    with open_instance(settings, urls) as instance:
        before = sessions(urls.dagster_url)
        for number in range(30):
            instance.add_dynamic_partitions(UPLOADS, [str(number)])
            assert instance.has_dynamic_partition(UPLOADS, str(number))
        # The one that counts is counted too.
        assert sessions(urls.dagster_url) - before <= 3


def test_a_restart_of_the_server_costs_nothing_but_a_reconnect(settings: Settings, urls: ServiceUrls):
    with open_instance(settings, urls) as instance:
        instance.add_dynamic_partitions(UPLOADS, ["a"])
        with closing(psycopg2.connect(urls.dagster_url)) as connection, connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        assert instance.get_dynamic_partitions(UPLOADS) == ["a"]


def test_the_parts_of_dagsters_storage_keep_their_engine_where_ours_replaces_it(urls: ServiceUrls):
    # Not public; if it moves, connections are opened per query again and nothing else would tell.
    stock = DagsterPostgresStorage("postgresql+psycopg2" + urls.dagster_url.removeprefix("postgresql"))

    for part in (stock.run_storage, stock.event_log_storage, stock.schedule_storage):
        assert isinstance(part._engine.pool, sqlalchemy.pool.NullPool)


def test_an_instance_opened_from_its_home_alone_uses_the_same_database(
    settings: Settings, urls: ServiceUrls, monkeypatch: pytest.MonkeyPatch
):
    with open_instance(settings, urls) as instance:
        instance.add_dynamic_partitions(UPLOADS, ["a"])
    for name, value in prepare_dagster_home(settings).items():
        monkeypatch.setenv(name, value)

    with dg.DagsterInstance.get() as instance:
        assert instance.get_dynamic_partitions(UPLOADS) == ["a"]
        assert instance.run_retries_enabled
        assert instance.run_monitoring_enabled
        assert not instance.telemetry_enabled
        assert not instance.nux_enabled


def test_a_changed_configuration_reaches_the_home_and_an_unchanged_one_is_left_alone(settings: Settings):
    prepare_dagster_home(settings)
    target = dagster_home(settings) / "dagster.yaml"
    written = target.stat().st_mtime_ns
    prepare_dagster_home(settings)
    assert target.stat().st_mtime_ns == written

    target.write_text("run_monitoring: {enabled: false}", encoding="utf-8")
    prepare_dagster_home(settings)
    assert "PooledPostgresStorage" in target.read_text(encoding="utf-8")


def test_an_instance_holds_the_embedded_server_for_as_long_as_it_is_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    # As in the webserver of `dg dev`: nobody but Dagster's own instance keeps PostgreSQL running.
    for name, value in prepare_dagster_home(Settings(home=tmp_path)).items():
        monkeypatch.setenv(name, value)

    with dg.DagsterInstance.get() as instance:
        gc.collect()
        assert in_use(tmp_path)
        instance.add_dynamic_partitions(UPLOADS, ["a"])
        gc.collect()
        assert instance.get_dynamic_partitions(UPLOADS) == ["a"]
    del instance
    gc.collect()
    assert not in_use(tmp_path)
