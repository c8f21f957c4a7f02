"""One pass over rows.parquet that finds every violation of a pack."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import polars as pl

from validahub_pipeline.engine.batches import Batch, CsvFile, ParquetFile, Rows
from validahub_pipeline.engine.compiling import compile_plan
from validahub_pipeline.engine.judging import Judge, Judged
from validahub_pipeline.engine.results import ValidationResult
from validahub_pipeline.engine.survey import hold_vote, survey
from validahub_pipeline.rulepacks.model import ColumnMatch, ResolvedPack

STATUS: Final = "validation_status"
ERRORS: Final = "validation_errors"
_NUMBERS: Final = ("row", "line")
_TEXTS: Final = ("column", "code", "severity", "value")


def validate(
    rows: Path,
    pack: ResolvedPack,
    match: ColumnMatch,
    *,
    violations: Path,
    validated: Path | None,
    progress: Callable[[int], None] | None = None,
) -> ValidationResult:
    """Hold every row against every rule; memory does not grow with the file, but for a byte or so per row where the
    pack has rules across rows.

    Args:
        rows: a rows.parquet as ingest writes it.
        violations: where the violations go, one row each, ordered by row, code and column; no cap.
        validated: where the rows go as CSV, with `validation_status` (the row's worst severity, or `ok`) and
            `validation_errors` (its codes joined by `|`); None for not at all.
        progress: told the number of rows done, after each batch.

    Raises:
        PackError: the pack asks for what the engine does not know; nothing has been written.
        OSError: a file could not be read or written.
    """
    source = Rows(rows)
    plan = compile_plan(pack, match, source.columns)
    judge = Judge(plan, survey(source, plan, hold_vote(source, plan.numbers)))
    done = 0
    with ExitStack() as files:
        found = files.enter_context(ParquetFile(violations, _NUMBERS, _TEXTS))
        copy = None
        if validated is not None:
            copy = files.enter_context(CsvFile(validated, with_verdict_columns(source.columns)))
        found.write(judge.file_table())

        def work(batch: Batch) -> tuple[Judged, pl.DataFrame, pl.DataFrame | None]:
            judged = judge.judge(batch)
            return judged, judge.table(judged), judge.verdicts(judged) if copy else None

        for judged, table, verdicts in source.map(work, None if copy else plan.texts):
            judge.count(judged)
            found.write(table)
            if copy and verdicts is not None:
                copy.write(pl.concat([judged.batch.frame[:, 2:], verdicts], how="horizontal"))
            done += judged.batch.height
            if progress:
                progress(done)
    return judge.result()


def with_verdict_columns(columns: Sequence[str]) -> list[str]:
    """The file's headers and the two of the verdict, which step aside for columns that have their names already."""
    names = list(columns)
    for name in (STATUS, ERRORS):
        free = name
        suffix = 2
        while free in names:
            free = f"{name}_{suffix}"
            suffix += 1
        names.append(free)
    return names
