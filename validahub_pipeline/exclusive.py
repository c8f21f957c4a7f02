"""One process at a time on one upload, whoever starts it: the command line, the sensor's runs, a backfill.

The lock is PostgreSQL's session-level advisory lock: a killed process loses its connection, and with it the lock.
https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Final

import psycopg2
from psycopg2.errors import LockNotAvailable

from validahub_pipeline import postgres_faults
from validahub_pipeline.errors import ValidaHubError

PATIENCE_SECONDS: Final = 600


@contextmanager
def upload_lock(postgres_url: str, validation_id: str, *, patience: float = PATIENCE_SECONDS) -> Iterator[None]:
    """Hold the lock of one upload, waiting up to `patience` seconds for whoever has it.

    Not reentrant: the same process asking twice waits for itself.

    Raises:
        ValidaHubError: `upload_busy`; somebody else still works on the upload. `postgres_unreachable`. Both retryable.
    """
    try:
        opened = psycopg2.connect(postgres_url, application_name="validahub upload lock")
    except psycopg2.OperationalError as error:
        raise postgres_faults.unreachable(postgres_url, error) from error
    with closing(opened) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, false)", (f"{max(1, round(patience * 1000))}ms",))
            try:
                cursor.execute("SELECT pg_advisory_lock(%s)", (_key(validation_id),))
            except LockNotAvailable as error:
                raise ValidaHubError("upload_busy", retryable=True, validation_id=validation_id) from error
            yield


def _key(validation_id: str) -> int:
    """PostgreSQL's locks are named by a signed 64-bit integer: the UUID's last half, which holds 62 random bits."""
    return int.from_bytes(uuid.UUID(validation_id).bytes[8:], signed=True)
