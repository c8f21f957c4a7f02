"""The report's lists of single rows: the first ones to fix, in pages, and the first records that were set aside.

Every list is bounded, every text clipped; the whole lists are files beside the report.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, Final

from validahub_pipeline.report.first_rows import ROWS
from validahub_pipeline.report.shown import clipped, harmless
from validahub_pipeline.report.view import name
from validahub_pipeline.report.wording import Wording
from validahub_pipeline.rulepacks import Severity

_PAGE: Final = 25
_PER_ROW: Final = 5
_VIOLATIONS: Final = 250
_NAME: Final = 48
_VALUE: Final = 100
_RECORDS: Final = 12
_RAW: Final = 240


@dataclass(frozen=True)
class Fix:
    """One violation to look at; `row` and `line` count from 1."""

    row: int
    line: int
    column: str
    value: str
    problem: str
    severity: str


@dataclass(frozen=True)
class Page:
    """Some rows, by the lines of the first and the last."""

    first: int
    last: int
    fixes: tuple[Fix, ...]


@dataclass(frozen=True)
class SetAside:
    """One record that could not be read as a row."""

    record: int
    line: int
    reason: str
    raw: str


def rows_listed(manifest: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The rows that the pages show."""
    rows = list(manifest.get("corrections", {}).get("remaining_rows", ()))[:ROWS]
    so_far = list(accumulate(len(_to_fix(row)) for row in rows))
    return rows[: bisect_right(so_far, _VIOLATIONS)]


def pages_of(manifest: Mapping[str, Any], wording: Wording) -> list[Page]:
    """The first rows that are still to be fixed; none before corrections have been made."""
    rows = rows_listed(manifest)
    return [
        Page(
            first=part[0]["line"],
            last=part[-1]["line"],
            fixes=tuple(_fix(row, found, wording) for row in part for found in _to_fix(row)),
        )
        for start in range(0, len(rows), _PAGE)
        if (part := rows[start : start + _PAGE])
    ]


def set_aside(manifest: Mapping[str, Any], wording: Wording) -> list[SetAside]:
    """The first records in quarantine."""
    examples = list(manifest.get("ingest", {}).get("quarantine_examples", ()))[:_RECORDS]
    return [
        SetAside(one["record"], one["line"], name(wording.reason(one["reason"])), harmless(clipped(one["raw"], _RAW)))
        for one in examples
    ]


def _to_fix(row: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """What is wrong with a row; notes ask for nothing."""
    return [found for found in row["violations"] if found["severity"] != Severity.INFO][:_PER_ROW]


def _fix(row: Mapping[str, Any], found: Mapping[str, Any], wording: Wording) -> Fix:
    return Fix(
        row=row["row"],
        line=row["line"],
        column=harmless(clipped(found["column"], _NAME)),
        value=clipped(found["value"] or "", _VALUE),
        problem=clipped(wording.violation(found["code"]), _NAME),
        severity=found["severity"],
    )
