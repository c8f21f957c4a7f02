"""Persons as the ledger knows them: an opaque id, and for as long as they are not erased a name and a key."""

from __future__ import annotations

import base64
import re
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

KEY_BYTES: Final = 32
NAME_LIMIT: Final = 500
"""Characters of a name: beyond that, no index of PostgreSQL would take it."""

_ID_BYTES: Final = 15
_ID: Final = re.compile(r"u-[a-z2-7]{24}")


@dataclass(frozen=True)
class Subject:
    """A person, or whoever uploads and asks under a name. `key` (AES-256) and `name` are None once erased."""

    id: str
    name: str | None
    key: bytes | None = field(repr=False)


class Subjects(Protocol):
    """Who keeps the persons. Each method raises ValidaHubError (retryable) where it cannot be reached."""

    def enrol(self, names: Collection[str]) -> Mapping[str, Subject]:
        """Whom each name or id stands for; a name that nobody goes by becomes a new subject, once, whoever asks at the
        same time."""
        ...

    def find(self, name_or_id: str) -> Subject | None:
        """Whoever goes by a name or has an id; nobody is made."""
        ...

    def look_up(self, ids: Collection[str]) -> Mapping[str, Subject]:
        """Those of the ids that were ever given out, erased ones without name and key."""
        ...


def new_subject_id() -> str:
    """An id that says nothing: 120 bits at random."""
    return "u-" + base64.b32encode(secrets.token_bytes(_ID_BYTES)).decode("ascii").lower()


def is_subject_id(text: str) -> bool:
    """Whether a text has the form of such an id."""
    return _ID.fullmatch(text) is not None
