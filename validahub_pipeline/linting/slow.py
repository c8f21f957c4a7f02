"""Rules that take the slow path: Python, once per different value, where the others run in Rust."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from validahub_pipeline.expectations import Cell, Scope, Table, known_expectations
from validahub_pipeline.expectations.kwargs import applied, read_kwargs
from validahub_pipeline.expectations.patterns import only_in_python
from validahub_pipeline.linting.findings import Level, Remark
from validahub_pipeline.rulepacks import ResolvedPack, Rule
from validahub_pipeline.text.distinct import watched


def slow(pack: ResolvedPack) -> Iterator[Remark]:
    """The rules of a pack that run in Python: those with a pattern Rust has no equal to, and what keeps it from there;
    and those whose expectation is written in Python."""
    for rule in pack.rules:
        if not _runs_in_python(rule):
            continue
        patterns = list(_patterns(rule.kwargs))
        place = f"rules/{rule.code}"
        for pattern, construct in patterns:
            values = {"code": rule.code, "pattern": pattern, "construct": construct}
            yield Remark(Level.NOTE, "pattern_in_python", place, "kwargs", values)
        if not patterns:
            values = {"code": rule.code, "type": rule.type}
            yield Remark(Level.NOTE, "runs_in_python", place, "type", values)


def _runs_in_python(rule: Rule) -> bool:
    """Asked of the expression as the engine makes it, so that an expectation added tomorrow is seen too."""
    known = known_expectations()[rule.type]
    arguments, _ = read_kwargs(known, rule.kwargs, strict=True)
    # Not by the name alone, which to polars may be a pattern.
    texts = [(name, pl.col(f"text of {name}")) for name in arguments.columns]
    cells = [Cell(name, pl.String(), text, text) for name, text in texts]
    wholes: dict[Scope, list[object]] = {Scope.RECORD: [tuple(cells)], Scope.TABLE: [Table(tuple(cells))]}
    with watched() as asked:
        applied(known, wholes.get(known.scope, cells), arguments.own)
    return bool(asked)


def _patterns(kwargs: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in kwargs.items():
        if "regex" in name:
            for pattern in [value] if isinstance(value, str) else value:
                construct = only_in_python(pattern)
                if construct is not None:
                    yield pattern, construct
