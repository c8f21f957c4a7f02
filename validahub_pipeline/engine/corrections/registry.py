"""How a correction is declared: one function per correction, found by its name, returning a `Fix`.

Some parameters are not the pack's: the engine fills them with what it knows of the column (`Column`).
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Final

import polars as pl

from validahub_pipeline.errors import PackError
from validahub_pipeline.rulepacks.model import Confidence


@dataclass(frozen=True)
class Column:
    """What the engine tells a correction of the column it is for.

    Attributes:
        header: its name in the seller's file.
        comma_decimals: the column votes that it writes decimal commas.
        yes_no: the column votes that it says nothing but yes and no.
    """

    header: str = ""
    comma_decimals: bool = False
    yes_no: bool = False


_TOLD: Final = frozenset(field.name for field in fields(Column))


@dataclass(frozen=True)
class Fix:
    """One correction, its parameters filled in.

    Attributes:
        guard: a pattern (Rust's regex) every cell that the correction would change contains. Looking first is an
            order of magnitude cheaper than replacing.
        apply: the corrected text of cells that match the guard.
        settled: cells that match the guard and are right already, where those are many and known.
        unusual: whether every cell that matches the guard is one of those that `text.unusual` tells from its bytes, in
            one go with what other corrections look for.
    """

    guard: str
    apply: Callable[[pl.Expr], pl.Expr]
    settled: frozenset[str] = frozenset()
    unusual: bool = False


@dataclass(frozen=True)
class CorrectionType:
    """One known correction; its confidence is its own, not the pack's to choose."""

    type: str
    confidence: Confidence
    function: Callable[..., Fix]
    required: frozenset[str]
    allowed: frozenset[str]
    told: frozenset[str]

    @property
    def reads_decimals(self) -> bool:
        """Whether it reads figures as the column's vote on decimal commas says."""
        return "comma_decimals" in self.told

    def fix(self, kwargs: Mapping[str, Any], column: Column) -> Fix:
        """The correction with a pack's parameters, for a column."""
        return self.function(**kwargs, **{name: getattr(column, name) for name in self.told})


_KNOWN: Final[dict[str, CorrectionType]] = {}


def correction(name: str, confidence: Confidence) -> Callable[[Callable[..., Fix]], Callable[..., Fix]]:
    """Declare the function under it as the correction `name`."""

    def declare(function: Callable[..., Fix]) -> Callable[..., Fix]:
        parameters = inspect.signature(function).parameters
        own = {key: parameter for key, parameter in parameters.items() if key not in _TOLD}
        _KNOWN[name] = CorrectionType(
            type=name,
            confidence=confidence,
            function=function,
            required=frozenset(key for key, parameter in own.items() if parameter.default is parameter.empty),
            allowed=frozenset(own),
            told=_TOLD & parameters.keys(),
        )
        return function

    return declare


def known_corrections() -> Mapping[str, CorrectionType]:
    """Every declared correction by its type."""
    return _KNOWN


def correction_for(name: str, kwargs: Mapping[str, Any]) -> CorrectionType:
    """The correction of that type, its kwargs checked by name.

    Raises:
        PackError: `unknown_correction`; `bad_correction` where a kwarg is missing or unknown.
    """
    known = _KNOWN.get(name)
    if known is None:
        raise PackError("unknown_correction", type=name)
    missing, unknown = known.required - kwargs.keys(), kwargs.keys() - known.allowed
    if missing or unknown:
        problem = ", ".join([f"-{key}" for key in sorted(missing)] + [f"+{key}?" for key in sorted(unknown)])
        raise PackError("bad_correction", type=name, problem=problem)
    return known
