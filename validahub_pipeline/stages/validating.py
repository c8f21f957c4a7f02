"""Stage 2: hold every row against the pinned pack; keep every violation."""

from __future__ import annotations

from typing import Any, Final

from validahub_pipeline.engine import CodeCount, ValidationResult
from validahub_pipeline.engine import validate as find_violations
from validahub_pipeline.ledger import Detail
from validahub_pipeline.ledger.events import Action
from validahub_pipeline.rulepacks import match_columns
from validahub_pipeline.stages import manifest as manifests
from validahub_pipeline.stages import works
from validahub_pipeline.stages.failures import raise_if_final, recorded
from validahub_pipeline.stages.result import StageResult, Stopwatch
from validahub_pipeline.stages.services import Services
from validahub_pipeline.stages.tracing import trace
from validahub_pipeline.stages.upload import Upload, event_of, scratch_folder
from validahub_pipeline.storage.layout import ROWS, VALIDATED

STAGE: Final = "validate"


def validate(services: Services, validation_id: str) -> StageResult:
    """Write `validated.csv` and the violations of one upload, then the event that vouches for them."""
    watch = Stopwatch()
    upload = Upload.require(services, validation_id, after=Action.FILE_INGESTED)
    raise_if_final(upload)
    if upload.event(Action.VALIDATION_COMPLETED):
        return StageResult(
            STAGE,
            validation_id,
            upload.changes(Action.VALIDATION_COMPLETED),
            manifests.read(services, upload),
            repeated=True,
        )
    with recorded(services, upload, STAGE, watch):
        return _validate(services, upload, watch)


def _validate(services: Services, upload: Upload, watch: Stopwatch) -> StageResult:
    scratch = scratch_folder(services, upload.validation_id)
    pack = upload.pack(services)
    ingested = upload.changes(Action.FILE_INGESTED)
    violations = scratch / "violations.parquet"
    with services.lake.local(upload.key(ROWS)) as rows:
        result = find_violations(
            rows,
            pack,
            match_columns(pack, ingested["columns"]),
            violations=violations,
            validated=scratch / VALIDATED,
            progress=lambda done: services.progress(STAGE, done, ingested["records"]),
        )
    validated = services.lake.put_file(scratch / VALIDATED, upload.key(VALIDATED), move=True)
    detail = services.ledger.record_detail(
        Detail.VIOLATIONS,
        violations,
        constants={"validation_id": upload.validation_id, "month": upload.month},
        idempotency=f"{upload.validation_id}/violations",
        personal=upload.personal(services),
        subject=upload.user_id,
    )
    manifest = manifests.read(services, upload)
    manifest["objects"]["validated"] = manifests.described(validated)
    trace(
        services,
        upload,
        works.validated(upload, pack, manifest["objects"], result, detail),
        started=watch.at,
    )
    milliseconds = watch.milliseconds()
    manifest["validation"] = counted(result) | {"examples": examples(result)}
    manifest["seconds"][STAGE] = milliseconds / 1000
    manifests.write(services, upload, manifest)
    events = services.ledger.append(
        [
            event_of(
                upload,
                Action.VALIDATION_COMPLETED,
                {
                    "pack": {"name": pack.name, "version": pack.version, "hash": pack.hash},
                    "records": result.records,
                    **counted(result),
                    "detail": {"rows": detail.rows, "sha256": detail.sha256},
                    "objects": {"validated": manifests.described(validated)},
                    "milliseconds": milliseconds,
                },
            )
        ],
        idempotency=f"{upload.validation_id}/{Action.VALIDATION_COMPLETED}",
    )
    violations.unlink()
    services.catch_up()
    return StageResult(STAGE, upload.validation_id, events[0].changes, manifest)


def counted(result: ValidationResult) -> dict[str, Any]:
    """The counts of a validation as events and manifest name them."""
    return {
        "rows_with_violations": result.rows_with_violations,
        "critical_rows": result.critical_rows,
        "violations": per_code(result.counts),
        "by_column": [
            {"code": count.code, "column": count.column, "severity": str(count.severity), "count": count.count}
            for count in result.counts
        ],
    }


def per_code(counts: tuple[CodeCount, ...]) -> dict[str, int]:
    """Violations per code over all columns, most frequent first."""
    totals: dict[str, int] = {}
    for count in counts:
        totals[count.code] = totals.get(count.code, 0) + count.count
    return dict(sorted(totals.items(), key=lambda item: (-item[1], item[0])))


def examples(result: ValidationResult) -> list[dict[str, Any]]:
    """A few violations per code, for people to look at."""
    return [
        {"code": code, "row": example.row, "line": example.line, "column": example.column, "value": example.value}
        for code, found in result.examples.items()
        for example in found
    ]
