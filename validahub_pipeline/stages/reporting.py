"""The lists of what is left to fix, beside the report: written as corrected rows pass by, then put into the lake."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, time
from pathlib import Path
from typing import Any

import polars as pl

from validahub_pipeline.report.errors_csv import ErrorsCsv
from validahub_pipeline.report.errors_workbook import ErrorsWorkbook
from validahub_pipeline.report.problems import Problems
from validahub_pipeline.report.wording import Wording
from validahub_pipeline.rulepacks import ResolvedPack
from validahub_pipeline.stages import manifest as manifests
from validahub_pipeline.stages.services import Services
from validahub_pipeline.stages.upload import Upload
from validahub_pipeline.storage.layout import ERRORS, ERRORS_WORKBOOK, of_revision

Left = Callable[[pl.DataFrame, pl.DataFrame], None]
"""Takes corrected rows and the violations they still have, as `engine.correct` hands them out."""


@contextmanager
def error_lists(upload: Upload, pack: ResolvedPack, columns: Sequence[str], folder: Path) -> Iterator[Left]:
    """Both lists in the seller's language, in `folder`, whole once the block ends. The same rows give the same bytes,
    so that a stage that is tried again finds its own."""
    problems = Problems(Wording(pack, upload.lang))
    with (
        ErrorsCsv(folder / ERRORS, problems) as table,
        ErrorsWorkbook(
            folder / ERRORS_WORKBOOK,
            problems,
            columns,
            file_name=upload.file_name,
            created=datetime.combine(pack.on, time()),
        ) as workbook,
    ):

        def left(rows: pl.DataFrame, violations: pl.DataFrame) -> None:
            table.write(violations)
            workbook.write(rows, violations)

        yield left


def put_error_lists(services: Services, upload: Upload, folder: Path) -> dict[str, dict[str, Any]]:
    """Move the lists into the lake; how events and manifest name them."""
    return {
        name: manifests.described(
            services.lake.put_file(folder / file, upload.key(of_revision(file, upload.revision)), move=True)
        )
        for name, file in (("errors", ERRORS), ("errors_workbook", ERRORS_WORKBOOK))
    }
