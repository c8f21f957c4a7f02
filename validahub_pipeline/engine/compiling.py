"""From a resolved pack, matched to the columns of one file, to a plan: each rule as an expression. No row is read."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import polars as pl

from validahub_pipeline.engine import products
from validahub_pipeline.engine.plan import (
    CompiledMeasure,
    CompiledRule,
    Condition,
    FileViolation,
    Plan,
    found,
    length,
    number,
    text,
)
from validahub_pipeline.errors import PackError
from validahub_pipeline.expectations import (
    Cell,
    Expectation,
    Measure,
    Scope,
    Table,
    considered,
    known_expectations,
)
from validahub_pipeline.expectations.kwargs import Arguments, applied, read_kwargs
from validahub_pipeline.rulepacks.model import ColumnMatch, ResolvedPack, Rule, Severity
from validahub_pipeline.rulepacks.vocabulary import ANY_FIELD

COLUMN_MISSING: Final = "column_missing"
COLUMN_AMBIGUOUS: Final = "column_ambiguous"
_RECORD: Final = "record"


def compile_plan(pack: ResolvedPack, match: ColumnMatch, columns: Sequence[str]) -> Plan:
    """The rules of a pack for a file with these columns.

    Raises:
        PackError: a rule's expectation, kwargs or condition cannot be understood. No row has been read by then.
    """
    positions = {name: place for place, name in enumerate(columns)}
    places = {field: positions[column] for field, column in match.columns.items() if column in positions}
    table = _table(columns, places)
    absent = {
        lost.field: FileViolation(
            COLUMN_AMBIGUOUS if lost.ambiguous else COLUMN_MISSING,
            lost.field,
            Severity.CRITICAL if lost.required else Severity.WARNING,
            ", ".join(lost.candidates),
        )
        for lost in match.unmatched
    }
    rules: list[CompiledRule] = []
    measures: list[CompiledMeasure] = []
    for rule in pack.rules:
        known, arguments = _understood(rule)
        condition = condition_of(rule.row_condition, pack, places)
        if arguments.columns == (ANY_FIELD,):
            rules += (
                _map_rule(rule, known, replace(arguments, columns=(name,)), {name: place}, condition)
                for name, place in positions.items()
            )
            continue
        held = tuple(field for field in arguments.columns if field in places)
        if known.any_column and held:
            arguments = replace(arguments, columns=held)
        elif held != arguments.columns:
            continue
        if known.maps:
            compiled = _map_rule(rule, known, arguments, places, condition)
            rules.append(products.shared(compiled, rule, pack.layout, places))
            continue
        looked_at = [table] if known.scope is Scope.TABLE else _cells(arguments, places)
        measure: Measure = _called(rule, known, looked_at, arguments)
        field = str(rule.kwargs.get("column", ""))
        if not measure.expressions:
            verdict = measure.judge({})
            if not verdict.success and field not in absent:
                absent[field] = FileViolation(rule.code, field, Severity(rule.severity), "")
            continue
        measures.append(CompiledMeasure(rule.code, field, Severity(rule.severity), measure, condition))
    return Plan(
        columns=tuple(columns),
        places=places,
        file_violations=tuple(sorted(absent.values(), key=lambda found: (found.code, found.field))),
        rules=tuple(sorted(rules, key=lambda rule: (rule.code, columns[rule.places[0]]))),
        measures=tuple(measures),
    )


def condition_of(sql: str | None, pack: ResolvedPack, places: Mapping[str, int]) -> Condition | None:
    """A pack's row condition, understood; None where there is none.

    Raises:
        PackError: `bad_condition`: no SQL that polars takes, or a field the pack does not know.
    """
    if sql is None:
        return None
    try:
        roots = dict.fromkeys(pl.sql_expr(sql).meta.root_names())
        unknown = [root for root in roots if root not in pack.fields and root not in places]
        if unknown:
            raise PackError("bad_condition", condition=sql, problem=", ".join(unknown))
        condition = Condition(sql, {root: places.get(root) for root in roots})
        empty = pl.DataFrame(schema={text(place): pl.String for place in condition.needed})
        selected = condition.rows(empty)
    except pl.exceptions.PolarsError as problem:
        raise PackError("bad_condition", condition=sql, problem=str(problem).splitlines()[0]) from problem
    if selected.dtype != pl.Boolean:
        raise PackError("bad_condition", condition=sql, problem=str(selected.dtype))
    return condition


def _understood(rule: Rule) -> tuple[Expectation, Arguments]:
    known = known_expectations().get(rule.type)
    if known is None:
        raise PackError("unknown_expectation", type=rule.type)
    arguments, problems = read_kwargs(known, rule.kwargs, strict=True)
    if problems:
        raise PackError("bad_expectation", type=rule.type, problem="; ".join(map(str, problems)))
    return known, arguments


def _called(rule: Rule, known: Expectation, looked_at: Sequence[object], arguments: Arguments) -> Any:
    try:
        return applied(known, looked_at, arguments.own)
    except (ValueError, TypeError, re.error) as problem:
        raise PackError("bad_expectation", type=rule.type, problem=problem) from problem


def _map_rule(
    rule: Rule, known: Expectation, arguments: Arguments, places: Mapping[str, int], condition: Condition | None
) -> CompiledRule:
    cells = _cells(arguments, places)
    missing = [cell.missing for cell in cells]
    asked = considered(known, missing, arguments.ignore_row_if)
    narrowed: dict[str, pl.Expr] = {}
    if known.across:
        narrowed = _identities(known, cells) if known.across == "identity" else _orders(cells)
        names = list(narrowed) if known.scope is Scope.RECORD else arguments.columns
        cells = [Cell(name, pl.String(), pl.col(name), pl.col(name)) for name in names]
    looked_at: list[object] = [tuple(cells)] if known.scope is Scope.RECORD else [*cells]
    met: pl.Expr = _called(rule, known, looked_at, arguments)
    if known.scope in {Scope.PAIR, Scope.RECORD} and not narrowed:
        # As in Great Expectations, where only some of the values are there, what cannot be said to hold is violated;
        # text that is no number is another matter, with a rule of its own.
        # (Said with `met` only once: polars would evaluate it as often as it stands there.)
        met = met.fill_null(pl.when(pl.any_horizontal(missing)).then(statement=False))
    return CompiledRule(
        code=rule.code,
        asks=_asks(rule, known, [places[field] for field in arguments.columns], condition),
        severity=Severity(rule.severity),
        places=tuple(places[field] for field in arguments.columns),
        expression=met,
        asked=asked,
        narrowed=narrowed,
        condition=condition,
        mostly=None if rule.mostly is None or rule.mostly >= 1 else rule.mostly,
        recurring=next(iter(narrowed)) if known.across == "identity" else None,
    )


def _asks(rule: Rule, known: Expectation, places: Sequence[int], condition: Condition | None) -> str:
    own = {name: value for name, value in rule.kwargs.items() if name not in known.domain}
    where = condition.key if condition else None
    return json.dumps([rule.type, places, own, rule.mostly, where], sort_keys=True, default=repr)


def _cells(arguments: Arguments, places: Mapping[str, int]) -> list[Cell]:
    return [
        Cell(
            field,
            pl.String(),
            pl.col(text(place)),
            pl.col(number(place)),
            searched=_searched(place),
            counted=pl.col(length(place)),
        )
        for field in arguments.columns
        for place in [places[field]]
    ]


def _searched(place: int) -> Callable[[str], pl.Expr]:
    return lambda pattern: pl.col(found(place, pattern))


def _identities(known: Expectation, cells: Sequence[Cell]) -> dict[str, pl.Expr]:
    """64-bit hashes: among ten million distinct values the odds that two share one are under three in a million."""
    if known.scope is Scope.RECORD:
        return {_RECORD: pl.struct([cell.text.alias(str(place)) for place, cell in enumerate(cells)]).hash()}
    return {cell.name: pl.when(cell.text.is_not_null()).then(cell.text.hash()) for cell in cells}


def _orders(cells: Sequence[Cell]) -> dict[str, pl.Expr]:
    return {cell.name: cell.numbers for cell in cells}


def _table(columns: Sequence[str], places: Mapping[str, int]) -> Table:
    """The file as a pack sees it: columns by the name of their field, or by their header where they hold none."""
    fields = {place: field for field, place in places.items()}
    names = [fields.get(place, header) for place, header in enumerate(columns)]
    return Table(
        tuple(Cell(name, pl.String(), pl.col(text(place)), pl.col(number(place))) for place, name in enumerate(names))
    )
