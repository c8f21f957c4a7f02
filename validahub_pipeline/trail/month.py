"""What a month's events say, for the compliance report: who did what, whose files went to whom, what is missing.

Figures only; how they are worded and laid out is the page's business.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Final

from validahub_pipeline.ledger import Action, Event
from validahub_pipeline.ledger.events import SYSTEM
from validahub_pipeline.storage.lake import Lake
from validahub_pipeline.storage.layout import LEDGER, table_key

DOWNLOADS: Final = {"download_granted", "file_downloaded"}
NOTEWORTHY: Final = {
    "access_denied",
    Action.SUBJECT_ERASED,
    Action.KEY_ROTATED,
    Action.RULE_PACK_PUBLISHED,
    Action.PROJECTION_REBUILT,
}
TRAIL: Final = ("audit_events", "corrections")
BESIDE: Final = ("violations", "lineage_events")

_ENDS: Final = {Action.FILE_PUBLISHED, Action.PUBLICATION_REFUSED}
_SILENCE: Final = timedelta(hours=1)
_SHOWN: Final = 10


@dataclass(frozen=True)
class Silence:
    """A time in which nothing was recorded, not even a heartbeat."""

    since: datetime
    until: datetime
    after_seq: int


@dataclass
class Actor:
    """What one user did, or the system."""

    user_id: str
    events: int = 0
    actions: Counter[str] = field(default_factory=Counter)
    last: datetime | None = None


@dataclass(frozen=True)
class Open:
    """An upload of which no end is on record. `failed` says that its last attempt failed and may be tried again."""

    validation_id: str
    file_name: str
    user_id: str
    uploaded_at: datetime
    failed: bool


@dataclass
class Month:
    """What was recorded in a month.

    Attributes:
        actions: events per action.
        days: events per day, without heartbeats.
        uploads: how uploads of the month stand at its end, by `published`, `refused`, `failed`, `open`.
        corrected: per upload its last revision, and how many cells of it were corrected in which mode.
        downloads: per owner of the file and user who took it, how often.
        noted: events an auditor wants to see one by one.
        silences: the longest of more than an hour.
    """

    since: datetime
    until: datetime
    first: Event | None = None
    last: Event | None = None
    events: int = 0
    actions: Counter[str] = field(default_factory=Counter)
    actors: dict[str, Actor] = field(default_factory=dict)
    days: Counter[date] = field(default_factory=Counter)
    uploads: Counter[str] = field(default_factory=Counter)
    open: list[Open] = field(default_factory=list)
    rows: int = 0
    bytes: int = 0
    bytes_ever: int = 0
    violations: int = 0
    corrected: dict[str, tuple[int, dict[str, int]]] = field(default_factory=dict)
    downloads: Counter[tuple[str, str]] = field(default_factory=Counter)
    noted: list[Event] = field(default_factory=list)
    silences: list[Silence] = field(default_factory=list)

    @property
    def cells(self) -> int:
        """Cells corrected, of each upload in the last revision that was made of it: every one begins anew."""
        return sum(sum(modes.values()) for _, modes in self.corrected.values())

    def revised(self, applied: Event) -> None:
        """Count the cells of a revision, which come in one or two modes."""
        revision = applied.changes.get("revision", 1)
        last, modes = self.corrected.get(applied.aggregate_id, (0, {}))
        told = {str(applied.changes.get("mode", "")): int(applied.changes["cells"])}
        self.corrected[applied.aggregate_id] = (revision, {**modes, **told} if revision == last else told)

    @property
    def by_people(self) -> int:
        """Events that a person caused."""
        return sum(actor.events for actor in self.actors.values() if actor.user_id != SYSTEM)


def month_of_events(events: Iterable[Event], since: datetime, until: datetime) -> Month:
    """Read through a ledger from its beginning; memory grows with the uploads of the month, not with the events."""
    found = Month(since, until)
    owners: dict[str, str] = {}
    mine: dict[str, Open] = {}
    ends: dict[str, str] = {}
    for event in events:
        if event.timestamp >= until:
            break
        if event.action == Action.FILE_UPLOADED:
            owners[event.aggregate_id] = event.user_id
            found.bytes_ever += event.changes["size"]
        if event.timestamp < since:
            continue
        if event.action == Action.FILE_UPLOADED:
            mine[event.aggregate_id] = Open(
                event.aggregate_id, event.changes["file_name"], event.user_id, event.timestamp, failed=False
            )
            found.bytes += event.changes["size"]
        _count(found, event, owners)
        if event.aggregate_id in mine:
            ends[event.aggregate_id] = _state(event, ends.get(event.aggregate_id, "open"))
    _settle(found, mine, ends)
    return found


def _count(found: Month, event: Event, owners: Mapping[str, str]) -> None:
    before = found.last
    if before is not None and event.timestamp - before.timestamp > _SILENCE:
        found.silences.append(Silence(before.timestamp, event.timestamp, before.seq))
    found.first, found.last = found.first or event, event
    found.events += 1
    found.actions[event.action] += 1
    actor = found.actors.setdefault(event.user_id, Actor(event.user_id))
    actor.events += 1
    actor.actions[event.action] += 1
    actor.last = event.timestamp
    if event.action != Action.HEARTBEAT:
        found.days[event.timestamp.date()] += 1
    if event.action == Action.FILE_INGESTED:
        found.rows += event.changes["records"]
    elif event.action == Action.VALIDATION_COMPLETED:
        found.violations += event.changes["detail"]["rows"]
    elif event.action == Action.CORRECTIONS_APPLIED:
        found.revised(event)
    if event.action in DOWNLOADS:
        found.downloads[owners.get(event.aggregate_id, "?"), event.user_id] += 1
    if event.action in NOTEWORTHY:
        found.noted.append(event)


def _state(event: Event, before: str) -> str:
    if event.action in _ENDS:
        return "published" if event.action == Action.FILE_PUBLISHED else "refused"
    if event.action == Action.VALIDATION_FAILED:
        return "open, failed" if event.changes["retryable"] else "failed"
    return before


def _settle(found: Month, mine: Mapping[str, Open], ends: Mapping[str, str]) -> None:
    for validation_id, upload in mine.items():
        state = ends[validation_id]
        found.uploads[state.partition(",")[0]] += 1
        if state.startswith("open"):
            found.open.append(replace(upload, failed=state != "open"))
    found.silences = sorted(found.silences, key=lambda silence: silence.since - silence.until)[:_SHOWN]


@dataclass(frozen=True)
class Overhead:
    """Bytes of the trail beside those of the uploads it is about, since the beginning.

    Attributes:
        parts: bytes of each table, Delta log included, and of the tree (`ledger`).
        month: bytes of the data of this month's partitions.
    """

    uploads: int
    parts: Mapping[str, int]
    month: Mapping[str, int]

    @property
    def trail(self) -> int:
        """What counts as overhead: events, corrections, tree."""
        return sum(self.parts[name] for name in (*TRAIL, LEDGER))


def measured(lake: Lake, uploads: int, month: str) -> Overhead:
    """List the lake's tables. `uploads` are the bytes handed in, `month` is as partitions spell it."""
    parts: dict[str, int] = {}
    of_month: dict[str, int] = {}
    for name in (*TRAIL, *BESIDE):
        files = list(lake.list(f"{table_key(name)}/"))
        parts[name] = sum(file.size for file in files)
        of_month[name] = sum(file.size for file in files if f"/month={month}/" in file.key)
    parts[LEDGER] = sum(file.size for file in lake.list(f"{LEDGER}/"))
    return Overhead(uploads, parts, of_month)
