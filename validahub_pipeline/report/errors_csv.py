"""`errors.csv`: every violation that is left, one line each, with what to do about it. It ends where the violations do.

Written as the rows come, in memory that does not grow.
"""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Final, Self

import polars as pl

from validahub_pipeline.engine.batches import CsvFile
from validahub_pipeline.report.problems import Problems, each_kind
from validahub_pipeline.text.spreadsheets import inert, inert_cells

COLUMNS: Final = ("line", "row", "column", "value", "severity", "problem", "meaning", "code")
"""What the columns hold, in order; their headers are in the reader's language."""

VALUE_LIMIT: Final = 500
"""Characters of a cell. A long text is not found by its end, and stands in the file itself."""


class ErrorsCsv:
    """A context manager that is handed violations, a batch at a time."""

    def __init__(self, path: Path, problems: Problems) -> None:
        self._problems = problems
        self._file = CsvFile(path, [problems.wording.text(f"column_{name}") for name in COLUMNS], marked=True)

    def write(self, violations: pl.DataFrame) -> None:
        """Append violations (`row, line, column, code, severity, value`), all of rows or all of the file as a whole."""
        if violations.is_empty():
            return
        told = self._problems.told(violations)
        value = violations.get_column("value")
        if (value.str.len_bytes() > VALUE_LIMIT).any():
            value = violations.select(
                pl.when(pl.col("value").str.len_chars() > VALUE_LIMIT)
                .then(pl.col("value").str.head(VALUE_LIMIT - 1) + "…")
                .otherwise("value")
            ).to_series()
        numbers = violations.select(pl.when(pl.col(name) > 0).then(name).alias(name) for name in ("line", "row"))
        self._file.write(
            pl.DataFrame(
                [
                    *numbers,
                    each_kind(violations.get_column("column"), inert).alias("column"),
                    inert_cells(value).alias("value"),
                    told.get_column("gravity").alias("severity"),
                    told.get_column("problem"),
                    told.get_column("meaning"),
                    each_kind(violations.get_column("code"), inert).alias("code"),
                ]
            )
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.__exit__(kind, error, trace)
