"""Somebody's right to be forgotten: the key is destroyed, and the ledger says that it was.

Three steps, each of which may be the last before a kill: nobody is given the key any more; the event is recorded; the
key is destroyed. So nothing is destroyed that is not on record, and where the event cannot be written nothing is
destroyed at all. What was begun is finished by whoever comes next: the same command, or the next heartbeat.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from validahub_pipeline.errors import InputError
from validahub_pipeline.ledger import Action, Event, Ledger, NewEvent, Resource
from validahub_pipeline.subjects.keeper import Erasure, SubjectKeeper

_SHORTEST: Final = 3
"""Characters of a name that is looked for in the reason: shorter ones stand in any sentence."""


@dataclass(frozen=True)
class Erased:
    """What came of it: the event, whose `changes` say what was sealed with the key; the validations of the person's
    uploads; and whether it had been done before."""

    subject: str
    event: Event
    uploads: tuple[str, ...]
    before: bool


def erase(ledger: Ledger, keeper: SubjectKeeper, subject: str, *, user: str, reason: str) -> Erased:
    """Erase whoever goes by a name or has an id. Done again, it changes nothing and tells what it told.

    Raises:
        InputError: `subject_unknown`: nobody goes by it, never or no longer. `erasure_reason_missing`,
            `erasure_reason_names`: what is said for a reason is nothing, or names the person; the reason is kept for
            ever.
        LedgerError, ValidaHubError: it cannot be recorded, or the keys cannot be reached; nothing was destroyed.
    """
    found = keeper.find(subject)
    begun = keeper.erasure(found.id) if found else None
    if found is None:
        raise InputError("subject_unknown", subject=subject)
    if begun is None:
        if not reason.strip():
            raise InputError("erasure_reason_missing")
        name = found.name or ""
        if len(name) >= _SHORTEST and name.casefold() in reason.casefold():
            raise InputError("erasure_reason_names")
        asked_by = keeper.enrol([user])[user].id
        begun = keeper.begin_erasing(found.id, {"asked_by": asked_by, "reason": reason.strip()})
    return finish(ledger, keeper, begun)


def finish(ledger: Ledger, keeper: SubjectKeeper, begun: Erasure) -> Erased:
    """Record an erasure that was begun, unless it is on record, and destroy what it is about. Raises as `erase`."""
    recorded = ledger.find(_key(begun.subject))
    if not recorded:
        recorded = ledger.append([_event(ledger, begun)], idempotency=_key(begun.subject))
    if begun.done is None:
        keeper.destroy(begun.subject)
    uploads = ledger.acts_of(begun.subject, Action.FILE_UPLOADED)
    return Erased(begun.subject, recorded[0], tuple(uploads), before=begun.done is not None)


def finish_pending(ledger: Ledger, keeper: SubjectKeeper) -> list[Erased]:
    """Finish whatever was begun by somebody who was killed. Raises as `erase`."""
    return [finish(ledger, keeper, begun) for begun in keeper.pending()]


def _key(subject: str) -> str:
    return f"{Action.SUBJECT_ERASED}/{subject}"


def _event(ledger: Ledger, begun: Erasure) -> NewEvent:
    mentions = ledger.mentions(begun.subject)
    return NewEvent(
        action=Action.SUBJECT_ERASED,
        aggregate_id=begun.subject,
        user_id=begun.told["asked_by"],
        resource=Resource("subject", begun.subject, begun.subject),
        changes={
            "reason": begun.told["reason"],
            "events": mentions.events,
            "texts": mentions.texts,
            "uploads": len(ledger.acts_of(begun.subject, Action.FILE_UPLOADED)),
        },
    )
