"""The shape of an event, before and after the ledger has taken it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

SCHEMA_VERSION: Final = 2
SYSTEM: Final = "system"
"""The user of acts that nobody asked for."""


class Action(StrEnum):
    """Everything that can be done. A name, once used, keeps its meaning for ever."""

    FILE_UPLOADED = "file_uploaded"
    VALIDATION_STARTED = "validation_started"
    FILE_INGESTED = "file_ingested"
    VALIDATION_COMPLETED = "validation_completed"
    VALIDATION_FAILED = "validation_failed"
    CORRECTIONS_APPLIED = "corrections_applied"
    CORRECTIONS_SUGGESTED = "corrections_suggested"
    FILE_PUBLISHED = "file_published"
    PUBLICATION_REFUSED = "publication_refused"
    REVISION_STARTED = "revision_started"
    FILE_DOWNLOADED = "file_downloaded"
    RULE_PACK_PUBLISHED = "rule_pack_published"
    PROJECTION_REBUILT = "projection_rebuilt"
    HEARTBEAT = "heartbeat"
    KEY_ROTATED = "key_rotated"
    SUBJECT_ERASED = "subject_erased"


@dataclass(frozen=True)
class Resource:
    """What was acted upon: `type` (upload, rule_pack, projection, ledger, subject), its id, and a name for people."""

    type: str
    id: str
    name: str


@dataclass(frozen=True)
class NewEvent:
    """An act about to be recorded. `changes` and `metadata` hold JSON values only: no floats (shares are given as
    integers, e.g. per ten thousand; seconds as milliseconds), so that the canonical bytes are the same everywhere.

    Persons are named as they are called, or by the id they have been given; the ledger records ids. What is personal in
    the fields it recognises by their names (`privacy.fields`) and seals.

    Attributes:
        user_id: who acted.
        subject: whose data the event holds (the seller, when the system works on an upload); None: those of whoever
            acted.
    """

    action: Action
    aggregate_id: str
    user_id: str
    resource: Resource
    changes: Mapping[str, Any] = field(default_factory=dict)
    metadata: Mapping[str, Any] = field(default_factory=dict)
    subject: str | None = None


@dataclass(frozen=True)
class Event:
    """A recorded act. `seq` counts from 1 without gaps; `timestamp` is aware, UTC, assigned by the ledger. `user_id` is
    an opaque id (a name in events from before schema version 2), and personal texts are sealed until `reveal` opens
    them."""

    seq: int
    event_id: str
    timestamp: datetime
    user_id: str
    action: str
    aggregate_id: str
    resource: Resource
    changes: Mapping[str, Any]
    metadata: Mapping[str, Any]
    schema_version: int
