"""Upkeep of the ledger's tables: many small files made into few, Delta checkpoints, and what it all takes.

Every append leaves a file of its own, and a reader has to open them all. Compaction writes small files' rows anew into
larger ones; numbers, rows and proofs are those of the rows and don't change. Nothing is deleted: the files that were
replaced belong to commits that are kept for ever. Files of the target size are left alone from then on, so that a row
is rewritten a few times in its life and not every night.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from validahub_pipeline.ledger.access import TableAccess
from validahub_pipeline.ledger.archive import ARCHIVE
from validahub_pipeline.ledger.delta import DeltaLog
from validahub_pipeline.ledger.tables import AUDIT_EVENTS, DETAILS, LINEAGE_EVENTS, TableSpec
from validahub_pipeline.storage.lake import Lake
from validahub_pipeline.storage.layout import table_key

TARGET: Final = 8 << 20
"""Bytes a file is to have; those that have them are not touched again."""
ENOUGH: Final = 32
"""Fewer files than these are not worth a commit."""

TABLES: Final = (AUDIT_EVENTS, *DETAILS.values(), LINEAGE_EVENTS)


@dataclass(frozen=True)
class TableState:
    """One table as it lies in storage.

    Attributes:
        version: number of its last commit.
        files: data files that hold its rows now, and their `bytes`.
        log_bytes: Delta's own files.
        replaced_bytes: data files that only earlier versions refer to.
    """

    name: str
    version: int
    rows: int
    files: int
    bytes: int
    log_bytes: int
    replaced_bytes: int


@dataclass(frozen=True)
class Upkeep:
    """What was done to one table; `replaced` files became fewer, none where there were not enough of them."""

    before: TableState
    after: TableState
    replaced: int


class Caretaker:
    """Looks after the tables of one lake. Readers and writers may go on meanwhile."""

    def __init__(self, lake: Lake, *, target: int = TARGET, enough: int = ENOUGH) -> None:
        self._lake = lake
        self._target = target
        self._enough = enough

    def maintain(self) -> list[Upkeep]:
        """Look after every table there is.

        Raises:
            LedgerError: `ledger_unavailable`, `ledger_contended`, `ledger_table_altered`. What was done stays done.
            StorageError: the lake cannot be listed.
        """
        return [upkeep for spec in TABLES if (upkeep := self._maintain(spec)) is not None]

    def states(self) -> list[TableState]:
        """Every table there is, as it lies in storage."""
        return [state for spec in TABLES if (state := self._state(spec, self._log(spec))) is not None]

    def _maintain(self, spec: TableSpec) -> Upkeep | None:
        log = self._log(spec)
        before = self._state(spec, log)
        if before is None:
            return None
        replaced = self._compact(log) if before.files >= self._enough else 0
        after = self._state(spec, log) if replaced else before
        return Upkeep(before, after or before, replaced)

    def _compact(self, log: DeltaLog) -> int:
        def attempt() -> int:
            log.refresh()
            return log.compact(self._target)

        return TableAccess(log).write(attempt)

    def _state(self, spec: TableSpec, log: DeltaLog) -> TableState | None:
        found = TableAccess(log).read(lambda: (log.version(), log.files()), absent=None)
        if found is None:
            return None
        version, files = found
        prefix = f"{table_key(spec.name)}/"
        sizes: Mapping[str, int] = {stored.key.removeprefix(prefix): stored.size for stored in self._lake.list(prefix)}
        log_bytes = sum(size for name, size in sizes.items() if name.startswith(("_delta_log/", f"{ARCHIVE}/")))
        live = sum(files["size_bytes"])
        return TableState(
            name=spec.name,
            version=version,
            rows=int(files["num_records"].sum()),
            files=files.height,
            bytes=live,
            log_bytes=log_bytes,
            replaced_bytes=max(0, sum(sizes.values()) - log_bytes - live),
        )

    def _log(self, spec: TableSpec) -> DeltaLog:
        return DeltaLog(spec, self._lake.uri("tables"), self._lake.storage_options())
