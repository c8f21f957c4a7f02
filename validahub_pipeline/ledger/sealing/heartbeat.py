"""The heartbeat: an event by the clock, sealed at once, so that silence can be told from a log that was cut off.

A signature cannot cover the record of itself. So each heartbeat carries the checkpoint signed just before it, and is
covered by the one signed just after it: the log itself keeps one signed checkpoint for every heartbeat there ever was.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from validahub_pipeline.errors import LedgerError
from validahub_pipeline.ledger.events import SYSTEM, Action, NewEvent, Resource
from validahub_pipeline.ledger.merkle.checkpoint import Checkpoint
from validahub_pipeline.ledger.sealing.copies import Delivery
from validahub_pipeline.ledger.sealing.rotation import AGGREGATE
from validahub_pipeline.ledger.sealing.sealer import Sealer

INTERVAL: Final = timedelta(minutes=5)
"""How often. Verification may be asked to accept no log whose last sealed event is older than a few of these."""


def beat(sealer: Sealer, now: datetime) -> Checkpoint:
    """Seal, record the heartbeat of this interval unless that was done, and seal it; the checkpoint that covers it.

    Raises:
        LedgerError: as `Sealer.seal` and `Ledger.append`; `checkpoint_copy_failed`, after everything was signed.
    """
    before = sealer.seal()
    heartbeat = NewEvent(
        action=Action.HEARTBEAT,
        aggregate_id=AGGREGATE,
        user_id=SYSTEM,
        resource=Resource("ledger", before.origin, before.origin),
        changes={"checkpoint": before.note, "size": before.size} | _told(sealer.copies.deliver(before, retry=True)),
    )
    slot = int(now.timestamp() // INTERVAL.total_seconds())
    sealer.ledger.append([heartbeat], idempotency=f"heartbeat/{slot}")
    sealed = sealer.seal()
    if failed := [delivery for delivery in sealer.copies.deliver(sealed, retry=True) if delivery.failed]:
        where, cause = ", ".join(delivery.where for delivery in failed), failed[0].failed
        raise LedgerError("checkpoint_copy_failed", retryable=True, copies=where, cause=cause)
    return sealed


def _told(deliveries: list[Delivery]) -> dict[str, Any]:
    """How far the copies have come, for the record."""
    if not deliveries:
        return {}
    return {
        "copies": [
            {"where": delivery.where, "size": max(delivery.size, 0), "failed": delivery.failed}
            for delivery in deliveries
        ]
    }
