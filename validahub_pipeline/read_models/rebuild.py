"""The rebuild: everything anew in a shadow schema, then a swap by rename that no reader notices."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from psycopg2.extensions import connection as Connection  # noqa: N812
from psycopg2.extensions import cursor as Cursor  # noqa: N812

from validahub_pipeline.read_models import database, position
from validahub_pipeline.read_models.database import LIVE, REBUILDING, RETIRED, SHADOW
from validahub_pipeline.read_models.position import Position
from validahub_pipeline.read_models.projector import EventSource, apply, follow, unseen


def rebuild(
    connection: Connection, events: EventSource, *, only_if_outdated: bool = False, other_ledger: bool = False
) -> int:
    """Build the read models anew and put them in place of the live ones; the number of events applied.

    Killed at any point it leaves the live ones as they were; the next rebuild clears up after it.

    Args:
        only_if_outdated: do nothing where somebody else has just rebuilt them by the present definition.
        other_ledger: accept a ledger that does not hold what the live tables were projected from.

    Raises:
        LedgerError: as `position.beyond`, or `ledger_not_as_projected` unless that is accepted.
    """
    with _alone(connection):
        if only_if_outdated and _up_to_date(connection):
            return 0
        with database.writing(connection, SHADOW) as cursor:
            database.drop(cursor, SHADOW)
            database.create(cursor, SHADOW)
            start = position.read(cursor)
        applied, _ = follow(connection, SHADOW, start, events)
        with database.writing(connection, SHADOW) as cursor:
            # Fresh tables have no statistics, and queries must not wait for autovacuum to plan well.
            for table in database.tables(cursor, SHADOW):
                database.analyze(cursor, SHADOW, table)
        with database.writing(connection, LIVE) as cursor:
            applied += _swap(cursor, events, other_ledger=other_ledger)
        with database.writing(connection, RETIRED) as cursor:
            # Waits for readers who are still at the old tables; those who come now find the new ones.
            database.drop(cursor, RETIRED)
    return applied


def _swap(cursor: Cursor, events: EventSource, *, other_ledger: bool) -> int:
    """Take the shadow to the very end of the ledger while nobody can write to the live tables, and rename both."""
    live = position.read(cursor) if database.exists(cursor, LIVE) else None
    database.use(cursor, SHADOW)
    applied = apply(cursor, unseen(position.read(cursor), events))
    if live is not None and live.seq and not other_ledger and not _holds(cursor, live):
        raise position.not_as_projected(live.seq)
    database.drop(cursor, RETIRED)
    if live is not None:
        database.rename(cursor, LIVE, RETIRED)
    database.rename(cursor, SHADOW, LIVE)
    return applied


def _holds(cursor: Cursor, other: Position) -> bool:
    cursor.execute("SELECT 1 FROM audit_log WHERE seq = %s AND event_id = %s", [other.seq, other.event_id])
    return cursor.fetchone() is not None


def _up_to_date(connection: Connection) -> bool:
    with database.writing(connection, LIVE) as cursor:
        return database.exists(cursor, LIVE) and position.read(cursor).schema_hash == database.schema_hash()


@contextmanager
def _alone(connection: Connection) -> Iterator[None]:
    """Hold off other rebuilds. The lock outlives transactions and ends with the connection at the latest."""
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [REBUILDING])
    try:
        yield
    finally:
        if not connection.closed:
            connection.rollback()
            with connection, connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [REBUILDING])
