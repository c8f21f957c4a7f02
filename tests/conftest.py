"""The real servers that tests run against, and settings that point at them. Each lives as long as the test session."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import botocore.session
import hypothesis
import polars as pl
import psycopg2
import pytest
from psycopg2 import sql

from tests.copies import Copies
from validahub_pipeline.embedded.postgres import PostgresServer, embedded_postgres
from validahub_pipeline.settings import Settings

# A busy machine fails no test: speed is for the benchmarks. The same examples in every run.
hypothesis.settings.register_profile("suite", deadline=None, derandomize=True)
hypothesis.settings.load_profile("suite")

# Files of few tests that take long. They are begun first: at the end, one worker would be left alone with one of them.
LONG = (
    "faults/test_killed_runs.py",
    "faults/test_full_disk.py",
    "conformance/test_suites.py",
    "faults/test_killed_revisions.py",
    "engine/test_laws.py",
    "dagster/test_server.py",
    "ledger/test_upkeep_by_writers.py",
    "faults/test_interoperability.py",
    "faults/test_histories.py",
)


def pytest_configure() -> None:
    """Share the processors among the workers: with a thread for each of them in every worker, threads of polars mostly
    wait for one another. Processes that tests start have theirs as anywhere."""
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("POLARS_MAX_THREADS", str(max(1, (os.cpu_count() or 1) // workers)))
        # This is when it makes them.
        pl.thread_pool_size()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Order the files, for `--no-loadscope-reorder`: long ones first, then those of many tests."""
    count = Counter(item.path for item in items)

    def place(item: pytest.Item) -> tuple[int, int]:
        name = "/".join(item.path.parts[-2:])
        return (LONG.index(name), 0) if name in LONG else (len(LONG), -count[item.path])

    items.sort(key=place)


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    """An embedded PostgreSQL in a home of its own, for the whole session."""
    with embedded_postgres(tmp_path_factory.mktemp("postgres-home")) as server:
        yield server


@pytest.fixture(scope="session", autouse=True)
def subjects_url(postgres: PostgresServer) -> Iterator[str]:
    """The database that keeps the persons of every installation here, child processes included: most tests open one
    without read models, and no act of a person is recorded without a place for its key."""
    with database(postgres) as url, pytest.MonkeyPatch.context() as environment:
        environment.setenv("VALIDAHUB_SUBJECTS_URL", url)
        yield url


@pytest.fixture
def postgres_url(postgres: PostgresServer) -> Iterator[str]:
    """URL of a fresh, empty database."""
    with database(postgres) as url:
        yield url


@pytest.fixture
def another_postgres_url(postgres: PostgresServer) -> Iterator[str]:
    """URL of a second one."""
    with database(postgres) as url:
        yield url


@pytest.fixture(scope="session")
def copies(postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Copies]:
    """Copies of installations, on the session's server."""
    made = Copies(partial(database, postgres), partial(tmp_path_factory.mktemp, "original"))
    yield made
    made.close()


@contextlib.contextmanager
def database(postgres: PostgresServer, copied: str = "template1") -> Iterator[str]:
    """URL of a fresh database: an empty one, or with all that is in one that nobody is connected to."""
    name = f"test_{secrets.token_hex(8)}"
    given = sql.Identifier(name), sql.Identifier(copied)
    _administer(postgres, sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*given))
    yield postgres.url(name)
    _administer(postgres, sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def settings(tmp_path: Path, postgres_url: str) -> Settings:
    """A fresh home with a local lake, on a fresh database."""
    return Settings(home=tmp_path / "home", postgres_url=postgres_url)


@dataclass(frozen=True)
class S3Server:
    """A running S3 server on this machine."""

    endpoint_url: str
    access_key_id: str
    secret_access_key: str

    def client(self) -> Any:
        """A botocore client, for what only an administrator does."""
        return botocore.session.Session().create_client(
            "s3",
            endpoint_url=self.endpoint_url,
            region_name="us-east-1",
            aws_access_key_id=self.access_key_id,
            aws_secret_access_key=self.secret_access_key,
        )


@pytest.fixture(scope="session")
def s3_server() -> Iterator[S3Server]:
    """A real SeaweedFS, for the whole session."""
    with running_s3() as server:
        yield server


@contextlib.contextmanager
def running_s3() -> Iterator[S3Server]:
    """A real SeaweedFS. Signatures and conditional writes are enforced as on AWS."""
    # Sockets must have short paths, whatever the test folder is.
    folder = Path(tempfile.mkdtemp(prefix="weed-", dir="/tmp"))
    server = S3Server(f"http://127.0.0.1:{(port := _free_ports(5))}", secrets.token_hex(8), secrets.token_hex(16))
    flags = {
        "dir": folder, "ip": "127.0.0.1", "ip.bind": "127.0.0.1",
        "s3.port": port, "master.port": port + 1, "filer.port": port + 2, "volume.port": port + 3,
        "admin.port": port + 4,
        "s3.localSocket": folder / "s3.sock", "filer.localSocket": folder / "filer.sock",
        "admin.ui": "false", "webdav": "false", "master.telemetry": "false",
        "s3.port.iceberg": 0, "s3.port.lance": 0, "s3.autoCreateBucket": "false",
        "master.volumeSizeLimitMB": 64, "volume.max": 2000,
    }  # fmt: skip
    environment = {
        "PATH": os.defpath,
        "HOME": str(folder),
        "GOMEMLIMIT": "400MiB",
        "AWS_ACCESS_KEY_ID": server.access_key_id,
        "AWS_SECRET_ACCESS_KEY": server.secret_access_key,
    }
    log = folder.with_suffix(".log")
    with log.open("wb") as output:
        process = subprocess.Popen(
            [
                Path(sys.executable).parent / "weed",
                "-logtostderr=true",
                "mini",
                *(f"-{name}={value}" for name, value in flags.items()),
            ],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    try:
        _await_s3(server, process, log)
        yield server
    finally:
        # Its data are of no use any more, and a clean end takes seconds.
        process.kill()
        process.wait()
        shutil.rmtree(folder)
        log.unlink()
        for number in range(port, port + 5):
            for forgotten in Path("/tmp").glob(f"seaweedfs-*-grpc-{number + 10000}.sock"):
                forgotten.unlink()


@pytest.fixture
def s3_settings(s3_server: S3Server, tmp_path: Path) -> dict[str, Any]:
    """Keyword arguments of `Settings` for a lake in a fresh bucket: `Settings(**s3_settings)`."""
    bucket = f"test-{secrets.token_hex(8)}"
    s3_server.client().create_bucket(Bucket=bucket)
    return {
        "home": tmp_path / "home",
        "lake": f"s3://{bucket}/lake",
        "s3_endpoint_url": s3_server.endpoint_url,
        "s3_access_key_id": s3_server.access_key_id,
        "s3_secret_access_key": s3_server.secret_access_key,
    }


def _administer(server: PostgresServer, command: sql.Composed) -> None:
    connection = psycopg2.connect(server.url("postgres"))
    connection.autocommit = True
    with contextlib.closing(connection), connection.cursor() as cursor:
        cursor.execute(command)


def _free_ports(count: int) -> int:
    """The first of some free ports in a row, as far below the ephemeral range as SeaweedFS's +10000 needs."""
    while True:
        first = 10000 + secrets.randbelow(9000)
        ports = [port + offset for port in range(first, first + count) for offset in (0, 10000)]
        with contextlib.ExitStack() as probes, contextlib.suppress(OSError):
            for port in ports:
                probes.enter_context(socket.socket()).bind(("127.0.0.1", port))
            return first


def _await_s3(server: S3Server, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            server.client().list_buckets()
        except (OSError, botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError):
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"SeaweedFS does not start:\n{log.read_text(encoding='utf-8', errors='replace')[-2000:]}")
