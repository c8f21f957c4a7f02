"""One pass over rows.parquet that finds every violation of a pack, or of several."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import polars as pl

from validahub_pipeline.engine.batches import Batch, CsvFile, ParquetFile, Rows
from validahub_pipeline.engine.judging import Judged
from validahub_pipeline.engine.panel import Panel
from validahub_pipeline.engine.results import ValidationResult
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
    panel = Panel(source, [(pack, match)])
    judge = panel.judges[0]
    done = 0
    with ExitStack() as files:
        found = files.enter_context(ParquetFile(violations, _NUMBERS, _TEXTS, various=["value"]))
        copy = None
        if validated is not None:
            copy = files.enter_context(CsvFile(validated, with_verdict_columns(source.columns)))
        found.write(judge.file_table())

        def work(batch: Batch) -> tuple[Judged, pl.DataFrame, pl.DataFrame | None]:
            judged = panel.judge(batch)[0]
            return judged, judge.table(judged), judge.verdicts(judged) if copy else None

        for judged, table, verdicts in source.map(work, None if copy else panel.texts):
            judge.count(judged)
            found.write(table)
            if copy and verdicts is not None:
                copy.write(pl.concat([judged.batch.frame[:, 2:], verdicts], how="horizontal"))
            done += judged.batch.height
            if progress:
                progress(done)
    return judge.result()


def validate_packs(
    rows: Path | Rows,
    packs: Sequence[tuple[ResolvedPack, ColumnMatch]],
    *,
    take: Callable[[Sequence[pl.DataFrame]], None] | None = None,
    progress: Callable[[int], None] | None = None,
) -> tuple[ValidationResult, ...]:
    """Hold every row against the rules of several packs, reading it once; results in the order of the packs, and each
    as `validate` gives it for that pack alone.

    Args:
        rows: a rows.parquet as ingest writes it, or the rows of another file.
        take: given the violations of some rows, one frame per pack (`row, line, column, code, severity, value`), in
            file order: no row comes twice, the file as a whole (row 0) comes first. None where they are only counted.
        progress: told the number of rows done, after each batch.

    Raises:
        PackError: a pack asks for what the engine does not know; no row has been read.
        OSError: the rows could not be read.
    """
    source = rows if isinstance(rows, Rows) else Rows(rows)
    panel = Panel(source, packs)
    if take:
        take([judge.file_table() for judge in panel.judges])

    def work(batch: Batch) -> tuple[tuple[Judged, ...], list[pl.DataFrame]]:
        judged = panel.judge(batch)
        return judged, [judge.table(one) for judge, one in zip(panel.judges, judged, strict=True)] if take else []

    done = 0
    for judged, tables in source.map(work, panel.texts):
        panel.count(judged)
        if take:
            take(tables)
        done += judged[0].batch.height
        if progress:
            progress(done)
    return tuple(judge.result() for judge in panel.judges)


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
