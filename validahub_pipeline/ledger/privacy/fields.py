"""Which fields of an event are personal, and whose. By name, wherever they stand: whoever adds an event gets it right
without thinking of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, Final


class Whose(StrEnum):
    """Whom a personal field belongs to."""

    ACTOR = "actor"
    """Who acted."""
    SUBJECT = "subject"
    """Who the event is about: the seller of an upload."""
    ID = "id"
    """The field names a person: it is replaced by the person's opaque id, as `user_id` itself is."""


ANYWHERE: Final[Mapping[str, Whose]] = {
    "ip": Whose.ACTOR,
    "user_agent": Whose.ACTOR,
    "session_id": Whose.ACTOR,
    "host": Whose.ACTOR,
    "user_name": Whose.ACTOR,
    "email": Whose.SUBJECT,
    "file_name": Whose.SUBJECT,
    "inbox_key": Whose.SUBJECT,
    "member": Whose.SUBJECT,
    # Cells, for instance.
    "examples": Whose.SUBJECT,
    "user_id": Whose.ID,
    "applied_by": Whose.ID,
    "accepted_by": Whose.ID,
    "owner": Whose.ID,
    "seller": Whose.ID,
}
"""By the name of the field, at any depth of `changes` and `metadata`."""

PATHS: Final[Mapping[str, Whose]] = {
    # Of an upload, the key in the inbox: it begins with the seller's name and ends with that of the file.
    "changes.key": Whose.SUBJECT,
    # What is told of an error names the file, and may quote what stands in it.
    "changes.error.message": Whose.SUBJECT,
    "changes.error.values": Whose.SUBJECT,
}
"""By the place of the field, with all texts below it."""

IMPERSONAL: Final = frozenset({"rule_pack", "projection", "ledger", "subject"})
"""Types of resources whose names are those of things. Of every other one the name is taken for a person's."""

Change = Callable[[str, str, Whose], str]
"""Called as `change(path, text, whose)`; gives what shall stand there."""


def each_personal(part: Any, path: str, change: Change, whose: Whose | None = None) -> Any:
    """`changes` or `metadata` with every personal text replaced. Numbers and truth values are left as they are."""
    whose = PATHS.get(path, whose)
    match part:
        case str():
            return part if whose is None else change(path, part, whose)
        case Mapping():
            return {
                name: each_personal(item, f"{path}.{name}", change, ANYWHERE.get(name, whose))
                for name, item in part.items()
            }
        case list() | tuple():
            return [each_personal(item, f"{path}[{position}]", change, whose) for position, item in enumerate(part)]
    return part
