"""The table of events: gapless numbers, one append per idempotency key, and reading in order.

How exactly-once comes about is told in docs/ledger.md. Nothing here knows what an action means.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final, NamedTuple, NoReturn

import polars as pl

from validahub_pipeline.errors import LedgerError
from validahub_pipeline.ledger.access import TableAccess
from validahub_pipeline.ledger.canonical import decode, encode, event_id
from validahub_pipeline.ledger.contradictions import contradictions
from validahub_pipeline.ledger.delta import DeltaLog, may_hold
from validahub_pipeline.ledger.events import Event, NewEvent
from validahub_pipeline.ledger.merkle.hashing import leaf_hashes
from validahub_pipeline.ledger.tables import KEY_RETENTION
from validahub_pipeline.ledger.turns import Turns

SEQUENCE: Final = "validahub/seq"
"""Delta application id whose version is the last seq. It carries no time, so that Delta never lets it expire."""

_FIRST_WINDOW: Final = 64
_WINDOW: Final = 32_768
# Writers' clocks differ: rows this much younger than the retention may already have lost their key.
_CLOCKS_DIFFER: Final = timedelta(days=2)


class Mentions(NamedTuple):
    """In how many events somebody is mentioned, and in how many places of them."""

    events: int
    texts: int


class EventTable:
    """Appends to and reads from `audit_events`. Safe for several threads and several processes."""

    def __init__(self, log: DeltaLog, clock: Callable[[], datetime]) -> None:
        # Every append needs the next number: without turns, one of several writers wins and the others start again.
        self._access = TableAccess(log, Turns(log.uri))
        self._log = log
        self._clock = clock

    def append(self, events: Sequence[NewEvent], idempotency: str) -> list[Event]:
        """See `Ledger.append`."""
        if not events:
            raise ValueError("an append without an event")
        return self._access.write(lambda: self._append_once(events, idempotency))

    def find(self, idempotency: str) -> list[Event]:
        """See `Ledger.find`."""
        return self._access.read(lambda: self._recorded(idempotency, None), absent=[])

    def history(self, aggregate_id: str) -> list[Event]:
        """See `Ledger.history`."""
        return self._access.read(lambda: self._of_aggregate(aggregate_id), absent=[])

    def mentions(self, subject: str) -> Mentions:
        """See `Ledger.mentions`."""
        return self._access.read(lambda: self._mentions(subject), absent=Mentions(0, 0))

    def acts_of(self, user_id: str, action: str) -> list[str]:
        """See `Ledger.acts_of`."""
        return self._access.read(lambda: self._acts_of(user_id, action), absent=[])

    def last_seq(self) -> int:
        """See `Ledger.last_seq`."""
        return self._access.read(self._last_seq, absent=0)

    def read(self, after: int) -> Iterator[Event]:
        """See `Ledger.read`."""
        return self._events(after, self.last_seq())

    def entries(self, after: int, last: int) -> Iterator[tuple[Event, bytes]]:
        """See `Ledger.entries`."""
        for row in self._rows(after, last):
            yield _event(row), row["event"].encode("utf-8")

    def leaves(self, after: int, last: int, parsed: str) -> Iterator[tuple[bytes, list[Event]]]:
        """See `Ledger.leaves`."""
        for window in self._windows(after, last):
            for seq, what in contradictions(window):
                raise LedgerError("ledger_event_altered", seq=seq, what=what)
            packed = leaf_hashes(text.encode("utf-8") for text in window["event"])
            yield packed, [_event(row) for row in window.filter(pl.col("action") == parsed).iter_rows(named=True)]

    def _events(self, after: int, last: int) -> Iterator[Event]:
        return map(_event, self._rows(after, last))

    def _rows(self, after: int, last: int) -> Iterator[dict[str, Any]]:
        for window in self._windows(after, last):
            yield from window.iter_rows(named=True)

    def _windows(self, after: int, last: int) -> Iterator[pl.DataFrame]:
        size = _FIRST_WINDOW
        while after < last:
            upto = min(last, after + size)
            # The view is renewed for each window: a reader may take its time, and compaction does not wait for it.
            window = self._access.read(partial(self._window, after, upto), absent=None)
            if window is None:
                raise LedgerError("ledger_gap", expected=after + 1, found=0)
            yield window
            after, size = upto, min(_WINDOW, size * 4)

    def _of_aggregate(self, aggregate_id: str) -> list[Event]:
        files = self._log.files().filter(may_hold("aggregate_id", [aggregate_id]))
        rows = self._log.scan(files).filter(pl.col("aggregate_id") == aggregate_id).collect().sort("seq")
        return [_event(row) for row in rows.iter_rows(named=True)]

    def _mentions(self, subject: str) -> Mentions:
        places = pl.col("event").str.count_matches(subject, literal=True)
        found = self._log.scan(self._log.files()).select(places.alias("places")).filter(pl.col("places") > 0)
        events, texts = found.select(pl.len(), pl.col("places").sum()).collect(engine="streaming").row(0)
        return Mentions(events, texts)

    def _acts_of(self, user_id: str, action: str) -> list[str]:
        files = self._log.files().filter(may_hold("action", [action]))
        rows = self._log.scan(files).filter(pl.col("user_id") == user_id, pl.col("action") == action)
        return rows.select("seq", "aggregate_id").collect().sort("seq")["aggregate_id"].to_list()

    def _append_once(self, events: Sequence[NewEvent], idempotency: str) -> list[Event]:
        self._log.refresh(create=True)
        recorded = self._recorded(idempotency, sorted({event.aggregate_id for event in events}))
        if recorded:
            offered = [(str(event.action), event.aggregate_id) for event in events]
            found = [(event.action, event.aggregate_id) for event in recorded]
            if offered != found:
                raise LedgerError(
                    "ledger_key_reused",
                    idempotency=idempotency,
                    recorded=_acts(found),
                    offered=_acts(offered),
                )
            return recorded
        first = self._last_seq() + 1
        now = self._clock()
        rows = [
            {
                "seq": first + position,
                "month": f"{now:%Y-%m}",
                "event": encode(event, seq=first + position, event_id=event_id(idempotency, position), timestamp=now),
                "timestamp": now,
                "action": str(event.action),
                "aggregate_id": event.aggregate_id,
                "user_id": event.user_id,
            }
            for position, event in enumerate(events)
        ]
        self._log.append(
            self._log.table(rows),
            transactions={
                SEQUENCE: (first + len(rows) - 1, None),
                event_id(idempotency, 0): (first, now),
            },
            retries=0,
        )
        recorded = self._read_back(rows)
        self._log.tidy()
        return recorded

    def _read_back(self, rows: list[dict[str, Any]]) -> list[Event]:
        """The events just written, as storage holds them."""
        first, last = rows[0]["seq"], rows[-1]["seq"]
        for expected, found in zip(rows, self._window(first - 1, last).iter_rows(named=True), strict=True):
            for column, value in expected.items():
                if found[column] != value:
                    raise LedgerError("ledger_event_altered", seq=expected["seq"], what=column)
        return [decode(row["event"]) for row in rows]

    def _recorded(self, idempotency: str, aggregates: list[str] | None) -> list[Event]:
        """What an earlier append under the key wrote; `aggregates` narrows the search where the key has expired."""
        first = self._log.transaction(event_id(idempotency, 0))
        if first is None:
            first = self._expired(event_id(idempotency, 0), aggregates)
        if first is None:
            return []
        events: list[Event] = []
        last, after = self._last_seq(), first - 1
        while after < last:
            upto = min(last, after + _FIRST_WINDOW)
            for row in self._window(after, upto).iter_rows(named=True):
                event = _event(row)
                if event.event_id != event_id(idempotency, len(events)):
                    return events or self._misses(first)
                events.append(event)
            after = upto
        return events or self._misses(first)

    def _misses(self, seq: int) -> NoReturn:
        raise LedgerError("ledger_event_altered", seq=seq, what="event_id")

    def _expired(self, wanted: str, aggregates: list[str] | None) -> int | None:
        """The seq of an event by its id, among those old enough for Delta to have forgotten their key."""
        horizon = self._clock() - KEY_RETENTION + _CLOCKS_DIFFER
        files = self._log.files().filter(pl.col("min.timestamp").is_null() | (pl.col("min.timestamp") < horizon))
        if aggregates is not None:
            files = files.filter(may_hold("aggregate_id", aggregates))
        if files.is_empty():
            return None
        rows = self._log.scan(files)
        if aggregates is not None:
            rows = rows.filter(pl.col("aggregate_id").is_in(aggregates))
        found = (
            rows.filter(pl.col("event").str.contains(f'"event_id":"{wanted}"', literal=True)).select("seq").collect()
        )
        return None if found.is_empty() else int(found.item())

    def _last_seq(self) -> int:
        """The last seq, after making sure that as many rows lie in the table.

        Raises:
            LedgerError: `ledger_gap`.
        """
        last = self._log.transaction(SEQUENCE) or 0
        files = self._log.files()
        rows, highest = files["num_records"].sum(), files["max.seq"].max()
        if rows != last or (highest is not None and highest != last):
            raise LedgerError("ledger_gap", expected=last, found=rows)
        return last

    def _window(self, after: int, last: int) -> pl.DataFrame:
        """The rows with `after < seq <= last`, each exactly once and in order.

        Raises:
            LedgerError: `ledger_gap`.
        """
        files = self._log.files()
        low, high = pl.col("min.seq"), pl.col("max.seq")
        files = files.filter(low.is_null() | high.is_null() | ((low <= last) & (high > after)))
        rows = self._log.scan(files).filter(pl.col("seq") > after, pl.col("seq") <= last).collect().sort("seq")
        expected = pl.Series("seq", range(after + 1, last + 1), dtype=pl.Int64)
        if not rows["seq"].equals(expected):
            astray = next((e for e, f in zip(expected, rows["seq"], strict=False) if e != f), None)
            raise LedgerError("ledger_gap", expected=astray or after + 1 + rows.height, found=rows.height)
        return rows


def _acts(acts: list[tuple[str, str]]) -> str:
    return ", ".join(f"{action} {aggregate}" for action, aggregate in acts)


def _event(row: dict[str, Any]) -> Event:
    """The event of a row whose columns say what its JSON says."""
    try:
        event = decode(row["event"])
    except (ValueError, KeyError, TypeError) as error:
        raise LedgerError("ledger_event_altered", seq=row["seq"], what="event") from error
    for column in ("seq", "timestamp", "action", "aggregate_id", "user_id"):
        if getattr(event, column) != row[column]:
            raise LedgerError("ledger_event_altered", seq=row["seq"], what=column)
    return event
