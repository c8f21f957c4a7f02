"""Users of an embedded server in processes of their own, to be killed at will, and a look at what runs for a home."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

_USER = """
import sys
from pathlib import Path
from validahub_pipeline.embedded.postgres import embedded_postgres
with embedded_postgres(Path(sys.argv[1])) as server:
    print(server.url("validahub"), flush=True)
    sys.stdin.read()
"""


@dataclass
class User:
    """A process that uses the server of a home until it is told to leave, or killed."""

    process: subprocess.Popen[str]

    def url(self) -> str:
        """Waits until the server is up."""
        assert self.process.stdout is not None
        url = self.process.stdout.readline().strip()
        if not url:
            raise AssertionError(self.process.communicate(timeout=60)[1])
        return url

    def leave(self) -> None:
        """Leave as one should."""
        self.process.communicate(timeout=60)

    def kill(self) -> None:
        """Die without a word."""
        if self.process.returncode is None:
            self.process.kill()
            self.process.communicate(timeout=60)


@dataclass(frozen=True)
class Home:
    """A home and the processes that run for it."""

    path: Path
    users: list[User] = field(default_factory=list)

    @property
    def folder(self) -> Path:
        return self.path / "postgres"

    def status(self) -> dict[str, Any]:
        """Port, and process ids of server and keeper; waits for a server."""
        wait_until((self.folder / "status").exists)
        status: dict[str, Any] = json.loads((self.folder / "status").read_text(encoding="ascii"))
        return status

    def processes(self) -> list[int]:
        """Whatever keeper, server or initdb names this home on its command line."""
        found = []
        for command in Path("/proc").glob("[0-9]*/cmdline"):
            with contextlib.suppress(OSError):
                words = command.read_bytes().split(b"\0")
                if any(word.startswith(os.fsencode(self.folder)) for word in words):
                    found.append(int(command.parts[2]))
        return found

    def kill_everything(self) -> None:
        for pid in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def use(self, *, through: tuple[str, ...] = ()) -> User:
        """Start another user, through another command (`setpriv`) if need be."""
        user = User(
            subprocess.Popen(
                [*through, sys.executable, "-W", "error", "-c", _USER, str(self.path)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
        )
        self.users.append(user)
        return user


def wait_until(condition: Callable[[], bool], seconds: float = 15) -> None:
    """Return as soon as something holds; fail if it does not in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


@pytest.fixture(name="wait_until")
def _wait_until() -> Callable[..., None]:
    return wait_until


@pytest.fixture
def new_home(tmp_path: Path) -> Iterator[Callable[[str | Path], Home]]:
    """Homes by name or path; whatever still runs for them at the end is a leak, and is ended."""
    homes: dict[str | Path, Home] = {}

    def make(name: str | Path) -> Home:
        return homes.setdefault(name, Home(tmp_path / name))

    yield make
    try:
        wait_until(lambda: not any(home.processes() for home in homes.values()))
    finally:
        for home in homes.values():
            for user in home.users:
                user.kill()
            home.kill_everything()


@pytest.fixture
def home(new_home: Callable[[str], Home]) -> Home:
    """One home."""
    return new_home("home")
