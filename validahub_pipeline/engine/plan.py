"""A resolved pack, matched to the columns of one file, as expressions over a working frame.

The working frame of a batch holds, for each column (by place) that a rule needs, `text:0` (blank is null) and
`number:0`. What is not needed is never computed. Nothing here reads rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from validahub_pipeline.engine.expectations import Cell, Scope, expectation_for
from validahub_pipeline.errors import PackError
from validahub_pipeline.rulepacks.model import ColumnMatch, ResolvedPack, Rule, Severity

COLUMN_MISSING: Final = "column_missing"
COLUMN_AMBIGUOUS: Final = "column_ambiguous"


@dataclass(frozen=True)
class FileViolation:
    """A violation of the file as a whole: a field it has no column for."""

    code: str
    field: str
    severity: Severity
    candidates: str


@dataclass(frozen=True)
class CompiledRule:
    """One rule as an expression.

    Attributes:
        places: the columns it looks at, the first being the one a violation is reported for.
        expression: row-wise rules: true = holds, null = unknown. Cross-row rules: the key that must not repeat.
        condition: the rows it looks at, or None for all.
    """

    code: str
    severity: Severity
    places: tuple[int, ...]
    expression: pl.Expr
    cross_row: bool
    condition: Condition | None
    mostly: float | None

    @property
    def needs_survey(self) -> bool:
        """Whether a verdict on one row needs all the others."""
        return self.cross_row or self.mostly is not None


@dataclass(frozen=True)
class Condition:
    """A pack's `row_condition`: polars SQL over field names; a field without a column is null in every row."""

    sql: str
    places: Mapping[str, int | None]

    def expression(self) -> pl.Expr:
        """True in the rows it selects, over a frame with a column per field of `places`."""
        return pl.sql_expr(self.sql).fill_null(value=False)

    def view(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The frame it is evaluated on, from one with the texts of the columns."""
        return frame.select(
            pl.lit(None, dtype=pl.String).alias(field) if place is None else pl.col(text(place)).alias(field)
            for field, place in self.places.items()
        )

    def rows(self, frame: pl.DataFrame) -> pl.Series:
        """The rows selected, as booleans."""
        return self.view(frame).select(self.expression().alias("selected")).to_series()

    @property
    def needed(self) -> frozenset[int]:
        """Places of the columns it looks at."""
        return frozenset(place for place in self.places.values() if place is not None)


@dataclass(frozen=True)
class Plan:
    """The rules of a pack that a file can be asked, ordered as violations are (code, column)."""

    columns: tuple[str, ...]
    places: Mapping[str, int]
    file_violations: tuple[FileViolation, ...]
    rules: tuple[CompiledRule, ...]

    @property
    def texts(self) -> frozenset[int]:
        """Places of the columns some rule or condition looks at, and of all matched ones (for their statistics)."""
        conditions = [rule.condition.needed for rule in self.rules if rule.condition]
        return frozenset(self.places.values()).union(*(rule.places for rule in self.rules), *conditions)

    @property
    def numbers(self) -> frozenset[int]:
        """Places of the columns some rule reads as numbers."""
        roots = {root for rule in self.rules for root in rule.expression.meta.root_names()}
        return frozenset(place for place in self.texts if number(place) in roots)


def text(place: int) -> str:
    """Name of a column's text in a working frame."""
    return f"text:{place}"


def number(place: int) -> str:
    """Name of a column's number in a working frame."""
    return f"number:{place}"


def compile_plan(pack: ResolvedPack, match: ColumnMatch, columns: Sequence[str]) -> Plan:
    """The rules of a pack for a file with these columns.

    Raises:
        PackError: a rule's expectation, kwargs or condition cannot be understood. No row has been read by then.
    """
    positions = {name: place for place, name in enumerate(columns)}
    places = {field: positions[column] for field, column in match.columns.items() if column in positions}
    rules = []
    absent = {
        lost.field: FileViolation(
            COLUMN_AMBIGUOUS if lost.ambiguous else COLUMN_MISSING,
            lost.field,
            Severity.CRITICAL if lost.required else Severity.WARNING,
            ", ".join(lost.candidates),
        )
        for lost in match.unmatched
    }
    for rule in pack.rules:
        known = expectation_for(rule.type, rule.kwargs)
        fields = known.field_names(rule.kwargs)
        condition = condition_of(rule.row_condition, pack, places)
        if any(field not in places for field in fields):
            if known.scope is Scope.FILE:
                absent.setdefault(fields[0], FileViolation(rule.code, fields[0], Severity(rule.severity), ""))
            continue
        cells = {field: Cell(pl.col(text(places[field])), pl.col(number(places[field]))) for field in fields}
        rules.append(
            CompiledRule(
                code=rule.code,
                severity=Severity(rule.severity),
                places=tuple(places[field] for field in fields),
                expression=known.compile(rule.kwargs, cells),
                cross_row=known.scope is Scope.COLUMN,
                condition=condition,
                mostly=_mostly(rule),
            )
        )
    return Plan(
        columns=tuple(columns),
        places=places,
        file_violations=tuple(sorted(absent.values(), key=lambda found: (found.code, found.field))),
        rules=tuple(sorted(rules, key=lambda rule: (rule.code, columns[rule.places[0]]))),
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


def _mostly(rule: Rule) -> float | None:
    return None if rule.mostly is None or rule.mostly >= 1 else rule.mostly
