"""Every correction the engine knows. Adding one is adding a function to a module here: name, confidence, meaning.

No batches, files or packs here; a correction is an expression over the cells of one column.
"""

from validahub_pipeline.engine.corrections import figures, identifiers, spellings, suggested, texts
from validahub_pipeline.engine.corrections.registry import (
    Column,
    CorrectionType,
    Fix,
    correction_for,
    known_corrections,
)

__all__ = [
    "Column",
    "CorrectionType",
    "Fix",
    "correction_for",
    "figures",
    "identifiers",
    "known_corrections",
    "spellings",
    "suggested",
    "texts",
]
