"""A suite's JSON form, read and checked in full before any data is touched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from validahub_pipeline.engine.suite.parameters import given
from validahub_pipeline.errors import SuiteError
from validahub_pipeline.expectations import Expectation, known_expectations
from validahub_pipeline.expectations.kwargs import Arguments, read_kwargs

_ALWAYS: Final = frozenset({"batch_id", "result_format", "catch_exceptions", "row_condition", "condition_parser"})
_SEVERITIES: Final = ("critical", "warning", "info")


@dataclass(frozen=True)
class Configured:
    """One expectation of a suite; `source` is the entry as the suite has it, its parameters replaced."""

    expectation: Expectation
    arguments: Arguments
    row_condition: object
    condition_parser: str | None
    source: Mapping[str, Any]


def read_suite(suite: Mapping[str, Any], parameters: Mapping[str, Any]) -> list[Configured]:
    """The expectations of a suite, in its order.

    Raises:
        SuiteError: `suite_malformed`, `suite_unknown_expectation`, `suite_bad_kwargs`; each names the place.
    """
    expectations = suite.get("expectations") if isinstance(suite, Mapping) else None
    if not isinstance(expectations, Sequence) or isinstance(expectations, str):
        raise SuiteError("suite_malformed", place="suite", problem='"expectations" is missing or no list')
    return [_read(entry, f"expectations[{place}]", parameters) for place, entry in enumerate(expectations)]


def _read(entry: Any, place: str, parameters: Mapping[str, Any]) -> Configured:
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
    try:
        kwargs = {name: given(value, parameters) for name, value in kwargs.items()}
    except ValueError as error:
        raise SuiteError("suite_bad_kwargs", place=place, type=kind, problem=str(error)) from error
    arguments, found = read_kwargs(known, kwargs, also=_ALWAYS)
    problems = [*map(str, found)]
    if entry.get("severity") not in {None, *_SEVERITIES}:
        problems.append(f"severity={entry['severity']!r} is none of {', '.join(_SEVERITIES)}")
    if problems:
        raise SuiteError("suite_bad_kwargs", place=place, type=kind, problem="; ".join(problems))
    return Configured(
        expectation=known,
        arguments=arguments,
        row_condition=kwargs.get("row_condition") or None,
        condition_parser=kwargs.get("condition_parser"),
        source={**entry, "kwargs": kwargs},
    )
