"""Events on their way to people: sealed texts opened where the key exists, and a tombstone where it does not.

Works on whatever has been read, events, rows or documents: a sealed text says by itself whose it is and where it
belongs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, Final

from validahub_pipeline.ledger.events import SYSTEM, Event
from validahub_pipeline.ledger.privacy.subjects import Subject, Subjects, is_subject_id
from validahub_pipeline.ledger.privacy.texts import open_text, parse_sealed

_BATCH: Final = 512


@dataclass(frozen=True)
class Tombstones:
    """What stands where a text cannot be shown.

    Attributes:
        erased: its key was destroyed.
        sealed: nobody here keeps the keys.
        altered: it does not open, though the key is there.
    """

    erased: str
    sealed: str
    altered: str


PLAIN: Final = Tombstones("[erased]", "[encrypted]", "[does not open]")
"""For machines, and for whoever has not asked for a language."""


def reveal(
    events: Iterable[Event], subjects: Subjects | None, tombstones: Tombstones = PLAIN, *, names: bool = False
) -> Iterator[Event]:
    """The events with their texts opened, read and asked for some hundred at a time.

    With `names` also `user_id` is that of people: the name it stands for, the tombstone and the id where that is gone.

    Raises:
        ValidaHubError: whoever keeps the keys cannot be reached.
    """
    left = iter(events)
    while batch := list(islice(left, _BATCH)):
        opened = Opener(batch, subjects, tombstones)
        yield from (opened.event(event, names=names) for event in batch)


class Opener:
    """Opens what was sealed for the persons that are named in some documents."""

    def __init__(self, documents: Iterable[Any], subjects: Subjects | None, tombstones: Tombstones = PLAIN) -> None:
        """Asks for all of their keys at once."""
        ids: set[str] = set()
        for document in documents:
            _gather(_parts(document), ids)
        self._known: Mapping[str, Subject] = subjects.look_up(ids) if subjects is not None and ids else {}
        self._here = subjects is not None
        self._tombstones = tombstones

    def event(self, event: Event, *, names: bool = False) -> Event:
        """An event with its texts opened."""
        return replace(
            event,
            user_id=self.name(event.user_id) if names else event.user_id,
            resource=replace(event.resource, name=self.text(event.resource.name, event.event_id, "resource.name")),
            changes=self.document(event.changes, event.event_id, "changes"),
            metadata=self.document(event.metadata, event.event_id, "metadata"),
        )

    def document(self, part: Any, event_id: str | None = None, path: str = "") -> Any:
        """Any document with its texts opened; with `event_id` each has to belong to this event and its place in it."""
        match part:
            case str():
                return self.text(part, event_id, path)
            case Mapping():
                return {name: self.document(item, event_id, f"{path}.{name}") for name, item in part.items()}
            case list() | tuple():
                return [self.document(item, event_id, f"{path}[{position}]") for position, item in enumerate(part)]
        return part

    def text(self, text: str, event_id: str | None = None, path: str | None = None) -> str:
        """One text, opened if it is sealed."""
        sealed = parse_sealed(text)
        if sealed is None:
            return text
        if not self._here:
            return self._tombstones.sealed
        subject = self._known.get(sealed.subject)
        if (subject is not None and subject.key is None) or not sealed.body:
            return self._tombstones.erased
        # Keys of another installation, or a sealed text that somebody has written by hand.
        opened = open_text(sealed, subject.key) if subject is not None and subject.key is not None else None
        astray = event_id is not None and (sealed.event_id, sealed.field) != (event_id, path)
        return self._tombstones.altered if opened is None or astray else opened

    def name(self, user_id: str) -> str:
        """The name of a person, for people: as it was given, or the id where it is not known, marked where erased."""
        if user_id == SYSTEM or not is_subject_id(user_id):
            return user_id
        subject = self._known.get(user_id)
        if subject is None:
            return user_id
        return subject.name if subject.name is not None else f"{self._tombstones.erased} {user_id}"


def _parts(document: Any) -> Any:
    if isinstance(document, Event):
        return [document.user_id, document.resource.name, document.changes, document.metadata]
    return document


def _gather(part: Any, ids: set[str]) -> None:
    """Note every subject that is named in a document."""
    _each_text(part, lambda text: _note(text, ids))


def _note(text: str, ids: set[str]) -> None:
    sealed = parse_sealed(text)
    if sealed is not None:
        ids.add(sealed.subject)
    elif is_subject_id(text):
        ids.add(text)


def _each_text(part: Any, act: Callable[[str], None]) -> None:
    match part:
        case str():
            act(part)
        case Mapping():
            for item in part.values():
                _each_text(item, act)
        case list() | tuple():
            for item in part:
                _each_text(item, act)
