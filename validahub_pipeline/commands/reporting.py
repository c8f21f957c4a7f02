"""`validahub report`: the report, or a list of what is left, made anew from what is recorded.

The lists are not copies of those in the lake: the corrected rows are worked out once more, so that they can be told in
another language, and a workbook can hold as much as spreadsheets open.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import datetime, time
from pathlib import Path
from typing import Final

import polars as pl

from validahub_pipeline.commands.outcome import DONE
from validahub_pipeline.embedded.services import services as running_services
from validahub_pipeline.errors import InputError, StorageError
from validahub_pipeline.ledger.events import Action
from validahub_pipeline.local_files import check_writable, written_whole
from validahub_pipeline.report import render
from validahub_pipeline.report.errors_csv import ErrorsCsv
from validahub_pipeline.report.errors_workbook import ON_DEMAND, ErrorsWorkbook
from validahub_pipeline.report.problems import Problems
from validahub_pipeline.report.wording import Wording
from validahub_pipeline.settings import Settings
from validahub_pipeline.stages import Services, open_services
from validahub_pipeline.stages import manifest as manifests
from validahub_pipeline.stages.correcting import write_corrected
from validahub_pipeline.stages.taking import record_taken
from validahub_pipeline.stages.upload import Upload
from validahub_pipeline.storage.layout import ERRORS, ERRORS_WORKBOOK, REPORT, of_revision

_NAMES: Final = {"html": REPORT, "csv": ERRORS, "xlsx": ERRORS_WORKBOOK}


def report(settings: Settings, validation_id: str, output: Path, *, form: str, user: str) -> int:
    """Write one report to `output`, whole or not at all.

    Raises:
        InputError: `report_format_unknown`, `upload_unknown`; `report_not_there`: the upload did not come that far; the
            output cannot be written.
        LedgerError: the event could not be recorded, so nothing was handed out.
    """
    if form not in _NAMES:
        raise InputError("report_format_unknown", format=form, known=", ".join(_NAMES))
    check_writable(output)
    # Who takes it is a person, whose key lies in the database.
    with running_services(settings) as urls, written_whole(output) as (made, _):
        services = open_services(settings, read_models_url=urls.validahub_url)
        upload = Upload.known(services, validation_id)
        _MAKERS[form](services, upload, made)
        name = of_revision(_NAMES[form], upload.revision)
        taken = {"version": f"report ({form}, {settings.lang})", "revision": upload.revision, "key": name}
        record_taken(services, upload, taken | manifests.file_digest(made), user=user)
    return DONE


def _html(services: Services, upload: Upload, target: Path) -> None:
    try:
        manifest = manifests.read(services, upload)
    except StorageError as error:
        raise InputError("report_not_there", validation_id=upload.validation_id) from error
    target.write_text(render(manifest, upload.pack(services), services.settings.lang), encoding="utf-8")


def _csv(services: Services, upload: Upload, target: Path) -> None:
    with ErrorsCsv(target, _problems(services, upload)) as table:
        _each_left(services, upload, lambda _, violations: table.write(violations))


def _xlsx(services: Services, upload: Upload, target: Path) -> None:
    pack = upload.pack(services)
    with ErrorsWorkbook(
        target,
        _problems(services, upload),
        upload.changes(Action.FILE_INGESTED).get("columns", ()),
        file_name=upload.file_name,
        whole=of_revision(ERRORS, upload.revision),
        created=datetime.combine(pack.on, time()),
        limits=ON_DEMAND,
    ) as workbook:
        _each_left(services, upload, workbook.write)


def _problems(services: Services, upload: Upload) -> Problems:
    corrected = upload.event(Action.CORRECTIONS_APPLIED)
    if corrected is None or corrected.changes["revision"] != upload.revision:
        raise InputError("report_not_there", validation_id=upload.validation_id)
    return Problems(Wording(upload.pack(services), services.settings.lang))


def _each_left(services: Services, upload: Upload, left: Callable[[pl.DataFrame, pl.DataFrame], None]) -> None:
    scratch = services.settings.scratch
    scratch.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="report-", dir=scratch) as folder:
        write_corrected(services, upload, upload.pack(services), Path(folder), left=left)


_MAKERS: Final[dict[str, Callable[[Services, Upload, Path], None]]] = {"html": _html, "csv": _csv, "xlsx": _xlsx}
