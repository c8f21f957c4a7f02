"""Where the databases are: embedded by default, configured if the settings say so."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from psycopg2.extensions import parse_dsn

from validahub_pipeline.embedded.postgres import PostgresServer, ServiceError
from validahub_pipeline.embedded.services import Database, services
from validahub_pipeline.errors import InputError
from validahub_pipeline.settings import Settings


def _database(url: str) -> Any:
    with contextlib.closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT current_database()")
        return cursor.fetchone()


def test_without_a_setting_each_purpose_has_a_database_of_the_embedded_server(home: Any) -> None:
    with services(Settings(home=home.path)) as urls:
        assert _database(urls.validahub_url) == ("validahub",)
        assert _database(urls.dagster_url) == ("dagster",)
        assert urls.dagster.password not in repr(urls)


def test_a_configured_server_serves_both_purposes_and_starts_nothing(postgres_url: str, home: Any) -> None:
    with services(Settings(home=home.path, postgres_url=postgres_url)) as urls:
        assert urls.validahub == urls.dagster
        assert _database(urls.validahub_url) == (postgres_url.rpartition("/")[2],)
        assert not home.folder.exists()


def test_options_of_a_configured_url_are_kept(postgres_url: str, tmp_path: Path) -> None:
    configured = f"{postgres_url}?application_name=validahub%20test&connect_timeout=3"
    with services(Settings(home=tmp_path, postgres_url=configured)) as urls:
        assert urls.dagster.params == {"application_name": "validahub test", "connect_timeout": "3"}
        assert parse_dsn(urls.dagster_url) == parse_dsn(configured)


@pytest.mark.parametrize("host", ["db.example.com", "/var/run/postgresql", "::1"])
def test_every_part_survives_the_way_through_a_url(host: str) -> None:
    database = Database(host, 5433, "us@er", "p:/@?#% ", "cat/alogue", {"sslmode": "require"})
    assert parse_dsn(database.url) == {
        "host": host,
        "port": "5433",
        "user": "us@er",
        "password": "p:/@?#% ",
        "dbname": "cat/alogue",
        "sslmode": "require",
    }


def test_a_server_that_does_not_answer_is_named_without_its_password(postgres: PostgresServer, tmp_path: Path) -> None:
    url = postgres.url("no_such_database")
    with pytest.raises(ServiceError) as failed, services(Settings(home=tmp_path, postgres_url=url)):
        pass
    assert failed.value.code == "postgres_unreachable"
    assert 'database "no_such_database" does not exist' in str(failed.value)
    assert postgres.password not in str(failed.value)


@pytest.mark.parametrize(
    "url", ["mysql://secret@host/db", "postgresql://host/db", "postgresql://secret@host", "secret"]
)
def test_a_setting_that_is_no_address_is_refused_without_repeating_it(tmp_path: Path, url: str) -> None:
    with pytest.raises(InputError) as failed, services(Settings(home=tmp_path, postgres_url=url)):
        pass
    assert failed.value.code == "postgres_url_invalid"
    assert "secret" not in str(failed.value)
