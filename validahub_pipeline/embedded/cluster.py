"""One PostgreSQL cluster in a folder: made once, started, watched until ready, stopped. Standard library only.

Whether anybody needs it is the keeper's business and not known here.
"""

from __future__ import annotations

import os
import random
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from validahub_pipeline.embedded import locks
from validahub_pipeline.embedded.identity import choose_identity, die_with_parent

HOST: Final = "127.0.0.1"
USER: Final = "validahub"
DATABASES: Final = ("validahub", "dagster")

# Below Linux's ephemeral range (32768 on), so that no outgoing connection ever sits on the port kept for a home.
_PORTS: Final = range(20000, 32000)
_STATUS_LINE: Final = 7
_LOG_LIMIT: Final = 1_000_000
_SETTINGS: Final = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "max_connections": "200",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    "logging_collector": "off",
}
_INITDB: Final = (
    f"--username={USER}",
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
)


class ClusterError(Exception):
    """The server does not start or run; the last lines of its log say more."""


class Cluster:
    """The cluster in `folder`: `data`, `password`, `port` and `server.log`, run by the binaries in `programs`."""

    def __init__(self, folder: Path, programs: Path) -> None:
        self.data = folder / "data"
        self._folder = folder
        self._programs = programs
        self._identity = choose_identity(programs / "postgres", folder)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, patience: float) -> tuple[int, int]:
        """Make the cluster if there is none, start it, wait until it takes connections; its port and process id.

        `patience` in seconds, recovery after a crash included. Raises ClusterError.
        """
        deadline = time.monotonic() + patience
        self._rotate_log()
        with self._alone(deadline) as lock:
            if not self.data.exists():
                self._make(lock)
            self._own(self.data)
            for port in self._ports():
                # Nobody else holds the lock, so this file is stale, whoever bears its process id by now.
                (self.data / "postmaster.pid").unlink(missing_ok=True)
                options = [f"--{name}={value}" for name, value in {**_SETTINGS, "port": str(port)}.items()]
                self._process = self._spawn(["postgres", "-D", str(self.data), *options], lock)
                if self._becomes_ready(self._process, deadline):
                    (self._folder / "port").write_text(str(port), encoding="ascii")
                    return port, self._process.pid
                if _is_free(port):
                    raise ClusterError(f"postgres ended with code {self._process.returncode}")
        raise ClusterError("no free port")

    def crashed(self) -> bool:
        """Whether the server ended without having been asked to."""
        return self._process is not None and self._process.poll() is not None

    def stop(self) -> None:
        """End the server: cleanly, else at once, else by force."""
        process, self._process = self._process, None
        if process is None:
            return
        for request, patience in ((signal.SIGINT, 30.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0)):
            process.send_signal(request)
            try:
                process.wait(patience)
            except subprocess.TimeoutExpired:
                continue
            return

    @contextmanager
    def _alone(self, deadline: float) -> Iterator[int]:
        """The lock that every process of a server inherits: who gets it knows that none of an older server is left."""
        path = self._folder / "server.lock"
        forced = False
        force_at = min(time.monotonic() + 10, deadline - 1)
        while (descriptor := locks.try_exclusive(path)) is None:
            if time.monotonic() > force_at and not forced:
                forced = True
                for pid in locks.processes_with_open(path):
                    os.kill(pid, signal.SIGKILL)
            if time.monotonic() > deadline:
                raise ClusterError("an older server of this home does not end")
            time.sleep(0.02)
        try:
            yield descriptor
        finally:
            os.close(descriptor)

    def _make(self, lock: int) -> None:
        """Initialise the cluster and its databases beside the final place, then put it there in one step."""
        new = self._folder / "data.new"
        if new.exists():
            shutil.rmtree(new)
        new.mkdir(mode=0o700)
        password = self._folder / "password"
        if not password.exists():
            _write_secret(password, secrets.token_urlsafe(24))
        # Handed over in a file of its own, which the server's identity can read.
        handed = self._folder / "password.init"
        _write_secret(handed, password.read_text(encoding="ascii"))
        for path in (new, handed):
            os.chown(path, *self._identity.owner)
        try:
            self._run(["initdb", "-D", str(new), f"--pwfile={handed}", *_INITDB], lock)
            create = "".join(f"CREATE DATABASE {name}\n" for name in DATABASES)
            self._run(["postgres", "--single", "-D", str(new), "postgres"], lock, given=create)
        finally:
            handed.unlink()
        new.rename(self.data)
        _sync(self._folder)

    def _own(self, data: Path) -> None:
        """Give the data to the identity that runs the server, where an earlier start used another one."""
        uid, gid = self._identity.owner
        if os.geteuid() != 0 or data.stat().st_uid == uid:
            return
        for folder, _, names in os.walk(data):
            for path in (folder, *(os.path.join(folder, name) for name in names)):  # noqa: PTH118
                os.chown(path, uid, gid, follow_symlinks=False)

    def _ports(self) -> Iterator[int]:
        """Ports that are free at this moment, the one kept from last time first."""
        kept = self._folder / "port"
        candidates = [int(kept.read_text(encoding="ascii"))] if kept.exists() else []
        candidates += random.sample(_PORTS, 100)
        yield from (port for port in candidates if _is_free(port))

    def _becomes_ready(self, process: subprocess.Popen[bytes], deadline: float) -> bool:
        """Wait until the server says `ready` in its pid file, as pg_ctl does; False if it ended instead."""
        status = self.data / "postmaster.pid"
        while process.poll() is None:
            lines = status.read_text(encoding="utf-8").splitlines() if status.exists() else []
            if len(lines) > _STATUS_LINE and lines[_STATUS_LINE].strip() == "ready":
                return True
            if time.monotonic() > deadline:
                raise ClusterError("postgres takes too long to start")
            time.sleep(0.01)
        return False

    def _run(self, command: Sequence[str], lock: int, given: str = "") -> None:
        process = self._spawn(command, lock, stdin=subprocess.PIPE)
        process.communicate(given.encode("ascii"))
        if process.returncode:
            raise ClusterError(f"{command[0]} ended with code {process.returncode}")

    def _spawn(self, command: Sequence[str], lock: int, stdin: int = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
        """Start a program of PostgreSQL under the server's identity; it dies with this process and holds the lock."""
        keeper = os.getpid()

        def prepare() -> None:
            self._identity.assume()
            die_with_parent(keeper)

        with (self._folder / "server.log").open("ab") as log:
            return subprocess.Popen(
                [str(self._programs / command[0]), *command[1:]],
                stdin=stdin,
                stdout=log,
                stderr=log,
                cwd="/",
                env={"PATH": os.defpath, "LC_ALL": "C"},
                pass_fds=[lock],
                preexec_fn=prepare,  # noqa: PLW1509 - the keeper has one thread
                start_new_session=True,
            )

    def _rotate_log(self) -> None:
        log = self._folder / "server.log"
        if log.exists() and log.stat().st_size > _LOG_LIMIT:
            log.replace(log.with_suffix(".log.1"))


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def _write_secret(path: Path, text: str) -> None:
    """Write a file that only its owner can read, all or nothing."""
    temporary = path.with_name(f".{path.name}.new")
    temporary.unlink(missing_ok=True)
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
