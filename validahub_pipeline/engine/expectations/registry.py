"""How an expectation is declared and compiled: one function per expectation, found by its name.

A parameter of type `Cell` (or `Cells`) takes the fields that the kwarg of that name names; every other parameter takes
the kwarg as it is. The function returns a polars expression: true = holds, false = violated, null = unknown or not
asked. What the expressions run on is the plan's business.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import polars as pl

from validahub_pipeline.errors import PackError


@dataclass(frozen=True)
class Cell:
    """The cells of one field as an expectation sees them.

    Attributes:
        text: the cell, null where it is empty or blank.
        number: the cell read as a number; null also where it is none or its meaning is open.
    """

    text: pl.Expr
    number: pl.Expr


Cells = tuple[Cell, ...]


class Scope(StrEnum):
    """What a verdict needs to see.

    ROW: its own row. COLUMN: all rows; the function returns a key, and rows that share one violate. FILE: the header.
    """

    ROW = "row"
    COLUMN = "column"
    FILE = "file"


@dataclass(frozen=True)
class Expectation:
    """One known expectation."""

    type: str
    scope: Scope
    function: Callable[..., pl.Expr]
    fields: tuple[str, ...]
    required: frozenset[str]
    allowed: frozenset[str]

    def field_names(self, kwargs: Mapping[str, Any]) -> tuple[str, ...]:
        """The pack's fields a rule of this type looks at, in the order of its parameters."""
        names: list[str] = []
        for parameter in self.fields:
            value = kwargs[parameter]
            names.extend([value] if isinstance(value, str) else value)
        return tuple(names)

    def compile(self, kwargs: Mapping[str, Any], cells: Mapping[str, Cell]) -> pl.Expr:
        """The expression for one rule.

        Raises:
            PackError: `bad_expectation`, where a kwarg's value makes no sense (such as a pattern nobody can read).
        """
        arguments = dict(kwargs)
        for parameter in self.fields:
            value = kwargs[parameter]
            arguments[parameter] = cells[value] if isinstance(value, str) else tuple(cells[name] for name in value)
        try:
            return self.function(**arguments)
        except (ValueError, re.error) as problem:
            raise PackError("bad_expectation", type=self.type, problem=problem) from problem


_KNOWN: Final[dict[str, Expectation]] = {}


def expectation(name: str, scope: Scope = Scope.ROW) -> Callable[[Callable[..., pl.Expr]], Callable[..., pl.Expr]]:
    """Declare the function under it as the expectation `name`."""

    def declare(function: Callable[..., pl.Expr]) -> Callable[..., pl.Expr]:
        parameters = inspect.signature(function).parameters
        _KNOWN[name] = Expectation(
            type=name,
            scope=scope,
            function=function,
            fields=tuple(key for key, parameter in parameters.items() if parameter.annotation in {"Cell", "Cells"}),
            required=frozenset(key for key, parameter in parameters.items() if parameter.default is parameter.empty),
            allowed=frozenset(parameters),
        )
        return function

    return declare


def known_expectations() -> Mapping[str, Expectation]:
    """Every declared expectation by its type."""
    return _KNOWN


def expectation_for(name: str, kwargs: Mapping[str, Any]) -> Expectation:
    """The expectation of that type, its kwargs checked by name.

    Raises:
        PackError: `unknown_expectation`; `bad_expectation` where a kwarg is missing or unknown.
    """
    known = _KNOWN.get(name)
    if known is None:
        raise PackError("unknown_expectation", type=name)
    missing, unknown = known.required - kwargs.keys(), kwargs.keys() - known.allowed
    if missing or unknown:
        problem = ", ".join([f"-{key}" for key in sorted(missing)] + [f"+{key}?" for key in sorted(unknown)])
        raise PackError("bad_expectation", type=name, problem=problem)
    return known
