"""One batch of events into one schema, inside the caller's transaction. Decides nothing about order or position."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from psycopg2.extensions import cursor as Cursor  # noqa: N812

from validahub_pipeline.ledger.events import Event
from validahub_pipeline.read_models.database import PROJECTIONS, sql_text


def apply(cursor: Cursor, events: Sequence[Event]) -> None:
    """Apply events, in the order of their numbers and each new to the schema the cursor's names refer to."""
    cursor.execute(sql_text("projections/batch"), {"events": _as_json(events)})
    for name in PROJECTIONS:
        cursor.execute(sql_text(f"projections/{name}"))


def _as_json(events: Sequence[Event]) -> str:
    described = [
        {
            "seq": event.seq,
            "at": event.timestamp.isoformat(),
            "event_id": event.event_id,
            "user_id": event.user_id,
            "action": event.action,
            "aggregate_id": event.aggregate_id,
            "resource": {"type": event.resource.type, "id": event.resource.id, "name": event.resource.name},
            "changes": event.changes,
            "metadata": event.metadata,
            "schema_version": event.schema_version,
        }
        for event in events
    ]
    text = json.dumps(described, ensure_ascii=False, default=_plain)
    # PostgreSQL holds no NUL in text or jsonb, and a seller's header may hold one: one such event must not stop all
    # that follow it. The ledger keeps the event as it was.
    return json.dumps(_without_nul(json.loads(text)), ensure_ascii=False) if "\\u0000" in text else text


def _plain(value: object) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(type(value).__name__)


def _without_nul(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\0", "\ufffd")
    if isinstance(value, list):
        return [_without_nul(item) for item in value]
    if isinstance(value, dict):
        return {_without_nul(key): _without_nul(item) for key, item in value.items()}
    return value
