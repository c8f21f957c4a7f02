"""The succession of a log's keys, as its events tell it: each says under its signature which key comes next.

A key that was lost can name nobody. Its successor then has to be trusted for other reasons, and the event says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from validahub_pipeline.ledger.events import Action, Event, NewEvent, Resource
from validahub_pipeline.ledger.merkle.note import Note, NoteError, Signer, Verifier, sign

AGGREGATE: Final = "ledger"

_HEADING: Final = "validahub ledger key rotation"


@dataclass(frozen=True)
class Rotation:
    """From one key to the next, told by the event `seq` (0: not recorded yet). `statement` is a note by the old key,
    None where it was lost."""

    seq: int
    old: Verifier
    new: Verifier
    statement: str | None

    @classmethod
    def of(cls, event: Event) -> Self:
        """Raises NoteError where the event tells of no keys."""
        return cls.read(event.seq, event.changes)

    @classmethod
    def read(cls, seq: int, changes: Mapping[str, Any]) -> Self:
        """From the payload of the event. Raises NoteError."""
        try:
            statement = changes["statement"]
            found = cls(seq, Verifier.parse(changes["from"]), Verifier.parse(changes["to"]), statement)
        except (KeyError, TypeError, AttributeError) as error:
            raise NoteError("the event names no keys") from error
        if not isinstance(statement, str | None):
            raise NoteError("the event names no keys")
        return found

    @property
    def vouched(self) -> bool:
        """Whether the old key really names the new one."""
        if self.statement is None:
            return False
        try:
            note = Note.parse(self.statement)
            return note.text == _text(self.new) and note.signed_by(self.old)
        except NoteError:
            return False

    def changes(self) -> dict[str, Any]:
        """The payload of the event."""
        return {"from": self.old.text, "to": self.new.text, "statement": self.statement}


def successor(old: Signer, new: Verifier) -> Rotation:
    """A rotation under the old key's signature."""
    return Rotation(0, old.verifier, new, sign(_text(new), [old]))


def event_of(rotation: Rotation, *, user_id: str) -> NewEvent:
    """The act to be recorded."""
    return NewEvent(
        action=Action.KEY_ROTATED,
        aggregate_id=AGGREGATE,
        user_id=user_id,
        resource=Resource("ledger", rotation.new.key_id, rotation.new.name),
        changes=rotation.changes(),
    )


@dataclass(frozen=True)
class Succession:
    """The keys of a log: the one it was begun with, and the rotations since, in order."""

    first: Verifier
    rotations: tuple[Rotation, ...] = ()

    @classmethod
    def of(cls, first: Verifier, rotations: Iterable[Rotation]) -> Self:
        """Raises NoteError where a rotation does not start from the key in force."""
        found = cls(first, tuple(rotations))
        key = first
        for rotation in found.rotations:
            if rotation.old != key:
                raise NoteError(f"event {rotation.seq} rotates a key that was not in force")
            key = rotation.new
        return found

    def in_force(self, size: int) -> Verifier:
        """The key that signs a checkpoint of that size."""
        return next((r.new for r in reversed(self.rotations) if r.seq <= size), self.first)

    def trusted_from(self, key: Verifier) -> Verifier | None:
        """The last key that trust in `key` reaches; None where the log has never had that key."""
        if key not in {self.first, *(rotation.new for rotation in self.rotations)}:
            return None
        for rotation in self.rotations:
            if rotation.old == key and rotation.vouched:
                key = rotation.new
        return key


def _text(new: Verifier) -> str:
    return f"{_HEADING}\n{new.name}\n{new.text}\n"
