"""The heartbeat: an event by the clock, sealed at once, so that silence can be told from a log that was cut off.

A signature cannot cover the record of itself. So each heartbeat carries the checkpoint signed just before it, and is
covered by the one signed just after it: the log itself keeps one signed checkpoint for every heartbeat there ever was.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from validahub_pipeline.ledger.events import SYSTEM, Action, NewEvent, Resource
from validahub_pipeline.ledger.merkle.checkpoint import Checkpoint
from validahub_pipeline.ledger.sealing.rotation import AGGREGATE
from validahub_pipeline.ledger.sealing.sealer import Sealer

INTERVAL: Final = timedelta(minutes=5)
"""How often. Verification may be asked to accept no log whose last sealed event is older than a few of these."""


def beat(sealer: Sealer, now: datetime) -> Checkpoint:
    """Seal, record the heartbeat of this interval unless that was done, and seal it; the checkpoint that covers it.

    Raises:
        LedgerError: as `Sealer.seal` and `Ledger.append`.
    """
    before = sealer.seal()
    heartbeat = NewEvent(
        action=Action.HEARTBEAT,
        aggregate_id=AGGREGATE,
        user_id=SYSTEM,
        resource=Resource("ledger", before.origin, before.origin),
        changes={"checkpoint": before.note, "size": before.size},
    )
    slot = int(now.timestamp() // INTERVAL.total_seconds())
    sealer.ledger.append([heartbeat], idempotency=f"heartbeat/{slot}")
    return sealer.seal()
