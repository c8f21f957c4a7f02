"""How an upload ends, published or refused: the report first, then the event, then the manifest that repeats it."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from validahub_pipeline.ledger.events import Action, Event
from validahub_pipeline.lineage import State, Work
from validahub_pipeline.report import render
from validahub_pipeline.stages import manifest as manifests
from validahub_pipeline.stages.services import Services
from validahub_pipeline.stages.tracing import trace_end
from validahub_pipeline.stages.upload import Upload, event_of
from validahub_pipeline.storage.layout import REPORT, of_revision


def end_of(upload: Upload, revision: int | None = None) -> Event | None:
    """The event that ended a revision of the upload (default: the last), if it has ended."""
    return upload.revised(Action.FILE_PUBLISHED, revision) or upload.revised(Action.PUBLICATION_REFUSED, revision)


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
    page = render(_told(upload, manifest, action, changes), upload.pack(services), upload.lang)
    report_key = upload.key(of_revision(REPORT, upload.revision))
    report = services.lake.put_bytes(page.encode("utf-8"), report_key, replace=True)
    objects = {**changes.get("objects", {}), "report": manifests.described(report)}
    state = State.COMPLETE if action == Action.FILE_PUBLISHED else State.ABORT
    trace_end(services, upload, state, changes, why=changes.get("reason"), last=work, started=started)
    events = services.ledger.append(
        [event_of(upload, action, {**changes, "objects": objects})],
        idempotency=f"{upload.validation_id}/{action}/r{upload.revision}",
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
    final = _told(upload, manifest, Action(end.action), end.changes)
    if final != manifest:
        manifests.write(services, upload, final)
    shutil.rmtree(services.settings.scratch / upload.validation_id, ignore_errors=True)
    return final


def _told(upload: Upload, manifest: Mapping[str, Any], action: Action, changes: Mapping[str, Any]) -> dict[str, Any]:
    published = action == Action.FILE_PUBLISHED
    earlier = upload.event(Action.FILE_PUBLISHED)
    # What a published file has beside it is its own, and no other revision's.
    kept = {name: one for name, one in manifest["objects"].items() if not (published and name in manifests.BESIDE)}
    told = {
        **manifest,
        "objects": {**kept, **changes.get("objects", {})},
        "publication": {
            "published": published,
            "refused_because": None if published else changes["reason"],
            # Whatever became of the last revision, this is the one that stands.
            "revision": upload.revision if published else earlier.changes["revision"] if earlier else None,
        },
        "revisions": manifests.revisions(upload),
    }
    told["publication"] |= {name: changes[name] for name in ("gate", *manifests.OF_DELIVERY) if name in changes}
    if "milliseconds" in changes:
        told["seconds"] = {**manifest["seconds"], "publish": changes["milliseconds"] / 1000}
    return told
