"""The ledger as the rest of the house sees it: one way in, and the ways of reading.

The concept is told in docs/ledger.md. The work is done by the three kinds of table.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import polars as pl

from validahub_pipeline.errors import LedgerError
from validahub_pipeline.ledger.canonical import event_id, require_recordable
from validahub_pipeline.ledger.delta import DeltaLog
from validahub_pipeline.ledger.detail_table import DetailTable
from validahub_pipeline.ledger.digest import DetailDigest
from validahub_pipeline.ledger.event_table import EventTable, Mentions
from validahub_pipeline.ledger.events import Action, Event, NewEvent
from validahub_pipeline.ledger.lineage_table import LineageTable
from validahub_pipeline.ledger.privacy import PLAIN, Subjects, Tombstones, protect, reveal
from validahub_pipeline.ledger.privacy.cells import blind_cells, open_cells, seal_cells
from validahub_pipeline.ledger.privacy.protecting import enrolled
from validahub_pipeline.ledger.tables import AUDIT_EVENTS, DETAILS, LINEAGE_EVENTS, Detail


def _now() -> datetime:
    return datetime.now(UTC)


class Ledger:
    """The four tables under `tables` (a folder, or s3://...), which are created as they are first written to.

    Any number of processes and threads may use one each, or share one; a process forked afterwards must not (delta-rs
    does not survive it: use `spawn`). Every method raises LedgerError `ledger_unavailable` where storage fails it,
    `ledger_gap` or `ledger_event_altered` where what it reads is not what was appended, and `ledger_table_altered`
    where a table is not the one it created.
    """

    def __init__(
        self,
        tables: str,
        storage_options: Mapping[str, str] | None = None,
        *,
        subjects: Subjects | None = None,
        clock: Callable[[], datetime] = _now,
    ) -> None:
        """Opens nothing yet.

        Args:
            tables: folder or s3:// address that holds the tables.
            storage_options: what deltalake and polars need to reach it.
            subjects: who keeps the persons; without, no act of a person can be recorded, and what is sealed stays so.
            clock: gives the time of events: aware, UTC.
        """
        self.subjects = subjects
        self._events = EventTable(DeltaLog(AUDIT_EVENTS, tables, storage_options), clock)
        self._lineage = LineageTable(DeltaLog(LINEAGE_EVENTS, tables, storage_options), clock)
        self._details = {
            detail: DetailTable(DeltaLog(spec, tables, storage_options), clock) for detail, spec in DETAILS.items()
        }

    def append(self, events: Sequence[NewEvent], *, idempotency: str) -> list[Event]:
        """Record acts, all or none, under the next numbers; the single way into the ledger.

        Exactly once per key: a second append under it, by whoever and however the first one ended, changes nothing and
        returns what the first recorded. The events returned were read back from storage, and opened as by `reveal`.

        Persons become opaque ids, and personal fields are sealed, here and nowhere else.

        Raises:
            LedgerError: `ledger_value_refused`: JSON can't carry a value faithfully; names its path.
                `subjects_unavailable`, `ledger_personal_unowned`: see `privacy.protect`.
                `ledger_key_reused`: the key recorded other acts (action, aggregate). `ledger_contended`: two minutes of
                other writers being faster. After any of them nothing was recorded, except possibly after
                `ledger_unavailable`: append again under the same key to know.
            ValidaHubError: whoever keeps the persons cannot be reached.
            ValueError: there are no events.
        """
        for event in events:
            require_recordable(event)
        ids = [event_id(idempotency, position) for position in range(len(events))]
        recorded = self._events.append(protect(events, ids, self.subjects), idempotency)
        return list(self.reveal(recorded))

    def find(self, idempotency: str) -> list[Event]:
        """What an append under that key recorded, opened; empty if none did.

        Dear for a key that was never used in a ledger older than `KEY_RETENTION`: its old months are searched.
        """
        return list(self.reveal(self._events.find(idempotency)))

    def read(self, *, after: int = 0) -> Iterator[Event]:
        """The events after a seq as they were recorded, in order, up to the last at the time of the call; memory does
        not grow with them."""
        return self._events.read(after)

    def entries(self, *, after: int, last: int) -> Iterator[tuple[Event, bytes]]:
        """The events with `after < seq <= last` as they were recorded, in order, each with the bytes that are stored
        and hashed."""
        return self._events.entries(after, last)

    def leaves(self, *, after: int, last: int, parsed: Action) -> Iterator[tuple[bytes, list[Event]]]:
        """The leaf hashes of the events with `after < seq <= last`, packed, some ten thousand at a time; with the
        events of one action among them. A fifth of the time that `entries` takes."""
        return self._events.leaves(after, last, parsed)

    def history(self, aggregate_id: str, tombstones: Tombstones = PLAIN) -> list[Event]:
        """Everything that happened to one aggregate, in order, opened as by `reveal`."""
        return list(self.reveal(self._events.history(aggregate_id), tombstones))

    def reveal(
        self, events: Iterable[Event], tombstones: Tombstones = PLAIN, *, names: bool = False
    ) -> Iterator[Event]:
        """Events with what is personal opened where its key exists, and a tombstone where it does not; see
        `privacy.reveal`."""
        return reveal(events, self.subjects, tombstones, names=names)

    def mentions(self, subject: str) -> Mentions:
        """In how many events a person is named or has texts, and in how many places of them."""
        return self._events.mentions(subject)

    def acts_of(self, user_id: str, action: Action) -> list[str]:
        """The aggregates of one kind of act by one person, in order."""
        return self._events.acts_of(user_id, action)

    def last_seq(self) -> int:
        """The number of the last event; 0 before the first."""
        return self._events.last_seq()

    def record_detail(
        self,
        table: Detail,
        parquet: Path,
        *,
        constants: Mapping[str, str | int],
        idempotency: str,
        personal: Collection[str] = (),
        subject: str | None = None,
    ) -> DetailDigest:
        """Write detail rows, read them back, and give the digest that their event is to carry.

        Exactly once per key and per `validation_id` (and `revision` and `mode`). Memory does not grow with the rows.

        Args:
            table: which table.
            parquet: the rows, best sorted by `row`; columns the table does not have are ignored.
            constants: the table's other columns, `validation_id` and `month` among them; a person in `applied_by` is
                recorded by id.
            idempotency: key of this act of writing.
            personal: columns of the file whose cells are of persons; what they held is sealed.
            subject: with whose key: the seller, by name or id.

        Raises:
            LedgerError: `ledger_detail_columns`: a column is missing or of the wrong type. `ledger_detail_differs`: an
                earlier call recorded other rows. `ledger_detail_altered`: storage gave back other rows than it took.
        """
        names = {name for name in (constants.get("applied_by"), subject if personal else None) if name}
        known = enrolled({str(name) for name in names}, self.subjects)
        if constants.get("applied_by") in known:
            constants = {**constants, "applied_by": known[str(constants["applied_by"])].id}
        if personal and subject not in known:
            raise LedgerError("ledger_personal_unowned", action=table, path=", ".join(personal))
        if not personal or not subject:
            return self._details[table].record(parquet, constants, idempotency)
        owner = known[subject]
        seal = partial(seal_cells, columns=frozenset(personal), subject=owner)
        blind = partial(blind_cells, subject=owner) if owner.key is None else None
        return self._details[table].record(parquet, constants, idempotency, seal, blind)

    def detail(self, table: Detail, validation_id: str) -> pl.LazyFrame:
        """The detail rows of one validation as they were recorded, all columns, every revision, in no particular
        order."""
        return self._details[table].rows(validation_id)

    def reveal_detail(self, rows: pl.DataFrame, tombstones: Tombstones = PLAIN) -> pl.DataFrame:
        """Rows of detail, all columns, with the cells of personal columns opened, or as `tombstones` say."""
        return open_cells(rows, self.subjects, tombstones)

    def record_lineage(self, validation_id: str, events: Sequence[bytes], *, idempotency: str) -> None:
        """Record OpenLineage events (JSON) of one validation, exactly once per key; later calls change nothing."""
        self._lineage.record(validation_id, events, idempotency)

    def lineage(self, validation_id: str) -> list[bytes]:
        """The OpenLineage events of one validation, by time."""
        return self._lineage.read(validation_id)
