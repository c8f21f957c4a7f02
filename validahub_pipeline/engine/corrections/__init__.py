"""Every correction the engine knows. Adding one is adding a function to a module here: name, confidence, meaning.

No batches, files or packs here; a correction is an expression over the cells of one column.
"""

from validahub_pipeline.engine.corrections import applied, suggested
from validahub_pipeline.engine.corrections.registry import (
    CorrectionType,
    Fix,
    correction_for,
    known_corrections,
)

__all__ = ["CorrectionType", "Fix", "applied", "correction_for", "known_corrections", "suggested"]
