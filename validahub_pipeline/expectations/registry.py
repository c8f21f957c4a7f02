"""How an expectation is declared: one function, found by its name; its parameters are the expectation's kwargs.

Parameters of type `Column` come first and say what it looks at; the kwargs of the same name (`column_A` for `column_a`,
`column_list` for a tuple of columns) name the columns. What the function returns is evaluated by the engine: on typed
data for a suite, on the text cells of a seller's file for a rule pack.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any, Final, Literal, get_type_hints

import polars as pl
from pydantic import ConfigDict, TypeAdapter

from validahub_pipeline.expectations.columns import Column


class Scope(StrEnum):
    """What an expectation looks at, and thereby what its function returns.

    VALUE, PAIR, RECORD: a polars expression, true for each value (pair, record) that meets the expectation.
    GROUP: the same for each value of `column`, among the rows that hold the same value in `group`.
    AGGREGATE: a `Measure` of one column. TABLE: a `Measure` of the table's shape.
    """

    VALUE = "value"
    PAIR = "pair"
    RECORD = "record"
    GROUP = "group"
    AGGREGATE = "aggregate"
    TABLE = "table"


@dataclass(frozen=True)
class Table:
    """The data's shape, known without reading a row but for their number."""

    columns: tuple[Column, ...]

    @property
    def names(self) -> list[str]:
        """The columns' names, in order."""
        return [column.name for column in self.columns]


@dataclass(frozen=True)
class Verdict:
    """What became of an expectation about a whole: `result` as Great Expectations shows it."""

    success: bool
    result: Mapping[str, Any]


@dataclass(frozen=True)
class Measure:
    """What has to be known of the rows, one value per expression, and the verdict on these values."""

    expressions: Mapping[str, pl.Expr]
    judge: Callable[[Mapping[str, Any]], Verdict]


@dataclass(frozen=True)
class Example:
    """Cells of a file, each a row, that meet an expectation and that don't; a tuple where it looks at several columns.
    Rows that hold come first. Documentation shows them, and tests hold every engine to them. `numbers`: typed data hold
    these cells as numbers."""

    holds: Sequence[str | tuple[str | None, ...] | None]
    fails: Sequence[str | tuple[str | None, ...] | None]
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    numbers: bool = False


Across = Literal["identity", "order"]
"""What of the other rows' values a verdict on one row depends on: which are the same, or how they compare by size.
With `identity` a hash does as well as the value, for a record as a whole one hash of all its values, and what is there
but once holds."""

_MAPS: Final = frozenset({Scope.VALUE, Scope.PAIR, Scope.RECORD, Scope.GROUP})


@dataclass(frozen=True)
class Expectation:
    """One known expectation.

    Attributes:
        counts_missing: it asks about missing values themselves, so none is passed over.
        any_column: of records: some of its columns will do, where a file has not all of them.
        across: set where a row cannot be judged by itself.
        example: of those that are ours, what meets them and what does not; Great Expectations has none of their names.
    """

    type: str
    scope: Scope
    function: Callable[..., Any]
    counts_missing: bool
    across: Across | None
    example: Example | None
    any_column: bool = False

    @property
    def ours(self) -> bool:
        """Whether Great Expectations has none of that name."""
        return self.example is not None

    @property
    def maps(self) -> bool:
        """Whether it has a verdict on each row, rather than one on all of them."""
        return self.scope in _MAPS

    @cached_property
    def domain(self) -> tuple[str, ...]:
        """The kwargs that name columns."""
        if self.scope is Scope.TABLE:
            return ()
        if self.scope is Scope.RECORD:
            return ("column_list",)
        hints = get_type_hints(self.function)
        names = [name for name in self._parameters if hints[name] is Column]
        return tuple({"column_a": "column_A", "column_b": "column_B"}.get(name, name) for name in names)

    @cached_property
    def kwargs(self) -> Mapping[str, inspect.Parameter]:
        """The kwargs of its own, columns aside."""
        looked_at = max(1, len(self.domain))
        return {name: self._parameters[name] for name in list(self._parameters)[looked_at:]}

    @cached_property
    def required(self) -> tuple[str, ...]:
        """The kwargs it cannot do without."""
        own = [name for name, kwarg in self.kwargs.items() if kwarg.default is inspect.Parameter.empty]
        return (*self.domain, *own)

    @property
    def meaning(self) -> str:
        """What it says, in a sentence or two."""
        return " ".join((inspect.getdoc(self.function) or "").split())

    def shown_type(self, kwarg: str) -> str:
        """How a kwarg's type reads."""
        return str(self.kwargs[kwarg].annotation)

    def read(self, kwarg: str, value: Any, *, strict: bool = False) -> Any:
        """A kwarg's value from JSON; `strict`: neither a number from text nor the like.

        Raises:
            pydantic.ValidationError: it is not of the kwarg's type.
        """
        reader = self._readers[kwarg]
        # Only read from JSON does a list pass strictly for a pair.
        return reader.validate_json(json.dumps(value), strict=True) if strict else reader.validate_python(value)

    @cached_property
    def _parameters(self) -> Mapping[str, inspect.Parameter]:
        return inspect.signature(self.function).parameters

    @cached_property
    def _readers(self) -> Mapping[str, TypeAdapter[Any]]:
        hints = get_type_hints(self.function, include_extras=True)
        config = ConfigDict(arbitrary_types_allowed=True)
        return {name: TypeAdapter(hints[name], config=config) for name in self.kwargs}


_KNOWN: Final[dict[str, Expectation]] = {}

Declared = Callable[..., Any]


def expectation(
    name: str, scope: Scope, *, counts_missing: bool = False, across: Across | None = None
) -> Callable[[Declared], Declared]:
    """Declare the function under it as the expectation `name`."""

    def declare(function: Declared) -> Declared:
        _KNOWN[name] = Expectation(name, scope, function, counts_missing, across, example=None)
        return function

    return declare


def our_expectation(
    name: str,
    scope: Scope,
    example: Example,
    *,
    counts_missing: bool = False,
    across: Across | None = None,
    any_column: bool = False,
) -> Callable[[Declared], Declared]:
    """Declare the function under it as the expectation `name`, which is not Great Expectations'."""

    def declare(function: Declared) -> Declared:
        _KNOWN[name] = Expectation(name, scope, function, counts_missing, across, example, any_column)
        return function

    return declare


def known_expectations() -> Mapping[str, Expectation]:
    """Every declared expectation by its type."""
    return _KNOWN


def considered(known: Expectation, missing: Sequence[pl.Expr], ignore_row_if: str | None) -> pl.Expr | None:
    """The rows that are asked at all, by which of the looked-at values are missing; None for all."""
    if known.counts_missing or ignore_row_if in {"neither", "never"}:
        return None
    if ignore_row_if in {"both_values_are_missing", "all_values_are_missing"}:
        return pl.all_horizontal(missing).not_()
    return pl.any_horizontal(missing).not_()
