"""How an upload ends, published or refused: the report first, then the event, then the manifest that repeats it."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from validahub_pipeline.ledger.events import Action, Event
from validahub_pipeline.lineage import State, Work
from validahub_pipeline.report import render
from validahub_pipeline.stages import manifest as manifests
from validahub_pipeline.stages.services import Services
from validahub_pipeline.stages.tracing import trace_end
from validahub_pipeline.stages.upload import Upload, event_of
from validahub_pipeline.storage.layout import REPORT

REVISION: Final = 1


def end_of(upload: Upload) -> Event | None:
    """The event that ended the upload, if it has ended."""
    return upload.event(Action.FILE_PUBLISHED) or upload.event(Action.PUBLICATION_REFUSED)


def conclude(
    services: Services,
    upload: Upload,
    manifest: Mapping[str, Any],
    action: Action,
    changes: Mapping[str, Any],
    *,
    work: Work | None = None,
    started: datetime | None = None,
) -> tuple[Event, dict[str, Any]]:
    """End an upload: `changes` is the payload so far, with the objects that were added; the report joins them. `work`
    is what lineage is to tell of the stage that ends it and began when it `started`.

    Returns the recorded event and the final manifest. Called again after a crash, it ends where it would have.
    """
    # The report may be rendered twice around a crash, so it is replaced; its digest stands in the event.
    page = render(_told(manifest, action, changes), upload.pack(services), upload.lang)
    report = services.lake.put_bytes(page.encode("utf-8"), upload.key(REPORT), replace=True)
    objects = {**changes.get("objects", {}), "report": manifests.described(report)}
    state = State.COMPLETE if action == Action.FILE_PUBLISHED else State.ABORT
    trace_end(services, upload, state, changes, why=changes.get("reason"), last=work, started=started)
    events = services.ledger.append(
        [event_of(upload, action, {**changes, "objects": objects})],
        idempotency=f"{upload.validation_id}/{action}/r{REVISION}",
    )
    final = restate(services, Upload((*upload.events, *events)), manifest)
    services.seal()
    services.catch_up()
    return events[0], final


def restate(services: Services, upload: Upload, manifest: Mapping[str, Any]) -> dict[str, Any]:
    """The manifest with the upload's end in it, written where it was not, and scratch cleared: after the end's event
    only this is left to do, also for whoever comes after a process that was killed then."""
    end = end_of(upload)
    if end is None:
        return dict(manifest)
    final = _told(manifest, Action(end.action), end.changes)
    if final != manifest:
        manifests.write(services, upload, final)
    shutil.rmtree(services.settings.scratch / upload.validation_id, ignore_errors=True)
    return final


def _told(manifest: Mapping[str, Any], action: Action, changes: Mapping[str, Any]) -> dict[str, Any]:
    published = action == Action.FILE_PUBLISHED
    told = {
        **manifest,
        "objects": {**manifest["objects"], **changes.get("objects", {})},
        "publication": {
            "published": published,
            "refused_because": None if published else changes["reason"],
            "revision": REVISION if published else None,
        },
    }
    if "milliseconds" in changes:
        told["seconds"] = {**manifest["seconds"], "publish": changes["milliseconds"] / 1000}
    return told
