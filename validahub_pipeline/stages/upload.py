"""What the ledger knows of one upload, and where its objects lie. Reads only; the stages act."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from validahub_pipeline.errors import InputError, LedgerError, StorageError
from validahub_pipeline.ledger.events import SYSTEM, Action, Event, NewEvent, Resource
from validahub_pipeline.local_files import is_no_space
from validahub_pipeline.messages import Language
from validahub_pipeline.rulepacks import ResolvedPack, from_json, personal_columns
from validahub_pipeline.stages.services import Services
from validahub_pipeline.storage.layout import Drop, month_of, validation_prefix


@dataclass(frozen=True)
class Upload:
    """One upload as its events tell it. Valid from `file_uploaded` on."""

    events: tuple[Event, ...]

    @classmethod
    def load(cls, services: Services, validation_id: str) -> Upload | None:
        """The upload of a validation, or None where the ledger has never heard of it."""
        events = tuple(services.ledger.history(validation_id))
        return cls(events) if any(event.action == Action.FILE_UPLOADED for event in events) else None

    @classmethod
    def known(cls, services: Services, validation_id: str) -> Upload:
        """The upload that a person named.

        Raises:
            InputError: `upload_unknown`.
        """
        upload = cls.load(services, validation_id)
        if upload is None:
            raise InputError("upload_unknown", validation_id=validation_id)
        return upload

    @classmethod
    def require(cls, services: Services, validation_id: str, *, after: Action) -> Upload:
        """The upload, which must have come as far as `after`.

        Raises:
            LedgerError: `stage_out_of_order`; an earlier stage has not been recorded.
        """
        upload = cls.load(services, validation_id)
        if upload is None or upload.revised(after) is None:
            raise LedgerError("stage_out_of_order", validation_id=validation_id, missing=after.value)
        return upload

    def event(self, action: Action) -> Event | None:
        """The latest event of that action."""
        return next((event for event in reversed(self.events) if event.action == action), None)

    def changes(self, action: Action) -> Mapping[str, Any]:
        """What the latest event of that action says; empty where there is none."""
        found = self.event(action)
        return found.changes if found else {}

    @property
    def revision(self) -> int:
        """The revision that is being made, or was made last; the first one nobody had to ask for."""
        return int(self.changes(Action.REVISION_STARTED).get("revision", 1))

    def revised(self, action: Action, revision: int | None = None) -> Event | None:
        """The latest event of that action in a revision (default: the last one); an event that names none is of all."""
        wanted = self.revision if revision is None else revision
        return next(
            (
                event
                for event in reversed(self.events)
                if event.action == action and event.changes.get("revision", wanted) == wanted
            ),
            None,
        )

    def revised_changes(self, action: Action, revision: int | None = None) -> Mapping[str, Any]:
        """What that event says; empty where there is none."""
        found = self.revised(action, revision)
        return found.changes if found else {}

    @property
    def uploaded(self) -> Event:
        """Its `file_uploaded` event."""
        return next(event for event in self.events if event.action == Action.FILE_UPLOADED)

    @property
    def validation_id(self) -> str:
        """Also the partition key and the aggregate of every event."""
        return self.uploaded.aggregate_id

    @property
    def file_name(self) -> str:
        """As the seller named it; a tombstone once the seller was erased."""
        return str(self.uploaded.changes["file_name"])

    @property
    def user_id(self) -> str:
        """Whose it is, by the ledger's opaque id."""
        return self.uploaded.user_id

    @property
    def lang(self) -> Language:
        """The seller's language."""
        lang: Language = self.uploaded.changes["lang"]
        return lang

    @property
    def month(self) -> str:
        """Partition of its detail rows: the month of the upload, however late a stage runs."""
        return month_of(self.uploaded.timestamp)

    def key(self, name: str) -> str:
        """Key of one of its objects in the lake."""
        return f"{validation_prefix(self.validation_id, self.uploaded.timestamp)}/{name}"

    def pack(self, services: Services) -> ResolvedPack:
        """The pack pinned when validation started, read back from the lake: a retry judges by the same rules."""
        started = self.changes(Action.VALIDATION_STARTED)
        key = pack_key(started["pack"]["name"], started["pack"]["hash"])
        return from_json(services.lake.read_bytes(key), on=self.on())

    def personal(self, services: Services) -> tuple[str, ...]:
        """The columns of the file whose cells the pinned pack says are of persons."""
        return personal_columns(self.pack(services), self.changes(Action.FILE_INGESTED)["columns"])

    def on(self) -> date:
        """The day whose rules hold."""
        return date.fromisoformat(self.changes(Action.VALIDATION_STARTED)["on"])


def pack_key(name: str, pack_hash: str) -> str:
    """Where a resolved pack is kept for ever."""
    return f"rulepacks/{name}/{pack_hash}.json"


def scratch_folder(services: Services, validation_id: str) -> Path:
    """Local working space of one validation, created; gone once it is published, refused or failed.

    Raises:
        StorageError: `scratch_unusable`; retryable. OSError: the disk is full.
    """
    folder = services.settings.scratch / validation_id
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        if is_no_space(error):
            raise
        raise StorageError("scratch_unusable", retryable=True, folder=folder, cause=str(error)) from error
    return folder


def event_of(upload: Upload | Drop, action: Action, changes: Mapping[str, Any], *, user_id: str = SYSTEM) -> NewEvent:
    """An event about an upload, of which what is personal belongs to its seller."""
    return NewEvent(
        action=action,
        aggregate_id=upload.validation_id,
        user_id=user_id,
        resource=Resource("upload", upload.validation_id, upload.file_name),
        changes=changes,
        subject=upload.user_id,
    )
