"""Events on their way in: persons become opaque ids, and what is personal is sealed with their keys.

All of them pass here, since `Ledger.append` calls it; an event whose personal fields belong to nobody is refused.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from validahub_pipeline.errors import LedgerError
from validahub_pipeline.ledger.events import SYSTEM, NewEvent
from validahub_pipeline.ledger.privacy.fields import IMPERSONAL, Whose, each_personal
from validahub_pipeline.ledger.privacy.subjects import NAME_LIMIT, Subject, Subjects
from validahub_pipeline.ledger.privacy.texts import seal_text


def protect(events: Sequence[NewEvent], ids: Sequence[str], subjects: Subjects | None) -> list[NewEvent]:
    """The events as they are to be recorded; `ids` are those they will have.

    Raises:
        LedgerError: `subjects_unavailable`: they name somebody, and nobody here keeps persons.
            `ledger_personal_unowned`: a personal field of an event that names nobody. `ledger_value_refused`: a name
            that cannot be kept.
        ValidaHubError: whoever keeps the persons cannot be reached.
    """
    known = enrolled({name for event in events for name in _named(event)}, subjects)
    return [_protected(event, event_id, known) for event, event_id in zip(events, ids, strict=True)]


def enrolled(names: Collection[str], subjects: Subjects | None) -> Mapping[str, Subject]:
    """The subjects that go by some names or ids. Raises as `protect`."""
    names = {name for name in names if name != SYSTEM}
    if not names:
        return {}
    for name in names:
        if not name.isprintable() or not 0 < len(name) <= NAME_LIMIT:
            raise LedgerError("ledger_value_refused", action="", path="user_id", value=repr(name[:NAME_LIMIT]))
    if subjects is None:
        raise LedgerError("subjects_unavailable")
    return subjects.enrol(names)


def _named(event: NewEvent) -> set[str]:
    names = {event.user_id, event.subject or SYSTEM}

    def note(_path: str, text: str, whose: Whose) -> str:
        if whose is Whose.ID:
            names.add(text)
        return text

    each_personal(event.changes, "changes", note)
    each_personal(event.metadata, "metadata", note)
    return names - {SYSTEM}


def _protected(event: NewEvent, event_id: str, known: Mapping[str, Subject]) -> NewEvent:
    actor = known.get(event.user_id)
    subject = known.get(event.subject) if event.subject else actor

    def change(path: str, text: str, whose: Whose) -> str:
        if whose is Whose.ID:
            return text if text == SYSTEM else known[text].id
        owner = (actor or subject) if whose is Whose.ACTOR else (subject or actor)
        if owner is None:
            raise LedgerError("ledger_personal_unowned", action=event.action, path=path)
        return seal_text(text, subject=owner.id, key=owner.key, event_id=event_id, field=path)

    name = event.resource.name
    if event.resource.type not in IMPERSONAL and name:
        name = change("resource.name", name, Whose.SUBJECT)
    return replace(
        event,
        user_id=actor.id if actor else event.user_id,
        subject=subject.id if subject else None,
        resource=replace(event.resource, name=name),
        changes=each_personal(event.changes, "changes", change),
        metadata=each_personal(event.metadata, "metadata", change),
    )
