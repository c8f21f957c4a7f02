"""Validation results in Great Expectations' JSON form (GX Core 1.24), at its four levels of detail."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any, Final

from validahub_pipeline.errors import SuiteError

BOOLEAN_ONLY: Final = "BOOLEAN_ONLY"
BASIC: Final = "BASIC"
SUMMARY: Final = "SUMMARY"
COMPLETE: Final = "COMPLETE"
_LEVELS: Final = (BOOLEAN_ONLY, BASIC, SUMMARY, COMPLETE)
_SHOWN: Final = 20


@dataclass(frozen=True)
class ResultFormat:
    """How much of what is unexpected a result tells: `shown` is the length of its partial lists."""

    level: str
    shown: int = _SHOWN

    @classmethod
    def read(cls, given: str | Mapping[str, Any]) -> ResultFormat:
        """From the name of a level, or GX's object with `result_format` and `partial_unexpected_count`.

        Raises:
            SuiteError: `suite_bad_result_format`.
        """
        level = given if isinstance(given, str) else given.get("result_format")
        shown = _SHOWN if isinstance(given, str) else given.get("partial_unexpected_count", _SHOWN)
        if level not in _LEVELS or not isinstance(shown, int) or shown < 0:
            raise SuiteError("suite_bad_result_format", given=given, known=", ".join(_LEVELS))
        return cls(str(level), shown)

    @property
    def limit(self) -> int | None:
        """How many of the unexpected values have to be known; None for all."""
        return {BOOLEAN_ONLY: 0, BASIC: self.shown}.get(self.level)


@dataclass(frozen=True)
class Unexpected:
    """What an expectation found among rows.

    Attributes:
        rows: all rows it was to look at.
        considered: those it looked at; None where missing values are what it asks about.
        count: the unexpected ones among them.
        values, index: their values and row numbers (from 0), as many as the result format wants.
    """

    rows: int
    considered: int | None
    count: int
    values: Sequence[Any]
    index: Sequence[int]


def holds(found: Unexpected, mostly: float) -> bool:
    """Whether the share of expected values is at least `mostly`; of none, it is."""
    considered = found.rows if found.considered is None else found.considered
    return considered == 0 or (considered - found.count) / considered >= mostly


def of_unexpected(found: Unexpected, wanted: ResultFormat) -> dict[str, Any]:
    """The `result` of an expectation about each value, pair or record."""
    if wanted.level == BOOLEAN_ONLY:
        return {}
    considered = found.rows if found.considered is None else found.considered
    result: dict[str, Any] = {
        "element_count": found.rows,
        "unexpected_count": found.count,
        "unexpected_percent": _percent(found.count, considered),
        "partial_unexpected_list": plain(found.values[: wanted.shown]),
    }
    if found.considered is not None:
        result |= {
            "missing_count": found.rows - found.considered,
            "missing_percent": _percent(found.rows - found.considered, found.rows),
            "unexpected_percent_total": _percent(found.count, found.rows),
            "unexpected_percent_nonmissing": result["unexpected_percent"],
        }
    if wanted.level == BASIC:
        return result
    if wanted.shown:
        result["partial_unexpected_counts"] = _most_frequent(found.values, wanted.shown)
        result["partial_unexpected_index_list"] = list(found.index[: wanted.shown])
    if wanted.level == COMPLETE:
        result |= {
            "unexpected_list": plain(found.values),
            "unexpected_index_list": list(found.index),
            "unexpected_index_query": f"df.filter(items={list(found.index)}, axis=0)",
        }
    return result


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


def validation_result(suite: Mapping[str, Any], entries: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The whole: all entries in the suite's order, and how many succeeded."""
    successful = sum(entry["success"] for entry in entries)
    return {
        "success": successful == len(entries),
        "results": list(entries),
        "suite_name": suite.get("name", suite.get("expectation_suite_name")),
        "suite_parameters": {},
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
