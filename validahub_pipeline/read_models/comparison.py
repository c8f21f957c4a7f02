"""Whether the live read models are what the ledger says: a fresh projection beside them, compared table by table."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from itertools import takewhile
from typing import Final

from psycopg2.extensions import connection as Connection  # noqa: N812

from validahub_pipeline.errors import ValidaHubError
from validahub_pipeline.ledger.events import Event
from validahub_pipeline.read_models import database, position, state
from validahub_pipeline.read_models.database import LIVE
from validahub_pipeline.read_models.projector import EventSource, follow

AUDIT: Final = "read_models_audit"
# Next to those of `database`.
_AUDITING: Final = 0x56484C03
_ATTEMPTS: Final = 5


def tables_unlike(connection: Connection, events: EventSource) -> tuple[int, list[str]] | None:
    """The `seq` that was compared at, and the names of the live tables that differ from a fresh projection; None where
    there are no read models of this version to compare.

    Raises:
        LedgerError: as `position.beyond`; the ledger is not the one that was projected.
        ValidaHubError: `read_models_busy`; they never stood still long enough.
    """
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [_AUDITING])
    for _ in range(_ATTEMPTS):
        with database.writing(connection, AUDIT) as cursor:
            if not database.exists(cursor, LIVE):
                return None
            database.use(cursor, LIVE)
            before = position.read(cursor)
        if before.schema_hash != database.schema_hash():
            return None
        live = _digests(connection, LIVE)
        with database.writing(connection, AUDIT) as cursor:
            database.use(cursor, LIVE)
            after = position.read(cursor)
        if before == after:
            return before.seq, _compare(connection, before.seq, live, events)
    raise ValidaHubError("read_models_busy", retryable=True)


def _compare(connection: Connection, seq: int, live: dict[str, str], events: EventSource) -> list[str]:
    with database.writing(connection, AUDIT) as cursor:
        database.drop(cursor, AUDIT)
        database.create(cursor, AUDIT)
        start = position.read(cursor)
    try:
        follow(connection, AUDIT, start, _UpTo(events, seq))
        fresh = _digests(connection, AUDIT)
    finally:
        with database.writing(connection, AUDIT) as cursor:
            database.drop(cursor, AUDIT)
    return sorted(table for table in live.keys() | fresh.keys() if live.get(table) != fresh.get(table))


def _digests(connection: Connection, schema: str) -> dict[str, str]:
    found = {}
    for table, texts in state.rows(connection, schema):
        digest = hashlib.sha256()
        for text in texts:
            digest.update(f"{text}\n".encode())
        found[table] = digest.hexdigest()
    return found


class _UpTo:
    """The events up to a seq."""

    def __init__(self, events: EventSource, last: int) -> None:
        self._events = events
        self._last = last

    def read(self, *, after: int) -> Iterator[Event]:
        """See `EventSource`."""
        return takewhile(lambda event: event.seq <= self._last, self._events.read(after=after))
