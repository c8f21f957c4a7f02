"""What each stage tells the lineage: which objects and tables it read and wrote, and what became of which column."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from validahub_pipeline.engine import CodeCount, CorrectionCount
from validahub_pipeline.lineage import Assertion, Dataset, lineage_event
from validahub_pipeline.stages.services import Services
from validahub_pipeline.stages.upload import Upload


def trace(
    services: Services,
    upload: Upload,
    stage: str,
    *,
    inputs: Sequence[Dataset],
    outputs: Sequence[Dataset],
    corrected: Iterable[CorrectionCount] = (),
    violated: Iterable[CodeCount] = (),
) -> None:
    """Record the lineage of a finished stage, once; called before the stage's event, as all detail is."""
    by_column: dict[str, dict[str, int]] = {}
    for count in corrected:
        by_column.setdefault(count.column, {})[count.code] = count.count
    event = lineage_event(
        stage,
        validation_id=upload.validation_id,
        at=datetime.now(UTC),
        lake=services.lake.root,
        inputs=inputs,
        outputs=outputs,
        corrected_columns=by_column,
        assertions=[Assertion(count.code, count.severity, count.column, count.count) for count in violated],
    )
    services.ledger.record_lineage(upload.validation_id, [event], idempotency=f"{upload.validation_id}/lineage/{stage}")


def dataset(
    described: Mapping[str, Any], *, columns: Iterable[str] = (), numbered: bool = False, rows: int | None = None
) -> Dataset:
    """An object of the lake as lineage names it; `numbered` for rows.parquet, which carries record and line numbers."""
    numbers = {"__row": "int64", "__line": "int64"} if numbered else {}
    return Dataset(
        key=described["key"],
        columns=numbers | dict.fromkeys(columns, "string"),
        rows=rows,
        size=described["size"],
        sha256=described["sha256"],
    )
