"""Every expectation the engine knows. Adding one is adding a function to a module here: its name, kwargs, meaning.

No batches, files or packs here; an expectation is an expression over cells.
"""

from validahub_pipeline.engine.expectations import catalogue, standard
from validahub_pipeline.engine.expectations.registry import (
    Cell,
    Expectation,
    Scope,
    expectation_for,
    known_expectations,
)

__all__ = ["Cell", "Expectation", "Scope", "catalogue", "expectation_for", "known_expectations", "standard"]
