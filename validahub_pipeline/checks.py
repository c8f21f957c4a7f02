"""The checks of the four assets: the laws of the design held against what was stored, and the publication gate.

Each reads back from storage instead of asking the stage that wrote it. Few on purpose: a check list nobody can read
is one nobody reads. https://docs.dagster.io/guides/test/asset-checks
"""

from __future__ import annotations

from typing import Final

import dagster as dg
import polars as pl

from validahub_pipeline.stages import Services, StageResult
from validahub_pipeline.storage.layout import table_key

RECORDS: Final = "every_record_accounted_for"
VIOLATIONS: Final = "every_violation_recorded"
CORRECTIONS: Final = "every_changed_cell_recorded"
GATE: Final = "publication_gate"
_PARTIAL: Final = {
    "keep": "published with the others",
    "drop": "left out of the published file",
    "refuse": "never published",
}


def records_law(services: Services, result: StageResult) -> dg.AssetCheckResult:
    """Rows and quarantined records lie in the lake as counted, and `original.csv` is the upload, byte for byte."""
    read, objects = result.manifest["ingest"], result.manifest["objects"]
    rows = _rows_of(services, objects["rows"]["key"])
    with services.lake.local(objects["quarantine"]["key"]) as path:
        # Our own file, hence conformant: polars counts it exactly (it does not on a seller's).
        quarantined = pl.scan_csv(path, infer_schema=False).select(pl.len()).collect(engine="streaming").item()
    identical = services.lake.sha256(objects["original"]["key"]) == objects["original"]["sha256"]
    return dg.AssetCheckResult(
        check_name=RECORDS,
        passed=rows == read["records"] and quarantined == read["quarantined"] and identical,
        severity=dg.AssetCheckSeverity.ERROR,
        description=f"{rows:,} rows + {quarantined:,} quarantined records; original.csv is the upload, byte for byte",
        metadata={
            "records_counted": read["records"],
            "rows_stored": rows,
            "quarantined_counted": read["quarantined"],
            "quarantined_stored": quarantined,
            "original_identical": identical,
        },
    )


def violations_law(services: Services, result: StageResult) -> dg.AssetCheckResult:
    """The violations the event counts are the rows of the `violations` table."""
    counted = sum(result.changes["violations"].values())
    stored = _details_of(services, "violations", result.validation_id)
    return _counted(VIOLATIONS, counted, stored, "violations")


def corrections_law(services: Services, result: StageResult) -> dg.AssetCheckResult:
    """The cells that were changed, according to the events, are the revision's rows of the `corrections` table."""
    done = result.manifest["corrections"]
    counted = done["cells"]
    stored = _details_of(services, "corrections", result.validation_id, pl.col("revision") == done["revision"])
    return _counted(CORRECTIONS, counted, stored, "corrected cells")


def publication_gate(result: StageResult) -> dg.AssetCheckResult:
    """Whether the corrected file may be published, as the pack's gate decided."""
    done = result.manifest["corrections"]
    return dg.AssetCheckResult(
        check_name=GATE,
        passed=result.refused_because is None,
        severity=dg.AssetCheckSeverity.ERROR,
        description=result.refused_because or "The gate lets the corrected file be published.",
        metadata={
            # The run's log shows the metadata of a check, not its description.
            **({"refused_because": result.refused_because} if result.refused_because else {}),
            "critical_rows_remaining": done["remaining_critical_rows"],
            **_gate_facts(result),
            "records": result.manifest["ingest"]["records"],
        },
    )


def _gate_facts(result: StageResult) -> dict[str, str | int | float]:
    facts = result.manifest["corrections"].get("gate")
    if facts is None:
        return {}
    return {"limit_percent": facts["limit_bp"] / 100, "critical_rows_are": _PARTIAL[facts["partial"]]}


def _counted(name: str, counted: int, stored: int, of_what: str) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        check_name=name,
        passed=counted == stored,
        severity=dg.AssetCheckSeverity.ERROR,
        description=f"{counted:,} {of_what} counted, {stored:,} rows recorded",
        metadata={"counted": counted, "recorded": stored},
    )


def _rows_of(services: Services, key: str) -> int:
    # Only the footer is read, wherever the file lies.
    scan = pl.scan_parquet(services.lake.uri(key), storage_options=services.lake.storage_options())
    return int(scan.select(pl.len()).collect().item())


def _details_of(services: Services, table: str, validation_id: str, *only: pl.Expr) -> int:
    scan = pl.scan_delta(services.lake.uri(table_key(table)), storage_options=services.lake.storage_options())
    mine = scan.filter(pl.col("validation_id") == validation_id, *only)
    return int(mine.select(pl.len()).collect(engine="streaming").item())
