"""Who keeps the persons in tests: the real thing, in the database that the session has for it."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg2
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from validahub_pipeline.embedded.postgres import embedded_postgres
from validahub_pipeline.subjects import SubjectKeeper


def keeper() -> SubjectKeeper:
    """Also in child processes, which inherit where it is."""
    return SubjectKeeper(os.environ["VALIDAHUB_SUBJECTS_URL"])


@contextmanager
def keeping() -> Iterator[None]:
    """A place for them where no test session has made one: for trials that are run by themselves."""
    with TemporaryDirectory(prefix="persons-") as home, embedded_postgres(Path(home)) as server:
        before = os.environ.get("VALIDAHUB_SUBJECTS_URL")
        os.environ["VALIDAHUB_SUBJECTS_URL"] = server.url("validahub")
        try:
            yield
        finally:
            if before is None:
                del os.environ["VALIDAHUB_SUBJECTS_URL"]
            else:
                os.environ["VALIDAHUB_SUBJECTS_URL"] = before


def plain(document: Any) -> Any:
    """A stored event (or any part of one) with its texts opened and its persons named, as docs/audit.md says how: by
    other code than the product's, straight from the database."""
    with closing(psycopg2.connect(os.environ["VALIDAHUB_SUBJECTS_URL"])) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT id, name, key FROM subjects.subject WHERE key IS NOT NULL")
        known = {found: (name, bytes(key)) for found, name, key in cursor}

    def opened(part: Any) -> Any:
        if isinstance(part, dict):
            return {name: opened(item) for name, item in part.items()}
        if isinstance(part, list):
            return [opened(item) for item in part]
        if part in known:
            return known[part][0]
        if isinstance(part, str) and part.startswith("vh1:"):
            _, subject, event_id, field, body = part.split(":")
            sealed = base64.urlsafe_b64decode(body + "==")
            context = "\n".join((subject, event_id, field)).encode()
            return AESGCM(known[subject][1]).decrypt(sealed[:12], sealed[12:], context).decode("utf-8")
        return part

    return opened(document)
