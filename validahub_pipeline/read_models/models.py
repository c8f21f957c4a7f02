"""What others hold in their hands: the read models of one database. Composes the parts beside it, adds nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from psycopg2.extensions import connection as Connection  # noqa: N812

from validahub_pipeline.errors import ValidaHubError
from validahub_pipeline.ledger.privacy import PLAIN, Subjects, Tombstones
from validahub_pipeline.read_models import database, position, state
from validahub_pipeline.read_models.comparison import tables_unlike
from validahub_pipeline.read_models.database import LIVE
from validahub_pipeline.read_models.position import Position
from validahub_pipeline.read_models.projector import EventSource, follow
from validahub_pipeline.read_models.rebuild import rebuild


class ReadModels:
    """The read models in one PostgreSQL database, in the schema `read_models`. Safe to use from many processes.

    The schema is created on first use. Every method opens a connection of its own, so that an instance may be shared
    between threads and survives a fork; each raises ValidaHubError (`postgres_unreachable`, retryable) where
    there is no server.
    """

    def __init__(self, url: str, subjects: Subjects | None = None) -> None:
        """Nothing is connected yet.

        Args:
            url: as libpq reads it: `postgresql://user:password@host:port/database`.
            subjects: who keeps the keys to what is personal; without, queries give it as encrypted. The tables hold it
                as the ledger does, whoever projects.
        """
        self._url = url
        self._subjects = subjects

    def catch_up(self, events: EventSource) -> int:
        """Apply what the ledger holds beyond the position; the number of events this call applied.

        Where the definition of the tables has changed since they were built, they are rebuilt.

        Raises:
            LedgerError: a number is missing (`event_gap`), or the ledger does not hold the event that was applied
                last (`ledger_not_as_projected`). Nothing beyond the last good batch is applied.
        """
        with database.connect(self._url) as connection:
            applied = 0
            while True:
                start = _position(connection)
                if start.schema_hash != database.schema_hash():
                    applied += rebuild(connection, events, only_if_outdated=True)
                    continue
                count, finished = follow(connection, LIVE, start, events)
                applied += count
                if finished:
                    return applied

    def rebuild(self, events: EventSource, *, other_ledger: bool = False) -> int:
        """Build everything anew from the ledger, then swap it in; the number of events applied.

        Readers go on reading the old tables until the swap and see no error at it. A rebuild that is killed leaves the
        live tables as they were. With `other_ledger` the events may be others than those projected so far: the
        installation was pointed at another lake on purpose.

        Raises:
            LedgerError: as `catch_up`.
        """
        with database.connect(self._url) as connection:
            return rebuild(connection, events, other_ledger=other_ledger)

    def unlike(self, events: EventSource) -> tuple[int, list[str]] | None:
        """The `seq` they have come to, and which tables differ from a fresh projection up to there; None where there
        are none of this version. Raises as `comparison.tables_unlike`."""
        with database.connect(self._url) as connection:
            return tables_unlike(connection, events)

    def position(self) -> int:
        """`seq` of the last event applied; 0 before the first."""
        with database.connect(self._url) as connection:
            return _position(connection).seq

    @contextmanager
    def reading(self, tombstones: Tombstones = PLAIN) -> Iterator[Connection]:
        """A read-only connection for `queries`; each statement sees the latest committed state.

        Moments come back in UTC; personal texts opened, or as `tombstones` say.

        Raises:
            ValidaHubError: `read_models_outdated`; another version built the tables and nobody has caught up since.
        """
        with database.connect(self._url) as connection:
            if _position(connection).schema_hash != database.schema_hash():
                raise ValidaHubError("read_models_outdated", retryable=True)
            connection.subjects, connection.tombstones = self._subjects, tombstones
            connection.set_session(readonly=True, autocommit=True)
            with connection.cursor() as cursor:
                cursor.execute("SET TimeZone TO 'UTC'")
            yield connection

    def dump(self) -> dict[str, list[str]]:
        """Every row of every table as JSON text, in the order of the primary keys: for comparing small states."""
        with database.connect(self._url) as connection:
            _position(connection)
            return {table: list(rows) for table, rows in state.rows(connection, LIVE)}

    def fingerprint(self) -> str:
        """A sha256 over all that `dump` shows, in constant memory: equal states have equal fingerprints."""
        with database.connect(self._url) as connection:
            _position(connection)
            return state.fingerprint(connection, LIVE)


def _position(connection: Connection) -> Position:
    """The position of the live schema, which is created where there is none."""
    with connection, connection.cursor() as cursor:
        if database.exists(cursor, LIVE):
            database.use(cursor, LIVE)
            return position.read(cursor)
    with database.writing(connection, LIVE) as cursor:
        if not database.exists(cursor, LIVE):
            database.create(cursor, LIVE)
        return position.read(cursor)
