"""A resolved pack over rows: every violation found, every safe correction made, each with its proof.

No Dagster, no ledger, no lake: files in, files and counts out. What a rule means is the business of
`validahub_pipeline.expectations`, what a correction does that of `corrections`; in `suite` run Great Expectations'.
What corrects and what runs suites is loaded when it is asked for: checking a file by a pack takes neither.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from validahub_pipeline.engine.results import (
    CodeCount,
    CorrectionCount,
    CorrectionExample,
    CorrectionResult,
    FieldStatistics,
    ValidationResult,
    ViolationExample,
)
from validahub_pipeline.engine.validation import validate, validate_packs

if TYPE_CHECKING:
    from validahub_pipeline.engine.correction import correct
    from validahub_pipeline.engine.suite import run_suite

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

_ON_DEMAND: Final = {"correct": "correction", "run_suite": "suite"}


def __getattr__(name: str) -> Any:
    if name not in _ON_DEMAND:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_ON_DEMAND[name]}"), name)
