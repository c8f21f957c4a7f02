"""The first rows that are still to be fixed, for the pages of the report: few enough for a manifest to hold."""

from __future__ import annotations

import operator
from itertools import groupby
from typing import Any, Final

import polars as pl

from validahub_pipeline.rulepacks import Severity

ROWS: Final = 200
"""Of rows with a critical violation, and again of rows with nothing graver than a warning."""

_VALUE: Final = 200
_PER_ROW: Final = 20


class FirstRows:
    """Is handed the violations of rows in file order, a batch at a time. Notes alone make no row worth listing."""

    def __init__(self) -> None:
        self._critical: list[dict[str, Any]] = []
        self._warned: list[dict[str, Any]] = []

    def add(self, violations: pl.DataFrame) -> None:
        """Look at violations (`row, line, column, code, severity, value`); those of the file as a whole are no rows."""
        if violations.is_empty() or violations.item(0, "row") == 0:
            return
        critical = pl.col("severity") == Severity.CRITICAL.value
        if len(self._critical) < ROWS:
            self._take(violations, violations.filter(critical), self._critical)
        if len(self._critical) + len(self._warned) < ROWS:
            of_critical = violations.filter(critical).get_column("row").implode()
            others = violations.filter(
                pl.col("severity") == Severity.WARNING.value, pl.col("row").is_in(of_critical).not_()
            )
            self._take(violations, others, self._warned)

    @staticmethod
    def _take(violations: pl.DataFrame, of: pl.DataFrame, taken: list[dict[str, Any]]) -> None:
        wanted = of.get_column("row").unique(maintain_order=True).head(ROWS - len(taken)).implode()
        told = violations.filter(pl.col("row").is_in(wanted))
        for (row, line), found in groupby(told.iter_rows(), operator.itemgetter(0, 1)):
            cells = [
                {"column": column, "code": code, "severity": severity, "value": value[:_VALUE]}
                for _, _, column, code, severity, value in found
            ]
            taken.append({"row": row, "line": line, "violations": cells[:_PER_ROW]})

    def rows(self) -> list[dict[str, Any]]:
        """At most `ROWS` rows, `{row, line, violations: [{column, code, severity, value}]}`: critical ones, and where
        those are few, others; in file order."""
        chosen = [*self._critical, *self._warned][:ROWS]
        return sorted(chosen, key=operator.itemgetter("row"))
