"""A rule pack made known: its resolved form kept for ever, and the event that says what it changes.

A pack is known before a validation that uses it has started; where that cannot be recorded, nothing starts.
"""

from __future__ import annotations

from validahub_pipeline.ledger.events import SYSTEM, Action, Event, NewEvent, Resource
from validahub_pipeline.rulepacks import ResolvedPack, to_json
from validahub_pipeline.rulepacks.differences import difference, recorded
from validahub_pipeline.stages.services import Services
from validahub_pipeline.stages.upload import pack_key


def make_known(services: Services, pack: ResolvedPack, *, user_id: str = SYSTEM) -> Event | None:
    """Store a resolved pack, and record `rule_pack_published` where this state of it has not been used before.

    Exactly once per pack, category and hash, whoever does it at the same time and however often it is killed: the
    states of a pack for a category are numbered, and whoever finds a number taken looks anew at what it follows.

    Returns:
        The event, or None where another one had announced the pack already.

    Raises:
        LedgerError: the event cannot be recorded.
        StorageError: the pack cannot be stored, or the state before it is gone (`object_missing`).
    """
    key = pack_key(pack.name, pack.hash)
    aggregate = f"rule_pack/{pack.name}/{pack.category}"
    # The object first: an event without it would vouch for nothing.
    services.lake.put_bytes(to_json(pack), key)
    while True:
        history = services.ledger.history(aggregate)
        if any(event.changes["hash"] == pack.hash for event in history):
            return None
        announcement = NewEvent(
            action=Action.RULE_PACK_PUBLISHED,
            aggregate_id=aggregate,
            user_id=user_id,
            resource=Resource("rule_pack", pack.hash, pack.name),
            changes={
                "name": pack.name,
                "version": pack.version,
                "category": pack.category,
                "hash": pack.hash,
                "on": pack.on.isoformat(),
                **_following(services, pack, history[-1] if history else None),
            },
        )
        event = services.ledger.append([announcement], idempotency=f"{aggregate}/{len(history) + 1}")[0]
        if event.changes["hash"] == pack.hash:
            return event


def _following(services: Services, pack: ResolvedPack, previous: Event | None) -> dict[str, object]:
    """What the state before this one was, and what this one changes in it."""
    if previous is None:
        return {"previous": None, "difference": None}
    before = services.lake.read_bytes(pack_key(pack.name, previous.changes["hash"]))
    return {"previous": previous.changes["hash"], "difference": recorded(difference(before, to_json(pack)))}
