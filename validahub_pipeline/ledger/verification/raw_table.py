"""One Delta table as it lies in storage: its commits, its properties, and the rows of its files as they are.

Uses neither statistics nor the ledger's own reading: what a file holds counts, not what the log says of it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

import polars as pl
import pyarrow as pa
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError, TableNotFoundError

from validahub_pipeline.errors import StorageError
from validahub_pipeline.ledger.archive import ARCHIVE
from validahub_pipeline.ledger.delta import STORAGE_FAULTS
from validahub_pipeline.ledger.tables import MONTH, TableSpec
from validahub_pipeline.ledger.verification.findings import Findings
from validahub_pipeline.storage.lake import Lake
from validahub_pipeline.storage.layout import table_key

_LOG_FILE: Final = re.compile(r"([0-9]{20})(\.json$|\.checkpoint\..*)")
_LOGS: Final = ("_delta_log", ARCHIVE)
UNREADABLE: Final = (*STORAGE_FAULTS, pl.exceptions.PanicException)
"""What reading raises where bytes were damaged: polars panics at some of it, which is no Exception."""

_CHUNK: Final = 8_192
_FILES_AT_ONCE: Final = 512
_SUSPICIOUS: Final = {"RESTORE", "DELETE", "UPDATE", "MERGE", "SET TBLPROPERTIES", "FSCK"}


class RawTable:
    """A table of one lake, opened once."""

    def __init__(self, lake: Lake, spec: TableSpec, findings: Findings) -> None:
        self.spec = spec
        self._lake = lake
        self._findings = findings
        self._uri = lake.uri(table_key(spec.name))
        self._commits, self._last = self._list_commits()
        self._table = self._open() if self._last >= 0 else None

    @property
    def exists(self) -> bool:
        """Whether there is a table that can be read."""
        return self._table is not None

    def check(self) -> None:
        """Find commits that are missing, and properties that are not as they were created."""
        missing = sorted(set(range(self._last + 1)) - self._commits)
        if missing:
            self._findings.tampered("commit_missing", missing, table=self.spec.name)
        if self._table is None:
            return
        configuration = self._table.metadata().configuration
        for name in ("delta.appendOnly", "delta.enableExpiredLogCleanup"):
            wanted = self.spec.configuration()[name]
            if configuration.get(name) != wanted:
                self._findings.tampered("property_changed", table=self.spec.name, what=name, wanted=wanted)
        found = {field.name: str(field.type) for field in pa.schema(self._table.schema().to_arrow())}
        if found != {field.name: str(field.type) for field in self.spec.schema}:
            self._findings.tampered("columns_changed", table=self.spec.name, what=", ".join(found))

    def explain(self) -> None:
        """Tell which commits did what ValidaHub never does: restored, deleted, changed properties."""
        for version in sorted(self._commits, reverse=True):
            info = self._commit_info(version)
            if info.get("operation") in _SUSPICIOUS:
                at = datetime.fromtimestamp(info.get("timestamp", 0) / 1000, UTC)
                self._findings.tampered(
                    "foreign_commit",
                    table=self.spec.name,
                    version=version,
                    operation=info["operation"],
                    at=f"{at:%Y-%m-%d %H:%M:%S} UTC",
                )

    def chunks(self) -> Iterator[pl.DataFrame]:
        """All rows there are, some thousand at a time, in no particular order."""
        if self._table is None:
            return
        added = pl.DataFrame(self._table.get_add_actions(flatten=True))
        group: list[tuple[str, str]] = []
        held = 0
        files = added.sort("path").select("path", pl.col(f"partition.{MONTH}").cast(pl.String), "num_records")
        for path, month, rows in files.iter_rows():
            if group and (held + (rows or _CHUNK) > _CHUNK or month != group[0][1] or len(group) == _FILES_AT_ONCE):
                yield from self._read(group, held)
                group, held = [], 0
            group.append((path, month))
            held += rows or _CHUNK
        yield from self._read(group, held)

    def _read(self, group: list[tuple[str, str]], rows: int) -> Iterator[pl.DataFrame]:
        if not group:
            return
        try:
            yield from self._slices(group, rows)
        except UNREADABLE as error:
            if len(group) > 1:
                for one in group:
                    yield from self._read([one], _CHUNK)
                return
            cause = (str(error) or type(error).__name__).splitlines()[0]
            self._findings.tampered("data_file_unreadable", table=self.spec.name, file=group[0][0], cause=cause)

    def _slices(self, group: list[tuple[str, str]], rows: int) -> Iterator[pl.DataFrame]:
        scan = (
            pl.scan_parquet(
                [f"{self._uri}/{path}" for path, _ in group],
                storage_options=self._lake.storage_options(),
                glob=False,
                hive_partitioning=False,
            )
            .with_columns(pl.lit(group[0][1], dtype=pl.String).alias(MONTH))
            .select(pl.col(name).cast(kind) for name, kind in self.spec.columns.items())
        )
        if rows <= _CHUNK:
            # Read whole before any of it is handed on: a fault halfway must not give rows twice.
            yield scan.collect()
            return
        length = scan.select(pl.len()).collect().item()
        for start in range(0, length, _CHUNK):
            yield scan.slice(start, _CHUNK).collect()

    def _list_commits(self) -> tuple[set[int], int]:
        """The commits that are there, and the last one that there must have been."""
        keys = [info.key for folder in _LOGS for info in self._lake.list(f"{table_key(self.spec.name)}/{folder}/")]
        found = [_LOG_FILE.match(key.rpartition("/")[2]) for key in keys]
        versions = [(int(name[1]), name[2] == ".json") for name in found if name]
        return {version for version, commit in versions if commit}, max(
            (version for version, _ in versions), default=-1
        )

    def _open(self) -> DeltaTable | None:
        try:
            return DeltaTable(self._uri, storage_options=self._lake.storage_options())
        except TableNotFoundError:
            return None
        except (DeltaError, OSError) as error:
            cause = (str(error) or type(error).__name__).splitlines()[0]
            self._findings.tampered("table_unreadable", table=self.spec.name, cause=cause)
            return None

    def _commit_info(self, version: int) -> dict[str, Any]:
        for folder in _LOGS:
            info = self._commit_info_in(f"{table_key(self.spec.name)}/{folder}/{version:020}.json")
            if info:
                return info
        return {}

    def _commit_info_in(self, key: str) -> dict[str, Any]:
        try:
            text = self._lake.read_bytes(key).decode("utf-8")
            actions = [json.loads(line) for line in text.splitlines()]
        except (StorageError, ValueError):
            return {}
        return next((dict(action["commitInfo"]) for action in actions if "commitInfo" in action), {})
