"""A resolved pack as bytes: canonical JSON (RFC 8785), so that the same rules have the same hash everywhere.

The day is left out of the bytes: whoever kept them knows for which day he asked.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date
from hashlib import sha256
from typing import Any, Final

import rfc8785

from validahub_pipeline.errors import PackError
from validahub_pipeline.rulepacks.model import Correction, Dialect, Field, Gate, Layout, ResolvedPack, Rule, Severity

_SCHEMA: Final = 1


def to_json(pack: ResolvedPack) -> bytes:
    """The canonical JSON of a pack: `sha256(to_json(pack))` is `pack.hash`."""
    layout = {"layout": {"product": pack.layout.product, "variant": list(pack.layout.variant)}} if pack.layout else {}
    dialect = {"dialect": _dialect(pack.dialect)} if pack.dialect else {}
    return rfc8785.dumps(
        {
            "schema": _SCHEMA,
            "name": pack.name,
            "version": pack.version,
            "title": pack.title,
            "category": pack.category,
            # A list: the order of fields is the author's, and objects have none.
            "fields": [_field(field) for field in pack.fields.values()],
            "rules": [_rule(rule) for rule in pack.rules],
            "corrections": [_correction(correction) for correction in pack.corrections],
            "gate": {"max_critical_rows_bp": pack.gate.max_critical_rows_bp, "partial": pack.gate.partial},
            **layout,
            **dialect,
        }
    )


def from_json(data: bytes, *, on: date) -> ResolvedPack:
    """The pack in canonical JSON, as resolved for the day `on`: `from_json(to_json(pack), on=pack.on) == pack`.

    Raises:
        PackError: `pack_schema`; the bytes are no pack this version can read.
    """
    loaded = json.loads(data)
    if not isinstance(loaded, dict) or loaded.get("schema") != _SCHEMA:
        raise PackError("pack_schema", supported=_SCHEMA)
    return ResolvedPack(
        name=loaded["name"],
        version=loaded["version"],
        title=loaded["title"],
        category=loaded["category"],
        on=on,
        hash=sha256(data).hexdigest(),
        fields={
            field["name"]: Field(
                field["name"],
                tuple(field["aliases"]),
                field["required"],
                tuple(field.get("unless", [])),
                tuple(field.get("inherited", [])),
                field.get("pii", False),
            )
            for field in loaded["fields"]
        },
        rules=tuple(_as_rule(rule) for rule in loaded["rules"]),
        corrections=tuple(
            Correction(**(correction | {"fields": tuple(correction["fields"])})) for correction in loaded["corrections"]
        ),
        gate=Gate(**loaded["gate"]),
        layout=_as_layout(loaded.get("layout")),
        dialect=Dialect(**loaded["dialect"]) if "dialect" in loaded else None,
    )


def _field(field: Field) -> dict[str, Any]:
    found: dict[str, Any] = {"name": field.name, "aliases": list(field.aliases), "required": field.required}
    # What is not said is left out, so that a pack that says nothing of it keeps its hash.
    others = {"unless": list(field.unless), "inherited": list(field.inherited), "pii": field.pii}
    return found | {key: value for key, value in others.items() if value}


def _dialect(dialect: Dialect) -> dict[str, Any]:
    found = asdict(dialect)
    # As above: packs that are written with a point keep the hash they had before one could say so.
    return found if dialect.decimal_mark != "." else {key: found[key] for key in found if key != "decimal_mark"}


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "code": rule.code,
        "type": rule.type,
        "kwargs": dict(rule.kwargs),
        "severity": rule.severity.value,
        "row_condition": rule.row_condition,
        "mostly": rule.mostly,
        "marketplace_code": rule.marketplace_code,
        "source": list(rule.source),
        "verified_on": rule.verified_on.isoformat() if rule.verified_on else None,
        "verified": rule.verified,
        "trust": rule.trust,
        "messages": dict(rule.messages),
        "corrected_by": list(rule.corrected_by),
    }


def _as_layout(loaded: dict[str, Any] | None) -> Layout | None:
    return Layout(loaded["product"], tuple(loaded["variant"])) if loaded else None


def _as_rule(loaded: dict[str, Any]) -> Rule:
    verified_on = loaded["verified_on"]
    return Rule(
        **(
            loaded
            | {
                "severity": Severity(loaded["severity"]),
                "source": tuple(loaded["source"]),
                "verified_on": date.fromisoformat(verified_on) if verified_on else None,
                "corrected_by": tuple(loaded["corrected_by"]),
            }
        )
    )


def _correction(correction: Correction) -> dict[str, Any]:
    return {
        "code": correction.code,
        "type": correction.type,
        "fields": list(correction.fields),
        "kwargs": dict(correction.kwargs),
        "row_condition": correction.row_condition,
    }
