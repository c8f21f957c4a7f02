"""Signed notes and the keys that sign them, Ed25519 only, in the spelling of Go's `sumdb/note`.

https://c2sp.org/signed-note
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

_ED25519: Final = b"\x01"
_KEY_SIZE: Final = 32
_PRIVATE: Final = "PRIVATE+KEY+"
_NAME: Final = re.compile(r"[^\s+]+")
_SIGNATURE_LINE: Final = re.compile(r"— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})")
_MOST_SIGNATURES: Final = 100


class NoteError(ValueError):
    """A text is no note, no key, or not signed as it should be."""


@dataclass(frozen=True)
class Verifier:
    """A public key and its name. `text` is `<name>+<key id>+<key>`, what is handed to auditors."""

    name: str
    key: bytes

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises NoteError."""
        name, key_id, encoded = _parts(text.strip(), 2)
        found = cls(name, _key_bytes(encoded))
        if found.key_id != key_id:
            raise NoteError("the key does not belong to its id")
        return found

    @property
    def key_id(self) -> str:
        """Eight hex digits that tell keys of one name apart."""
        return hashlib.sha256(f"{self.name}\n".encode() + _ED25519 + self.key).hexdigest()[:8]

    @property
    def text(self) -> str:
        """As `parse` takes it."""
        return f"{self.name}+{self.key_id}+{base64.b64encode(_ED25519 + self.key).decode()}"

    def verifies(self, text: str, signature: bytes) -> bool:
        """Whether the signature over a note's text is this key's."""
        try:
            Ed25519PublicKey.from_public_bytes(self.key).verify(signature, text.encode("utf-8"))
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True, repr=False)
class Signer:
    """A private key and its name. `text` is a secret."""

    name: str
    seed: bytes

    @classmethod
    def generate(cls, name: str) -> Self:
        """A new key. Raises NoteError where the name cannot be a key's."""
        if not _NAME.fullmatch(name) or not name.isprintable():
            raise NoteError(f"{name!r} holds spaces, a plus sign, or nothing")
        return cls(name, Ed25519PrivateKey.generate().private_bytes_raw())

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises NoteError, without a word of the secret."""
        text = text.strip()
        if not text.startswith(_PRIVATE):
            raise NoteError(f"it does not begin with {_PRIVATE}")
        name, key_id, encoded = _parts(text.removeprefix(_PRIVATE), 2)
        found = cls(name, _key_bytes(encoded))
        if found.verifier.key_id != key_id:
            raise NoteError("the key does not belong to its id")
        return found

    @property
    def verifier(self) -> Verifier:
        """The public half."""
        public = Ed25519PrivateKey.from_private_bytes(self.seed).public_key()
        return Verifier(self.name, public.public_bytes_raw())

    @property
    def text(self) -> str:
        """As `parse` takes it."""
        encoded = base64.b64encode(_ED25519 + self.seed).decode()
        return f"{_PRIVATE}{self.name}+{self.verifier.key_id}+{encoded}"

    def sign(self, text: str) -> bytes:
        """The signature over a note's text."""
        return Ed25519PrivateKey.from_private_bytes(self.seed).sign(text.encode("utf-8"))


@dataclass(frozen=True)
class Signature:
    """One signature line: the key's name and id, and the signature itself."""

    name: str
    key_id: str
    signature: bytes


@dataclass(frozen=True)
class Note:
    """A text and its signatures, none of which has been checked."""

    text: str
    signatures: tuple[Signature, ...]

    @classmethod
    def parse(cls, note: str) -> Self:
        """Raises NoteError."""
        text, gap, lines = note.rpartition("\n\n")
        if not gap or not note.endswith("\n") or any(character < " " and character != "\n" for character in note):
            raise NoteError("it is no signed note")
        found: list[Signature] = []
        for line in lines.removesuffix("\n").split("\n"):
            matched = _SIGNATURE_LINE.fullmatch(line)
            if matched is None or len(found) == _MOST_SIGNATURES:
                raise NoteError("it is no signed note")
            raw = _decode(matched[2])
            if len(raw) <= 4:
                raise NoteError("it is no signed note")
            found.append(Signature(matched[1], raw[:4].hex(), raw[4:]))
        return cls(f"{text}\n", tuple(found))

    def signed_by(self, key: Verifier) -> bool:
        """Whether the key signed it. Raises NoteError where a signature claims to be the key's and is not."""
        claimed = [line for line in self.signatures if (line.name, line.key_id) == (key.name, key.key_id)]
        if not all(key.verifies(self.text, line.signature) for line in claimed):
            raise NoteError(f"the signature is not that of {key.name}+{key.key_id}")
        return bool(claimed)


def sign(text: str, signers: Sequence[Signer]) -> str:
    """The note: a text that ends in a newline, and a signature line for each signer."""
    lines = []
    for signer in signers:
        raw = bytes.fromhex(signer.verifier.key_id) + signer.sign(text)
        lines.append(f"— {signer.name} {base64.b64encode(raw).decode()}\n")
    return f"{text}\n{''.join(lines)}"


def _parts(text: str, plus_signs: int) -> tuple[str, str, str]:
    parts = text.split("+", plus_signs)
    if len(parts) != plus_signs + 1 or not _NAME.fullmatch(parts[0]):
        raise NoteError("it is no key of the form name+id+key")
    return parts[0], parts[1], parts[2]


def _key_bytes(encoded: str) -> bytes:
    raw = _decode(encoded)
    if raw[:1] != _ED25519 or len(raw) != 1 + _KEY_SIZE:
        raise NoteError("it is no Ed25519 key")
    return raw[1:]


def _decode(encoded: str) -> bytes:
    try:
        return base64.b64decode(encoded, validate=True)
    except binascii.Error as error:
        raise NoteError("it is no base64") from error
