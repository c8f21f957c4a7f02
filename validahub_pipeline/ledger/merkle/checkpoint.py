"""Checkpoints: the size and root of the tree, as text to be signed. https://c2sp.org/tlog-checkpoint"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

from validahub_pipeline.ledger.merkle.hashing import HASH_SIZE
from validahub_pipeline.ledger.merkle.note import Note, NoteError, Signature, Signer, Verifier, sign

_SIZE: Final = re.compile(r"0|[1-9][0-9]{0,17}")


@dataclass(frozen=True)
class Checkpoint:
    """A checkpoint as it was read or signed; `note` is the whole of its text, signatures included."""

    origin: str
    size: int
    root: bytes
    note: str

    @classmethod
    def parse(cls, note: str) -> Self:
        """Raises NoteError. Says nothing of who signed it."""
        lines = Note.parse(note).text.split("\n")
        if len(lines) < 4 or not all(lines[:-1]) or not _SIZE.fullmatch(lines[1]):
            raise NoteError("it is no checkpoint")
        try:
            root = base64.b64decode(lines[2], validate=True)
        except binascii.Error as error:
            raise NoteError("it is no checkpoint") from error
        if len(root) != HASH_SIZE:
            raise NoteError("it is no checkpoint")
        return cls(lines[0], int(lines[1]), root, note)

    @classmethod
    def signed(cls, origin: str, size: int, root: bytes, signers: Sequence[Signer]) -> Self:
        """A new checkpoint. The first signer is the key in force."""
        text = f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n"
        return cls(origin, size, root, sign(text, signers))

    @property
    def in_force(self) -> Signature | None:
        """The first signature line under the log's own name: that of the key in force at this size."""
        return next((line for line in Note.parse(self.note).signatures if line.name == self.origin), None)

    def signed_by(self, key: Verifier) -> bool:
        """As `Note.signed_by`."""
        return Note.parse(self.note).signed_by(key)
