"""Which partitions of uploads are archived: their keys go from Dagster, their history stays in the ledger for ever.

The UI slows down with the number of keys, and each new key makes it work out the status of all of them again. What may
go is decided by a pure function.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

import dagster as dg

from validahub_pipeline.ledger import Action, Event
from validahub_pipeline.partitions import PARTITION_TAG, UPLOADS

_ENDS: Final = {Action.FILE_PUBLISHED, Action.PUBLICATION_REFUSED, Action.VALIDATION_FAILED}
_UNFINISHED: Final = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.MANAGED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]


def archivable(
    keys: Sequence[str],
    ended: Mapping[str, datetime],
    busy: Collection[str],
    *,
    now: datetime,
    older_than: timedelta,
    keep: int,
) -> list[str]:
    """The keys that may go: those of uploads that ended longer ago than `older_than`, and the longest ended ones beyond
    the number to `keep`. Never one whose upload has not ended for good, or that a run is to work on.

    Args:
        keys: all there are.
        ended: when each upload ended that has.
        busy: keys with a run queued or in flight.
    """
    may_go = sorted((key for key in keys if key in ended and key not in busy), key=lambda key: ended[key])
    too_many = len(keys) - keep
    return [key for place, key in enumerate(may_go) if now - ended[key] > older_than or place < too_many]


def ended_uploads(events: Iterable[Event]) -> dict[str, datetime]:
    """When each upload ended, published, refused or failed for good, from its events; not one of which a revision is
    being made."""
    ended: dict[str, datetime] = {}
    for event in events:
        if event.action in _ENDS and not event.changes.get("retryable", False):
            ended[event.aggregate_id] = event.timestamp
        elif event.action == Action.REVISION_STARTED:
            ended.pop(event.aggregate_id, None)
    return ended


def busy_keys(instance: dg.DagsterInstance) -> set[str]:
    """The partitions with a run that has not ended, or that is going to be tried again."""
    unfinished = instance.get_runs(dg.RunsFilter(statuses=_UNFINISHED))
    return {run.tags[PARTITION_TAG] for run in unfinished if PARTITION_TAG in run.tags}


def archive(instance: dg.DagsterInstance, keys: Iterable[str]) -> list[str]:
    """Take keys out of Dagster, each after a last look whether a run has come for it; those that went."""
    gone = []
    for key in keys:
        waiting = instance.get_runs_count(dg.RunsFilter(tags={PARTITION_TAG: key}, statuses=_UNFINISHED))
        if waiting == 0:
            instance.delete_dynamic_partition(UPLOADS, key)
            gone.append(key)
    return gone


def forget(instance: dg.DagsterInstance, keys: Iterable[str]) -> int:
    """Take uploads out of Dagster with everything it knows of them, the runs' tags and events included; the number of
    runs. Those at work are left to their end."""
    count = 0
    for key in keys:
        for run in instance.get_runs(dg.RunsFilter(tags={PARTITION_TAG: key})):
            if run.is_finished:
                instance.delete_run(run.run_id)
                count += 1
        archive(instance, [key])
    return count
