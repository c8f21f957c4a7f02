"""The table of persons, for any number of processes and threads at once. Nothing of it is ever remembered between two
calls: a key that was destroyed a moment ago opens nothing any more, whoever asks.
"""

from __future__ import annotations

import json
import os
import secrets
import threading
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Final, TypeVar

import psycopg2
from psycopg2.errors import InsufficientPrivilege
from psycopg2.extensions import connection as Connection  # noqa: N812
from psycopg2.extensions import cursor as Cursor  # noqa: N812

from validahub_pipeline import postgres_faults
from validahub_pipeline.ledger.privacy.subjects import KEY_BYTES, Subject, is_subject_id, new_subject_id

# Next to those of the read models, in case both share a database.
_CREATING: Final = 0x56484C04
_COLUMNS: Final = "id, CASE WHEN erasure IS NULL THEN name END, CASE WHEN erasure IS NULL THEN key END"

T = TypeVar("T")


@dataclass(frozen=True)
class Erasure:
    """An erasure that was asked for: of whom, what is to be told of it, and when it was done (None: not yet)."""

    subject: str
    told: Mapping[str, Any]
    done: datetime | None


class SubjectKeeper:
    """Persons in one PostgreSQL database, in the schema `subjects`, which is created on first use.

    Keeps one connection, opened when first needed. Every method raises ValidaHubError `postgres_unreachable`
    (retryable) where there is no server, and `postgres_forbidden` where the role may not do what is needed.
    """

    def __init__(self, url: str) -> None:
        """`url` as libpq reads it. Nothing is connected yet."""
        self._url = url
        self._lock = threading.Lock()
        self._connection: Connection | None = None
        self._process = 0

    def enrol(self, names: Collection[str]) -> Mapping[str, Subject]:
        """See `Subjects.enrol`. Somebody whose erasure has begun still goes by the name, without a key."""
        return self._do(lambda cursor: _enrol(cursor, sorted(names)))

    def look_up(self, ids: Collection[str]) -> Mapping[str, Subject]:
        """See `Subjects.look_up`."""
        return self._do(lambda cursor: {subject.id: subject for subject in _with_ids(cursor, sorted(ids))})

    def find(self, name_or_id: str) -> Subject | None:
        """Whoever goes by a name or has an id, erased ones included by their id; None where there is nobody."""
        return self._do(lambda cursor: _find(cursor, name_or_id))

    def erasure(self, subject: str) -> Erasure | None:
        """The erasure of somebody, if it was ever asked for."""
        return self._do(lambda cursor: next(iter(_erasures(cursor, "id = %s", [subject])), None))

    def pending(self) -> list[Erasure]:
        """The erasures that were asked for and are not done: somebody was killed in the middle of them."""
        return self._do(lambda cursor: _erasures(cursor, "erasure IS NOT NULL AND erased_at IS NULL", []))

    def erased(self) -> set[str]:
        """Everybody whose key has been destroyed."""
        return self._do(lambda cursor: {one.subject for one in _erasures(cursor, "erased_at IS NOT NULL", [])})

    def begin_erasing(self, subject: str, told: Mapping[str, Any]) -> Erasure:
        """From now on nobody is given the key. Where it was begun before, that stands: what it told is returned."""
        return self._do(lambda cursor: _begin(cursor, subject, told))

    def destroy(self, subject: str) -> None:
        """Destroy name and key of somebody whose erasure has begun, and the old versions of the row with them: what
        PostgreSQL deletes it otherwise leaves in its files until that room is needed."""
        self._do(lambda cursor: _destroy(cursor, subject))

    def close(self) -> None:
        """Give the connection back; the next call opens another."""
        with self._lock:
            self._forget()

    def _do(self, act: Callable[[Cursor], T]) -> T:
        with self._lock:
            try:
                return self._once(act)
            except (psycopg2.OperationalError, psycopg2.InterfaceError):
                # The server may have been restarted since the last call. Every act may be done twice.
                self._forget()
            try:
                return self._once(act)
            except (psycopg2.OperationalError, psycopg2.InterfaceError) as error:
                self._forget()
                raise postgres_faults.unreachable(self._url, error) from error

    def _once(self, act: Callable[[Cursor], T]) -> T:
        try:
            return self._try(act)
        except InsufficientPrivilege as error:
            raise postgres_faults.forbidden(self._url, error) from error

    def _try(self, act: Callable[[Cursor], T]) -> T:
        if self._connection is None or self._process != os.getpid():
            # What a forked child inherited belongs to its parent.
            connection = psycopg2.connect(self._url, application_name="validahub subjects")
            connection.autocommit = True
            connection.set_client_encoding("UTF8")
            with connection.cursor() as cursor:
                _create(cursor)
            self._connection, self._process = connection, os.getpid()
        with self._connection.cursor() as cursor:
            return act(cursor)

    def _forget(self) -> None:
        if self._connection is not None and self._process == os.getpid():
            self._connection.close()
        self._connection = None


@cache
def _schema() -> str:
    return Path(__file__).with_name("schema.sql").read_text(encoding="utf-8")


def _create(cursor: Cursor) -> None:
    cursor.execute("SELECT to_regclass('subjects.subject') IS NOT NULL")
    if _one(cursor)[0]:
        return
    # Two that create a schema at once would get in each other's way, IF NOT EXISTS or not.
    cursor.execute(f"BEGIN; SELECT pg_advisory_xact_lock({_CREATING}); {_schema()}; COMMIT")


def _enrol(cursor: Cursor, names: list[str]) -> dict[str, Subject]:
    found = _going_by(cursor, names)
    missing = [name for name in names if name not in found]
    if missing:
        for name in missing:
            cursor.execute(
                "INSERT INTO subjects.subject (id, name, key) VALUES (%s, %s, %s) ON CONFLICT (name) DO NOTHING",
                [new_subject_id(), name, secrets.token_bytes(KEY_BYTES)],
            )
        found |= _going_by(cursor, missing)
    return found


def _going_by(cursor: Cursor, names: list[str]) -> dict[str, Subject]:
    """The subjects by the names or ids that were asked for; an id that was given out is never anybody's name."""
    cursor.execute(f"SELECT name, {_COLUMNS} FROM subjects.subject WHERE name = ANY(%s)", [names])
    found = {name: _subject(row) for name, *row in cursor.fetchall()}
    ids = [name for name in names if is_subject_id(name)]
    if ids:
        found |= {subject.id: subject for subject in _with_ids(cursor, ids)}
    return found


def _with_ids(cursor: Cursor, ids: list[str]) -> list[Subject]:
    cursor.execute(f"SELECT {_COLUMNS} FROM subjects.subject WHERE id = ANY(%s)", [ids])
    return [_subject(row) for row in cursor.fetchall()]


def _find(cursor: Cursor, name_or_id: str) -> Subject | None:
    return _going_by(cursor, [name_or_id]).get(name_or_id)


def _begin(cursor: Cursor, subject: str, told: Mapping[str, Any]) -> Erasure:
    cursor.execute(
        "UPDATE subjects.subject SET erasure = %s WHERE id = %s AND erasure IS NULL", [json.dumps(told), subject]
    )
    [begun] = _erasures(cursor, "id = %s", [subject])
    return begun


def _erasures(cursor: Cursor, which: str, values: list[str]) -> list[Erasure]:
    query = f"SELECT id, erasure, erased_at FROM subjects.subject WHERE erasure IS NOT NULL AND {which} ORDER BY id"
    cursor.execute(query, values)
    return [Erasure(*row) for row in cursor.fetchall()]


def _destroy(cursor: Cursor, subject: str) -> None:
    cursor.execute(
        "UPDATE subjects.subject SET name = NULL, key = NULL, erased_at = coalesce(erased_at, now())"
        " WHERE id = %s AND erasure IS NOT NULL",
        [subject],
    )
    vacuum(cursor)


def vacuum(cursor: Cursor) -> None:
    """Write the table anew, without the old versions of its rows."""
    cursor.execute("VACUUM (FULL) subjects.subject")


def _subject(row: Iterable[Any]) -> Subject:
    subject_id, name, key = row
    return Subject(subject_id, name, bytes(key) if key is not None else None)


def _one(cursor: Cursor) -> tuple[Any, ...]:
    row = cursor.fetchone()
    assert row is not None, "every query that is asked so has one row"
    return row
