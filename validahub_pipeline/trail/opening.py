"""Events as people are to see them: opened where the key exists, with a tombstone in their language where not."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, Final

from validahub_pipeline.ledger import Event, Ledger
from validahub_pipeline.ledger.privacy import Tombstones
from validahub_pipeline.messages import Language, message

_BATCH: Final = 512


def tombstones(lang: Language) -> Tombstones:
    """What is shown in place of a text, in a language."""
    return Tombstones(**{name: message("trail", f"tombstone_{name}", lang) for name in ("erased", "sealed", "altered")})


def opened(
    events: Iterable[tuple[Event, bytes]], ledger: Ledger, lang: Language, *, bytes_too: bool = False
) -> Iterator[tuple[Event, bytes]]:
    """The events with the names of persons and their texts; with `bytes_too` the JSON says the same, and then is no
    longer what the ledger hashes."""
    left = iter(events)
    while batch := list(islice(left, _BATCH)):
        shown = ledger.reveal((event for event, _ in batch), tombstones(lang), names=True)
        for event, (_, text) in zip(shown, batch, strict=True):
            yield event, _as_shown(event, text) if bytes_too else text


def _as_shown(event: Event, text: bytes) -> bytes:
    document: dict[str, Any] = json.loads(text)
    document |= {"user_id": event.user_id, "changes": event.changes, "metadata": event.metadata}
    document["resource"] |= {"name": event.resource.name}
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode("utf-8")
