"""The rows of violations and corrections are those whose digest stands in an event, no more and no fewer.

Where rows lie is learnt from the files themselves, not from Delta's statistics, which whoever hides rows would change.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import polars as pl

from validahub_pipeline.auditing.vouched import Vouched, VouchedDetail
from validahub_pipeline.errors import LedgerError
from validahub_pipeline.ledger import Detail, DetailDigest
from validahub_pipeline.ledger.delta import DeltaLog
from validahub_pipeline.ledger.digest import Digester, in_ranges
from validahub_pipeline.ledger.tables import DETAILS
from validahub_pipeline.ledger.verification.findings import Findings
from validahub_pipeline.ledger.verification.raw_table import UNREADABLE
from validahub_pipeline.storage import Lake

_FILE: Final = "__file"
_Owner = tuple[str | None, int | None, str | None]
_KEYS: Final = ("validation_id", "revision", "mode")


class DetailRows:
    """The rows of one table, found by validation, revision and mode."""

    def __init__(self, lake: Lake, table: Detail) -> None:
        """Looks through the whole table once.

        Raises:
            LedgerError, or one of UNREADABLE: the table cannot be read.
        """
        self.spec = DETAILS[table]
        self._log = DeltaLog(self.spec, lake.uri("tables"), lake.storage_options())
        self._found: dict[_Owner, dict[str, int]] = {}
        if not self._log.refresh():
            return
        self._files = self._log.files()
        keys = [name for name in _KEYS if name in self.spec.columns]
        for path in self._files["path"]:
            counts = self._log.scan(self._files.filter(pl.col("path") == path)).group_by(keys).len().collect()
            for row in counts.iter_rows():
                owner = (row[0], row[1], row[2]) if len(keys) == len(_KEYS) else (row[0], None, None)
                self._found.setdefault(owner, {})[path] = row[-1]

    def owners(self) -> dict[_Owner, int]:
        """Validation, revision and mode, and how many rows they have."""
        return {owner: sum(files.values()) for owner, files in self._found.items()}

    def of(self, validation_id: str, revision: int | None = None, mode: str | None = None) -> pl.LazyFrame:
        """The rows of one validation, of one of its revisions, and there of one mode."""
        wanted = {"validation_id": validation_id, "revision": revision, "mode": mode}
        chosen = {name: value for name, value in wanted.items() if value is not None}
        paths = {
            path
            for owner, files in self._found.items()
            if all(dict(zip(_KEYS, owner, strict=True))[name] == value for name, value in chosen.items())
            for path in files
        }
        if not paths:
            return pl.LazyFrame(schema=self.spec.columns)
        rows = self._log.scan(self._files.filter(pl.col("path").is_in(sorted(paths))))
        return rows.filter(pl.col(name) == value for name, value in chosen.items())

    def digest(self, validation_id: str, revision: int | None, mode: str | None) -> DetailDigest | None:
        """Their digest as docs/ledger.md defines it; None where columns differ that must be the same in all rows."""
        rows = self.of(validation_id, revision, mode)
        first = rows.head(1).select(self.spec.constants).collect()
        constants: Mapping[str, Any] = first.row(0, named=True) if first.height else {}
        digester = Digester(constants)
        for chunk in in_ranges(rows):
            if any(chunk[name].ne_missing(value).any() for name, value in constants.items()):
                return None
            digester.update(chunk.drop(constants))
        return digester.result()


def check_details(lake: Lake, vouched: Vouched, findings: Findings) -> DetailRows | None:
    """Digest everything again; the corrections, for whoever looks at cells (None: they cannot be read)."""
    corrections = None
    for table in Detail:
        told = [detail for detail in vouched.details if detail.table == table]
        try:
            found = DetailRows(lake, table)
            _check(found, told, findings)
        except (LedgerError, *UNREADABLE) as error:
            cause = str(error).splitlines()[0] if str(error) else type(error).__name__
            findings.tampered("table_unreadable", table=table, cause=cause)
            continue
        _check_unvouched(found, told, vouched, findings)
        if table == Detail.CORRECTIONS:
            corrections = found
    return corrections


def _check(found: DetailRows, told: Iterable[VouchedDetail], findings: Findings) -> None:
    for detail in told:
        stored = found.digest(detail.validation_id, detail.revision, detail.mode)
        if stored != DetailDigest(detail.rows, detail.sha256):
            findings.tampered(
                "detail_altered",
                [detail.seq],
                table=detail.table,
                validation=detail.validation_id,
                told=detail.rows,
                found=found.owners().get((detail.validation_id, detail.revision, detail.mode), 0),
            )


def _check_unvouched(found: DetailRows, told: Iterable[VouchedDetail], vouched: Vouched, findings: Findings) -> None:
    known = {(detail.validation_id, detail.revision, detail.mode) for detail in told}
    for owner, rows in found.owners().items():
        if owner in known:
            continue
        upload = vouched.uploads.get(owner[0] or "")
        # A stage that was killed leaves rows without an event; one that has ended has none such.
        ended = upload is None or upload.revision(owner[1] or 1).ended
        tell = findings.incomplete if ended else findings.note
        tell("detail_unvouched", table=found.spec.name, validation=owner[0], rows=rows)
