"""Expectations against data: each becomes a few expressions, and those that look at the same rows share one pass."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import polars as pl
from polars import selectors

from validahub_pipeline.engine.suite import results
from validahub_pipeline.engine.suite.conditions import condition_of
from validahub_pipeline.engine.suite.configuration import Configured
from validahub_pipeline.engine.suite.queries import Columns
from validahub_pipeline.engine.suite.result_format import BOOLEAN_ONLY, ResultFormat
from validahub_pipeline.engine.suite.results import Unexpected
from validahub_pipeline.expectations import Column, Measure, Scope, Table, TypedColumn, considered

# What a suite's own limits and the data's types can raise; anything else is our fault and must not look like a verdict.
DATA_FAULTS: Final = (pl.exceptions.PolarsError, TypeError, ValueError, ArithmeticError, KeyError)

_ROW: Final = "__validahub_row"


@dataclass(frozen=True)
class Rows:
    """Which rows are looked at (None: all); equal keys stand for the same ones."""

    key: str
    condition: pl.Expr | None


@dataclass(frozen=True)
class Question:
    """What has to be known of the rows for one expectation: named expressions, each one value; and what then is its
    entry in the result."""

    rows: Rows
    expressions: Mapping[str, pl.Expr]
    answer: Callable[[Mapping[str, Any]], dict[str, Any]]


def evaluate(frame: pl.LazyFrame, configured: list[Configured], wanted: ResultFormat) -> list[dict[str, Any]]:
    """The entry of each expectation, in order."""
    columns = {name: TypedColumn(name, dtype) for name, dtype in frame.collect_schema().items()}
    # To Great Expectations a NaN is a value that is missing; where all are, they might have been numbers.
    nothing = selectors.by_dtype(pl.Null).cast(pl.Float64)
    numbered = frame.with_columns(selectors.float().fill_nan(None), nothing).with_row_index(_ROW)
    entries: dict[int, dict[str, Any]] = {}
    together: dict[str, list[tuple[int, Question]]] = {}
    for place, one in enumerate(configured):
        try:
            question = _question(one, columns, wanted)
        except DATA_FAULTS as error:
            entries[place] = results.failed(one.source, error)
            continue
        together.setdefault(question.rows.key, []).append((place, question))
    for group in together.values():
        entries |= _answers(numbered, group, configured)
    return [entries[place] for place in range(len(configured))]


def _answers(
    frame: pl.LazyFrame, group: list[tuple[int, Question]], configured: list[Configured]
) -> dict[int, dict[str, Any]]:
    try:
        return _asked(frame, group)
    except DATA_FAULTS as error:
        if len(group) == 1:
            place = group[0][0]
            return {place: results.failed(configured[place].source, error)}
    # One of them failed: each for itself shows which.
    found: dict[int, dict[str, Any]] = {}
    for one in group:
        found |= _answers(frame, [one], configured)
    return found


def _asked(frame: pl.LazyFrame, group: list[tuple[int, Question]]) -> dict[int, dict[str, Any]]:
    condition = group[0][1].rows.condition
    chosen = frame if condition is None else frame.filter(condition)
    expressions = [
        expression.alias(f"{place}:{name}")
        for place, question in group
        for name, expression in question.expressions.items()
    ]
    known = chosen.select(expressions).collect(engine="streaming").row(0, named=True) if expressions else {}
    return {
        place: question.answer({name: known[f"{place}:{name}"] for name in question.expressions})
        for place, question in group
    }


def _question(one: Configured, columns: Columns, wanted: ResultFormat) -> Question:
    rows = _rows(one, columns)
    if one.expectation.scope is Scope.TABLE:
        table = Table(tuple(columns.values()))
        measure = one.expectation.function(table, *one.arguments.columns, **one.arguments.own)
        return _of_measure(one, rows, measure, wanted)
    one = _named(one, columns)
    looked_at = tuple(columns[name] for name in one.arguments.columns)
    match one.expectation.scope:
        case Scope.AGGREGATE:
            return _of_measure(one, rows, one.expectation.function(looked_at[0], **one.arguments.own), wanted)
        case Scope.RECORD:
            return _of_mask(one, rows, columns, one.expectation.function(looked_at, **one.arguments.own), wanted)
    try:
        return _of_mask(one, rows, columns, one.expectation.function(*looked_at, **one.arguments.own), wanted)
    except TypeError as error:
        return _vacuous(_of_mask(one, rows, columns, pl.lit(value=True), wanted), one, error)


def _rows(one: Configured, columns: Columns) -> Rows:
    if one.row_condition is None:
        return Rows("", None)
    condition = condition_of(one.row_condition, one.condition_parser, columns)
    return Rows(repr((one.row_condition, one.condition_parser)), condition)


def _of_measure(one: Configured, rows: Rows, measure: Measure, wanted: ResultFormat) -> Question:
    def answer(known: Mapping[str, Any]) -> dict[str, Any]:
        verdict = measure.judge(known)
        return results.evaluated(one.source, success=verdict.success, result=results.of_measure(verdict.result, wanted))

    return Question(rows, measure.expressions, answer)


def _of_mask(one: Configured, rows: Rows, columns: Columns, met: pl.Expr, wanted: ResultFormat) -> Question:
    looked_at = [columns[name] for name in one.arguments.columns]
    asked = considered(one.expectation, [column.missing for column in looked_at], one.arguments.ignore_row_if)
    if asked is None:
        asked = pl.repeat(value=True, n=pl.len(), dtype=pl.Boolean)
    unexpected = met.fill_null(value=False).not_() & asked
    expressions = {"rows": pl.len(), "considered": asked.sum(), "count": unexpected.sum()}
    if wanted.limit != 0:
        expressions |= {
            name: (shown if wanted.limit is None else shown.head(wanted.limit)).implode()
            for name, shown in _shown(looked_at, _identifying(columns, wanted), unexpected)
        }
    if wanted.with_rows and wanted.level != BOOLEAN_ONLY:
        whole = pl.struct([column.values for column in columns.values()])
        expressions["shown"] = whole.filter(unexpected).head(wanted.shown).implode()

    def answer(known: Mapping[str, Any]) -> dict[str, Any]:
        found = Unexpected(
            rows=known["rows"],
            considered=None if one.expectation.counts_missing else known["considered"] or 0,
            count=known["count"] or 0,
            values=_values(one, known),
            index=known.get("index") or [],
            identified=_identified(one, wanted, known),
            shown=known.get("shown") or [],
        )
        result = results.of_unexpected(found, wanted)
        return results.evaluated(one.source, success=results.holds(found, one.arguments.mostly), result=result)

    return Question(rows, expressions, answer)


def _shown(
    looked_at: Sequence[Column], identifying: Sequence[Column], unexpected: pl.Expr
) -> Iterator[tuple[str, pl.Expr]]:
    yield "index", pl.col(_ROW).filter(unexpected)
    for place, column in enumerate(looked_at):
        yield f"value {place}", column.values.filter(unexpected)
    for place, column in enumerate(identifying):
        yield f"key {place}", column.values.filter(unexpected)


def _identifying(columns: Columns, wanted: ResultFormat) -> list[Column]:
    if not wanted.identifies_rows:
        return []
    for name in wanted.identified_by:
        if name not in columns:
            raise ValueError(
                f'Error: The unexpected_index_column "{name}" does not exist in Dataframe. '
                "Please check your configuration and try again."
            )
    return [columns[name] for name in wanted.identified_by]


def _identified(one: Configured, wanted: ResultFormat, known: Mapping[str, Any]) -> list[dict[str, Any]]:
    if not wanted.identifies_rows:
        return []
    names = [*one.arguments.columns, *wanted.identified_by]
    places = [f"value {place}" for place in range(len(one.arguments.columns))]
    places += [f"key {place}" for place in range(len(wanted.identified_by))]
    return [dict(zip(names, row, strict=True)) for row in zip(*(known[place] for place in places), strict=True)]


def _vacuous(question: Question, one: Configured, error: TypeError) -> Question:
    """An expectation that does not suit the values fails at the first of them; where there is none, it holds."""

    def answer(known: Mapping[str, Any]) -> dict[str, Any]:
        return results.failed(one.source, error) if known["considered"] else question.answer(known)

    return Question(question.rows, question.expressions, answer)


def _values(one: Configured, known: Mapping[str, Any]) -> list[Any]:
    if "index" not in known:
        return []
    by_column = [known[f"value {place}"] for place in range(len(one.arguments.columns))]
    if one.expectation.scope in {Scope.VALUE, Scope.GROUP}:
        return list(by_column[0])
    together = list(zip(*by_column, strict=True))
    if one.expectation.scope is Scope.PAIR:
        return together
    return [dict(zip(one.arguments.columns, values, strict=True)) for values in together]


def _named(one: Configured, columns: Columns) -> Configured:
    """The expectation with the names of its columns as the data have them, which it may have in another case."""
    names = tuple(_existing(name, columns) for name in one.arguments.columns)
    return replace(one, arguments=replace(one.arguments, columns=names))


def _existing(name: str, columns: Columns) -> str:
    folded = name.casefold()
    found = name if name in columns else next((other for other in columns if other.casefold() == folded), None)
    if found is None:
        raise ValueError(f'Error: The column "{name}" in BatchData does not exist.')
    return found
