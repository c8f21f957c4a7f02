"""`validahub correct` and `validahub undo`: what somebody decided becomes the next revision of an upload."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from rich.console import Console

from validahub_pipeline import launch
from validahub_pipeline.commands.outcome import DONE, REFUSED, print_json
from validahub_pipeline.embedded.services import services as running_services
from validahub_pipeline.errors import InputError
from validahub_pipeline.exclusive import upload_lock
from validahub_pipeline.instance import open_instance
from validahub_pipeline.report import StageProgress
from validahub_pipeline.report.revisions import Made, print_made
from validahub_pipeline.settings import Settings
from validahub_pipeline.stages import Services, open_services
from validahub_pipeline.stages import manifest as manifests
from validahub_pipeline.stages.decision_files import read_cells, read_rows
from validahub_pipeline.stages.revising import Decision, Kind, is_pending, is_same, last_ended, require_ended, start
from validahub_pipeline.stages.upload import Upload

_STAGES: Final = ("correct", "publish")


def revise(settings: Settings, validation_id: str, decision: Decision, *, user: str, as_json: bool) -> int:
    """`validahub correct` and `validahub undo`: 0 published (or there already), 3 refused by the gate.

    A revision that a killed process left behind is made first. If it is due to the same decision, that is all there is
    to do: so a command can be repeated until it ends well.

    Raises:
        ValidaHubError: the decision does not fit the upload, and nothing was recorded; or the revision failed.
    """
    require_ended(open_services(settings), validation_id)
    progress = StageProgress(Console(stderr=True), settings.lang, stages=_STAGES)
    with running_services(settings) as urls, open_instance(settings, urls) as instance:
        services = open_services(settings, read_models_url=urls.validahub_url, progress=progress)

        def make(upload: Upload) -> None:
            with progress:
                outcome = launch.revise(instance, services, upload, lang=settings.lang)
            if outcome.error is not None:
                raise outcome.error

        with upload_lock(urls.validahub_url, validation_id):
            upload = require_ended(services, validation_id)
            finished = is_pending(upload) and is_same(services, upload, decision)
            if is_pending(upload):
                make(upload)
                upload = require_ended(services, validation_id)
            started = None if finished else start(services, upload, decision, user_id=user)
            if started is not None:
                make(started)
                upload = require_ended(services, validation_id)
        services.catch_up()
        made = _made(services, upload, repeated=started is None and not finished)
    if as_json:
        print_json(_told(made))
    else:
        print_made(made, settings.lang, Console())
    return DONE if made.published else REFUSED


def decision(
    *, accept: Sequence[str], reject: Sequence[str], corrections: Path | None, column: str | None, rows: Path | None
) -> Decision:
    """What the options of `validahub correct` ask for.

    Raises:
        InputError: `decision_needed`: nothing, several things at once, or a limit that does not belong to it; or a file
            cannot be read.
    """
    if [bool(accept), bool(reject), corrections is not None].count(True) != 1:
        raise InputError("decision_needed")
    if (rows is not None and not accept) or (column is not None and corrections is not None):
        raise InputError("decision_needed")
    if corrections is not None:
        return Decision(Kind.WRITE, file=read_cells(corrections))
    if reject:
        return Decision(Kind.REJECT, tuple(reject), column)
    return Decision(Kind.ACCEPT, tuple(accept), column, read_rows(rows) if rows else None)


def undoing(to_revision: int) -> Decision:
    """What `validahub undo` asks for."""
    return Decision(Kind.UNDO, to_revision=to_revision)


def _made(services: Services, upload: Upload, *, repeated: bool) -> Made:
    revisions = manifests.revisions(upload)
    told = next(one for one in revisions if one["revision"] == last_ended(upload))
    return Made(
        manifest=manifests.read(services, upload),
        told=told,
        repeated=repeated,
        locations={name: services.lake.uri(found["key"]) for name, found in told["objects"].items()},
    )


def _told(made: Made) -> Mapping[str, Any]:
    """What `--json` ends with."""
    done = made.manifest["corrections"]
    return {
        "validation_id": made.manifest["validation_id"],
        "revision": made.told["revision"],
        "decision": made.told["decision"],
        "repeated": made.repeated,
        "published": made.published,
        "refused_because": made.told["refused_because"],
        "cells": made.told["cells"],
        "cells_by_people": made.told["cells_by_people"],
        "suggestions": done["suggestions"],
        "remaining": done["remaining"],
        "remaining_critical_rows": done["remaining_critical_rows"],
        "objects": made.locations,
    }
