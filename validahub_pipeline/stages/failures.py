"""A stage that cannot go on says so in the ledger, cleans up after itself, and raises what the caller can explain."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from validahub_pipeline.errors import InputError, StorageError
from validahub_pipeline.ledger.events import Action
from validahub_pipeline.lineage import State
from validahub_pipeline.local_files import is_no_space
from validahub_pipeline.report import render
from validahub_pipeline.stages import manifest as manifests
from validahub_pipeline.stages import works
from validahub_pipeline.stages.result import Stopwatch
from validahub_pipeline.stages.services import Services
from validahub_pipeline.stages.tracing import trace, trace_end
from validahub_pipeline.stages.upload import Upload, event_of
from validahub_pipeline.storage.layout import REPORT, original_name


@contextmanager
def recorded(services: Services, upload: Upload, stage: str, watch: Stopwatch) -> Iterator[None]:
    """Run a stage's work; where the input or the disk ends it, record `validation_failed` and raise InputError.

    A failure of our own passes through untouched: it is retried, and is no verdict on the seller's file.
    """
    try:
        yield
    except Exception as error:
        if is_no_space(error):
            # Whatever file the disk was full for, the seller knows only the one that was handed in.
            full = InputError("no_space_left", file=upload.file_name, cause=_cause(error), retryable=True)
            _record_if_there_is_room(services, upload, stage, full, watch)
            raise full from error
        if isinstance(error, InputError):
            _record(services, upload, stage, error, watch)
        raise


def raise_if_final(upload: Upload) -> None:
    """Raise again what an earlier run of this upload ended with, if trying again cannot help."""
    failed = failed_for_good(upload)
    if failed is not None:
        raise InputError(failed["error"]["code"], **failed["error"]["values"])


def failed_for_good(upload: Upload) -> Mapping[str, Any] | None:
    """What the last failure says, if trying again cannot help. A failure before a revision was asked for is none of
    that revision's."""
    for event in reversed(upload.events):
        if event.action == Action.REVISION_STARTED:
            return None
        if event.action == Action.VALIDATION_FAILED:
            return None if event.changes["retryable"] else event.changes
    return None


def _cause(error: Exception) -> str:
    return str(error.values["cause"]) if isinstance(error, InputError) else str(error)


def _record_if_there_is_room(
    services: Services, upload: Upload, stage: str, error: InputError, watch: Stopwatch
) -> None:
    try:
        _record(services, upload, stage, error, watch)
    except Exception as unrecorded:
        # The ledger shares the full disk. Nothing was done that would need an event, and nothing will be.
        if not is_no_space(unrecorded):
            raise


def _record(services: Services, upload: Upload, stage: str, error: InputError, watch: Stopwatch) -> None:
    # Scratch first: on a full disk it may be what the ledger's own few bytes need.
    shutil.rmtree(services.settings.scratch / upload.validation_id, ignore_errors=True)
    told = {"code": error.code, "message": error.render(upload.lang)}
    objects = {} if error.retryable else _reported(services, upload, {"stage": stage, "error": told})
    _trace(services, upload, stage, error, watch)
    earlier = sum(event.action == Action.VALIDATION_FAILED for event in upload.events)
    services.ledger.append(
        [
            event_of(
                upload,
                Action.VALIDATION_FAILED,
                {
                    "stage": stage,
                    "error": told
                    | {
                        "values": {
                            name: value if isinstance(value, int) else str(value)
                            for name, value in error.values.items()
                        },
                    },
                    "retryable": error.retryable,
                    **({"objects": objects} if objects else {}),
                },
            )
        ],
        idempotency=f"{upload.validation_id}/{Action.VALIDATION_FAILED}/{earlier + 1}",
    )
    services.seal()
    services.catch_up()


def _reported(services: Services, upload: Upload, failure: Mapping[str, Any]) -> dict[str, Any]:
    """The report on an upload that failed, put into the lake with a manifest; how the event names it. There is none
    where no rules were pinned yet, since a report says by which it was made."""
    # The stage that failed may have pinned them itself.
    upload = Upload.load(services, upload.validation_id) or upload
    if not upload.event(Action.VALIDATION_STARTED):
        return {}
    pack = upload.pack(services)
    try:
        manifest = manifests.read(services, upload)
    except StorageError:
        manifest = manifests.begin(upload, pack)
        key = upload.key(original_name(upload.file_name))
        if services.lake.exists(key):
            kept = {"key": key, "size": upload.uploaded.changes["size"], "sha256": upload.uploaded.changes["sha256"]}
            manifest["objects"] = {"original": kept}
    manifest["failure"] = failure
    page = render(manifest, pack, upload.lang)
    report = manifests.described(services.lake.put_bytes(page.encode("utf-8"), upload.key(REPORT), replace=True))
    manifest["objects"]["report"] = report
    manifests.write(services, upload, manifest)
    return {"report": report}


def _impersonal(error: InputError, upload: Upload) -> InputError:
    """The error as lineage may tell it: the file by its validation, and no text of the seller's."""
    values = {name: value if isinstance(value, int) else "…" for name, value in error.values.items()}
    return InputError(error.code, retryable=error.retryable, **{**values, "file": upload.validation_id})


def _trace(services: Services, upload: Upload, stage: str, error: InputError, watch: Stopwatch) -> None:
    why = _impersonal(error, upload).render(upload.lang)
    work = works.failed(upload, stage, why)
    try:
        if error.retryable:
            trace(services, upload, work, started=watch.at)
        else:
            trace_end(services, upload, State.FAIL, {}, why=why, last=work, started=watch.at)
    except Exception as unrecorded:
        # The event is what counts, and may find the room that lineage did not.
        if not is_no_space(unrecorded):
            raise
