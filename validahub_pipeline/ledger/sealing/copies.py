"""Copies of signed checkpoints in places that whoever runs this installation cannot rewrite.

Each copy gets every checkpoint that is signed while it can be reached, and otherwise the next one as soon as it can: a
later checkpoint vouches for all that earlier ones did. What fails is remembered, told, and tried again at every
heartbeat; runs do not wait for it.
"""

from __future__ import annotations

import json
import logging
import re
import secrets
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import parse_qs, urlsplit

from validahub_pipeline.errors import InputError, StorageError, ValidaHubError
from validahub_pipeline.ledger.merkle.checkpoint import Checkpoint
from validahub_pipeline.ledger.merkle.note import NoteError
from validahub_pipeline.settings import Settings
from validahub_pipeline.storage.lake import Lake
from validahub_pipeline.storage.local import LocalLake

_LOG: Final = logging.getLogger(__name__)
_STATE: Final = "copies.json"
_SECONDS: Final = 10
_NEWEST: Final = 100


class Copy(Protocol):
    """One place."""

    @property
    def where(self) -> str:
        """Names it to people, without anything secret."""
        ...

    def put(self, checkpoint: Checkpoint) -> None:
        """Store a checkpoint. Raises ValidaHubError or OSError."""
        ...

    def kept(self, origin: str) -> list[Checkpoint] | None:
        """The newest checkpoints of a log, the newest first; None where the place cannot be read back.

        Raises:
            ValidaHubError, OSError, NoteError: it cannot be read now, or holds what is no checkpoint.
        """
        ...


@dataclass(frozen=True)
class LakeCopy:
    """A folder or a bucket: one object for each checkpoint, `<log>/<size>`, never replaced."""

    where: str
    place: Lake

    def put(self, checkpoint: Checkpoint) -> None:
        """See `Copy.put`."""
        key = f"{_slug(checkpoint.origin)}/{checkpoint.size:012}"
        try:
            self.place.put_bytes(checkpoint.note.encode("utf-8"), key)
        except StorageError as error:
            # The same size signed again, by both keys after a rotation say, is no other checkpoint.
            if error.code != "object_exists" or Checkpoint.parse(_text(self.place, key)).root != checkpoint.root:
                raise

    def kept(self, origin: str) -> list[Checkpoint] | None:
        """See `Copy.kept`."""
        keys = sorted((info.key for info in self.place.list(f"{_slug(origin)}/")), reverse=True)
        return [Checkpoint.parse(_text(self.place, key)) for key in keys[:_NEWEST]]


@dataclass(frozen=True)
class Webhook:
    """An address that each checkpoint is posted to, as text/plain; any answer 2xx will do."""

    where: str
    url: str

    def put(self, checkpoint: Checkpoint) -> None:
        """See `Copy.put`."""
        request = urllib.request.Request(
            self.url,
            data=checkpoint.note.encode("utf-8"),
            headers={"Content-Type": "text/plain; charset=utf-8"},
            method="POST",
        )
        with urllib.request.urlopen(request, timeout=_SECONDS):
            pass

    def kept(self, origin: str) -> None:  # noqa: ARG002
        """What was posted cannot be read back here."""
        return


@dataclass(frozen=True)
class Delivery:
    """How far a copy has come: the size of the last checkpoint it got (-1: none), and why the next one failed (None:
    it did not)."""

    where: str
    origin: str
    size: int
    failed: str | None


class Copies:
    """All copies of one installation."""

    def __init__(self, copies: Sequence[Copy], folder: Path) -> None:
        """`folder` is where it is remembered how far each has come."""
        self._copies = tuple(copies)
        self._state = folder / _STATE

    def __iter__(self) -> Iterator[Copy]:
        return iter(self._copies)

    def deliver(self, checkpoint: Checkpoint, *, retry: bool) -> list[Delivery]:
        """Bring every copy up to a checkpoint; how far each has come. A failure is logged and remembered, not raised.

        Args:
            retry: try those again that failed before; whoever is in a hurry leaves them to the next heartbeat.
        """
        known = self._read()
        told = []
        for copy in self._copies:
            before = known.get((copy.where, checkpoint.origin), Delivery(copy.where, checkpoint.origin, -1, None))
            if before.size >= checkpoint.size or (before.failed and not retry):
                told.append(before)
                continue
            told.append(_deliver(copy, checkpoint, before))
        if told:
            self._write(known | {(delivery.where, delivery.origin): delivery for delivery in told})
        return told

    def _read(self) -> dict[tuple[str, str], Delivery]:
        try:
            found = [Delivery(**told) for told in json.loads(self._state.read_text(encoding="utf-8"))]
        except (FileNotFoundError, ValueError, TypeError):
            # Nothing is lost with it: the next checkpoint goes to every copy.
            return {}
        return {(delivery.where, delivery.origin): delivery for delivery in found}

    def _write(self, deliveries: dict[tuple[str, str], Delivery]) -> None:
        self._state.parent.mkdir(parents=True, exist_ok=True)
        partial = self._state.with_name(f".{secrets.token_hex(8)}{_STATE}")
        partial.write_text(json.dumps([asdict(delivery) for delivery in deliveries.values()]), encoding="utf-8")
        partial.replace(self._state)


def _deliver(copy: Copy, checkpoint: Checkpoint, before: Delivery) -> Delivery:
    try:
        copy.put(checkpoint)
    except (ValidaHubError, NoteError, OSError) as error:
        cause = str(error) or type(error).__name__
        _LOG.warning("%s", ValidaHubError("checkpoint_copy_failed", copies=copy.where, cause=cause))
        return Delivery(copy.where, checkpoint.origin, before.size, cause)
    return Delivery(copy.where, checkpoint.origin, checkpoint.size, None)


def open_copies(settings: Settings) -> Copies:
    """The copies that `VALIDAHUB_CHECKPOINT_COPIES` names.

    Raises:
        InputError: `setting_invalid`.
    """
    places = [place.strip() for place in settings.checkpoint_copies.split(",") if place.strip()]
    return Copies([_open(place, settings) for place in places], settings.home / "ledger")


def _open(place: str, settings: Settings) -> Copy:
    parts = urlsplit(place)
    if parts.scheme in {"http", "https"} and parts.netloc:
        # The path of such an address may be its password.
        return Webhook(f"{parts.scheme}://{parts.hostname}", place)
    if parts.scheme == "s3" and parts.netloc:
        days = parse_qs(parts.query).get("retain_days", [""])[0]
        if days and not days.isdecimal():
            raise InputError("setting_invalid", setting="VALIDAHUB_CHECKPOINT_COPIES", cause=place)
        # Costs half a second, which a copy in a folder need not pay.
        from validahub_pipeline.storage.s3 import S3Lake  # noqa: PLC0415

        root = f"s3://{parts.netloc}{parts.path}".rstrip("/")
        lake = S3Lake(settings.model_copy(update={"lake": root}), retain_days=int(days) if days else None)
        return LakeCopy(root, lake)
    if parts.scheme or not Path(place).is_absolute():
        raise InputError("setting_invalid", setting="VALIDAHUB_CHECKPOINT_COPIES", cause=place)
    return LakeCopy(place, LocalLake(Path(place)))


def _slug(origin: str) -> str:
    return re.sub(r"[^A-Za-z0-9.-]", "_", origin)


def _text(place: Lake, key: str) -> str:
    return place.read_bytes(key).decode("utf-8", errors="replace")
