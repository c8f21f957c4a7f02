"""Which events are asked for: of a time, a user, a validation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from validahub_pipeline.errors import InputError
from validahub_pipeline.ledger import Event, Ledger


@dataclass(frozen=True)
class Selection:
    """None: any. `since` is included, `until` is not; both aware."""

    since: datetime | None = None
    until: datetime | None = None
    user_ids: frozenset[str] | None = None
    validation_id: str | None = None

    def holds(self, event: Event) -> bool:
        """Whether an event is asked for."""
        return (
            (self.since is None or event.timestamp >= self.since)
            and (self.until is None or event.timestamp < self.until)
            and (self.user_ids is None or event.user_id in self.user_ids)
            and (self.validation_id is None or event.aggregate_id == self.validation_id)
        )


def selected(ledger: Ledger, selection: Selection) -> Iterator[tuple[Event, bytes]]:
    """The events asked for, in order, each with the bytes it is stored as; memory does not grow with them.

    Raises:
        InputError: `upload_unknown`; the validation asked for has no event.
    """
    after = 0
    if selection.validation_id is not None:
        history = ledger.history(selection.validation_id)
        if not history:
            raise InputError("upload_unknown", validation_id=selection.validation_id)
        after = history[0].seq - 1
        left = len(history)
    for event, text in ledger.entries(after=after, last=ledger.last_seq()):
        if selection.holds(event):
            yield event, text
        if selection.validation_id == event.aggregate_id:
            left -= 1
            if not left:
                return


def moment(given: str, *, end: bool = False) -> datetime:
    """A moment from what people type: a day, or a day and a time; UTC unless an offset is given. A day as the `end` of
    a time is meant to its last second.

    Raises:
        InputError: `moment_invalid`.
    """
    try:
        if len(given) == len("2026-11-30"):
            day = date.fromisoformat(given) + timedelta(days=1 if end else 0)
            return datetime.combine(day, time(), UTC)
        found = datetime.fromisoformat(given)
    except (ValueError, OverflowError) as error:
        raise InputError("moment_invalid", given=given) from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def month(given: str) -> tuple[datetime, datetime]:
    """Beginning and end of a month, `2026-11`, in UTC. Raises InputError (`month_invalid`)."""
    try:
        first = datetime.strptime(given, "%Y-%m").replace(tzinfo=UTC)
    except ValueError as error:
        raise InputError("month_invalid", given=given) from error
    return first, (first + timedelta(days=31)).replace(day=1)
