"""Suggestions by pattern: what recurs in hundreds of rows is decided about once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from validahub_pipeline.rulepacks import ResolvedPack

EXAMPLES: Final = 3


@dataclass(frozen=True)
class Change:
    """One and the same change, proposed for `cells` cells; the first of them is in `row` and `line`."""

    before: str
    after: str
    cells: int
    row: int
    line: int


@dataclass(frozen=True)
class Pattern:
    """All suggestions of one code in one column.

    Attributes:
        code: as `validahub correct --accept` takes it; several corrections of one cell are joined by `+`.
        type: the correction's; "" where there are several.
        kwargs: its parameters, as the pack gives them.
        cells: how many cells it is about.
        values: how many different values those have.
        changes: the most frequent changes first.
    """

    code: str
    type: str
    kwargs: Mapping[str, Any]
    column: str
    cells: int
    values: int
    changes: tuple[Change, ...]


def patterns(suggestions: pl.DataFrame, pack: ResolvedPack, *, examples: int = EXAMPLES) -> list[Pattern]:
    """Suggestions (`row, line, column, code, before, after`) by code and column, the most frequent first."""
    corrections = {correction.code: correction for correction in pack.corrections}
    changes = (
        suggestions.group_by("code", "column", "before", "after")
        .agg(pl.len().alias("cells"), pl.col("row").min(), pl.col("line").min())
        .sort("cells", "row", descending=[True, False])
    )
    found = []
    for (code, column), group in changes.group_by("code", "column", maintain_order=True):
        correction = corrections.get(str(code))
        shown = group.head(examples).select("before", "after", "cells", "row", "line")
        found.append(
            Pattern(
                code=str(code),
                type=correction.type if correction else "",
                kwargs=correction.kwargs if correction else {},
                column=str(column),
                cells=int(group.get_column("cells").sum()),
                values=group.get_column("before").n_unique(),
                changes=tuple(Change(**change) for change in shown.iter_rows(named=True)),
            )
        )
    return sorted(found, key=lambda pattern: (-pattern.cells, pattern.code, pattern.column))
