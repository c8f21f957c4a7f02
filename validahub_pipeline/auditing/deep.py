"""Everything beyond the log, one after the other; each part goes on where another found something wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from validahub_pipeline.auditing.cells import check_cells
from validahub_pipeline.auditing.details import check_details
from validahub_pipeline.auditing.objects import check_objects
from validahub_pipeline.auditing.vouched import VouchedRevision, VouchedUpload, gather
from validahub_pipeline.errors import LedgerError, ValidaHubError
from validahub_pipeline.ledger import Ledger
from validahub_pipeline.ledger.tables import AUDIT_EVENTS
from validahub_pipeline.ledger.verification.findings import Finding, Findings
from validahub_pipeline.ledger.verification.raw_table import RawTable
from validahub_pipeline.read_models import ReadModels
from validahub_pipeline.storage import Lake
from validahub_pipeline.subjects import SubjectKeeper


@dataclass(frozen=True)
class DeepReport:
    """What was looked at, and what was found. `read_models`: whether they were held against a fresh projection."""

    objects: int
    details: int
    files: int
    read_models: bool
    findings: tuple[Finding, ...]


def look_deep(lake: Lake, read_models: ReadModels | None, subjects: SubjectKeeper | None = None) -> DeepReport:
    """Check objects, detail rows and cells, and, where there are any, the read models and the keys of persons.

    Raises:
        StorageError: the lake cannot be reached.
    """
    findings = Findings()
    vouched = gather(RawTable(lake, AUDIT_EVENTS, Findings()))
    if vouched.unreadable:
        findings.tampered("event_not_understood", vouched.unreadable)
    good = check_objects(lake, vouched.objects.values(), findings)
    corrections = check_details(lake, vouched, findings)
    files = 0
    for validation_id, upload in vouched.uploads.items():
        for number, revision in upload.revisions.items():
            # What was altered has been told; polars panics at some damage, so nobody looks into such files.
            if corrections is not None and _needed(upload, revision) <= good:
                files += 1
                check_cells(
                    lake,
                    validation_id,
                    upload,
                    revision,
                    corrections=corrections.of(validation_id, number),
                    findings=findings,
                )
    compared = _check_read_models(lake, read_models, findings)
    if subjects is not None:
        _check_erased(vouched.erased, subjects, findings)
    return DeepReport(len(vouched.objects), len(vouched.details), files, compared, tuple(findings))


def _check_erased(erased: Mapping[str, int], subjects: SubjectKeeper, findings: Findings) -> None:
    """Whoever is recorded as erased has no key left: not for want of destroying it, and not out of a backup."""
    try:
        left = subjects.look_up(erased.keys()).keys() - subjects.erased()
    except ValidaHubError as error:
        findings.incomplete("keys_unknown", cause=str(error))
        return
    for subject in sorted(left):
        findings.incomplete("key_left", [erased[subject]], subject=subject)


def _needed(upload: VouchedUpload, revision: VouchedRevision) -> set[str | None]:
    return {upload.rows, upload.repairs, revision.corrected, *([revision.dropped] if revision.dropped else [])}


def _check_read_models(lake: Lake, read_models: ReadModels | None, findings: Findings) -> bool:
    """Hold the read models against a fresh projection, if there are any; whether that was done."""
    if read_models is None:
        findings.note("read_models_absent")
        return False
    try:
        compared = read_models.unlike(Ledger(lake.uri("tables"), lake.storage_options()))
    except LedgerError as error:
        findings.tampered("read_models_beyond", cause=str(error))
        return True
    except ValidaHubError as error:
        findings.incomplete("read_models_unknown", cause=str(error))
        return False
    if compared is None:
        findings.note("read_models_absent")
    elif compared[1]:
        findings.tampered("read_models_differ", [compared[0]], tables=", ".join(compared[1]))
    return compared is not None
