"""`validahub up`, for real: a code server, a webserver and a daemon on an embedded PostgreSQL."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from validahub_pipeline.errors import InputError, ValidaHubError
from validahub_pipeline.server import _Children, up
from validahub_pipeline.settings import Settings

VALIDAHUB = Path(sys.executable).with_name("validahub")


@dataclass
class Up:
    """A running `validahub up`."""

    process: subprocess.Popen[str]
    url: str
    home: Path
    log: Path

    def query(self, query: str) -> dict:
        request = urllib.request.Request(
            f"{self.url}/graphql", json.dumps({"query": query}).encode(), {"content-type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)["data"]

    def children(self) -> dict[int, str]:
        """Every process that was started for it, PostgreSQL aside, by its id."""
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                environment = (folder / "environ").read_bytes().split(b"\0")
                command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                if f"DAGSTER_HOME={self.home}/dagster".encode() in environment and "dagster" in command:
                    found[int(folder.name)] = command
        return found


def await_that(condition: Callable[[], object], seconds: float, what: Callable[[], str]) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, what()
        time.sleep(0.2)


@pytest.fixture
def running(tmp_path: Path, catalogue: Callable[..., Path]) -> Iterator[Up]:
    """Started on a home in whose inbox a file is waiting."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    home, log = tmp_path / "home", tmp_path / "log"
    inbox = home / "lake" / "inbox" / "maria" / "mercado_livre" / "all"
    inbox.mkdir(parents=True)
    os.link(catalogue("good"), inbox / "good.csv")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("VALIDAHUB_", "DAGSTER_"))}
    with (
        log.open("w", encoding="utf-8") as output,
        subprocess.Popen(
            [VALIDAHUB, "up", "--port", str(port)],
            env=environment | {"VALIDAHUB_HOME": str(home), "VALIDAHUB_LANG": "en"},
            stdout=output,
            stderr=output,
            text=True,
            start_new_session=True,
        ) as process,
    ):
        up = Up(process, f"http://127.0.0.1:{port}", home, log)
        try:
            await_that(lambda: "is open at" in log.read_text(encoding="utf-8"), 60, lambda: log.read_text("utf-8"))
            yield up
        finally:
            process.kill()


def test_it_serves_takes_what_is_dropped_and_ends_when_told_to(running):
    def statuses() -> list[str]:
        runs = running.query("{ runsOrError { ... on Runs { results { status tags { key value } } } } }")
        return [one["status"] for one in runs["runsOrError"]["results"]]

    await_that(lambda: statuses() == ["SUCCESS"], 90, lambda: running.log.read_text("utf-8"))
    assert list(running.home.glob("lake/validations/*/*/*/*/corrected.csv"))

    running.process.send_signal(signal.SIGTERM)
    assert running.process.wait(30) == 0
    assert running.children() == {}


def test_when_one_of_its_processes_ends_by_itself_the_others_are_ended_and_it_is_told_which(tmp_path):
    with _Children(Settings(home=tmp_path), dict(os.environ)) as children:
        children.start("code server", ["http.server", "--bind", "127.0.0.1", "0"])
        children.start("webserver", ["validahub_pipeline.no_such_module"])
        with pytest.raises(ValidaHubError, match=r"webserver ended by itself \(exit code 1\)"):
            children.await_ready(lambda: False, threading.Event())

    assert all(process.poll() is not None for process in children.processes.values())


PARENT = """
import os, sys, time
from pathlib import Path
from validahub_pipeline.server import _Children
from validahub_pipeline.settings import Settings
children = _Children(Settings(home=Path(sys.argv[1])), dict(os.environ, PYTHONUNBUFFERED="1"))
children.start("webserver", ["http.server", "--bind", "127.0.0.1", "0"])
print(children.processes["webserver"].pid, flush=True)
time.sleep(60)
"""


def test_its_processes_end_with_it_even_when_it_is_killed(tmp_path):
    with subprocess.Popen([sys.executable, "-c", PARENT, tmp_path], stdout=subprocess.PIPE, text=True) as parent:
        child = Path("/proc", parent.stdout.readline().strip())
        assert "Serving HTTP" in parent.stdout.readline()

        parent.kill()

        await_that(lambda: not child.exists() or "(zombie)" in (child / "status").read_text("utf-8"), 20, str)


def test_a_port_in_use_is_told_before_anything_is_started(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        with pytest.raises(InputError, match=f"Port {port} on 127.0.0.1 cannot be listened on"):
            up(Settings(home=tmp_path / "home"), "127.0.0.1", port)
    assert not (tmp_path / "home").exists()
