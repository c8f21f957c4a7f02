"""Findings and comparisons as JSON values: what the commands end with under `--json`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from validahub_pipeline.linting import Level, Linted
from validahub_pipeline.messages import Language
from validahub_pipeline.rulebook.compared import Compared
from validahub_pipeline.rulepacks.differences import Difference, ValueChange


def told_linted(linted: Linted, lang: Language) -> dict[str, Any]:
    """What lint looked at and found."""
    return {
        "packs": [{"pack": pack.name, "file": str(pack.file)} for pack in linted.packs],
        "rules": linted.rules,
        **{f"{level.value}s": linted.count(level) for level in Level},
        "findings": [
            {
                "level": found.level.value,
                "code": found.code,
                "pack": found.pack,
                "file": found.file,
                "line": found.line,
                "where": found.where,
                "message": found.told(lang),
            }
            for found in linted.findings
        ],
    }


def told_difference(before: Compared, after: Compared, found: Difference) -> dict[str, Any]:
    """A comparison: entries that came and went in full, changes by entry and key with both values."""
    return {
        "before": _side(before),
        "after": _side(after),
        "same": not found,
        "pack": _changes(found.pack),
        **{
            name: {
                "added": [dict(entry) for entry in section.added],
                "removed": [dict(entry) for entry in section.removed],
                "changed": {entry: _changes(changes) for entry, changes in section.changed.items()},
            }
            for name, section in found.sections.items()
        },
        "reordered": list(found.reordered),
    }


def _side(side: Compared) -> dict[str, Any]:
    return {
        "pack": side.name,
        "version": side.version,
        "title": side.title,
        "category": side.category,
        "on": side.on.isoformat() if side.on else None,
        "hash": side.hash,
    }


def _changes(changes: Sequence[ValueChange]) -> dict[str, Any]:
    return {change.key: {"before": change.before, "after": change.after} for change in changes}
