"""Every expectation there is: what Great Expectations' own mean (`values`, `pairs`, `records`, `aggregates`, `tables`)
and what ours do (`catalogue`, `identifiers`, `lists`, `wordings`). Adding one is adding a function to a module here.

Not here: rows, files, suites and packs. https://docs.greatexpectations.io/docs/core/introduction/
"""

from validahub_pipeline.expectations import (
    aggregates,
    catalogue,
    identifiers,
    lists,
    pairs,
    records,
    several,
    tables,
    values,
    wordings,
)
from validahub_pipeline.expectations.columns import Cell, Column, TypedColumn
from validahub_pipeline.expectations.registry import (
    Example,
    Expectation,
    Measure,
    Scope,
    Table,
    Verdict,
    considered,
    known_expectations,
)

__all__ = [
    "Cell",
    "Column",
    "Example",
    "Expectation",
    "Measure",
    "Scope",
    "Table",
    "TypedColumn",
    "Verdict",
    "aggregates",
    "catalogue",
    "considered",
    "identifiers",
    "known_expectations",
    "lists",
    "pairs",
    "records",
    "several",
    "tables",
    "values",
    "wordings",
]
