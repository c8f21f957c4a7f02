"""One personal text, sealed: `vh1:<subject>:<event id>:<field>:<base64url of nonce, ciphertext and tag>`.

AES-256-GCM with a nonce at random and the first three parts as associated data: a text that is moved to another event,
field or person does not open. Of an erased person nothing can be sealed any more; the last part is empty then.
"""

from __future__ import annotations

import base64
import os
from typing import Final, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from validahub_pipeline.ledger.privacy.subjects import is_subject_id

PREFIX: Final = "vh1:"
_PARTS: Final = 4
_NONCE: Final = 12


class SealedText(NamedTuple):
    """A sealed text in its parts; `body` is empty where there was no key to seal it with."""

    subject: str
    event_id: str
    field: str
    body: str

    @property
    def context(self) -> bytes:
        """What the ciphertext is bound to."""
        return f"{self.subject}\n{self.event_id}\n{self.field}".encode()

    def __str__(self) -> str:
        return PREFIX + ":".join(self)


def seal_text(text: str, *, subject: str, key: bytes | None, event_id: str, field: str) -> str:
    """A text for the subject's eyes, in the event and field that it belongs to."""
    sealed = SealedText(subject, event_id, field, "")
    if key is None:
        return str(sealed)
    nonce = os.urandom(_NONCE)
    body = nonce + AESGCM(key).encrypt(nonce, text.encode("utf-8"), sealed.context)
    return str(sealed._replace(body=base64.urlsafe_b64encode(body).rstrip(b"=").decode("ascii")))


def parse_sealed(text: object) -> SealedText | None:
    """The parts of a sealed text, or None where it is any other value."""
    if not isinstance(text, str) or not text.startswith(PREFIX):
        return None
    parts = text.removeprefix(PREFIX).split(":")
    return SealedText(*parts) if len(parts) == _PARTS and is_subject_id(parts[0]) else None


def open_text(sealed: SealedText, key: bytes) -> str | None:
    """The text, or None where it was never sealed, or not with this key for this place."""
    try:
        body = base64.urlsafe_b64decode(sealed.body + "=" * (-len(sealed.body) % 4))
        return AESGCM(key).decrypt(body[:_NONCE], body[_NONCE:], sealed.context).decode("utf-8")
    except (InvalidTag, ValueError):
        return None
