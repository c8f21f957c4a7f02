"""Other tools under the same rules, each in the way its own documentation shows, with every violation in its result.

Each function takes a file and returns violations by code. Everything is text, as a seller's file has it; the columns
that hold numbers are given to the tools as such beside it, null where a cell is none, for none of them reads numbers
leniently. Libraries are imported where they are used, so that a process pays for one only.
"""
# ruff: noqa: PLC0415

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bench.engine.own import expectation
from bench.engine.rules import NUMBERS, RULES, Rule

if TYPE_CHECKING:
    import polars as pl

Tool = Callable[[Path], dict[str, int]]

_NUMBER: Final = " as number"


def great_expectations(source: Path) -> dict[str, int]:
    """GX Core on pandas, results `COMPLETE`."""
    import great_expectations as gx
    import pandas as pd
    from great_expectations.expectations import registry

    if source.suffix == ".csv":
        frame = pd.read_csv(source, dtype=str, keep_default_na=False, na_values=[""])
    else:
        frame = pd.read_parquet(source)
    for name in NUMBERS:
        frame[name + _NUMBER] = pd.to_numeric(frame[name], errors="coerce")
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    batches = (
        context.data_sources.add_pandas("bench").add_dataframe_asset("rows").add_batch_definition_whole_dataframe("all")
    )
    suite = gx.ExpectationSuite(name="bench")
    for rule in RULES:
        type_, kwargs = expectation(rule)
        suite.add_expectation(
            registry.get_expectation_impl(type_)(column=_looked_at(rule), **kwargs, meta={"code": rule.code})
        )
    result = batches.get_batch({"dataframe": frame}).validate(suite, result_format="COMPLETE")
    return {
        one.expectation_config.meta["code"]: len(one.result["unexpected_index_list"] or ()) for one in result.results
    }


def pandera(source: Path) -> dict[str, int]:
    """pandera on polars, failures collected (`lazy`)."""
    import pandera.polars as pa
    import polars as pl

    def check(rule: Rule) -> Any:
        return pa.Check(
            lambda data: data.lazyframe.select(_holds(rule, pl.col(data.key)).fill_null(value=True)),
            name=rule.code,
            ignore_na=False,
        )

    frame = _polars(source)
    names = dict.fromkeys([*frame.columns])
    schema = pa.DataFrameSchema(
        {
            name: pa.Column(nullable=True, checks=[check(rule) for rule in RULES if _looked_at(rule) == name])
            for name in names
        }
    )
    try:
        schema.validate(frame, lazy=True)
    except pa.errors.SchemaErrors as found:
        return dict(found.failure_cases.get_column("check").value_counts().iter_rows())
    return {}


def dataframely(source: Path) -> dict[str, int]:
    """dataframely: a schema of rules, the rows filtered by it."""
    import dataframely as dy
    import polars as pl

    frame = _polars(source)
    columns = {
        name: dy.Float64(nullable=True) if name.endswith(_NUMBER) else dy.String(nullable=True, alias=name)
        for name in frame.columns
    }
    members: dict[str, Any] = {f"c{place}": column for place, column in enumerate(columns.values())}
    for member, name in zip(members.values(), columns, strict=True):
        member.alias = name
    for rule in RULES:
        members[rule.code] = dy.rule()(
            lambda _schema, asked=rule: _holds(asked, pl.col(_looked_at(asked))).fill_null(value=True)
        )
    schema = type("Catalogue", (dy.Schema,), members)
    _, failures = schema.filter(frame, cast=False)
    return dict(failures.counts())


def pointblank(source: Path) -> dict[str, int]:
    """pointblank on polars, every failing row extracted."""
    import pointblank as pb
    import polars as pl

    frame = _polars(source)
    plan = pb.Validate(frame)
    for rule in RULES:
        column = _looked_at(rule)
        match rule.kind:
            case "filled":
                plan = plan.col_vals_not_null(column)
            case "matches":
                plan = plan.col_vals_regex(column, rule.pattern, na_pass=True)
            case "least":
                plan = plan.col_vals_ge(column, rule.limit, na_pass=True)
            case "most":
                plan = plan.col_vals_le(column, rule.limit, na_pass=True)
            case _:
                plan = plan.col_vals_expr(_holds(rule, pl.col(column)).fill_null(value=True))
    done = plan.interrogate(collect_extracts=True, extract_limit=frame.height)
    failed: Mapping[int, int] = done.n_failed()
    return {rule.code: failed[place] for place, rule in enumerate(RULES, 1)}


def frictionless(source: Path) -> dict[str, int]:
    """frictionless: constraints of fields, and a check of one's own for what they cannot say."""
    from frictionless import Check, Checklist, Resource, Schema, errors, fields

    class Others(Check):
        type = "others"
        Errors = (errors.RowConstraintError,)

        def validate_row(self, row: Any) -> Iterator[Any]:
            for rule in RULES:
                if rule.kind not in _CONSTRAINTS and not _holds_of(rule, row[rule.column]):
                    yield errors.RowConstraintError.from_row(row, note=rule.code)

    with source.open(encoding="utf-8", newline="") as file:
        header = next(csv.reader(file))
    schema = Schema(fields=[fields.StringField(name=name, constraints=_constraints(name)) for name in header])
    resource = Resource(path=source.name, basepath=str(source.parent), schema=schema)
    report = resource.validate(Checklist(checks=[Others()]), limit_errors=1 << 62)
    codes = {(rule.column, _CONSTRAINTS.get(rule.kind)): rule.code for rule in RULES}
    found: Counter[str] = Counter()
    for error in report.tasks[0].errors:
        if error.type == "row-constraint":
            found[error.note] += 1
        else:
            constraint = "unique" if error.type == "unique-error" else error.note.split('"')[1]
            found[codes[error.field_name, constraint]] += 1
    return dict(found)


_CONSTRAINTS: Final[Mapping[str, str]] = {
    "filled": "required",
    "unique": "unique",
    "longest": "maxLength",
    "shortest": "minLength",
    "matches": "pattern",
    "one_of": "enum",
}


def _constraints(name: str) -> dict[str, Any]:
    wanted: dict[str, Any] = {}
    for rule in (one for one in RULES if one.column == name and one.kind in _CONSTRAINTS):
        limits = {"longest": int(rule.limit), "shortest": int(rule.limit), "matches": rule.pattern.strip("^$")}
        wanted[_CONSTRAINTS[rule.kind]] = limits.get(rule.kind, list(rule.values) or True)
    return wanted


def _holds_of(rule: Rule, cell: str | None) -> bool:
    if not cell:
        return True
    if rule.kind == "without":
        return re.search(rule.pattern, cell) is None
    if rule.kind == "none_of":
        return cell not in rule.values
    try:
        return float(cell) >= rule.limit if rule.kind == "least" else float(cell) <= rule.limit
    except ValueError:
        return True


def plain_polars(source: Path) -> dict[str, int]:
    """No tool: the rules as polars expressions, streamed to the places of the rows that break them."""
    import polars as pl

    scan = pl.scan_csv(source, infer_schema=False) if source.suffix == ".csv" else pl.scan_parquet(source)
    frame = scan.with_columns(_numbers())
    broken = [_holds(rule, pl.col(_looked_at(rule))).not_().fill_null(value=False).alias(rule.code) for rule in RULES]
    masks = frame.select(broken).collect(engine="streaming")
    return {name: masks.get_column(name).arg_true().len() for name in masks.columns}


def _polars(source: Path) -> pl.DataFrame:
    import polars as pl

    read = pl.read_csv(source, infer_schema=False) if source.suffix == ".csv" else pl.read_parquet(source)
    return read.with_columns(_numbers())


def _numbers() -> list[pl.Expr]:
    import polars as pl

    return [pl.col(name).cast(pl.Float64, strict=False).alias(name + _NUMBER) for name in NUMBERS]


def _looked_at(rule: Rule) -> str:
    return rule.column + _NUMBER if rule.kind in {"least", "most"} else rule.column


def _holds(rule: Rule, cell: pl.Expr) -> pl.Expr:  # noqa: PLR0911 - one for each kind
    """The rule as a polars expression, null where the cell is, but for rules that ask for a value."""
    match rule.kind:
        case "filled":
            return cell.is_not_null()
        case "unique":
            return cell.is_unique() | cell.is_null()
        case "longest":
            return cell.str.len_chars() <= rule.limit
        case "shortest":
            return cell.str.len_chars() >= rule.limit
        case "matches":
            return cell.str.contains(rule.pattern)
        case "without":
            return cell.str.contains(rule.pattern).not_()
        case "one_of":
            return cell.is_in(list(rule.values))
        case "none_of":
            return cell.is_in(list(rule.values)).not_()
        case "least":
            return cell >= rule.limit
        case "most":
            return cell <= rule.limit


PEERS: Final[Mapping[str, Tool]] = {
    "plain polars": plain_polars,
    "great-expectations": great_expectations,
    "pandera": pandera,
    "dataframely": dataframely,
    "pointblank": pointblank,
    "frictionless": frictionless,
}
