"""The lists of what is left to fix, beside the report: written as corrected rows pass by, then put into the lake."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import datetime, time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import polars as pl

from validahub_pipeline.report.errors_csv import ErrorsCsv
from validahub_pipeline.report.errors_workbook import ErrorsWorkbook
from validahub_pipeline.report.first_rows import FirstRows
from validahub_pipeline.report.problems import Problems
from validahub_pipeline.report.wording import Wording
from validahub_pipeline.rulepacks import ResolvedPack
from validahub_pipeline.stages import manifest as manifests
from validahub_pipeline.stages.services import Services
from validahub_pipeline.stages.upload import Upload
from validahub_pipeline.storage.layout import ERRORS, ERRORS_WORKBOOK, of_revision

Left = Callable[[pl.DataFrame, pl.DataFrame], None]
"""Takes corrected rows and the violations they still have, as `engine.correct` hands them out."""


class ErrorLists:
    """A context manager: both lists in the seller's language, in `folder`, whole once it is left; and the first rows,
    for the report's own pages. The same rows give the same bytes, so that a stage tried again finds its own.

    Args:
        columns: the headers of the file.
    """

    def __init__(self, upload: Upload, pack: ResolvedPack, columns: Sequence[str], folder: Path) -> None:
        self._upload = upload
        self._folder = folder
        self._csv_name = of_revision(ERRORS, upload.revision)
        self._workbook_name = of_revision(ERRORS_WORKBOOK, upload.revision)
        self._problems = Problems(Wording(pack, upload.lang))
        self._columns = columns
        self._made = datetime.combine(pack.on, time())
        self.first = FirstRows()

    def write(self, rows: pl.DataFrame, violations: pl.DataFrame) -> None:
        """Take corrected rows and the violations they still have, as `engine.correct` hands them out."""
        self._csv.write(violations)
        self._workbook.write(rows, violations)
        self.first.add(violations)

    def put(self, services: Services) -> dict[str, dict[str, Any]]:
        """Move the lists into the lake; how events and manifest name them."""
        return {
            name: manifests.described(services.lake.put_file(self._folder / file, self._upload.key(file), move=True))
            for name, file in (("errors", self._csv_name), ("errors_workbook", self._workbook_name))
        }

    def __enter__(self) -> Self:
        with ExitStack() as files:
            self._csv = files.enter_context(ErrorsCsv(self._folder / self._csv_name, self._problems))
            self._workbook = files.enter_context(
                ErrorsWorkbook(
                    self._folder / self._workbook_name,
                    self._problems,
                    self._columns,
                    file_name=self._upload.file_name,
                    whole=self._csv_name,
                    created=self._made,
                )
            )
            self._files = files.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._files.__exit__(kind, error, trace)
