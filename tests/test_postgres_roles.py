"""A role of PostgreSQL that may do little: told what it lacks, wherever it comes in, and never with its password."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest
from psycopg2.extensions import make_dsn, parse_dsn

from validahub_pipeline.errors import ValidaHubError
from validahub_pipeline.exclusive import upload_lock
from validahub_pipeline.read_models.database import connect
from validahub_pipeline.subjects import SubjectKeeper


@pytest.fixture
def narrow(postgres_url: str) -> Iterator[str]:
    """The address of an empty database, for a role that may connect to it and nothing else."""
    role, password = f"leitor_{secrets.token_hex(4)}", secrets.token_hex(8)
    with closing(psycopg2.connect(postgres_url)) as owner, owner.cursor() as cursor:
        owner.autocommit = True
        cursor.execute(f"CREATE ROLE {role} LOGIN PASSWORD '{password}'")
        yield make_dsn(postgres_url, user=role, password=password)
        cursor.execute(f"DROP OWNED BY {role}; DROP ROLE {role}")


def told(url: str, error: ValidaHubError) -> None:
    named = parse_dsn(url)
    assert error.code == "postgres_forbidden"
    assert named["user"] in str(error)
    assert f"{named['host']}:{named['port']}" in str(error)
    assert named["password"] not in str(error)


def test_where_the_place_of_persons_may_not_be_made(narrow: str) -> None:
    with closing(SubjectKeeper(narrow)) as keeper, pytest.raises(ValidaHubError) as refused:
        keeper.find("ana")
    told(narrow, refused.value)


def test_where_persons_may_not_be_read(narrow: str, postgres_url: str) -> None:
    with closing(SubjectKeeper(postgres_url)) as owner:
        owner.enrol(["ana"])
    with closing(SubjectKeeper(narrow)) as keeper, pytest.raises(ValidaHubError) as refused:
        keeper.find("ana")
    told(narrow, refused.value)


def test_where_read_models_may_not_be_made(narrow: str) -> None:
    with pytest.raises(ValidaHubError) as refused, connect(narrow) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA read_models")
    told(narrow, refused.value)


def test_a_command_says_it_in_one_sentence_and_without_a_traceback(
    narrow: str, postgres_url: str, tmp_path: Path
) -> None:
    def validahub(*arguments: str, url: str) -> subprocess.CompletedProcess[str]:
        given = {"HOME": str(tmp_path), "POSTGRES_URL": url, "SUBJECTS_URL": url, "LANG": "en"}
        environment = os.environ | {f"VALIDAHUB_{name}": value for name, value in given.items()}
        command = [Path(sys.executable).with_name("validahub"), *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)

    assert validahub("rules", "publish", "gs1", "--user", "ana", url=postgres_url).returncode == 0
    for command in (["audit", "export", "--user", "ana"], ["rules", "publish", "shopee", "--user", "ana"]):
        refused = validahub(*command, url=narrow)
        assert refused.returncode in {1, 2}
        assert "does not let the role" in refused.stderr
        assert "Traceback" not in refused.stderr


def test_a_lock_of_a_server_that_is_not_there() -> None:
    nowhere = "postgresql://ana:segredo@127.0.0.1:1/validahub"
    with pytest.raises(ValidaHubError) as refused, upload_lock(nowhere, "0192f0c1-2b3c-7d4e-8f50-123456789abc"):
        pass
    assert (refused.value.code, refused.value.retryable) == ("postgres_unreachable", True)
    assert "segredo" not in str(refused.value)
