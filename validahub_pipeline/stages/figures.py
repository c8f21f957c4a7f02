"""The figures of a reading and of a correction as events and manifest name them. Nothing is worked out here."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from validahub_pipeline.engine import CorrectionCount, CorrectionExample, CorrectionResult
from validahub_pipeline.ingest import IngestReport
from validahub_pipeline.rulepacks import Severity
from validahub_pipeline.stages.validating import counted, examples, per_code


def read(report: IngestReport) -> dict[str, Any]:
    """How a file was read, and what of it."""
    told = {
        "encoding": report.encoding,
        "delimiter": report.dialect.delimiter,
        "header_lines": list(report.header_lines),
        "columns": list(report.columns),
        "records": report.records,
        "quarantined": report.quarantined,
        "reasons": dict(report.reasons),
        "repairs": dict(report.repairs),
        "damage": report.as_dict()["damage"],
    }
    return told | ({"container": report.container, "member": report.member} if report.container else {})


def applied(counts: Iterable[CorrectionCount]) -> dict[str, Any]:
    """How many cells were changed by what, in one mode."""
    counts = list(counts)
    return {
        "cells": sum(count.count for count in counts),
        "corrections": per_correction(counts),
        "by_column": _by_column(counts),
    }


def remaining(result: CorrectionResult) -> dict[str, Any]:
    """What is left of the violations."""
    return {
        "remaining": per_code(result.remaining.counts),
        "remaining_critical_rows": result.remaining.critical_rows,
        "remaining_missing": missing(result),
    }


def suggested(result: CorrectionResult) -> dict[str, Any]:
    """What is proposed."""
    return {"suggestions": per_correction(result.suggested), "by_column": _by_column(result.suggested)}


def summary(result: CorrectionResult, revision: int) -> dict[str, Any]:
    """Everything, as the manifest has it; people's cells among the corrections."""
    both = (*result.manual, *result.counts)
    return {
        "revision": revision,
        "cells": sum(count.count for count in both),
        "cells_by_people": sum(count.count for count in result.manual),
        "counts": per_correction(both),
        "by_column": _by_column(both),
        "examples": _examples(result.examples),
        "suggestions": per_correction(result.suggested),
        "suggestions_by_column": _by_column(result.suggested),
        "suggestion_examples": _examples(result.suggestion_examples),
        "remaining": per_code(result.remaining.counts),
        "remaining_critical_rows": result.remaining.critical_rows,
        "remaining_by_column": counted(result.remaining)["by_column"],
        "remaining_examples": examples(result.remaining),
    }


def missing(result: CorrectionResult) -> list[str]:
    """Required fields that no column holds, so that no row can be listed."""
    return [
        count.column
        for count in result.remaining.counts
        if count.code in {"column_missing", "column_ambiguous"} and count.severity == Severity.CRITICAL
    ]


def per_correction(counts: Iterable[CorrectionCount]) -> dict[str, int]:
    """Cells per code over all columns, most frequent first."""
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
