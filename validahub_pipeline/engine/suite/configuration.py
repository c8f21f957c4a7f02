"""A suite's JSON form, read and checked in full before any data is touched."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pydantic import ValidationError

from validahub_pipeline.engine.suite import aggregates, pairs, records, tables, values
from validahub_pipeline.engine.suite.registry import Expectation, Scope, known_expectations
from validahub_pipeline.errors import SuiteError

# Whoever declares expectations is imported here, where they are looked up.
DECLARED: Final = (aggregates, pairs, records, tables, values)

_ALWAYS: Final = frozenset({"batch_id", "result_format", "catch_exceptions", "row_condition", "condition_parser"})
_IGNORED_PAIRS: Final = ("both_values_are_missing", "either_value_is_missing", "neither")
_IGNORED_RECORDS: Final = ("all_values_are_missing", "any_value_is_missing", "never")
_SEVERITIES: Final = ("critical", "warning", "info")
_PARAMETER: Final = "$PARAMETER"


@dataclass(frozen=True)
class Configured:
    """One expectation of a suite.

    Attributes:
        columns: the names of the columns it looks at.
        arguments: its own kwargs, as its function takes them.
        source: as the suite has it.
    """

    expectation: Expectation
    columns: tuple[str, ...]
    arguments: Mapping[str, Any]
    mostly: float
    ignore_row_if: str | None
    row_condition: object
    condition_parser: str | None
    source: Mapping[str, Any]


def read_suite(suite: Mapping[str, Any]) -> list[Configured]:
    """The expectations of a suite, in its order.

    Raises:
        SuiteError: `suite_malformed`, `suite_unknown_expectation`, `suite_bad_kwargs`; each names the place.
    """
    expectations = suite.get("expectations") if isinstance(suite, Mapping) else None
    if not isinstance(expectations, Sequence) or isinstance(expectations, str):
        raise SuiteError("suite_malformed", place="suite", problem='"expectations" is missing or no list')
    return [_read(entry, f"expectations[{place}]") for place, entry in enumerate(expectations)]


def _read(entry: Any, place: str) -> Configured:
    if not isinstance(entry, Mapping):
        raise SuiteError("suite_malformed", place=place, problem="no object")
    # Suites of Great Expectations 0.x say `expectation_type`.
    kind = entry.get("type", entry.get("expectation_type"))
    kwargs = entry.get("kwargs", {})
    if not isinstance(kind, str) or not isinstance(kwargs, Mapping):
        raise SuiteError("suite_malformed", place=place, problem='"type" must be text and "kwargs" an object')
    known = known_expectations().get(kind)
    if known is None:
        raise SuiteError("suite_unknown_expectation", place=place, type=kind)
    problems = [*_misnamed(known, kwargs), *_parameters(kwargs)]
    if entry.get("severity") not in {None, *_SEVERITIES}:
        problems.append(f"severity={entry['severity']!r} is none of {', '.join(_SEVERITIES)}")
    arguments, misread = _arguments(known, kwargs)
    problems += misread
    columns, unnamed = _columns(known, kwargs)
    problems += unnamed
    mostly = kwargs.get("mostly", 1)
    if not isinstance(mostly, int | float) or isinstance(mostly, bool) or not 0 <= mostly <= 1:
        problems.append(f"mostly={mostly!r} is no number from 0 to 1")
    ignored, misspelt = _ignored(known, kwargs)
    problems += misspelt
    if problems:
        raise SuiteError("suite_bad_kwargs", place=place, type=kind, problem="; ".join(problems))
    return Configured(
        expectation=known,
        columns=columns,
        arguments=arguments,
        mostly=mostly,
        ignore_row_if=ignored,
        row_condition=kwargs.get("row_condition") or None,
        condition_parser=kwargs.get("condition_parser"),
        source=entry,
    )


def _misnamed(known: Expectation, kwargs: Mapping[str, Any]) -> list[str]:
    shared = set(_ALWAYS)
    if known.scope not in {Scope.AGGREGATE, Scope.TABLE}:
        shared.add("mostly")
    if known.scope in {Scope.PAIR, Scope.RECORD}:
        shared.add("ignore_row_if")
    unknown = kwargs.keys() - shared - set(known.domain) - known.kwargs.keys()
    required = [name for name, own in known.kwargs.items() if own.default is inspect.Parameter.empty]
    missing = [name for name in (*known.domain, *required) if name not in kwargs]
    return [f"{name} is not one of its kwargs" for name in sorted(unknown)] + [f"{name} is missing" for name in missing]


def _parameters(kwargs: Mapping[str, Any]) -> list[str]:
    found = [name for name, value in kwargs.items() if isinstance(value, Mapping) and _PARAMETER in value]
    return [f"{name} is a suite parameter, whose value is not in the suite" for name in found]


def _arguments(known: Expectation, kwargs: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    arguments, problems = {}, []
    for name in known.kwargs.keys() & kwargs.keys():
        try:
            arguments[name] = known.readers[name].validate_python(kwargs[name])
        except ValidationError as error:
            problems.append(f"{name}={kwargs[name]!r}: {error.errors()[0]['msg']}")
    return arguments, problems


def _columns(known: Expectation, kwargs: Mapping[str, Any]) -> tuple[tuple[str, ...], list[str]]:
    if known.scope is Scope.RECORD:
        listed = kwargs.get("column_list")
        if isinstance(listed, Sequence) and not isinstance(listed, str) and listed:
            return tuple(listed), [f"column_list: {name!r} is no name" for name in listed if not isinstance(name, str)]
        return (), ["column_list must be a list of names"] if "column_list" in kwargs else []
    names = tuple(kwargs[name] for name in known.domain if name in kwargs)
    return names, [f"{name!r} is no name of a column" for name in names if not isinstance(name, str)]


def _ignored(known: Expectation, kwargs: Mapping[str, Any]) -> tuple[str | None, list[str]]:
    allowed = {Scope.PAIR: _IGNORED_PAIRS, Scope.RECORD: _IGNORED_RECORDS}.get(known.scope)
    if allowed is None:
        return None, []
    chosen = kwargs.get("ignore_row_if", allowed[0])
    if chosen not in allowed:
        return None, [f"ignore_row_if={chosen!r} is none of {', '.join(allowed)}"]
    return chosen, []
