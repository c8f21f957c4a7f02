"""Stage 4: put the corrected file where the seller finds it, with its report, and say so."""

from __future__ import annotations

from typing import Final

from validahub_pipeline.errors import LedgerError, StorageError
from validahub_pipeline.ledger.events import Action
from validahub_pipeline.rulepacks import ResolvedPack
from validahub_pipeline.stages import manifest as manifests
from validahub_pipeline.stages import works
from validahub_pipeline.stages.conclusion import conclude, end_of, restate
from validahub_pipeline.stages.correcting import gate_facts, verdict_of, write_corrected
from validahub_pipeline.stages.delivering import Delivered, is_delivered_as_corrected, put_delivered
from validahub_pipeline.stages.failures import raise_if_final, recorded
from validahub_pipeline.stages.result import StageResult, Stopwatch
from validahub_pipeline.stages.services import Services
from validahub_pipeline.stages.upload import Upload, scratch_folder
from validahub_pipeline.storage.layout import corrected_name

STAGE: Final = "publish"


def publish(services: Services, validation_id: str) -> StageResult:
    """Publish one corrected upload, as its first revision or the one that was asked for last. A revision that has
    ended, published or refused, stays as it is.

    Raises:
        LedgerError: `detail_changed`; the corrected file had to be worked out again and came out otherwise.
    """
    watch = Stopwatch()
    upload = Upload.require(services, validation_id, after=Action.CORRECTIONS_SUGGESTED)
    raise_if_final(upload)
    manifest = manifests.read(services, upload)
    end = end_of(upload)
    if end is not None:
        manifest = restate(services, upload, manifest)
        services.seal()
        return StageResult(STAGE, validation_id, end.changes, manifest, end.changes.get("reason"), repeated=True)
    with recorded(services, upload, STAGE, watch):
        pack, verdict = upload.pack(services), verdict_of(services, upload)
        delivered = _put_corrected(services, upload, pack, verdict.critical_rows)
        told = {"records": verdict.records, **delivered.facts}
        stored = delivered.objects["corrected"]
        work = works.published(upload, pack, manifest, stored, records=told["records"], headers=delivered.headers)
        event, manifest = conclude(
            services,
            upload,
            manifest,
            Action.FILE_PUBLISHED,
            {
                "revision": upload.revision,
                **told,
                "gate": gate_facts(verdict),
                "objects": delivered.objects,
                "milliseconds": watch.milliseconds(),
            },
            work=work,
            started=watch.at,
        )
        return StageResult(STAGE, validation_id, event.changes, manifest)


def _put_corrected(services: Services, upload: Upload, pack: ResolvedPack, critical: int) -> Delivered:
    """Put the corrected file from scratch into the lake, working it out again where scratch has lost it."""
    folder = scratch_folder(services, upload.validation_id)
    name = corrected_name(upload.revision)
    local = folder / name
    expected = upload.revised_changes(Action.CORRECTIONS_APPLIED)["corrected"]
    if not local.exists() or local.stat().st_size != expected["size"]:
        write_corrected(services, upload, pack, folder)
    services.progress(STAGE, 0, expected["size"])
    if not is_delivered_as_corrected(pack, critical):
        return put_delivered(services, upload, pack, folder, expected["sha256"])
    try:
        stored = services.lake.put_file(local, upload.key(name), move=True, expect=expected["sha256"])
    except StorageError as error:
        if error.code != "object_changed":
            raise
        # Not what was recorded: gone with scratch, so that the next attempt works it out from the rows.
        local.unlink(missing_ok=True)
        raise LedgerError("detail_changed", validation_id=upload.validation_id, stage=STAGE) from error
    services.progress(STAGE, expected["size"], expected["size"])
    return Delivered({"corrected": manifests.described(stored)})
