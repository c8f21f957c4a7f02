"""The questions the read models answer, by name: each an SQL file beside this module, a typed result and an index.

Every function takes a connection from `ReadModels.reading()`; moments are aware datetimes, days and months UTC. Users
are asked for by name or id, and given by name where it is known; what is personal is opened where its key exists.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any, Final, TypeVar

from psycopg2.extensions import connection as Connection  # noqa: N812

from validahub_pipeline.ledger.privacy import PLAIN, Opener, Subjects, Tombstones
from validahub_pipeline.read_models.database import OpeningConnection, sql_text

LIMIT: Final = 100

Row = TypeVar("Row")


@dataclass(frozen=True)
class ValidationSummary:
    """One validation in figures. A figure is None until the stage that finds it out has run; times in milliseconds."""

    validation_id: str
    user_id: str
    file_name: str | None
    size: int | None
    marketplace: str | None
    category: str | None
    pack: str | None
    pack_version: str | None
    pack_hash: str | None
    uploaded_at: datetime
    state: str
    records: int | None
    quarantined: int | None
    violations: int | None
    rows_with_violations: int | None
    critical_rows: int | None
    cells_corrected: int
    suggestions: int | None
    remaining_violations: int | None
    remaining_critical_rows: int | None
    published: bool
    revision: int
    published_revision: int | None
    refused_because: str | None
    ingest_milliseconds: int | None
    validate_milliseconds: int | None
    correct_milliseconds: int | None
    publish_milliseconds: int | None


@dataclass(frozen=True)
class FileWithCode:
    """A code in one column of one file; a file appears once per code and column."""

    validation_id: str
    user_id: str
    file_name: str | None
    marketplace: str | None
    state: str
    code: str
    column: str
    severity: str
    count: int
    validated_at: datetime


@dataclass(frozen=True)
class PackUse:
    """How much a version of a pack was used. `published` and `refused` count verdicts given in the span."""

    pack: str
    version: str
    validations: int
    records: int
    violations: int
    published: int
    refused: int


@dataclass(frozen=True)
class PackState:
    """One state of a pack for a category. `difference` from the state before it, and how many rules came, went or
    changed with it, are None for the first one."""

    category: str
    version: str
    hash: str
    previous: str | None
    at: datetime
    user_id: str
    rules_added: int | None
    rules_removed: int | None
    rules_changed: int | None
    difference: dict[str, Any] | None


@dataclass(frozen=True)
class Revision:
    """One revision of a validation. What was decided (`kind`, by `user_id`) is None for the first one; `sha256` is that
    of the published file. `state`: started, corrected, published or refused."""

    revision: int
    user_id: str | None
    kind: str | None
    codes: list[str] | None
    column: str | None
    based_on: int | None
    state: str
    started_at: datetime | None
    ended_at: datetime | None
    cells: int | None
    cells_by_people: int | None
    remaining: int | None
    refused_because: str | None
    sha256: str | None


@dataclass(frozen=True)
class AuditEntry:
    """One event, with its payload as recorded."""

    seq: int
    at: datetime
    user_id: str
    action: str
    aggregate_id: str
    resource_type: str
    resource_id: str
    resource_name: str
    changes: Mapping[str, Any]


def validations_of_user(
    connection: Connection, user_id: str, *, since: datetime, limit: int = LIMIT
) -> list[ValidationSummary]:
    """What a user has uploaded since a moment, the latest first."""
    found = [
        row
        for known_as in _ids_of(connection, user_id)
        for row in _fetch(
            connection,
            "validations_of_user",
            {"user_id": known_as, "since": since, "limit": limit},
            ValidationSummary,
        )
    ]
    return sorted(found, key=lambda row: row.uploaded_at, reverse=True)[:limit]


def validation(connection: Connection, validation_id: str) -> ValidationSummary | None:
    """One validation, or None where nobody has heard of it."""
    found = _fetch(connection, "validation", {"validation_id": validation_id}, ValidationSummary)
    return found[0] if found else None


def revisions(connection: Connection, validation_id: str) -> list[Revision]:
    """The revisions of one validation, the first one first."""
    return _fetch(connection, "revisions", {"validation_id": validation_id}, Revision)


def files_with_code(
    connection: Connection, code: str, *, since: datetime, until: datetime | None = None, limit: int = LIMIT
) -> list[FileWithCode]:
    """Files in which a code was found, the latest first; `code` in full (`missing_sku`) or one word of it (`sku`)."""
    values = {"code": code, "since": since, "until": until, "limit": limit}
    return _fetch(connection, "files_with_code", values, FileWithCode)


def most_used_packs(connection: Connection, *, first: date, end: date, limit: int = LIMIT) -> list[PackUse]:
    """Packs by validations from the day `first` up to and without the day `end`, the most used first."""
    return _fetch(connection, "most_used_packs", {"first": first, "end": end, "limit": limit}, PackUse)


def pack_history(
    connection: Connection, pack: str, *, category: str | None = None, limit: int = LIMIT
) -> list[PackState]:
    """The states of a pack that were announced, the latest first; of all its categories, or of one."""
    return _fetch(connection, "pack_history", {"pack": pack, "category": category, "limit": limit}, PackState)


def timeline(connection: Connection, validation_id: str) -> list[AuditEntry]:
    """Everything that was done to one validation, in order."""
    return _fetch(connection, "timeline", {"validation_id": validation_id}, AuditEntry)


def audit_head(
    connection: Connection,
    *,
    action: str | None = None,
    user_id: str | None = None,
    month: str | None = None,
    before: int | None = None,
    limit: int = LIMIT,
) -> list[AuditEntry]:
    """The latest events, the last first; `month` as `2026-11`, `before` the `seq` at which the page before ended."""
    values = {"action": action, "month": month, "before": before, "limit": limit}
    found = [
        row
        for known_as in ([None] if user_id is None else _ids_of(connection, user_id))
        for row in _fetch(connection, "audit_head", {**values, "user_id": known_as}, AuditEntry)
    ]
    return sorted(found, key=lambda row: -row.seq)[:limit]


def _fetch(connection: Connection, name: str, values: Mapping[str, Any], row: type[Row]) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(sql_text(f"queries/{name}"), values)
        found = cursor.fetchall()
    subjects, tombstones = _keepers(connection)
    opener = Opener(found, subjects, tombstones)
    names = [field.name for field in fields(row)]  # type: ignore[arg-type]
    return [
        row(*(_opened(opener, name, value) for name, value in zip(names, columns, strict=True))) for columns in found
    ]


def _opened(opener: Opener, name: str, value: Any) -> Any:
    return opener.name(value) if name == "user_id" and value is not None else opener.document(value)


def _ids_of(connection: Connection, user_id: str) -> list[str]:
    """What a user stands as in the tables: the id and, in events from before there were ids, the name itself. Asked for
    one by one, since each is then read off an index in the right order."""
    subjects, _ = _keepers(connection)
    found = subjects.find(user_id) if subjects else None
    return list(dict.fromkeys([found.id, user_id] if found else [user_id]))


def _keepers(connection: Connection) -> tuple[Subjects | None, Tombstones]:
    if isinstance(connection, OpeningConnection):
        return connection.subjects, connection.tombstones
    return None, PLAIN
