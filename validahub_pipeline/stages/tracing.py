"""Records the lineage of what the stages did, before their events, as all detail is; then sends it on to where the
installation wants it. What is told is the business of `works`.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from validahub_pipeline.ledger.events import Action
from validahub_pipeline.lineage import UPLOAD, State, Work, end_event, start_event
from validahub_pipeline.messages import message
from validahub_pipeline.stages import works
from validahub_pipeline.stages.services import Services
from validahub_pipeline.stages.upload import Upload

_TOLD: Final = logging.getLogger("validahub.lineage")


def trace(services: Services, upload: Upload, work: Work, *, started: datetime) -> None:
    """Record the lineage of a stage that is done, once per attempt."""
    _record(services, upload, _events(services, upload, work, started), work)


def trace_end(
    services: Services,
    upload: Upload,
    state: State,
    changes: Mapping[str, Any],
    *,
    why: str | None,
    last: Work | None = None,
    started: datetime | None = None,
) -> None:
    """Record how the whole upload ended, and the stage that ended it; a revision is of an upload that ended before, so
    only its stages are told of.

    Args:
        changes: payload of the event that is to say so.
        why: it was refused or failed.
        last: the work of that stage, where it was not recorded before; `started` is when it began.
    """
    events = _events(services, upload, last, started) if last and started else []
    if upload.revision > 1:
        if last is not None and events:
            _record(services, upload, events, last)
        return
    work = works.ended(upload, UPLOAD, state, changes, why)
    told = end_event(work, validation_id=upload.validation_id, at=datetime.now(UTC), lake=services.lake.root)
    _record(services, upload, [*events, told], work)


def forward(services: Services, upload: Upload, events: Sequence[bytes]) -> bool:
    """Send events on, where the installation asks for it; a failure is told and holds nothing up. Whether all went."""
    if services.forwarder is None or services.forwarder.resting:
        return False
    cause = services.forwarder.forward(events)
    if cause is not None:
        _TOLD.warning(
            message(
                "lineage",
                "not_forwarded",
                services.settings.lang,
                file=upload.file_name,
                url=services.forwarder.url,
                cause=cause,
                validation_id=upload.validation_id,
            )
        )
    return cause is None


def _events(services: Services, upload: Upload, work: Work, started: datetime) -> list[bytes]:
    about: dict[str, Any] = {"validation_id": upload.validation_id, "lake": services.lake.root}
    begun = upload.uploaded.timestamp
    events = [
        # The first stage begins before there is an upload; a parent never begins after its child.
        start_event(work.job, at=max(started, begun), attempt=_attempt(upload), **about),
        end_event(work, at=datetime.now(UTC), attempt=_attempt(upload), **about),
    ]
    if work.job == works.FIRST:
        events.insert(0, start_event(UPLOAD, at=begun, **about))
    return events


def _record(services: Services, upload: Upload, events: Sequence[bytes], work: Work) -> None:
    key = f"{upload.validation_id}/lineage/{work.job}/{_attempt(upload)}/{work.state}"
    services.ledger.record_lineage(upload.validation_id, events, idempotency=key)
    forward(services, upload, events)


def _attempt(upload: Upload) -> int:
    again = {Action.VALIDATION_FAILED, Action.REVISION_STARTED}
    return 1 + sum(event.action in again for event in upload.events)
