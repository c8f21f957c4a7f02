"""A check as JSON values: what `validahub check --json` ends with, described in docs/check.md."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from validahub_pipeline.checking.packs import CodeFound, PackChecked, PacksChecked
from validahub_pipeline.checking.reading import Source
from validahub_pipeline.checking.suites import SuiteChecked
from validahub_pipeline.engine import ViolationExample
from validahub_pipeline.messages import Language
from validahub_pipeline.report.wording import Wording
from validahub_pipeline.rulepacks import Rule


def told_packs(checked: PacksChecked, *, on: date, lang: Language) -> dict[str, Any]:
    """A check against packs."""
    codes = sorted({found.code for one in checked.packs for found in one.codes})
    counts = {one.pack.name: {found.code: found.count for found in one.codes} for one in checked.packs}
    return {
        "verdict": checked.verdict.value,
        **_source(checked.source),
        "on": on.isoformat(),
        "category": checked.category,
        "packs": [_pack(one, lang) for one in checked.packs],
        "matrix": {code: {name: counts[name].get(code, 0) for name in counts} for code in codes},
    }


def told_suite(checked: SuiteChecked) -> dict[str, Any]:
    """A check against a suite; `result` is what Great Expectations' own `to_json_dict` gives."""
    return {
        "verdict": checked.verdict.value,
        **_source(checked.source),
        "suite": str(checked.suite),
        "result": checked.result,
    }


def _source(source: Source) -> dict[str, Any]:
    report = source.report
    values: dict[str, Any] = {
        "file": str(source.path),
        "size": source.path.stat().st_size,
        "columns": list(source.columns),
        "records": source.records,
        "quarantined": report.quarantined if report else 0,
        "lost": source.lost,
        "quarantine": [{"line": one.line, "reason": one.reason, "raw": one.raw} for one in source.quarantined],
    }
    return values | {"read": report.as_dict() if report else None}


def _pack(one: PackChecked, lang: Language) -> dict[str, Any]:
    pack, result = one.pack, one.result
    wording = Wording(pack, lang)
    return {
        "pack": pack.name,
        "version": pack.version,
        "hash": pack.hash,
        "title": pack.title,
        "category": pack.category,
        "verdict": one.verdict.value,
        "rows_with_violations": result.rows_with_violations,
        "critical_rows": result.critical_rows,
        "columns": dict(one.match.columns),
        "missing": [
            {
                "field": lost.field,
                "required": lost.required,
                "ambiguous": lost.ambiguous,
                "candidates": list(lost.candidates),
            }
            for lost in one.match.unmatched
        ],
        "codes": [_code(one, found, wording) for found in one.codes],
        "changes": [
            {"code": change.code, "severity": change.severity.value, "today": change.today, "then": change.then}
            for change in one.changes
        ],
        "rules_changed": [{"change": sign, "code": code} for sign, code in one.rules_changed],
    }


def _code(one: PackChecked, found: CodeFound, wording: Wording) -> dict[str, Any]:
    rule = wording.rule(found.code)
    examples = one.result.examples.get(found.code, ())
    return {
        "code": found.code,
        "name": wording.violation(found.code),
        "severity": found.severity.value,
        "count": found.count,
        "columns": dict(found.columns),
        "message": _message(found.code, rule, examples, wording),
        "corrected_by_upload": one.is_mended(found.code),
        **_provenance(rule),
        "examples": [
            {"row": example.row, "line": example.line, "column": example.column, "value": example.value}
            for example in examples
        ],
    }


def _message(code: str, rule: Rule | None, examples: Sequence[ViolationExample], wording: Wording) -> str:
    if rule is not None:
        return rule.message(wording.lang)
    told = (wording.of_file(code, field=example.column, candidates=example.value) for example in examples)
    return " ".join(told)


def _provenance(rule: Rule | None) -> dict[str, Any]:
    if rule is None:
        return {"marketplace_code": None, "verified": True, "source": []}
    return {"marketplace_code": rule.marketplace_code, "verified": rule.verified, "source": list(rule.source)}
