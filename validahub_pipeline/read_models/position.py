"""How far a schema has come, and whether the ledger it is about to follow is the one it has followed so far."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from psycopg2.extensions import cursor as Cursor  # noqa: N812

from validahub_pipeline.errors import LedgerError
from validahub_pipeline.ledger.events import Event


@dataclass(frozen=True)
class Position:
    """The last event applied (`seq` 0 and no id before the first), and the definition the schema was built by."""

    seq: int
    event_id: str | None
    schema_hash: str


def read(cursor: Cursor) -> Position:
    """The position as last committed."""
    return _read(cursor, "SELECT last_seq, last_event_id, schema_hash FROM projector_position")


def lock(cursor: Cursor) -> Position:
    """The position, which nobody else can move before this transaction has ended."""
    return _read(cursor, "SELECT last_seq, last_event_id, schema_hash FROM projector_position FOR UPDATE")


def move(cursor: Cursor, to: Event) -> None:
    """Set the position to an event, to be committed with the rows it stands for."""
    cursor.execute(
        "UPDATE projector_position SET last_seq = %s, last_event_id = %s, last_timestamp = %s",
        [to.seq, to.event_id, to.timestamp],
    )


def not_as_projected(seq: int) -> LedgerError:
    """The ledger does not hold the event that was applied last."""
    return LedgerError("ledger_not_as_projected", seq=seq)


def beyond(position: Position, events: Iterator[Event]) -> Iterator[Event]:
    """The events after a position, out of those that start with the position's own event.

    Raises:
        LedgerError: a number is missing (`event_gap`), or the position's own event is not there any more or is another
            one (`ledger_not_as_projected`).
    """
    expected = max(position.seq, 1)
    for event in events:
        if event.seq != expected:
            raise LedgerError("event_gap", expected=expected, found=event.seq)
        expected += 1
        if event.seq > position.seq:
            yield event
        elif event.event_id != position.event_id:
            raise not_as_projected(position.seq)
    if expected <= position.seq:
        raise not_as_projected(position.seq)


def _read(cursor: Cursor, query: str) -> Position:
    cursor.execute(query)
    row = cursor.fetchone()
    assert row is not None, "created together with its table, never deleted"
    return Position(*row)
