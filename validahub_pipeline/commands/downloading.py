"""`validahub download`: a version of a file handed out, and on record before its first byte leaves."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO, Final

from validahub_pipeline.commands.outcome import DONE
from validahub_pipeline.embedded.services import services as running_services
from validahub_pipeline.errors import InputError, StorageError
from validahub_pipeline.ledger.events import Action
from validahub_pipeline.local_files import check_writable, written_whole
from validahub_pipeline.messages import message
from validahub_pipeline.settings import Settings
from validahub_pipeline.stages import Services, open_services
from validahub_pipeline.stages.taking import record_taken
from validahub_pipeline.stages.upload import Upload

CORRECTED: Final = "corrected"
VERSIONS: Final = ("original", "validated", CORRECTED, "quarantine")
STDOUT: Final = "-"
_BLOCK: Final = 1 << 20
_EVENTS: Final = (Action.FILE_INGESTED, Action.VALIDATION_COMPLETED)


def download(
    settings: Settings, validation_id: str, *, version: str, revision: int | None, user: str, output: str
) -> int:
    """`validahub download`. What is handed out is what was recorded, byte for byte, or nothing is.

    Raises:
        InputError: the version or revision is none, or the output cannot be written.
        LedgerError: the event could not be recorded, so nothing was handed out.
        StorageError: `object_altered`: the stored bytes are not those that were recorded; nothing is left.
    """
    if version not in VERSIONS:
        raise InputError("version_unknown", version=version, known=", ".join(VERSIONS))
    target = None if output == STDOUT else Path(output)
    if target is not None:
        check_writable(target)
    # Who takes it is a person, whose key lies in the database.
    with running_services(settings) as urls:
        services = open_services(settings, read_models_url=urls.validahub_url)
        upload = Upload.known(services, validation_id)
        told, number = _described(upload, version, revision)
        # An object that is gone is handed out to nobody, and there is nothing to put on record.
        services.lake.stat(told["key"])
        record_taken(services, upload, {"version": version, "revision": number, **told}, user=user)
        _hand_out(services, told, target)
    if target is not None:
        print(
            message("revisions", "downloaded", settings.lang, file=target, size=told["size"], sha256=told["sha256"]),
            file=sys.stderr,
        )
    return DONE


def _described(upload: Upload, version: str, revision: int | None) -> tuple[dict[str, Any], int | None]:
    """The object that is wanted, and its revision if it is of one."""
    if version != CORRECTED:
        if revision is not None:
            raise InputError("revision_of_no_version", version=version)
        objects: dict[str, Any] = {}
        for action in _EVENTS:
            objects |= upload.changes(action).get("objects", {})
        if version not in objects:
            raise InputError("version_not_there", validation_id=upload.validation_id, version=version)
        return dict(objects[version]), None
    published: Mapping[int, Mapping[str, Any]] = {
        event.changes["revision"]: event.changes["objects"][CORRECTED]
        for event in upload.events
        if event.action == Action.FILE_PUBLISHED
    }
    if not published:
        raise InputError("version_not_there", validation_id=upload.validation_id, version=version)
    wanted = max(published) if revision is None else revision
    if wanted not in published:
        known = ", ".join(map(str, sorted(published)))
        raise InputError("revision_unknown", validation_id=upload.validation_id, revision=wanted, known=known)
    return dict(published[wanted]), wanted


def _hand_out(services: Services, told: Mapping[str, Any], target: Path | None) -> None:
    with services.lake.local(told["key"]) as stored:
        if target is not None:
            with written_whole(target) as (_, file):
                _require_same(told, _copied(stored, file))
            return
        # What has been written to a pipe cannot be taken back, so all of it is looked at before.
        with stored.open("rb") as source:
            _require_same(told, hashlib.file_digest(source, "sha256").hexdigest())
        try:
            _require_same(told, _copied(stored, sys.stdout.buffer))
            sys.stdout.buffer.flush()
        except BrokenPipeError:
            # Whoever read has had enough (`| head`); Python would complain once more when it closes stdout.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _copied(source: Path, target: BinaryIO) -> str:
    """Copy, and return the sha256 of what was copied."""
    digest = hashlib.sha256()
    with source.open("rb") as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
            target.write(block)
    return digest.hexdigest()


def _require_same(told: Mapping[str, Any], sha256: str) -> None:
    if sha256 != told["sha256"]:
        raise StorageError("object_altered", object=told["key"], told=told["sha256"], found=sha256)
