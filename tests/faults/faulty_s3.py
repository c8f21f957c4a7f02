"""A real S3 server behind a proxy that does harm at a chosen request: it kills the client, answers with an error, loses
the answer to something that was done, or never answers.

Everything a process does to a lake on S3 passes through here, what Rust does included, so a trial can strike at every
single storage call there is. The `Host` a client signed is passed on, and so signatures hold.
"""

from __future__ import annotations

import http.client
import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final
from urllib.parse import urlsplit

WRITES: Final = {"PUT", "POST", "DELETE"}
PATIENCE: Final = 1.0
"""Seconds after which a worker of these trials takes an answer for lost."""

_ERROR: Final = b'<?xml version="1.0"?><Error><Code>%s</Code><Message>as the trial wants it</Message></Error>'


class Harm(StrEnum):
    """What befalls a request."""

    KILLED_BEFORE = "killed before it was done"
    KILLED_AFTER = "killed after it was done"
    ERROR = "an error, once"
    OUTAGE = "an error, from here on"
    DONE_BUT_ERROR = "done, but reported as failed"
    DONE_BUT_CUT = "done, but the connection was cut"
    DONE_BUT_LATE = "done, but never answered"


@dataclass
class Plan:
    """Harm to the request number `at` (from 1) of those that come; `pid` is whom to kill."""

    harm: Harm | None = None
    at: int = 0
    pid: int = 0


@dataclass(frozen=True)
class Call:
    """One request as it came."""

    method: str
    path: str

    @property
    def writes(self) -> bool:
        return self.method in WRITES


class FaultyS3:
    """The proxy. `plan` is what to do, `calls` what has come since `arm`."""

    def __init__(self, server_url: str) -> None:
        self._upstream = urlsplit(server_url)
        self._lock = threading.Lock()
        self.plan = Plan()
        self.calls: list[Call] = []
        self.struck: Call | None = None
        proxy = self

        class Handler(_Handler):
            faulty = proxy

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128

            def handle_error(self, *_: object) -> None:
                """A client that was killed leaves broken connections behind: that is what it is for."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def arm(self, harm: Harm | None = None, at: int = 0) -> Callable[[int], None]:
        """Plan harm to a request from now on; returns what has to be told the process id of the worker."""
        with self._lock:
            self.plan, self.calls, self.struck = Plan(harm, at), [], None
        plan = self.plan

        def aim(pid: int) -> None:
            plan.pid = pid

        return aim

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def befalls(self, call: Call) -> Harm | None:
        """Count a request, and say what is to befall it."""
        with self._lock:
            self.calls.append(call)
            number, plan = len(self.calls), self.plan
            hit = number == plan.at or (plan.harm is Harm.OUTAGE and number > plan.at > 0)
            if hit and self.struck is None:
                self.struck = call
            return plan.harm if hit else None

    def upstream(self) -> http.client.HTTPConnection:
        """A connection to the real server."""
        return http.client.HTTPConnection(str(self._upstream.hostname), self._upstream.port, timeout=60)


@dataclass(frozen=True)
class _Answer:
    status: int
    headers: list[tuple[str, str]]
    body: bytes


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # An answer goes out in two parts; the second would wait for the client to acknowledge the first, which takes 40 ms.
    disable_nagle_algorithm = True
    faulty: FaultyS3

    def setup(self) -> None:
        super().setup()
        self._upstream = self.faulty.upstream()

    def finish(self) -> None:
        self._upstream.close()
        super().finish()

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        harm = self.faulty.befalls(Call(self.command, self.path))
        plan = self.faulty.plan
        if harm is Harm.KILLED_BEFORE:
            self._kill(plan.pid)
            return
        if harm in {Harm.ERROR, Harm.OUTAGE}:
            self._answer(_Answer(503, [], _ERROR % b"SlowDown"))
            return
        answer = self._forward(body)
        if harm is Harm.KILLED_AFTER:
            self._kill(plan.pid)
        elif harm is Harm.DONE_BUT_ERROR:
            self._answer(_Answer(500, [], _ERROR % b"InternalError"))
        elif harm is Harm.DONE_BUT_CUT:
            self._cut()
        elif harm is Harm.DONE_BUT_LATE:
            time.sleep(PATIENCE * 1.5)
            self._cut()
        else:
            self._answer(answer)

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = _serve  # noqa: N815

    def _forward(self, body: bytes) -> _Answer:
        upstream = self._upstream
        upstream.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        for name, value in self.headers.items():
            if name.lower() not in {"connection", "expect"}:
                upstream.putheader(name, value)
        upstream.endheaders(body)
        answer = upstream.getresponse()
        return _Answer(answer.status, answer.getheaders(), answer.read())

    def _answer(self, answer: _Answer) -> None:
        self.send_response_only(answer.status)
        for name, value in answer.headers:
            if name.lower() not in {"connection", "transfer-encoding", "content-length"}:
                self.send_header(name, value)
        told = {name.lower(): value for name, value in answer.headers}
        length = told.get("content-length", "0") if self.command == "HEAD" else str(len(answer.body))
        self.send_header("Content-Length", length)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    def _kill(self, pid: int) -> None:
        os.kill(pid, signal.SIGKILL)
        self._cut()

    def _cut(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, *_: object) -> None:
        """Silent."""
