"""How a correction is declared: one function per correction, found by its name, returning a `Fix`.

A parameter `comma_decimals` is not the pack's: the engine fills it with what the column's vote says.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from validahub_pipeline.errors import PackError
from validahub_pipeline.rulepacks.model import Confidence

_VOTE: Final = "comma_decimals"


@dataclass(frozen=True)
class Fix:
    """One correction, its parameters filled in.

    Attributes:
        guard: a pattern (Rust's regex) every cell that the correction would change contains. Looking first is an
            order of magnitude cheaper than replacing.
        apply: the corrected text of cells that match the guard.
    """

    guard: str
    apply: Callable[[pl.Expr], pl.Expr]


@dataclass(frozen=True)
class CorrectionType:
    """One known correction; its confidence is its own, not the pack's to choose."""

    type: str
    confidence: Confidence
    function: Callable[..., Fix]
    required: frozenset[str]
    allowed: frozenset[str]
    needs_vote: bool

    def fix(self, kwargs: Mapping[str, Any], *, comma_decimals: bool) -> Fix:
        """The correction with a pack's parameters, for a column that does or does not write decimal commas."""
        return self.function(**kwargs, **({_VOTE: comma_decimals} if self.needs_vote else {}))


_KNOWN: Final[dict[str, CorrectionType]] = {}


def correction(name: str, confidence: Confidence) -> Callable[[Callable[..., Fix]], Callable[..., Fix]]:
    """Declare the function under it as the correction `name`."""

    def declare(function: Callable[..., Fix]) -> Callable[..., Fix]:
        parameters = inspect.signature(function).parameters
        own = {key: parameter for key, parameter in parameters.items() if key != _VOTE}
        _KNOWN[name] = CorrectionType(
            type=name,
            confidence=confidence,
            function=function,
            required=frozenset(key for key, parameter in own.items() if parameter.default is parameter.empty),
            allowed=frozenset(own),
            needs_vote=_VOTE in parameters,
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
