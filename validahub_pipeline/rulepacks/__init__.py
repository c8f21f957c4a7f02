"""Rule packs: loading, checking, and resolving them for one marketplace, category and day.

Here packs become plain typed values; how a rule is evaluated is the engine's business, and where the YAML lies is
that of `rules`. The format is described in docs/rule-packs.md.
"""

from validahub_pipeline.rulepacks.canonical import from_json, to_json
from validahub_pipeline.rulepacks.columns import decimal_columns, match_columns, personal_columns
from validahub_pipeline.rulepacks.model import (
    ColumnMatch,
    Confidence,
    Correction,
    Dialect,
    Field,
    Gate,
    ResolvedPack,
    Rule,
    Severity,
    Unmatched,
)
from validahub_pipeline.rulepacks.resolving import available, resolve

__all__ = [
    "ColumnMatch",
    "Confidence",
    "Correction",
    "Dialect",
    "Field",
    "Gate",
    "ResolvedPack",
    "Rule",
    "Severity",
    "Unmatched",
    "available",
    "decimal_columns",
    "from_json",
    "match_columns",
    "personal_columns",
    "resolve",
    "to_json",
]
