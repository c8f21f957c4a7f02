"""The four stages of one upload: ingest, validate, correct, publish.

A stage composes ingest, engine, ledger and lake; it knows no Dagster and draws no conclusions of its own. Each can be
killed at any point and called again: objects are put whole, detail rows once, and the stage's event last.
"""

from validahub_pipeline.stages.correcting import correct
from validahub_pipeline.stages.ingesting import ingest
from validahub_pipeline.stages.intake import deposit, find_drop, language_of
from validahub_pipeline.stages.publishing import publish
from validahub_pipeline.stages.result import StageResult
from validahub_pipeline.stages.services import Progress, Services, open_services
from validahub_pipeline.stages.validating import validate

__all__ = [
    "Progress",
    "Services",
    "StageResult",
    "correct",
    "deposit",
    "find_drop",
    "ingest",
    "language_of",
    "open_services",
    "publish",
    "validate",
]
