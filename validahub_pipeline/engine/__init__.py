"""A resolved pack over rows: every violation found, every safe correction made, each with its proof.

No Dagster, no ledger, no lake: files in, files and counts out. What a rule means is the business of
`validahub_pipeline.expectations`, what a correction does that of `corrections`; in `suite` run Great Expectations'.
"""

from validahub_pipeline.engine.correction import correct
from validahub_pipeline.engine.results import (
    CodeCount,
    CorrectionCount,
    CorrectionExample,
    CorrectionResult,
    FieldStatistics,
    ValidationResult,
    ViolationExample,
)
from validahub_pipeline.engine.suite import run_suite
from validahub_pipeline.engine.validation import validate, validate_packs

__all__ = [
    "CodeCount",
    "CorrectionCount",
    "CorrectionExample",
    "CorrectionResult",
    "FieldStatistics",
    "ValidationResult",
    "ViolationExample",
    "correct",
    "run_suite",
    "validate",
    "validate_packs",
]
