"""The signing keys of this installation, and what each log was last seen to have signed.

Keys come from the environment or a file; where neither is configured, from `HOME/ledger`, where the first log makes
its own. What was last signed is remembered beside them, out of reach of whoever can only write to the lake.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from validahub_pipeline.errors import LedgerError
from validahub_pipeline.ledger.merkle.checkpoint import Checkpoint
from validahub_pipeline.ledger.merkle.note import NoteError, Signer
from validahub_pipeline.settings import Settings

_KEY: Final = ".key"
_CHECKPOINT: Final = ".checkpoint"


class KeyRing:
    """The signing keys at hand. A log's key is found by the name and id that its checkpoints carry."""

    def __init__(self, folder: Path, configured: Sequence[Signer] | None = None, *, origin: str | None = None) -> None:
        """Opens nothing yet.

        Args:
            folder: where keys are made and checkpoints remembered.
            configured: the keys to use instead of those in the folder; none is ever made then.
            origin: the name of a log that is begun here; default: one at random.
        """
        self.folder = folder
        self._configured = None if configured is None else tuple(configured)
        self._origin = origin

    def signers(self) -> tuple[Signer, ...]:
        """All keys, the oldest first.

        Raises:
            LedgerError: `ledger_key_unusable`.
        """
        if self._configured is not None:
            return self._configured
        files = [path for path in _listing(self.folder) if path.suffix == _KEY]
        return tuple(read_key_file(path)[0] for path in sorted(files, key=lambda path: path.stat().st_mtime_ns))

    def find(self, name: str, key_id: str) -> Signer | None:
        """The key of that name and id, None where it is not at hand."""
        return next((key for key in self.signers() if (key.name, key.verifier.key_id) == (name, key_id)), None)

    def with_key(self, signer: Signer) -> KeyRing:
        """The same keys and one more."""
        return KeyRing(self.folder, tuple(dict.fromkeys((*self.signers(), signer))), origin=self._origin)

    def for_new_log(self) -> Signer:
        """The key a new log is begun with: the configured one, else one that no log has used yet, else a new one."""
        if self._configured is not None:
            return self._configured[-1]
        unused = [key for key in self.signers() if not self._memory(key.name).exists()]
        return unused[-1] if unused else self.generate(None)

    def generate(self, name: str | None) -> Signer:
        """A new key in the folder; without a name, under the configured origin or one at random.

        Raises:
            LedgerError: `ledger_key_unusable`; the name cannot be a key's, or the file cannot be written.
        """
        signer = new_signer(name or self._origin)
        write_key_file(self.folder / f"{signer.verifier.key_id}{_KEY}", signer)
        return signer

    def key_file(self, signer: Signer) -> Path:
        """Where a key of the folder lies."""
        return self.folder / f"{signer.verifier.key_id}{_KEY}"

    def remember(self, checkpoint: Checkpoint) -> None:
        """Keep a checkpoint that was signed or seen here, unless a larger one of its log is kept already."""
        known = self.remembered(checkpoint.origin)
        if known is not None and known.size >= checkpoint.size:
            return
        _make_private(self.folder)
        target = self._memory(checkpoint.origin)
        partial = target.with_name(f".{secrets.token_hex(8)}{target.name}")
        partial.write_text(checkpoint.note, encoding="utf-8")
        partial.replace(target)

    def remembered(self, origin: str) -> Checkpoint | None:
        """The largest checkpoint of a log that was signed or seen here."""
        try:
            return Checkpoint.parse(self._memory(origin).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except (NoteError, OSError, UnicodeDecodeError) as error:
            raise LedgerError("ledger_memory_unusable", file=self._memory(origin), cause=str(error)) from error

    def _memory(self, origin: str) -> Path:
        return self.folder / f"{hashlib.sha256(origin.encode()).hexdigest()[:16]}{_CHECKPOINT}"


def open_keys(settings: Settings) -> KeyRing:
    """The keys that the settings name.

    Raises:
        LedgerError: `ledger_key_unusable`.
    """
    folder = settings.home / "ledger"
    configured: tuple[Signer, ...] | None = None
    if settings.ledger_key is not None:
        configured = _parse(settings.ledger_key.get_secret_value(), "VALIDAHUB_LEDGER_KEY")
    elif settings.ledger_key_file is not None:
        configured = read_key_file(settings.ledger_key_file.expanduser())
    return KeyRing(folder, configured, origin=settings.ledger_origin)


def new_signer(name: str | None) -> Signer:
    """A new key; without a name, under one at random. Raises LedgerError (`ledger_key_unusable`)."""
    name = name or f"validahub.local/{secrets.token_hex(8)}"
    try:
        return Signer.generate(name)
    except NoteError as error:
        raise LedgerError("ledger_key_unusable", where=name, cause=str(error)) from error


def read_key_file(path: Path) -> tuple[Signer, ...]:
    """The keys in a file, one per line. Raises LedgerError (`ledger_key_unusable`)."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise LedgerError("ledger_key_unusable", where=path, cause=str(error)) from error
    return _parse(text, str(path))


def write_key_file(path: Path, signer: Signer) -> None:
    """Write a new key file that only its owner can read; never over another.

    Raises:
        LedgerError: `ledger_key_unusable`.
    """
    try:
        _make_private(path.parent)
        partial = path.with_name(f".{secrets.token_hex(8)}.new")
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(f"{signer.text}\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(partial, path)
        finally:
            partial.unlink()
    except OSError as error:
        raise LedgerError("ledger_key_unusable", where=path, cause=str(error)) from error


def _parse(text: str, where: str) -> tuple[Signer, ...]:
    lines = [line for line in text.split() if line]
    try:
        if not lines:
            raise NoteError("there is no key in it")
        return tuple(Signer.parse(line) for line in lines)
    except NoteError as error:
        raise LedgerError("ledger_key_unusable", where=where, cause=str(error)) from error


def _make_private(folder: Path) -> None:
    if not folder.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)


def _listing(folder: Path) -> list[Path]:
    with suppress(FileNotFoundError):
        return list(folder.iterdir())
    return []
