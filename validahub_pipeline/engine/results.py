"""What a pass over the rows found and did, as values. Cells stand here only as examples; the full lists are files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from validahub_pipeline.rulepacks.model import Confidence, Severity


@dataclass(frozen=True)
class CodeCount:
    """How many violations of one code stand in one column (the file's header; of the file itself: the pack's field)."""

    code: str
    column: str
    severity: Severity
    count: int


@dataclass(frozen=True)
class ViolationExample:
    """One violation, to show. `row` counts records, `line` physical lines, both from 1; 0 is the file as a whole."""

    row: int
    line: int
    column: str
    value: str


@dataclass(frozen=True)
class FieldStatistics:
    """What one matched column holds. Lengths are in characters, of cells that are not missing.

    Attributes:
        missing: cells that are empty or blank.
        numbers: cells that read as a number; None where no rule takes the column for one, as are the extremes.
    """

    field: str
    column: str
    missing: int
    shortest: int | None
    longest: int | None
    numbers: int | None
    minimum: float | None
    maximum: float | None


@dataclass(frozen=True)
class ValidationResult:
    """One validation. `counts` add up to the rows of the violations file, file-level ones included; the figures in
    rows are of records alone (a missing column is no fault of a row)."""

    records: int
    rows_with_violations: int
    critical_rows: int
    counts: tuple[CodeCount, ...]
    examples: Mapping[str, tuple[ViolationExample, ...]]
    fields: tuple[FieldStatistics, ...]


@dataclass(frozen=True)
class CorrectionCount:
    """How many cells of one column were changed by one code, or by several in a row (`trim+decimal_comma`)."""

    code: str
    column: str
    confidence: Confidence
    count: int


@dataclass(frozen=True)
class CorrectionExample:
    """One changed cell, to show."""

    code: str
    row: int
    line: int
    column: str
    before: str
    after: str
    confidence: Confidence


@dataclass(frozen=True)
class CorrectionResult:
    """One correction of a file. `cells` and the sum of `counts` are the rows of the corrections file, the sum of
    `manual` those of the file beside it, the sum of `suggested` those of the suggestions file; `remaining` is the
    validation of the corrected rows."""

    cells: int
    counts: tuple[CorrectionCount, ...]
    manual: tuple[CorrectionCount, ...]
    suggested: tuple[CorrectionCount, ...]
    examples: tuple[CorrectionExample, ...]
    suggestion_examples: tuple[CorrectionExample, ...]
    remaining: ValidationResult
