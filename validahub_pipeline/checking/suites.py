"""A file against a Great Expectations suite."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import polars as pl

from validahub_pipeline.checking.outcome import Verdict, verdict_of
from validahub_pipeline.checking.reading import Source
from validahub_pipeline.checking.violations_file import violations_file
from validahub_pipeline.errors import InputError
from validahub_pipeline.rulepacks import Severity

_BETWEEN_VALUES: Final = " | "


@dataclass(frozen=True)
class SuiteChecked:
    """What a suite found: `result` in Great Expectations' JSON form, at the level `SUMMARY`."""

    source: Source
    suite: Path
    result: Mapping[str, Any]

    @property
    def verdict(self) -> Verdict:
        """What it comes to; an expectation is critical unless it says otherwise, as in Great Expectations."""
        failed = (entry for entry in self.result["results"] if not entry["success"])
        severities = (Severity(entry["expectation_config"]["severity"]) for entry in failed)
        return verdict_of(severities, lost=self.source.lost)


def read_suite_file(path: Path) -> Mapping[str, Any]:
    """A suite from its JSON file.

    Raises:
        InputError: `suite_not_json`; what is wrong with the suite itself, `check_suite` says.
    """
    try:
        suite = json.loads(path.read_text(encoding="utf-8-sig"))
    except json.JSONDecodeError as error:
        raise InputError("suite_not_json", file=str(path), line=error.lineno, cause=error.msg) from error
    except UnicodeDecodeError as error:
        raise InputError("suite_not_json", file=str(path), line=1, cause="UTF-8") from error
    if not isinstance(suite, Mapping):
        raise InputError("suite_not_json", file=str(path), line=1, cause=type(suite).__name__)
    return suite


def check_suite(
    source: Source, suite: Mapping[str, Any], path: Path, *, text: bool, violations: Path | None = None
) -> SuiteChecked:
    """Hold a file against a suite.

    Args:
        text: take the columns of a CSV as text instead of giving them the types their cells have.
        violations: where every unexpected value goes (`violations_file`); None for nowhere. Their row numbers are held
            in memory on the way.

    Raises:
        SuiteError: the suite cannot be run.
        OSError: the violations cannot be written.
    """
    # Of no use for packs.
    from validahub_pipeline.engine import run_suite  # noqa: PLC0415

    result = run_suite(source.typed(text=text), suite, "SUMMARY" if violations is None else "COMPLETE")
    if any(entry["exception_info"]["raised_exception"] for entry in result["results"]):
        # The expectations may not be to blame.
        source.check_readable()
    if violations is None:
        return SuiteChecked(source, path, result)
    with violations_file(violations) as out:
        out.write(_numbered(_violations(result), source.rows.numbers()))
    return SuiteChecked(source, path, {**result, "results": [_shortened(entry) for entry in result["results"]]})


def _violations(result: Mapping[str, Any]) -> pl.DataFrame:
    """`at` (the row's place in the file, null for the file as a whole), column, code, severity, value."""
    parts = [
        pl.DataFrame(
            {"at": found["at"], "value": found["value"]}, schema={"at": pl.Int64, "value": pl.String}
        ).with_columns(
            pl.lit(columns_of(entry["expectation_config"]["kwargs"])).alias("column"),
            pl.lit(entry["expectation_config"]["type"]).alias("code"),
            pl.lit(entry["expectation_config"]["severity"]).alias("severity"),
        )
        for entry in result["results"]
        if not entry["success"]
        for found in [_unexpected(entry)]
    ]
    schema = {"at": pl.Int64, **dict.fromkeys(("value", "column", "code", "severity"), pl.String)}
    return pl.concat(parts) if parts else pl.DataFrame(schema=schema)


def _unexpected(entry: Mapping[str, Any]) -> dict[str, list[Any]]:
    result = entry["result"]
    if result.get("unexpected_index_list"):
        values = result["unexpected_list"]
        return {"at": result["unexpected_index_list"], "value": [shown_value(value) for value in values]}
    problem = entry["exception_info"].get("exception_message")
    return {"at": [None], "value": [problem or shown_value(result.get("observed_value"))]}


def _numbered(found: pl.DataFrame, numbers: pl.DataFrame) -> pl.DataFrame:
    places = found.get_column("at")
    return (
        found.with_columns(numbers.get_column(name).gather(places).fill_null(0) for name in ("row", "line"))
        .drop("at")
        .sort("row", "code", "column", maintain_order=True)
    )


def _shortened(entry: Mapping[str, Any]) -> dict[str, Any]:
    """An entry at the level `SUMMARY`."""
    complete = ("unexpected_list", "unexpected_index_list", "unexpected_index_query")
    return {**entry, "result": {name: value for name, value in entry["result"].items() if name not in complete}}


def columns_of(kwargs: Mapping[str, Any]) -> str:
    """The columns an expectation looks at, joined; "" for none."""
    names = [kwargs[name] for name in ("column", "column_A", "column_B") if name in kwargs]
    return _BETWEEN_VALUES.join(map(str, [*names, *kwargs.get("column_list", ())]))


def shown_value(value: Any) -> str:
    """A value of a result, as text."""
    match value:
        case None:
            return ""
        case str():
            return value
        case dict():
            return _BETWEEN_VALUES.join(map(shown_value, value.values()))
        case list() | tuple():
            return _BETWEEN_VALUES.join(map(shown_value, value))
        case bool():
            return "true" if value else "false"
    return str(value)
