"""The way into OpenLineage: one finished stage becomes one `COMPLETE` run event.

A stage tried again describes the same run, so its run id is derived, not drawn.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime

from validahub_pipeline.lineage.model import Assertion, Dataset


def run_id(validation_id: str, stage: str) -> str:
    """The OpenLineage run id of a stage of a validation, which itself is the parent run."""
    return str(uuid.uuid5(uuid.UUID(validation_id), stage))


def lineage_event(
    stage: str,
    *,
    validation_id: str,
    at: datetime,
    lake: str,
    inputs: Sequence[Dataset],
    outputs: Sequence[Dataset],
    corrected_columns: Mapping[str, Mapping[str, int]] | None = None,
    assertions: Sequence[Assertion] = (),
) -> bytes:
    """The run event of a finished stage, as canonical JSON (RFC 8785; the same bytes for the same arguments).

    Facets: `schema`, `version` and `columnLineage` of datasets, `dataQualityMetrics` and `dataQualityAssertions` of
    inputs, `outputStatistics` of outputs, `parent` and `jobType`. A column of an output comes from the column of that
    name in the first input that has it.

    Args:
        stage: name of the stage, the OpenLineage job.
        validation_id: UUID of the validation.
        at: when the stage was finished; aware.
        lake: root of the lake, a folder or s3://...
        inputs: what it read.
        outputs: what it wrote.
        corrected_columns: per column, how many of its cells each correction changed.
        assertions: rules held against the first input.

    Raises:
        ValueError: `validation_id` is no UUID, or `at` is not aware.
    """
    # Importing openlineage brings its HTTP clients along (0.4 s), which only those who record lineage should pay for.
    from validahub_pipeline.lineage.openlineage import build  # noqa: PLC0415

    if at.tzinfo is None:
        raise ValueError("at: not aware")
    return build(
        stage,
        run_id=run_id(validation_id, stage),
        parent_id=str(uuid.UUID(validation_id)),
        at=at,
        lake=lake,
        inputs=inputs,
        outputs=outputs,
        corrected_columns=corrected_columns or {},
        assertions=assertions,
    )
