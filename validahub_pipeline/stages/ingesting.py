"""Stage 1: keep the upload byte for byte, pin the rules it will be judged by, and read it into rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import polars as pl

from validahub_pipeline.errors import InputError, StorageError
from validahub_pipeline.ingest import to_rows
from validahub_pipeline.ledger.events import Action
from validahub_pipeline.messages import Language
from validahub_pipeline.rulepacks import ResolvedPack, resolve
from validahub_pipeline.stages import figures, works
from validahub_pipeline.stages import manifest as manifests
from validahub_pipeline.stages.failures import raise_if_final, recorded
from validahub_pipeline.stages.pinning import make_known
from validahub_pipeline.stages.result import StageResult, Stopwatch
from validahub_pipeline.stages.services import Services
from validahub_pipeline.stages.tracing import trace
from validahub_pipeline.stages.upload import Upload, event_of, scratch_folder
from validahub_pipeline.storage.layout import QUARANTINE, ROWS, Drop, original_name

STAGE: Final = "ingest"
REPAIRS: Final = "repairs.parquet"

_LOOKED_AT: Final = 2_000
_EXAMPLES: Final = 3
_RAW: Final = 300
"""Of the records in quarantine: how many are looked at, how many per reason are told, and how much of each."""


def ingest(services: Services, drop: Drop, *, lang: Language) -> StageResult:
    """Take one drop in: the original, `rows.parquet`, `quarantine.csv`, and the events that say so.

    Raises:
        InputError: the drop is no table, or its marketplace is unknown; `validation_failed` is recorded.
    """
    watch = Stopwatch()
    upload = Upload.load(services, drop.validation_id) or _register(services, drop, lang)
    raise_if_final(upload)
    if upload.event(Action.FILE_INGESTED):
        return StageResult(
            STAGE,
            upload.validation_id,
            upload.changes(Action.FILE_INGESTED),
            manifests.read(services, upload),
            repeated=True,
        )
    with recorded(services, upload, STAGE, watch):
        _keep_original(services, drop, upload)
        upload = _start(services, upload)
        return _read_rows(services, upload, upload.pack(services), watch)


def _register(services: Services, drop: Drop, lang: Language) -> Upload:
    info = services.lake.stat(drop.key)
    if services.lake.version(info) != drop.version:
        raise InputError("upload_replaced", file=drop.key)
    events = services.ledger.append(
        [
            event_of(
                drop,
                Action.FILE_UPLOADED,
                {
                    "key": drop.key,
                    "version": drop.version,
                    "file_name": drop.file_name,
                    "size": info.size,
                    "sha256": services.lake.sha256(drop.key),
                    "marketplace": drop.marketplace,
                    "category": drop.category,
                    "lang": lang,
                },
                user_id=drop.user_id,
            )
        ],
        idempotency=f"{drop.validation_id}/{Action.FILE_UPLOADED}",
    )
    return Upload(tuple(events))


def _keep_original(services: Services, drop: Drop, upload: Upload) -> None:
    key = upload.key(original_name(upload.file_name))
    if services.lake.exists(key):
        return
    try:
        with services.lake.local(drop.key) as source:
            services.lake.put_file(source, key, expect=upload.uploaded.changes["sha256"])
    except StorageError as error:
        if error.code != "object_changed":
            raise
        raise InputError("upload_replaced", file=drop.key) from error


def _start(services: Services, upload: Upload) -> Upload:
    """Pin the pack: whatever is published or edited later, a retry of this upload judges by the same rules."""
    if upload.event(Action.VALIDATION_STARTED):
        return upload
    uploaded = upload.uploaded
    on = uploaded.timestamp.date()
    pack = resolve(uploaded.changes["marketplace"], category=uploaded.changes["category"], on=on)
    make_known(services, pack)
    events = services.ledger.append(
        [
            event_of(
                upload,
                Action.VALIDATION_STARTED,
                {
                    "pack": {
                        "name": pack.name,
                        "version": pack.version,
                        "hash": pack.hash,
                        "category": pack.category,
                    },
                    "category": uploaded.changes["category"],
                    "on": on.isoformat(),
                },
            )
        ],
        idempotency=f"{upload.validation_id}/{Action.VALIDATION_STARTED}",
    )
    return Upload((*upload.events, *events))


def _read_rows(services: Services, upload: Upload, pack: ResolvedPack, watch: Stopwatch) -> StageResult:
    scratch = scratch_folder(services, upload.validation_id)
    size: int = upload.uploaded.changes["size"]
    key = upload.key(original_name(upload.file_name))
    with services.lake.local(key) as original:
        report = to_rows(
            original,
            scratch / ROWS,
            quarantine=scratch / QUARANTINE,
            repairs=scratch / REPAIRS,
            file_name=upload.file_name,
            # Of a container more is read than the file has.
            progress=lambda done: services.progress(STAGE, min(done, size), size),
        )
    repaired = _repaired(scratch / REPAIRS)
    set_aside = _set_aside(scratch / QUARANTINE)
    objects = {
        "original": {"key": key, "size": size, "sha256": upload.uploaded.changes["sha256"]},
        "rows": manifests.described(services.lake.put_file(scratch / ROWS, upload.key(ROWS), move=True)),
        "quarantine": manifests.described(
            services.lake.put_file(scratch / QUARANTINE, upload.key(QUARANTINE), move=True)
        ),
        "repairs": manifests.described(services.lake.put_file(scratch / REPAIRS, upload.key(REPAIRS), move=True)),
    }
    read = figures.read(report)
    milliseconds = watch.milliseconds()
    manifest = manifests.begin(upload, pack) | {
        "ingest": read | {"quarantine_examples": set_aside},
        "objects": objects,
        "seconds": {STAGE: milliseconds / 1000},
    }
    manifests.write(services, upload, manifest)
    trace(services, upload, works.ingested(upload, report, objects, repaired), started=watch.at)
    events = services.ledger.append(
        [event_of(upload, Action.FILE_INGESTED, read | {"objects": objects, "milliseconds": milliseconds})],
        idempotency=f"{upload.validation_id}/{Action.FILE_INGESTED}",
    )
    services.catch_up()
    return StageResult(STAGE, upload.validation_id, events[0].changes, manifest)


def _repaired(repairs: Path) -> list[tuple[str, str, int]]:
    """Column, code and number of the cells whose bytes were repaired."""
    counts = pl.scan_parquet(repairs, glob=False).group_by("column", "code").len().collect(engine="streaming")
    return [(column, code, int(cells)) for column, code, cells in counts.iter_rows()]


def _set_aside(quarantine: Path) -> list[dict[str, Any]]:
    """A few of the records in quarantine, for people to look at: the first for each reason among the first."""
    looked_at = (
        # Our own file, and so sound: polars may read it.
        pl.scan_csv(quarantine, infer_schema=False)
        .head(_LOOKED_AT)
        .select(pl.col("record", "line").cast(pl.Int64), "reason", pl.col("raw").fill_null("").str.head(_RAW))
        .collect(engine="streaming")
    )
    return looked_at.group_by("reason", maintain_order=True).head(_EXAMPLES).sort("record").to_dicts()
