"""What the events vouch for, gathered in one reading: objects, detail rows and published files, by validation."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from validahub_pipeline.ledger import Action, Detail
from validahub_pipeline.ledger.verification.raw_table import RawTable

_DETAILS: Final = {
    Action.VALIDATION_COMPLETED: Detail.VIOLATIONS,
    Action.CORRECTIONS_APPLIED: Detail.CORRECTIONS,
}
_ENDS: Final = {Action.FILE_PUBLISHED, Action.PUBLICATION_REFUSED}


@dataclass(frozen=True)
class VouchedObject:
    """An object of the lake as event `seq` describes it."""

    seq: int
    key: str
    size: int | None
    sha256: str


@dataclass(frozen=True)
class VouchedDetail:
    """Rows of a detail table as event `seq` describes them; `revision` and `mode` are None where the table has none."""

    seq: int
    table: Detail
    validation_id: str
    revision: int | None
    mode: str | None
    rows: int
    sha256: str


@dataclass
class VouchedRevision:
    """One revision: its published file, if it was published, with the rows left out of it, the dialect it is in and the
    list of decimal commas that are not the dialect's; and the columns whose texts are left to the objects."""

    corrected: str | None = None
    dropped: str | None = None
    commas: str | None = None
    dialect: Mapping[str, Any] = field(default_factory=dict)
    referred: tuple[str, ...] = ()
    ended: bool = False


@dataclass
class VouchedUpload:
    """What is needed to hold published files against their rows."""

    rows: str | None = None
    repairs: str | None = None
    revisions: dict[int, VouchedRevision] = field(default_factory=dict)

    def revision(self, number: int) -> VouchedRevision:
        """One of its revisions."""
        return self.revisions.setdefault(number, VouchedRevision())


@dataclass
class Vouched:
    """Everything that the events vouch for."""

    objects: dict[str, VouchedObject] = field(default_factory=dict)
    details: list[VouchedDetail] = field(default_factory=list)
    uploads: dict[str, VouchedUpload] = field(default_factory=dict)
    unreadable: list[int] = field(default_factory=list)
    erased: dict[str, int] = field(default_factory=dict)
    """Persons whose key is said to be destroyed, with the event that says so."""


def gather(events: RawTable) -> Vouched:
    """Read every event once, in order. What is no event any more is passed over here, and told by the log's own
    verification; what cannot be understood is told as `unreadable`."""
    texts: list[tuple[int, str]] = []
    for rows in events.chunks():
        wanted = rows.drop_nulls(["seq", "event"])
        texts += [
            (seq, text)
            for seq, text in wanted.select("seq", "event").iter_rows()
            if any(f'"{word}"' in text for word in ("detail", "objects", "rule_pack_published", "subject_erased"))
        ]
    vouched = Vouched()
    for seq, text in sorted(texts):
        try:
            _add(vouched, seq, json.loads(text))
        except (ValueError, KeyError, TypeError, AttributeError):
            vouched.unreadable.append(seq)
    return vouched


def _add(vouched: Vouched, seq: int, event: Mapping[str, Any]) -> None:
    action, changes, aggregate = event["action"], event["changes"], str(event["aggregate_id"])
    for told in changes.get("objects", {}).values():
        vouched.objects[told["key"]] = VouchedObject(seq, told["key"], told["size"], told["sha256"])
    if action == Action.SUBJECT_ERASED:
        vouched.erased[aggregate] = seq
    if action == Action.RULE_PACK_PUBLISHED:
        key = f"rulepacks/{changes['name']}/{changes['hash']}.json"
        vouched.objects[key] = VouchedObject(seq, key, None, changes["hash"])
    if action in _DETAILS and "detail" in changes:
        told = changes["detail"]
        vouched.details.append(
            VouchedDetail(
                seq,
                _DETAILS[action],
                aggregate,
                changes.get("revision"),
                changes.get("mode"),
                int(told["rows"]),
                str(told["sha256"]),
            )
        )
    if action in {Action.FILE_INGESTED, Action.CORRECTIONS_APPLIED, *_ENDS}:
        _add_upload(vouched.uploads.setdefault(aggregate, VouchedUpload()), action, changes)


def _add_upload(upload: VouchedUpload, action: str, changes: Mapping[str, Any]) -> None:
    if action == Action.FILE_INGESTED:
        upload.rows = changes["objects"]["rows"]["key"]
        upload.repairs = changes["objects"].get("repairs", {}).get("key")
        return
    revision = upload.revision(changes["revision"])
    if action == Action.CORRECTIONS_APPLIED:
        revision.referred = tuple(changes.get("referred", ()))
    else:
        revision.ended = True
        if action == Action.FILE_PUBLISHED:
            revision.corrected = changes["objects"]["corrected"]["key"]
            revision.dropped = changes["objects"].get("dropped", {}).get("key")
            revision.commas = changes["objects"].get("commas", {}).get("key")
            revision.dialect = changes.get("dialect", {})
