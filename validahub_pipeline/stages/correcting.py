"""Stage 3: correct what is safe to correct and what people decided, propose the rest, validate again, and let the gate
decide. A revision that somebody asked for is made by the same stage: from the rows, anew.
"""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

import polars as pl

from validahub_pipeline.engine import CorrectionResult
from validahub_pipeline.engine import correct as apply_corrections
from validahub_pipeline.ledger import Detail, DetailDigest
from validahub_pipeline.ledger.events import SYSTEM, Action, NewEvent
from validahub_pipeline.rulepacks import ResolvedPack, match_columns, personal_columns
from validahub_pipeline.stages import figures, works
from validahub_pipeline.stages import manifest as manifests
from validahub_pipeline.stages.conclusion import conclude, end_of, restate
from validahub_pipeline.stages.delivering import CRITICAL, CriticalRows, rows_not_let_through
from validahub_pipeline.stages.failures import raise_if_final, recorded
from validahub_pipeline.stages.gate import Verdict, judge
from validahub_pipeline.stages.ingesting import REPAIRS
from validahub_pipeline.stages.referring import columns_to_refer, refer
from validahub_pipeline.stages.reporting import ErrorLists, Left
from validahub_pipeline.stages.result import StageResult, Stopwatch
from validahub_pipeline.stages.services import Services
from validahub_pipeline.stages.tracing import trace
from validahub_pipeline.stages.upload import Upload, event_of, scratch_folder
from validahub_pipeline.storage.layout import ROWS, SUGGESTIONS, corrected_name, of_revision

STAGE: Final = "correct"
AUTO: Final = "auto"
MANUAL: Final = "manual"
_CHANGES: Final = {AUTO: "corrections.parquet", MANUAL: "manual.parquet"}
"""By mode, where the engine writes the changes."""


def correct(services: Services, validation_id: str) -> StageResult:
    """Correct one upload, or make the revision of it that was asked for last. The corrected file itself waits in
    scratch until `publish` puts it into the lake."""
    watch = Stopwatch()
    upload = Upload.require(services, validation_id, after=Action.VALIDATION_COMPLETED)
    raise_if_final(upload)
    end = end_of(upload)
    if end is not None:
        manifest = restate(services, upload, manifests.read(services, upload))
        services.seal()
        applied = upload.revised_changes(Action.CORRECTIONS_APPLIED)
        return StageResult(STAGE, validation_id, applied, manifest, end.changes.get("reason"), repeated=True)
    with recorded(services, upload, STAGE, watch):
        if upload.revised(Action.CORRECTIONS_SUGGESTED):
            return _decide(services, upload, manifests.read(services, upload), repeated=True)
        return _correct(services, upload, watch)


def write_corrected(
    services: Services, upload: Upload, pack: ResolvedPack, folder: Path, *, left: Left | None = None
) -> CorrectionResult:
    """Work out the corrected file, its corrections and suggestions into `folder`; the same input gives the same
    bytes, so that a lost scratch folder costs time and nothing else. `left` is handed what is still wrong."""
    ingested = upload.changes(Action.FILE_INGESTED)
    asked = upload.changes(Action.REVISION_STARTED)
    with ExitStack() as held:
        decided = asked.get("objects", {}).get("decisions")
        match = match_columns(pack, ingested["columns"])
        critical = CriticalRows(pack, match, ingested["columns"]) if pack.gate.partial == "drop" else None
        result = apply_corrections(
            held.enter_context(services.lake.local(upload.key(ROWS))),
            pack,
            match,
            corrected=folder / corrected_name(upload.revision),
            corrections=folder / _CHANGES[AUTO],
            suggestions=folder / SUGGESTIONS,
            repairs=held.enter_context(services.lake.local(upload.key(REPAIRS))),
            decisions=held.enter_context(services.lake.local(decided["key"])) if decided else None,
            manual=folder / _CHANGES[MANUAL] if asked else None,
            rejected=[(found["code"], found["column"]) for found in asked.get("rejected", ())],
            left=_handed_to(left, critical.add if critical else None),
            progress=lambda done: services.progress(STAGE, done, ingested["records"]),
        )
        if critical:
            critical.write(folder / CRITICAL)
        return result


def _handed_to(*takers: Left | None) -> Left | None:
    """One that hands what is left on to all who want it."""
    wanting = [taker for taker in takers if taker]
    if not wanting:
        return None

    def hand(rows: pl.DataFrame, violations: pl.DataFrame) -> None:
        for taker in wanting:
            taker(rows, violations)

    return hand


def _correct(services: Services, upload: Upload, watch: Stopwatch) -> StageResult:
    scratch = scratch_folder(services, upload.validation_id)
    pack = upload.pack(services)
    revision = upload.revision
    with ErrorLists(upload, pack, upload.changes(Action.FILE_INGESTED)["columns"], scratch) as lists:
        result = write_corrected(services, upload, pack, scratch, left=lists.write)
    left_out = rows_not_let_through(pack, upload.changes(Action.FILE_INGESTED)["columns"], scratch, revision)
    verdict = judge(
        pack.gate,
        records=upload.changes(Action.FILE_INGESTED)["records"],
        critical_rows=result.remaining.critical_rows,
        missing=tuple(figures.missing(result)),
        left_out=left_out,
    )
    changes, referred = _recordable(upload, pack, scratch, published=not verdict.refused)
    key = upload.key(of_revision(SUGGESTIONS, revision))
    suggestions = manifests.described(services.lake.put_file(scratch / SUGGESTIONS, key, move=True))
    errors = lists.put(services)
    details = {mode: _record(services, upload, mode, found) for mode, found in changes.items()}
    manifest = manifests.read(services, upload)
    corrected = manifests.file_digest(scratch / corrected_name(revision))
    written = {"corrected": corrected, "suggestions": suggestions, **errors}
    trace(services, upload, works.corrected(upload, manifest, result, written, details.values()), started=watch.at)
    milliseconds = watch.milliseconds()
    manifest["objects"] |= {"suggestions": suggestions, **errors}
    manifest["corrections"] = figures.summary(result, revision) | {"remaining_rows": lists.first.rows()}
    manifest["corrections"]["gate"] = gate_facts(verdict)
    manifest["seconds"][STAGE] = milliseconds / 1000
    manifests.write(services, upload, manifest)
    shared = figures.remaining(result) | {"corrected": corrected, "referred": referred, "milliseconds": milliseconds}
    shared["objects"] = errors
    if left_out is not None:
        shared["left_out_rows"] = left_out
    events = services.ledger.append(
        [
            *(_applied(upload, mode, result, detail, shared) for mode, detail in details.items()),
            event_of(
                upload,
                Action.CORRECTIONS_SUGGESTED,
                {"revision": revision, **figures.suggested(result), "objects": {"suggestions": suggestions}},
            ),
        ],
        idempotency=f"{upload.validation_id}/corrections/r{revision}",
    )
    for path in changes.values():
        path.unlink()
    return _decide(services, Upload((*upload.events, *events)), manifest)


def _recordable(
    upload: Upload, pack: ResolvedPack, folder: Path, *, published: bool
) -> tuple[dict[str, Path], list[str]]:
    """By mode, the corrections as the ledger is to hold them; and the columns whose texts it leaves to the objects, of
    which the corrected file is one if it is going to be published."""
    modes = [AUTO, MANUAL] if upload.event(Action.REVISION_STARTED) else [AUTO]
    changes = {mode: folder / _CHANGES[mode] for mode in modes}
    personal = personal_columns(pack, upload.changes(Action.FILE_INGESTED)["columns"])
    referred = columns_to_refer(list(changes.values()), upload_size=upload.uploaded.changes["size"], sealed=personal)
    if not referred:
        return changes, []
    shortened = {}
    for mode, path in changes.items():
        shortened[mode] = folder / f"recorded-{mode}.parquet"
        refer(path, referred, shortened[mode], published=published)
        path.unlink()
    return shortened, referred


def _record(services: Services, upload: Upload, mode: str, changes: Path) -> DetailDigest:
    prefix = f"{upload.validation_id}/corrections/r{upload.revision}"
    return services.ledger.record_detail(
        Detail.CORRECTIONS,
        changes,
        constants={
            "validation_id": upload.validation_id,
            "revision": upload.revision,
            "mode": mode,
            "applied_by": _applied_by(upload, mode),
            "month": upload.month,
        },
        idempotency=prefix if mode == AUTO else f"{prefix}/{mode}",
        personal=upload.personal(services),
        subject=upload.user_id,
    )


def _applied(
    upload: Upload, mode: str, result: CorrectionResult, detail: DetailDigest, shared: dict[str, Any]
) -> NewEvent:
    changes: dict[str, Any] = {"revision": upload.revision, "mode": mode}
    if mode == MANUAL:
        changes["decision"] = upload.changes(Action.REVISION_STARTED)["decision"]
    return event_of(
        upload,
        Action.CORRECTIONS_APPLIED,
        {
            **changes,
            **figures.applied(result.manual if mode == MANUAL else result.counts),
            **shared,
            "detail": {"rows": detail.rows, "sha256": detail.sha256},
        },
        user_id=_applied_by(upload, mode),
    )


def _applied_by(upload: Upload, mode: str) -> str:
    asked = upload.event(Action.REVISION_STARTED)
    return asked.user_id if mode == MANUAL and asked else SYSTEM


def _decide(services: Services, upload: Upload, manifest: dict[str, Any], *, repeated: bool = False) -> StageResult:
    """Ask the gate. A refusal ends the upload here, so that nothing after it has to run to say so."""
    applied = upload.revised_changes(Action.CORRECTIONS_APPLIED)
    verdict = verdict_of(services, upload)
    reason = verdict.reason(upload.lang)
    if reason is not None:
        _, manifest = conclude(
            services,
            upload,
            manifest,
            Action.PUBLICATION_REFUSED,
            {"revision": upload.revision, "reason": reason, "gate": gate_facts(verdict)},
        )
    services.catch_up()
    return StageResult(STAGE, upload.validation_id, applied, manifest, refused_because=reason, repeated=repeated)


def verdict_of(services: Services, upload: Upload) -> Verdict:
    """The gate's verdict on an upload that has been corrected, from what its events say."""
    applied = upload.revised_changes(Action.CORRECTIONS_APPLIED)
    return judge(
        upload.pack(services).gate,
        records=upload.changes(Action.FILE_INGESTED)["records"],
        critical_rows=applied["remaining_critical_rows"],
        missing=tuple(applied["remaining_missing"]),
        left_out=applied.get("left_out_rows"),
    )


def gate_facts(verdict: Verdict) -> dict[str, Any]:
    """What a gate decided by, as events name it."""
    facts = {"critical_rows": verdict.critical_rows, "limit_bp": verdict.limit_bp, "partial": verdict.partial}
    return facts | ({"left_out_rows": verdict.left_out} if verdict.partial == "drop" else {})
