"""Validation results in Great Expectations' JSON form (GX Core 1.24), at its four levels of detail."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

from validahub_pipeline.engine.suite.result_format import BASIC, BOOLEAN_ONLY, COMPLETE, ResultFormat


@dataclass(frozen=True)
class Unexpected:
    """What an expectation found among rows.

    Attributes:
        rows: all rows it was to look at.
        considered: those it looked at; None where missing values are what it asks about.
        count: the unexpected ones among them.
        values, index: their values and row numbers (from 0), as many as the result format wants.
        identified: the same rows by the values of the columns that identify a row, and of those looked at.
        shown: the first of the rows in full.
    """

    rows: int
    considered: int | None
    count: int
    values: Sequence[Any]
    index: Sequence[int]
    identified: Sequence[Mapping[str, Any]] = ()
    shown: Sequence[Mapping[str, Any]] = ()


def holds(found: Unexpected, mostly: float) -> bool:
    """Whether the share of expected values is at least `mostly`; of none, it is."""
    considered = found.rows if found.considered is None else found.considered
    return considered == 0 or (considered - found.count) / considered >= mostly


def of_unexpected(found: Unexpected, wanted: ResultFormat) -> dict[str, Any]:
    """The `result` of an expectation about each value, pair or record."""
    query = {"unexpected_index_query": f"df.filter(items={list(found.index)}, axis=0)"} if wanted.tells_query else {}
    names = {"unexpected_index_column_names": list(wanted.identified_by)} if wanted.identified_by else {}
    if wanted.level == BOOLEAN_ONLY:
        return query | names if query else {}
    result = _counts(found)
    if wanted.with_values:
        result["partial_unexpected_list"] = plain(found.values[: wanted.shown])
    result |= names
    if wanted.with_rows:
        result["unexpected_rows"] = plain(found.shown)
    if wanted.level == BASIC:
        return result | query
    index = _index(found, wanted)
    if wanted.shown:
        if wanted.with_values:
            result["partial_unexpected_counts"] = _most_frequent(found.values, wanted.shown)
        result["partial_unexpected_index_list"] = index[: wanted.shown]
    if wanted.level == COMPLETE:
        if wanted.with_values:
            result["unexpected_list"] = plain(found.values)
        result["unexpected_index_list"] = index
    return result | query


def of_measure(result: Mapping[str, Any], wanted: ResultFormat) -> dict[str, Any]:
    """The `result` of an expectation about a whole."""
    if wanted.level == BOOLEAN_ONLY:
        return {}
    return {name: value for name, value in result.items() if wanted.shown or not name.startswith("partial_")}


def _counts(found: Unexpected) -> dict[str, Any]:
    considered = found.rows if found.considered is None else found.considered
    percent = _percent(found.count, considered)
    counts = {"element_count": found.rows, "unexpected_count": found.count, "unexpected_percent": percent}
    if found.considered is None:
        return counts
    return counts | {
        "missing_count": found.rows - found.considered,
        "missing_percent": _percent(found.rows - found.considered, found.rows),
        "unexpected_percent_total": _percent(found.count, found.rows),
        "unexpected_percent_nonmissing": percent,
    }


def _index(found: Unexpected, wanted: ResultFormat) -> list[Any]:
    if not wanted.identified_by:
        return list(found.index)
    if wanted.with_values or not found.identified:
        return [plain(one) for one in found.identified]
    return [{name: [plain(one[name]) for one in found.identified] for name in wanted.identified_by}]


def evaluated(source: Mapping[str, Any], *, success: bool, result: Mapping[str, Any]) -> dict[str, Any]:
    """One expectation's entry where it could be evaluated."""
    nothing = {"raised_exception": False, "exception_traceback": None, "exception_message": None}
    return _entry(source, success=success, result=plain(result), exception_info=nothing)


def failed(source: Mapping[str, Any], error: Exception) -> dict[str, Any]:
    """One expectation's entry where the data did not allow to evaluate it."""
    message = str(error).splitlines()[0] if str(error) else type(error).__name__
    info = {
        "raised_exception": True,
        "exception_traceback": f"{type(error).__name__}: {error}",
        "exception_message": message,
    }
    return _entry(source, success=False, result={}, exception_info=info)


def validation_result(
    suite: Mapping[str, Any], parameters: Mapping[str, Any], entries: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    """The whole: all entries in the suite's order, and how many succeeded."""
    successful = sum(entry["success"] for entry in entries)
    return {
        "success": successful == len(entries),
        "results": list(entries),
        "suite_name": suite.get("name", suite.get("expectation_suite_name")),
        "suite_parameters": plain(parameters),
        "statistics": {
            "evaluated_expectations": len(entries),
            "successful_expectations": successful,
            "unsuccessful_expectations": len(entries) - successful,
            "success_percent": _percent(successful, len(entries)),
        },
        "meta": {},
        "id": None,
    }


def plain(value: Any) -> Any:
    """A value as JSON can carry it: moments in ISO 8601, decimals as numbers, what is not finite as null."""
    if isinstance(value, Mapping):
        return {name: plain(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    return _scalar(value)


def _scalar(value: Any) -> Any:
    match value:
        case float():
            return value if math.isfinite(value) else None
        case date() | time():
            return value.isoformat()
        case Decimal():
            return float(value)
        case timedelta() | bytes():
            return str(value)
    return value


def _entry(source: Mapping[str, Any], **rest: Any) -> dict[str, Any]:
    configured = {
        "type": source.get("type", source.get("expectation_type")),
        "kwargs": plain(source.get("kwargs", {})),
        "meta": source.get("meta") or {},
        "severity": source.get("severity") or "critical",
    }
    configured |= {name: source[name] for name in ("id", "notes", "description") if source.get(name)}
    return {
        "success": bool(rest["success"]),
        "expectation_config": configured,
        "result": rest["result"],
        "meta": {},
        "exception_info": rest["exception_info"],
    }


def _percent(part: int, whole: int) -> float | None:
    return part / whole * 100 if whole else None


def _missing_last(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(map(_missing_last, value))
    return (value is None, 0 if value is None else value)


def _most_frequent(values: Sequence[Any], shown: int) -> list[dict[str, Any]]:
    hashable = [tuple(value.values()) if isinstance(value, dict) else value for value in values]
    try:
        counted = sorted(Counter(hashable).most_common(shown), key=lambda one: (-one[1], _missing_last(one[0])))
    except TypeError:
        return [{"error": "partial_exception_counts requires a hashable type"}]
    return [{"value": plain(value), "count": count} for value, count in counted]
