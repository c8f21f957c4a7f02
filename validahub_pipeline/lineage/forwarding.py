"""Sends recorded events on to an OpenLineage endpoint (Marquez, DataHub, ...). The ledger keeps them in any case.

A catalogue of data that is down must never hold up a seller's file: little time is spent on it, and after a failure
none at all for a while. What was not sent can be sent again from the ledger.
https://openlineage.io/apidocs/openapi/
"""

from __future__ import annotations

import http.client
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from typing import Final

PATH: Final = "/api/v1/lineage"
_PATIENCE: Final = 3.0
_PAUSE: Final = 60.0


class Forwarder:
    """Posts events to one endpoint. Safe to share between threads: at worst two of them notice a failure."""

    def __init__(self, url: str, api_key: str | None = None, *, clock: Callable[[], float] = time.monotonic) -> None:
        """`url` is the server's, with or without the path of its lineage API; `api_key` is sent as a bearer token."""
        bare = url.rstrip("/")
        self.url = bare if bare.endswith(PATH) else bare + PATH
        self._headers = {"Content-Type": "application/json"}
        if api_key:
            self._headers["Authorization"] = f"Bearer {api_key}"
        self._clock = clock
        self._silent_until: float | None = None

    @property
    def resting(self) -> bool:
        """Whether the endpoint failed so lately that it is left alone."""
        return self._silent_until is not None and self._clock() < self._silent_until

    def forward(self, events: Sequence[bytes]) -> str | None:
        """Post events (JSON) in order; why the first that failed did, None where all were taken. Never raises for what
        the endpoint or the network does. While `resting`, nothing is sent and nothing said."""
        if self.resting:
            return None
        for event in events:
            cause = self._post(event)
            if cause is not None:
                self._silent_until = self._clock() + _PAUSE
                return cause
        self._silent_until = None
        return None

    def _post(self, event: bytes) -> str | None:
        try:
            request = urllib.request.Request(self.url, event, self._headers, method="POST")
            with urllib.request.urlopen(request, timeout=_PATIENCE) as answer:
                answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return f"HTTP {error.code} {error.reason}"
        except urllib.error.URLError as error:
            return str(error.reason)
        except (OSError, http.client.HTTPException, ValueError) as error:
            return str(error) or type(error).__name__
        return None
