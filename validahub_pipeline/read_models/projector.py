"""The projector: takes one schema to where the ledger is, each event exactly once.

The position moves in the transaction that writes the rows, so a killed projector leaves both or neither. What events do
to the tables is said in `projections/*.sql`; here it is only in which order and how often.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Final, Protocol

from psycopg2.extensions import connection as Connection  # noqa: N812
from psycopg2.extensions import cursor as Cursor  # noqa: N812

from validahub_pipeline.ledger.events import Event
from validahub_pipeline.read_models import batch, database, position
from validahub_pipeline.read_models.position import Position

# Large enough that a rebuild is not ruled by round trips, small enough that a batch of wide events stays in memory.
BATCH: Final = 500


class EventSource(Protocol):
    """Where events come from: the ledger, or a list in a test."""

    def read(self, *, after: int) -> Iterator[Event]:
        """Events whose `seq` is greater than `after`, in order."""
        ...


def follow(connection: Connection, schema: str, start: Position, events: EventSource) -> tuple[int, bool]:
    """Apply the events after `start`, batch by batch; how many this call applied, and whether it came to the end.

    It stops before the end where the schema is not what it was at the start: another rebuild has taken its place.

    Raises:
        LedgerError: as `position.beyond`. The batches before it stay applied.
    """
    applied = 0
    for part in _batches(unseen(start, events)):
        with database.writing(connection, schema) as cursor:
            reached = position.lock(cursor)
            if reached.schema_hash != start.schema_hash or reached.seq < part[0].seq - 1:
                return applied, False
            # Another projector may have been here in the meantime.
            applied += apply(cursor, [event for event in part if event.seq > reached.seq])
    return applied, True


def unseen(start: Position, events: EventSource) -> Iterator[Event]:
    """The events after a position, which must follow on it without a gap. Raises as `position.beyond`."""
    # One event more than needed, the last one applied: it shows that this is still the same ledger.
    return position.beyond(start, events.read(after=max(start.seq - 1, 0)))


def apply(cursor: Cursor, events: Iterable[Event]) -> int:
    """Apply events that follow on the schema's position, in the caller's transaction; their number."""
    applied = 0
    for part in _batches(events):
        batch.apply(cursor, part)
        position.move(cursor, part[-1])
        applied += len(part)
    return applied


def _batches(events: Iterable[Event]) -> Iterator[Sequence[Event]]:
    remaining = iter(events)
    while part := list(islice(remaining, BATCH)):
        yield part
