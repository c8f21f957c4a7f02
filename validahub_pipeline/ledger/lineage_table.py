"""The table of lineage events: OpenLineage documents as they were built, once per key.

What stands in them is the business of `validahub_pipeline.lineage`; only time, type and run id are looked at here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Final

import polars as pl

from validahub_pipeline.ledger.access import TableAccess
from validahub_pipeline.ledger.canonical import event_id
from validahub_pipeline.ledger.delta import DeltaLog, may_hold

_COMMIT_RETRIES: Final = 100


class LineageTable:
    """Writes to and reads from `lineage_events`."""

    def __init__(self, log: DeltaLog, clock: Callable[[], datetime]) -> None:
        self._access = TableAccess(log)
        self._log = log
        self._clock = clock

    def record(self, validation_id: str, events: Sequence[bytes], idempotency: str) -> None:
        """See `Ledger.record_lineage`."""
        if not events:
            raise ValueError("a record of lineage without an event")
        self._access.write(lambda: self._record_once(validation_id, events, idempotency))

    def read(self, validation_id: str) -> list[bytes]:
        """See `Ledger.lineage`."""
        return self._access.read(lambda: self._stored(validation_id), absent=[])

    def _record_once(self, validation_id: str, events: Sequence[bytes], idempotency: str) -> None:
        self._log.refresh(create=True)
        key = event_id(idempotency, 0)
        if self._log.transaction(key) is not None:
            return
        # A key that has expired is recognised by what it recorded: run ids are derived, not drawn.
        stored = {_run(event) for event in self._stored(validation_id)}
        events = [event for event in events if _run(event) not in stored]
        if not events:
            return
        times = [datetime.fromisoformat(json.loads(event)["eventTime"]).astimezone(UTC) for event in events]
        rows = [
            {
                "validation_id": validation_id,
                "event": event.decode("utf-8"),
                "timestamp": time,
                "month": f"{time:%Y-%m}",
            }
            for event, time in zip(events, times, strict=True)
        ]
        self._log.append(
            self._log.table(rows),
            transactions={key: (0, self._clock())},
            retries=_COMMIT_RETRIES,
        )

    def _stored(self, validation_id: str) -> list[bytes]:
        files = self._log.files().filter(may_hold("validation_id", [validation_id]))
        rows = self._log.scan(files).filter(pl.col("validation_id") == validation_id).collect()
        return [text.encode("utf-8") for text in rows.sort("timestamp", "event")["event"]]


def _run(event: bytes) -> tuple[str, str | None]:
    """The run and the moment of it that an event tells of; each run begins and ends once."""
    told = json.loads(event)
    return told["run"]["runId"], told.get("eventType")
