"""`validahub up`: Dagster's code server, webserver and daemon on one installation, started, watched and ended together.

One code server serves both others; started one by one each of them would load the code again.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Self

import yaml
from dagster._core.errors import DagsterUserCodeUnreachableError
from dagster._grpc.client import DagsterGrpcClient

from validahub_pipeline.embedded.services import services
from validahub_pipeline.errors import InputError, ValidaHubError
from validahub_pipeline.instance import open_instance, prepare_dagster_home
from validahub_pipeline.messages import message
from validahub_pipeline.partitions import LOCATION
from validahub_pipeline.settings import Settings
from validahub_pipeline.storage import open_lake
from validahub_pipeline.storage.layout import INBOX

GRACE_SECONDS: Final = 20
_START_SECONDS: Final = 120
_GLANCE_SECONDS: Final = 0.25
_LAUNCHER: Final = """
import os, sys
from validahub_pipeline.embedded.identity import die_with_parent
die_with_parent(int(sys.argv[1]))
os.execv(sys.argv[2], sys.argv[2:])
"""


def up(settings: Settings, host: str, port: int) -> int:
    """Serve until interrupted or terminated; the exit code, 0.

    Raises:
        InputError: `port_in_use`.
        ValidaHubError: `server_ended`; one of the processes died, and the others were stopped.
        ServiceError: PostgreSQL does not start or cannot be reached.
    """
    _check_free(host, port)
    _say(settings, "starting", home=settings.home)
    with (
        _told_to_stop() as stop,
        services(settings) as urls,
        tempfile.TemporaryDirectory(prefix="validahub-") as folder,
    ):
        with open_instance(settings, urls):
            # Dagster's tables are made here, once; two processes at it at the same time get in each other's way.
            pass
        socket_path = Path(folder) / "code.sock"
        workspace = Path(folder) / "workspace.yaml"
        server = {"grpc_server": {"socket": str(socket_path), "location_name": LOCATION}}
        workspace.write_text(yaml.safe_dump({"load_from": [server]}), encoding="utf-8")
        environment = os.environ | prepare_dagster_home(settings)
        with _Children(settings, environment) as children:
            url = f"http://{host}:{port}"
            children.start("code server", _code_server(socket_path))
            if not children.await_ready(lambda: _answers_grpc(socket_path), stop):
                return 0
            children.start("webserver", _webserver(workspace, host, port))
            children.start("daemon", _daemon(workspace))
            if children.await_ready(lambda: _answers_http(url), stop):
                _say(settings, "ready", url=url, inbox=open_lake(settings).uri(INBOX))
            while not stop.wait(_GLANCE_SECONDS):
                children.check()
    return 0


class _Children:
    """The processes, each in a session of its own: Ctrl-C reaches only us, and we end them in order."""

    def __init__(self, settings: Settings, environment: Mapping[str, str]) -> None:
        self._settings = settings
        self._environment = environment
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """End them: what was started last first, so that nothing new begins; the code server, whose children are the
        runs at work, last."""
        _say(self._settings, "stopping", seconds=GRACE_SECONDS)
        deadline = time.monotonic() + GRACE_SECONDS
        latest_first = list(reversed(list(self.processes.values())))
        for process in latest_first:
            process.send_signal(signal.SIGINT)
        for process in latest_first:
            try:
                process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def start(self, name: str, arguments: Sequence[str]) -> None:
        """Start one more. It ends with us, however we end."""
        # Through another interpreter and not by preexec_fn, which must not be used beside threads.
        command = [sys.executable, "-c", _LAUNCHER, str(os.getpid()), sys.executable, "-m", *arguments]
        self.processes[name] = subprocess.Popen(
            command, env=self._environment, stdin=subprocess.DEVNULL, start_new_session=True
        )

    def check(self) -> None:
        """See that none has ended by itself.

        Raises:
            ValidaHubError: `server_ended`.
        """
        for name, process in self.processes.items():
            if process.poll() is not None:
                raise ValidaHubError("server_ended", name=name, status=process.returncode)

    def await_ready(self, ready: Callable[[], bool], stop: threading.Event) -> bool:
        """Wait until what was started answers; False where we were told to stop meanwhile.

        Raises:
            ValidaHubError: `server_ended`, or `server_silent`.
        """
        deadline = time.monotonic() + _START_SECONDS
        while not ready():
            self.check()
            if time.monotonic() > deadline:
                raise ValidaHubError("server_silent", seconds=_START_SECONDS)
            if stop.wait(_GLANCE_SECONDS):
                return False
        return True


def _code_server(socket_path: Path) -> list[str]:
    return [
        "dagster", "api", "grpc", "--socket", str(socket_path), "--log-level", "warning",
        "--module-name", "validahub_pipeline.definitions", "--location-name", LOCATION,
        # Runs are started with this interpreter, not with whatever `dagster` the PATH has.
        "--use-python-environment-entry-point",
    ]  # fmt: skip


def _webserver(workspace: Path, host: str, port: int) -> list[str]:
    where = ["--workspace", str(workspace), "--host", host, "--port", str(port)]
    return ["dagster_webserver", *where, "--dagster-log-level", "warning"]


def _daemon(workspace: Path) -> list[str]:
    # Its warnings are greetings ("no cursor for event type ..."); what fails, it reports as an error.
    return ["dagster._daemon", "run", "--workspace", str(workspace), "--log-level", "error"]


def _answers_grpc(socket_path: Path) -> bool:
    try:
        DagsterGrpcClient(socket=str(socket_path)).ping("")
    except DagsterUserCodeUnreachableError:
        return False
    return True


def _answers_http(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/server_info", timeout=5):
            return True
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


def _check_free(host: str, port: int) -> None:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise InputError("port_in_use", host=host, port=port, cause=error.strerror or str(error)) from error


@contextmanager
def _told_to_stop() -> Iterator[threading.Event]:
    """An event set by Ctrl-C or TERM, instead of their usual effect."""
    stop = threading.Event()
    before = {number: signal.signal(number, lambda *_: stop.set()) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _say(settings: Settings, key: str, **values: object) -> None:
    print(message("server", key, settings.lang, **values), file=sys.stderr, flush=True)
