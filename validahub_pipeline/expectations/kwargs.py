"""The kwargs of one expectation, read and checked by its declaration before any data is touched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import polars as pl
from pydantic import ValidationError

from validahub_pipeline.expectations.registry import Expectation, Scope

_IGNORED_PAIRS: Final = ("both_values_are_missing", "either_value_is_missing", "neither")
# To Great Expectations these ask each value, though all values of a column are of its type.
_ASKING_TYPES: Final = frozenset({"expect_column_values_to_be_of_type", "expect_column_values_to_be_in_type_list"})
_IGNORED_RECORDS: Final = ("all_values_are_missing", "any_value_is_missing", "never")


@dataclass(frozen=True)
class Problem:
    """What is wrong with a kwarg: nobody knows it, it is missing, or its value will not do."""

    kind: Literal["unknown", "missing", "bad"]
    kwarg: str
    value: Any = None
    wanted: str = ""

    def __str__(self) -> str:
        match self.kind:
            case "unknown":
                return f"{self.kwarg} is not one of its kwargs"
            case "missing":
                return f"{self.kwarg} is missing"
        return f"{self.kwarg}={self.value!r}: {self.wanted}"


@dataclass(frozen=True)
class Arguments:
    """The kwargs of one expectation.

    Attributes:
        columns: the names of the columns it looks at.
        own: its own kwargs, as its function takes them.
        mostly: the share of the values asked that has to meet it.
        ignore_row_if: of pairs and records, which rows are not asked.
    """

    columns: tuple[str, ...]
    own: Mapping[str, Any]
    mostly: float
    ignore_row_if: str | None


def shared_kwargs(known: Expectation) -> frozenset[str]:
    """The kwargs it has beside its columns and its own."""
    shared = {"mostly"} if known.maps or known.type in _ASKING_TYPES else set()
    if known.scope in {Scope.PAIR, Scope.RECORD}:
        shared.add("ignore_row_if")
    return frozenset(shared)


def read_kwargs(
    known: Expectation, kwargs: Mapping[str, Any], *, also: frozenset[str] = frozenset(), strict: bool = False
) -> tuple[Arguments, list[Problem]]:
    """The arguments, as far as they can be read, and everything that is wrong with them.

    Args:
        also: kwargs that somebody else reads.
        strict: no number from text or the like.
    """
    unknown = kwargs.keys() - shared_kwargs(known) - also - set(known.domain) - known.kwargs.keys()
    problems = [Problem("unknown", name) for name in sorted(unknown)]
    problems += [Problem("missing", name) for name in known.required if name not in kwargs]
    own: dict[str, Any] = {}
    for name in [name for name in known.kwargs if name in kwargs]:
        try:
            own[name] = known.read(name, kwargs[name], strict=strict)
        except ValidationError as error:
            problems.append(Problem("bad", name, kwargs[name], error.errors()[0]["msg"]))
    columns, misnamed = _columns(known, kwargs)
    mostly = kwargs.get("mostly", 1)
    if not isinstance(mostly, int | float) or isinstance(mostly, bool) or not 0 <= mostly <= 1:
        problems.append(Problem("bad", "mostly", mostly, "no number from 0 to 1"))
    ignored, misspelt = _ignored(known, kwargs)
    return Arguments(columns, own, mostly, ignored), [*problems, *misnamed, *misspelt]


def applied(known: Expectation, looked_at: Sequence[object], own: Mapping[str, Any]) -> Any:
    """What the expectation's function makes of columns and kwargs, for a rule that is to say something.

    Raises:
        ValueError, TypeError, re.error: the kwargs make no sense, alone or together, or the rule would hold whatever
            the values are.
    """
    met = known.function(*looked_at, **own)
    if isinstance(met, pl.Expr) and not met.meta.root_names():
        raise ValueError(f"it holds whatever the values are; give it {', '.join(known.kwargs)}")
    return met


def _columns(known: Expectation, kwargs: Mapping[str, Any]) -> tuple[tuple[str, ...], list[Problem]]:
    if known.scope is Scope.RECORD:
        listed = kwargs.get("column_list")
        if isinstance(listed, Sequence) and not isinstance(listed, str) and listed:
            return tuple(listed), _misnamed("column_list", listed)
        return (), [Problem("bad", "column_list", listed, "no list of names")] if "column_list" in kwargs else []
    named = [name for name in known.domain if name in kwargs]
    return tuple(kwargs[name] for name in named), [wrong for name in named for wrong in _misnamed(name, [kwargs[name]])]


def _misnamed(kwarg: str, names: Sequence[Any]) -> list[Problem]:
    return [Problem("bad", kwarg, name, "no name of a column") for name in names if not isinstance(name, str)]


def _ignored(known: Expectation, kwargs: Mapping[str, Any]) -> tuple[str | None, list[Problem]]:
    allowed = {Scope.PAIR: _IGNORED_PAIRS, Scope.RECORD: _IGNORED_RECORDS}.get(known.scope)
    if allowed is None:
        return None, []
    chosen = kwargs.get("ignore_row_if", allowed[0])
    if chosen not in allowed:
        return None, [Problem("bad", "ignore_row_if", chosen, f"none of {', '.join(allowed)}")]
    return chosen, []
