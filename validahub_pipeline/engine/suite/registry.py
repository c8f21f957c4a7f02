"""How an expectation is declared: one function, found by its name; its parameters are the expectation's kwargs.

The first parameter says what it looks at: a `Column` (kwarg `column`), two (`column_A`, `column_B`), several
(`column_list`), or the `Table`. What the function returns is evaluated by `evaluation`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any, Final, get_type_hints

import polars as pl
from pydantic import ConfigDict, TypeAdapter

from validahub_pipeline.engine.suite.columns import Column


class Scope(StrEnum):
    """What an expectation looks at, and thereby what its function returns.

    VALUE, PAIR, RECORD: a polars expression, true for each value (pair, record) that meets the expectation.
    AGGREGATE: a `Measure` of one column. TABLE: a `Measure` of the table's shape.
    """

    VALUE = "value"
    PAIR = "pair"
    RECORD = "record"
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


_DOMAIN: Final[Mapping[Scope, tuple[str, ...]]] = {
    Scope.VALUE: ("column",),
    Scope.PAIR: ("column_A", "column_B"),
    Scope.RECORD: ("column_list",),
    Scope.AGGREGATE: ("column",),
    Scope.TABLE: (),
}


@dataclass(frozen=True)
class Expectation:
    """One known expectation. `counts_missing`: it asks about missing values themselves, so none is passed over."""

    type: str
    scope: Scope
    function: Callable[..., Any]
    counts_missing: bool

    @property
    def domain(self) -> tuple[str, ...]:
        """The kwargs that name columns."""
        return _DOMAIN[self.scope]

    @cached_property
    def kwargs(self) -> Mapping[str, inspect.Parameter]:
        """The kwargs of its own, columns aside."""
        parameters = inspect.signature(self.function).parameters
        return {name: parameters[name] for name in list(parameters)[2 if self.scope is Scope.PAIR else 1 :]}

    @cached_property
    def readers(self) -> Mapping[str, TypeAdapter[Any]]:
        """What reads the value of each of its kwargs from JSON."""
        hints = get_type_hints(self.function)
        config = ConfigDict(arbitrary_types_allowed=True)
        return {name: TypeAdapter(hints[name], config=config) for name in self.kwargs}


_KNOWN: Final[dict[str, Expectation]] = {}

Declared = Callable[..., Any]


def expectation(name: str, scope: Scope, *, counts_missing: bool = False) -> Callable[[Declared], Declared]:
    """Declare the function under it as the expectation `name`."""

    def declare(function: Declared) -> Declared:
        _KNOWN[name] = Expectation(name, scope, function, counts_missing)
        return function

    return declare


def known_expectations() -> Mapping[str, Expectation]:
    """Every declared expectation by its type."""
    return _KNOWN
