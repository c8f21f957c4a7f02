"""Events as bytes: RFC 8785 canonical JSON, the same on every machine, and back again.

These bytes are what is stored, compared and hashed. Nothing here reads or writes storage.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

import rfc8785

from validahub_pipeline.errors import LedgerError
from validahub_pipeline.ledger.events import SCHEMA_VERSION, Event, NewEvent, Resource
from validahub_pipeline.ledger.upcasting import upcast

# Never change: it is half of every event_id ever given out.
_NAMESPACE: Final = uuid.UUID("0f3d7d0c-8a4e-5b0e-9c63-2f0d1f9d6a52")
# Beyond it, a reader whose numbers are IEEE 754 doubles (JavaScript, jq) would see another number (RFC 8785, 3.2.2.3).
_EXACT_INTEGERS: Final = 2**53 - 1


def event_id(idempotency: str, position: int) -> str:
    """The id of the event at a position (from 0) of the append with this key: the same however often it is tried."""
    return str(uuid.uuid5(_NAMESPACE, f"{idempotency}\n{position}"))


def require_recordable(event: NewEvent) -> None:
    """Refuse what canonical JSON cannot carry unchanged to every reader.

    Raises:
        LedgerError: `ledger_value_refused`, naming the path: a float, an integer beyond 2**53 - 1, text that is not
            Unicode, a key that is no text, or any other type.
    """
    document = {
        "action": event.action,
        "aggregate_id": event.aggregate_id,
        "changes": event.changes,
        "metadata": event.metadata,
        "resource": {"id": event.resource.id, "name": event.resource.name, "type": event.resource.type},
        "user_id": event.user_id,
    }
    for name, value in document.items():
        _require_recordable(value, name, event.action)


def _require_recordable(value: object, path: str, action: str) -> None:
    match value:
        case None | bool():
            return
        case int() if abs(value) <= _EXACT_INTEGERS:
            return
        case str():
            if _is_unicode(value):
                return
        case Mapping():
            for name, item in value.items():
                if not isinstance(name, str) or not _is_unicode(name):
                    raise LedgerError("ledger_value_refused", action=action, path=path, value=repr(name))
                _require_recordable(item, f"{path}.{name}", action)
            return
        case list() | tuple():
            for position, item in enumerate(value):
                _require_recordable(item, f"{path}[{position}]", action)
            return
    raise LedgerError("ledger_value_refused", action=action, path=path, value=repr(value))


def _is_unicode(text: str) -> bool:
    # File names that are no valid UTF-8 reach Python as lone surrogates.
    return not any("\ud800" <= character <= "\udfff" for character in text) if not text.isascii() else True


def encode(new: NewEvent, *, seq: int, event_id: str, timestamp: datetime) -> str:
    """The canonical JSON of an event: the text that is stored and whose UTF-8 bytes are hashed."""
    return rfc8785.dumps(
        {
            "action": str(new.action),
            "aggregate_id": new.aggregate_id,
            "changes": new.changes,
            "event_id": event_id,
            "metadata": new.metadata,
            "resource": {"id": new.resource.id, "name": new.resource.name, "type": new.resource.type},
            "schema_version": SCHEMA_VERSION,
            "seq": seq,
            "timestamp": _spell(timestamp),
            "user_id": new.user_id,
        }
    ).decode("utf-8")


def decode(text: str) -> Event:
    """An event from its stored text, in the shape of today's schema version.

    Raises:
        LedgerError: `ledger_event_newer`: it was written by a newer ValidaHub.
        ValueError, KeyError, TypeError: the text is no event.
    """
    document: dict[str, Any] = upcast(json.loads(text))
    resource = document["resource"]
    return Event(
        seq=document["seq"],
        event_id=document["event_id"],
        timestamp=datetime.fromisoformat(document["timestamp"]),
        user_id=document["user_id"],
        action=document["action"],
        aggregate_id=document["aggregate_id"],
        resource=Resource(resource["type"], resource["id"], resource["name"]),
        changes=document["changes"],
        metadata=document["metadata"],
        schema_version=document["schema_version"],
    )


def _spell(moment: datetime) -> str:
    """RFC 3339 in UTC with microseconds, always of the same length."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z"
