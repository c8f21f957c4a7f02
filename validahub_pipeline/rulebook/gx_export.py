"""A rule pack as a Great Expectations suite: what GX knows as expectations it runs, the rest where it keeps it.

Rules that are GX's own stand in `expectations`. Ours, and those whose row condition GX cannot evaluate, would keep GX
from loading the suite; they stand in the same form under `meta.validahub.custom_expectations`, with the reason. All
else that a pack says is under `meta.validahub`, of the suite and of each expectation.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from validahub_pipeline.expectations import known_expectations
from validahub_pipeline.rulebook.gx_conditions import to_condition
from validahub_pipeline.rulepacks import ResolvedPack, Rule, to_json
from validahub_pipeline.rulepacks.document import Examples
from validahub_pipeline.rulepacks.vocabulary import ANY_FIELD

META: Final = "validahub"
CUSTOM: Final = "custom_expectations"
SCHEMA: Final = 1
# What stands in the expectation itself.
_NATIVE: Final = ("type", "kwargs", "severity", "mostly")


def to_suite(pack: ResolvedPack, examples: Mapping[str, Examples]) -> dict[str, Any]:
    """The suite. Its columns are the pack's fields; their header names are under `meta.validahub.fields`."""
    document = json.loads(to_json(pack))
    native: list[dict[str, Any]] = []
    custom: list[dict[str, Any]] = []
    for position, rule in enumerate(pack.rules):
        condition = to_condition(rule.row_condition) if rule.row_condition else None
        entry = _entry(rule, document["rules"][position], examples[rule.code], position)
        if known_expectations()[rule.type].ours:
            custom.append(entry | {"reason": "no expectation of Great Expectations"})
        elif rule.kwargs.get("column") == ANY_FIELD:
            custom.append(entry | {"reason": "no column of Great Expectations: every one of the file"})
        elif rule.row_condition and condition is None:
            custom.append(entry | {"reason": f"no condition of Great Expectations: {rule.row_condition}"})
        else:
            kwargs = entry["kwargs"] | ({"row_condition": condition} if condition else {})
            native.append(entry | {"kwargs": kwargs})
    about = {name: document[name] for name in ("name", "version", "title", "category")}
    kept = {name: document[name] for name in ("fields", "corrections", "gate", "layout", "dialect") if name in document}
    return {
        "name": pack.name if pack.category == "all" else f"{pack.name}.{pack.category}",
        "expectations": native,
        "meta": {
            META: {
                "schema": SCHEMA,
                "pack": about | {"on": pack.on.isoformat(), "hash": pack.hash},
                **kept,
                CUSTOM: custom,
            }
        },
        "notes": (
            f"Exported from the rule pack {pack.name} {pack.version}, category {pack.category}, by the rules of "
            f"{pack.on}. Columns are the pack's fields; rename yours to them. {len(custom)} rules that Great "
            f"Expectations has no word for are under meta.{META}.{CUSTOM}."
        ),
    }


def _entry(rule: Rule, document: Mapping[str, Any], examples: Examples, position: int) -> dict[str, Any]:
    own = {name: value for name, value in document.items() if name not in _NATIVE}
    return {
        "type": rule.type,
        "kwargs": dict(document["kwargs"]) | ({} if rule.mostly is None else {"mostly": rule.mostly}),
        "severity": document["severity"],
        "notes": rule.message("en"),
        "meta": {META: own | {"position": position, "examples": {"pass": examples.passing, "fail": examples.failing}}},
    }
