"""An OpenLineage endpoint that takes what it is sent, or does not."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from validahub_pipeline.sample import generate


class Endpoint:
    """A server on 127.0.0.1. `status` is what it answers; None leaves the caller waiting."""

    def __init__(self) -> None:
        self.status: int | None = 201
        self.events: list[Any] = []
        self.headers: list[dict[str, str]] = []
        self.paths: list[str] = []
        self.released = threading.Event()
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                endpoint.paths.append(self.path)
                endpoint.headers.append(dict(self.headers))
                if endpoint.status is None:
                    endpoint.released.wait(30)
                    return
                if endpoint.status < 400:
                    endpoint.events.append(json.loads(body))
                self.send_response(endpoint.status)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self.released.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    server = Endpoint()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A messy sample catalogue."""
    file = tmp_path_factory.mktemp("catalogue") / "catalogue.csv"
    generate(file, rows=1_500, seed=5)
    return file
