"""`metadata.json`: one upload's whole story for people and tools, rewritten as the stages go.

It only ever repeats what the ledger and the objects say; where they differ, the ledger is right.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from validahub_pipeline.ledger.events import Action
from validahub_pipeline.rulepacks import ResolvedPack
from validahub_pipeline.stages.services import Services
from validahub_pipeline.stages.upload import Upload
from validahub_pipeline.storage.lake import StoredObject
from validahub_pipeline.storage.layout import METADATA

OF_DELIVERY: Final = ("dropped", "dialect", "unencodable")
"""What the event of a published file says of how it was delivered, where that is not as it was corrected."""

BESIDE: Final = ("dropped", "commas")
"""The objects that a published file has beside it where it needs them: rows left out of it, and commas that are not its
dialect's."""


def begin(upload: Upload, pack: ResolvedPack) -> dict[str, Any]:
    """The manifest of an upload nothing has been done with yet."""
    uploaded = upload.uploaded
    return {
        "schema": 1,
        "validation_id": upload.validation_id,
        "file_name": upload.file_name,
        "user_id": uploaded.user_id,
        "marketplace": uploaded.changes["marketplace"],
        "category": uploaded.changes["category"],
        "lang": upload.lang,
        "uploaded_at": uploaded.timestamp.isoformat(),
        "inbox": {"key": uploaded.changes["key"], "version": uploaded.changes["version"]},
        "pack": {
            "name": pack.name,
            "version": pack.version,
            "hash": pack.hash,
            "title": pack.title,
            "category": pack.category,
            "on": pack.on.isoformat(),
        },
        "objects": {},
        "publication": {"published": False, "refused_because": None, "revision": None},
        "seconds": {},
    }


def revisions(upload: Upload) -> list[dict[str, Any]]:
    """Every revision that has ended: what was asked for, what became of it, and its objects; the first one first."""
    told = []
    for revision in range(1, upload.revision + 1):
        published = upload.revised(Action.FILE_PUBLISHED, revision)
        end = published or upload.revised(Action.PUBLICATION_REFUSED, revision)
        if end is None:
            continue
        events = [event for event in upload.events if event.changes.get("revision") == revision]
        applied = [event.changes for event in events if event.action == Action.CORRECTIONS_APPLIED]
        asked = upload.revised_changes(Action.REVISION_STARTED, revision)
        objects: dict[str, Any] = {}
        for event in events:
            objects |= event.changes.get("objects", {})
        told.append(
            {
                "revision": revision,
                "decision": asked.get("decision"),
                "published": published is not None,
                "refused_because": end.changes.get("reason"),
                "at": end.timestamp.isoformat(),
                "cells": sum(changes["cells"] for changes in applied),
                "cells_by_people": sum(changes["cells"] for changes in applied if changes["mode"] == "manual"),
                "objects": objects,
                **{name: end.changes[name] for name in OF_DELIVERY if name in end.changes},
            }
        )
    return told


def read(services: Services, upload: Upload) -> dict[str, Any]:
    """The manifest as last written. Raises StorageError (`object_missing`) before ingest has written the first."""
    loaded: dict[str, Any] = json.loads(services.lake.read_bytes(upload.key(METADATA)))
    return loaded


def write(services: Services, upload: Upload, manifest: Mapping[str, Any]) -> None:
    """Replace the manifest, all or nothing."""
    text = json.dumps(manifest, ensure_ascii=False, indent=2, sort_keys=False) + "\n"
    services.lake.put_bytes(text.encode("utf-8"), upload.key(METADATA), replace=True)


def described(stored: StoredObject) -> dict[str, Any]:
    """An object as events and manifest name it."""
    return {"key": stored.key, "size": stored.size, "sha256": stored.sha256}


def file_digest(path: Path) -> dict[str, Any]:
    """Size and sha256 of a local file that is not in the lake yet."""
    with path.open("rb") as stream:
        return {"size": path.stat().st_size, "sha256": hashlib.file_digest(stream, "sha256").hexdigest()}
