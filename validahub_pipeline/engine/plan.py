"""What a pack asks of one file, as expressions over a working frame; how it comes about is `compiling`'s business.

The working frame of a batch holds, for each column (by place) that a rule needs, `text:0` (blank is null) and
`number:0`, `length:0`, and `found:0:PATTERN` for what is looked for in it together. What is not needed is never
computed. Nothing here reads rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from validahub_pipeline.expectations import Measure
from validahub_pipeline.rulepacks.model import Severity


@dataclass(frozen=True)
class FileViolation:
    """A violation of the file as a whole: a field it has no column for (`value`: the nearest headers), or what a
    measure found (`value`: that)."""

    code: str
    field: str
    severity: Severity
    value: str


@dataclass(frozen=True)
class CompiledRule:
    """One rule as an expression.

    Attributes:
        asks: what is asked of which columns, alike for two rules (of two packs) only if their verdicts always are.
        places: the columns it looks at, the first being the one a violation is reported for.
        expression: true = holds, false = violated, null = unknown.
        asked: the rows that are asked at all, by what is missing in them; None for all.
        narrowed: cross-row rules: what has to be kept of every row, by name: eight bytes each, over which `expression`
            is. Empty where each row is judged by itself.
        recurring: the one of `narrowed` that a row shares with another if it breaks the rule; None where it need not.
        condition: the rows it looks at, or None for all.
        beside: columns it looks at beside those of a violation, to tell which rows are one product's.
    """

    code: str
    asks: str
    severity: Severity
    places: tuple[int, ...]
    expression: pl.Expr
    asked: pl.Expr | None
    narrowed: Mapping[str, pl.Expr]
    condition: Condition | None
    mostly: float | None
    recurring: str | None = None
    beside: frozenset[int] = frozenset()

    @property
    def roots(self) -> frozenset[str]:
        """The columns of the working frame that its verdicts, or what is kept for them, are over."""
        expressions = (self.expression, *self.narrowed.values())
        return frozenset(root for expression in expressions for root in expression.meta.root_names())

    @property
    def cross_row(self) -> bool:
        """Whether a verdict on one row needs the values of the others."""
        return bool(self.narrowed)

    @property
    def needs_survey(self) -> bool:
        """Whether a verdict on one row needs all the others."""
        return self.cross_row or self.mostly is not None


@dataclass(frozen=True)
class Condition:
    """A pack's `row_condition`: polars SQL over field names; a field without a column is null in every row."""

    sql: str
    places: Mapping[str, int | None]

    @cached_property
    def expression(self) -> pl.Expr:
        """True in the rows it selects, over a frame with a column per field of `places`."""
        return pl.sql_expr(self.sql).fill_null(value=False)

    def view(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The frame it is evaluated on, from one with the texts of the columns."""
        return frame.select(
            # As many as there are rows, also where no field has a column.
            (pl.repeat(None, frame.height, dtype=pl.String) if place is None else pl.col(text(place))).alias(field)
            for field, place in self.places.items()
        )

    def rows(self, frame: pl.DataFrame) -> pl.Series:
        """The rows selected, as booleans."""
        return self.view(frame).select(self.expression.alias("selected")).to_series()

    @property
    def key(self) -> tuple[object, ...]:
        """The same for conditions that select the same rows."""
        return (self.sql, *sorted(self.places.items()))

    @property
    def needed(self) -> frozenset[int]:
        """Places of the columns it looks at."""
        return frozenset(place for place in self.places.values() if place is not None)


@dataclass(frozen=True)
class CompiledMeasure:
    """One rule about a column or the table as a whole; `field` is empty for the table."""

    code: str
    field: str
    severity: Severity
    measure: Measure
    condition: Condition | None

    @property
    def roots(self) -> frozenset[str]:
        """The columns of the working frame it is over."""
        return frozenset(root for one in self.measure.expressions.values() for root in one.meta.root_names())


@dataclass(frozen=True)
class Plan:
    """The rules of a pack that a file can be asked, ordered as violations are (code, column)."""

    columns: tuple[str, ...]
    places: Mapping[str, int]
    file_violations: tuple[FileViolation, ...]
    rules: tuple[CompiledRule, ...]
    measures: tuple[CompiledMeasure, ...]

    @property
    def texts(self) -> frozenset[int]:
        """Places of the columns some rule or condition looks at, and of all matched ones (for their statistics)."""
        conditions = [*(rule.condition for rule in self.rules), *(measure.condition for measure in self.measures)]
        needed = [condition.needed for condition in conditions if condition]
        return frozenset(self.places.values()).union(
            *(rule.places for rule in self.rules), *(rule.beside for rule in self.rules), *needed
        )

    @property
    def numbers(self) -> frozenset[int]:
        """Places of the columns some rule reads as numbers."""
        roots = frozenset().union(*(rule.roots for rule in self.rules), *(measure.roots for measure in self.measures))
        return frozenset(place for place in self.texts if number(place) in roots)


def found(place: int, pattern: str) -> str:
    """Name of what says in a working frame whether a pattern is found in a column's text."""
    return f"found:{place}:{pattern}"


def patterns(names: Iterable[str]) -> dict[int, list[str]]:
    """By place, the patterns that some columns of a working frame tell of."""
    searched: dict[int, list[str]] = {}
    for name in sorted(names):
        kind, _, rest = name.partition(":")
        if kind == "found":
            place, _, pattern = rest.partition(":")
            searched.setdefault(int(place), []).append(pattern)
    return searched


def lengths(names: Iterable[str]) -> frozenset[int]:
    """Of some columns of a working frame, the places of those that tell lengths."""
    parted = (name.partition(":") for name in names)
    return frozenset(int(place) for kind, _, place in parted if kind == "length")


def text(place: int) -> str:
    """Name of a column's text in a working frame."""
    return f"text:{place}"


def number(place: int) -> str:
    """Name of a column's number in a working frame."""
    return f"number:{place}"


def length(place: int) -> str:
    """Name of the length of a column's text, in characters, in a working frame."""
    return f"length:{place}"
