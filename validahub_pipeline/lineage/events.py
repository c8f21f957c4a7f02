"""The way into OpenLineage: finished work becomes run events, a `START` and the one that ends it.

Work tried again after a crash describes the same run, so run ids are derived, not drawn. Work tried again after a
failure that was recorded is another run: OpenLineage ends a run once.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Final

from validahub_pipeline.lineage.model import Work

UPLOAD: Final = "upload"
"""The job whose run is the validation itself, parent of the runs of its stages."""


def run_id(validation_id: str, job: str, attempt: int = 1) -> str:
    """The OpenLineage run id of a job of a validation; that of `UPLOAD` is the validation's own id."""
    if job == UPLOAD:
        return str(uuid.UUID(validation_id))
    return str(uuid.uuid5(uuid.UUID(validation_id), job if attempt == 1 else f"{job}/{attempt}"))


def start_event(job: str, *, validation_id: str, at: datetime, lake: str, attempt: int = 1) -> bytes:
    """The event that begins a run, as canonical JSON (RFC 8785; the same bytes for the same arguments).

    Raises:
        ValueError: `validation_id` is no UUID, or `at` is not aware.
    """
    return _event(job, None, validation_id=validation_id, at=at, lake=lake, attempt=attempt)


def end_event(work: Work, *, validation_id: str, at: datetime, lake: str, attempt: int = 1) -> bytes:
    """The event that ends a run, as canonical JSON (RFC 8785; the same bytes for the same arguments).

    Facets: `schema` and `version` of datasets, `dataQualityMetrics` and `dataQualityAssertions` of inputs,
    `columnLineage` and `outputStatistics` of outputs, `parent` and `jobType`, `errorMessage` where it failed.

    Args:
        at: when the work was finished; aware.
        lake: root of the lake, a folder or s3://...
        attempt: how often this work has been tried and recorded, from 1.

    Raises:
        ValueError: `validation_id` is no UUID, or `at` is not aware.
    """
    return _event(work.job, work, validation_id=validation_id, at=at, lake=lake, attempt=attempt)


def _event(job: str, work: Work | None, *, validation_id: str, at: datetime, lake: str, attempt: int) -> bytes:
    # Importing openlineage brings its HTTP clients along (0.4 s), which only those who record lineage should pay for.
    from validahub_pipeline.lineage.openlineage import build  # noqa: PLC0415

    if at.tzinfo is None:
        raise ValueError("at: not aware")
    return build(
        job,
        work,
        run_id=run_id(validation_id, job, attempt),
        parent_id=None if job == UPLOAD else str(uuid.UUID(validation_id)),
        at=at,
        lake=lake,
    )
