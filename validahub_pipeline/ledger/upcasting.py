"""Old events in today's shape. What is stored is never rewritten; readers lift it, one version at a time.

A change of the event's shape raises `SCHEMA_VERSION` and adds the step from the version before it here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from validahub_pipeline.errors import LedgerError
from validahub_pipeline.ledger.events import SCHEMA_VERSION

Upcaster = Callable[[dict[str, Any]], dict[str, Any]]

UPCASTERS: Final[Mapping[int, Upcaster]] = {
    # Version 2 seals what is personal. What version 1 recorded in the open stays readable as it is.
    1: dict,
}
"""From a version to the shape of the next one."""


def upcast(
    document: dict[str, Any], *, upcasters: Mapping[int, Upcaster] = UPCASTERS, target: int = SCHEMA_VERSION
) -> dict[str, Any]:
    """A stored event's document in the shape of version `target`.

    Raises:
        LedgerError: `ledger_event_newer`: the event's version is above `target`.
        KeyError: there is no step from the event's version.
    """
    version: int = document["schema_version"]
    if version > target:
        raise LedgerError("ledger_event_newer", seq=document.get("seq"), version=version, known=target)
    for step in range(version, target):
        document = upcasters[step](document) | {"schema_version": step + 1}
    return document
