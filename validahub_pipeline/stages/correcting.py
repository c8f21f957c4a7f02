"""Stage 3: correct what is safe to correct, propose the rest, validate again, and let the gate decide."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from validahub_pipeline.engine import CorrectionCount, CorrectionExample, CorrectionResult
from validahub_pipeline.engine import correct as apply_corrections
from validahub_pipeline.ledger import Detail
from validahub_pipeline.ledger.events import SYSTEM, Action
from validahub_pipeline.rulepacks import ResolvedPack, Severity, match_columns
from validahub_pipeline.stages import manifest as manifests
from validahub_pipeline.stages import works
from validahub_pipeline.stages.conclusion import REVISION, conclude, end_of, restate
from validahub_pipeline.stages.failures import raise_if_final, recorded
from validahub_pipeline.stages.gate import Verdict, judge
from validahub_pipeline.stages.ingesting import REPAIRS
from validahub_pipeline.stages.referring import columns_to_refer, refer
from validahub_pipeline.stages.reporting import Left, error_lists, put_error_lists
from validahub_pipeline.stages.result import StageResult, Stopwatch
from validahub_pipeline.stages.services import Services
from validahub_pipeline.stages.tracing import trace
from validahub_pipeline.stages.upload import Upload, event_of, scratch_folder
from validahub_pipeline.stages.validating import counted, examples, per_code
from validahub_pipeline.storage.layout import ROWS, corrected_name

STAGE: Final = "correct"
SUGGESTIONS: Final = "suggestions.parquet"


def correct(services: Services, validation_id: str) -> StageResult:
    """Correct one upload. The corrected file itself waits in scratch until `publish` puts it into the lake."""
    watch = Stopwatch()
    upload = Upload.require(services, validation_id, after=Action.VALIDATION_COMPLETED)
    raise_if_final(upload)
    end = end_of(upload)
    if end is not None:
        manifest = restate(services, upload, manifests.read(services, upload))
        services.seal()
        applied = upload.changes(Action.CORRECTIONS_APPLIED)
        return StageResult(STAGE, validation_id, applied, manifest, end.changes.get("reason"), repeated=True)
    with recorded(services, upload, STAGE, watch):
        if upload.event(Action.CORRECTIONS_SUGGESTED):
            return _decide(services, upload, manifests.read(services, upload), repeated=True)
        return _correct(services, upload, watch)


def write_corrected(
    services: Services, upload: Upload, pack: ResolvedPack, folder: Path, *, left: Left | None = None
) -> CorrectionResult:
    """Work out the corrected file, its corrections and suggestions into `folder`; the same input gives the same
    bytes, so that a lost scratch folder costs time and nothing else. `left` is handed what is still wrong."""
    ingested = upload.changes(Action.FILE_INGESTED)
    with services.lake.local(upload.key(ROWS)) as rows, services.lake.local(upload.key(REPAIRS)) as repairs:
        return apply_corrections(
            rows,
            pack,
            match_columns(pack, ingested["columns"]),
            corrected=folder / corrected_name(REVISION),
            corrections=folder / "corrections.parquet",
            suggestions=folder / SUGGESTIONS,
            repairs=repairs,
            left=left,
            progress=lambda done: services.progress(STAGE, done, ingested["records"]),
        )


def _correct(services: Services, upload: Upload, watch: Stopwatch) -> StageResult:
    scratch = scratch_folder(services, upload.validation_id)
    pack = upload.pack(services)
    with error_lists(upload, pack, upload.changes(Action.FILE_INGESTED)["columns"], scratch) as left:
        result = write_corrected(services, upload, pack, scratch, left=left)
    corrections, referred = _recordable(upload, pack, result, scratch)
    suggestions = manifests.described(services.lake.put_file(scratch / SUGGESTIONS, upload.key(SUGGESTIONS), move=True))
    errors = put_error_lists(services, upload, scratch)
    detail = services.ledger.record_detail(
        Detail.CORRECTIONS,
        corrections,
        constants={
            "validation_id": upload.validation_id,
            "revision": REVISION,
            "mode": "auto",
            "applied_by": SYSTEM,
            "month": upload.month,
        },
        idempotency=f"{upload.validation_id}/corrections/r{REVISION}",
    )
    manifest = manifests.read(services, upload)
    corrected = manifests.file_digest(scratch / corrected_name(REVISION))
    written = {"corrected": corrected, "suggestions": suggestions, **errors}
    trace(services, upload, works.corrected(upload, manifest, result, written, detail), started=watch.at)
    milliseconds = watch.milliseconds()
    manifest["objects"] |= {"suggestions": suggestions, **errors}
    manifest["corrections"] = _summary(result)
    manifest["seconds"][STAGE] = milliseconds / 1000
    manifests.write(services, upload, manifest)
    applied = _applied(result) | {
        "corrected": corrected,
        "referred": referred,
        "objects": errors,
        "detail": {"rows": detail.rows, "sha256": detail.sha256},
        "milliseconds": milliseconds,
    }
    events = services.ledger.append(
        [
            event_of(upload, Action.CORRECTIONS_APPLIED, applied),
            event_of(
                upload, Action.CORRECTIONS_SUGGESTED, _suggested(result) | {"objects": {"suggestions": suggestions}}
            ),
        ],
        idempotency=f"{upload.validation_id}/corrections/r{REVISION}",
    )
    corrections.unlink()
    return _decide(services, Upload((*upload.events, *events)), manifest)


def _recordable(upload: Upload, pack: ResolvedPack, result: CorrectionResult, folder: Path) -> tuple[Path, list[str]]:
    """The corrections as the ledger is to hold them, and the columns whose texts it leaves to the objects."""
    corrections = folder / "corrections.parquet"
    referred = columns_to_refer(corrections, upload_size=upload.uploaded.changes["size"])
    if not referred:
        return corrections, []
    verdict = judge(
        pack.gate,
        records=upload.changes(Action.FILE_INGESTED)["records"],
        critical_rows=result.remaining.critical_rows,
        missing=tuple(_missing(result)),
    )
    refer(corrections, referred, folder / "recorded.parquet", published=not verdict.refused)
    corrections.unlink()
    return folder / "recorded.parquet", referred


def _applied(result: CorrectionResult) -> dict[str, Any]:
    return {
        "revision": REVISION,
        "mode": "auto",
        "cells": result.cells,
        "corrections": _per_code(result.counts),
        "by_column": _by_column(result.counts),
        "remaining": per_code(result.remaining.counts),
        "remaining_critical_rows": result.remaining.critical_rows,
        "remaining_missing": _missing(result),
    }


def _suggested(result: CorrectionResult) -> dict[str, Any]:
    return {
        "revision": REVISION,
        "suggestions": _per_code(result.suggested),
        "by_column": _by_column(result.suggested),
    }


def _decide(services: Services, upload: Upload, manifest: dict[str, Any], *, repeated: bool = False) -> StageResult:
    """Ask the gate. A refusal ends the upload here, so that nothing after it has to run to say so."""
    applied = upload.changes(Action.CORRECTIONS_APPLIED)
    verdict = verdict_of(services, upload)
    reason = verdict.reason(upload.lang)
    if reason is not None:
        _, manifest = conclude(
            services,
            upload,
            manifest,
            Action.PUBLICATION_REFUSED,
            {"revision": REVISION, "reason": reason, "gate": gate_facts(verdict)},
        )
    services.catch_up()
    return StageResult(STAGE, upload.validation_id, applied, manifest, refused_because=reason, repeated=repeated)


def verdict_of(services: Services, upload: Upload) -> Verdict:
    """The gate's verdict on an upload that has been corrected, from what its events say."""
    applied = upload.changes(Action.CORRECTIONS_APPLIED)
    return judge(
        upload.pack(services).gate,
        records=upload.changes(Action.FILE_INGESTED)["records"],
        critical_rows=applied["remaining_critical_rows"],
        missing=tuple(applied["remaining_missing"]),
    )


def gate_facts(verdict: Verdict) -> dict[str, int]:
    """The figures a gate decided by, as events name them."""
    return {"critical_rows": verdict.critical_rows, "limit_bp": verdict.limit_bp}


def _missing(result: CorrectionResult) -> list[str]:
    return [
        count.column
        for count in result.remaining.counts
        if count.code in {"column_missing", "column_ambiguous"} and count.severity == Severity.CRITICAL
    ]


def _summary(result: CorrectionResult) -> dict[str, Any]:
    return {
        "revision": REVISION,
        "cells": result.cells,
        "counts": _per_code(result.counts),
        "by_column": _by_column(result.counts),
        "examples": _examples(result.examples),
        "suggestions": _per_code(result.suggested),
        "suggestion_examples": _examples(result.suggestion_examples),
        "remaining": per_code(result.remaining.counts),
        "remaining_critical_rows": result.remaining.critical_rows,
        "remaining_by_column": counted(result.remaining)["by_column"],
        "remaining_examples": examples(result.remaining),
    }


def _per_code(counts: Iterable[CorrectionCount]) -> dict[str, int]:
    totals: dict[str, int] = {}
    for count in counts:
        totals[count.code] = totals.get(count.code, 0) + count.count
    return dict(sorted(totals.items(), key=lambda item: (-item[1], item[0])))


def _by_column(counts: Iterable[CorrectionCount]) -> list[dict[str, Any]]:
    return [
        {"code": count.code, "column": count.column, "confidence": str(count.confidence), "count": count.count}
        for count in counts
    ]


def _examples(found: Iterable[CorrectionExample]) -> list[dict[str, Any]]:
    return [
        {
            "code": example.code,
            "row": example.row,
            "line": example.line,
            "column": example.column,
            "before": example.before,
            "after": example.after,
            "confidence": str(example.confidence),
        }
        for example in found
    ]
