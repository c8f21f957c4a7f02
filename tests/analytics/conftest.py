"""A ledger with uploads on chosen days, written through the real Ledger."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.persons import keeper
from validahub_pipeline.ledger import Action, Detail, Ledger, NewEvent, Resource

PACK = {"name": "mercado_livre", "version": "1", "hash": "ab"}
Found = list[tuple[str, str, str, int]]


class Uploads:
    """Writes uploads into the ledger under `tables`, at a time that only moves when told to."""

    def __init__(self, folder: Path, tables: str | None = None, storage_options: dict[str, str] | None = None) -> None:
        self.folder = folder
        self.tables = tables or str(folder / "tables")
        self.now = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
        self.ledger = Ledger(self.tables, storage_options, subjects=keeper(), clock=self._clock)

    def _clock(self) -> datetime:
        return self.now

    def tomorrow(self) -> None:
        self.now += timedelta(days=1)

    def append(self, validation_id: str, action: Action, changes: dict[str, Any], user: str = "system") -> None:
        about = Resource("upload", validation_id, "catalogo.csv")
        event = NewEvent(action, validation_id, user, about, changes, subject="ana")
        which = f"{changes.get('revision', '')}/{changes.get('mode', '')}"
        self.ledger.append([event], idempotency=f"{validation_id}/{action}/{which}")

    def upload(self, validation_id: str, marketplace: str, *, size: int = 10) -> None:
        changes = {"file_name": "catalogo.csv", "size": size, "marketplace": marketplace, "category": "all"}
        self.append(validation_id, Action.FILE_UPLOADED, changes, user="ana")

    def validate(self, validation_id: str, found: Found, *, records: int = 100, dirty: int = 20, lost: int = 0) -> None:
        """Complete a validation that found (code, column, severity, count); `lost` detail rows never arrive."""
        rows = pl.DataFrame(
            [
                (row + 1, row + 2, column, code, severity, "?")
                for code, column, severity, count in found
                for row in range(count)
            ][lost:],
            schema={
                "row": pl.Int64,
                "line": pl.Int64,
                "column": pl.String,
                "code": pl.String,
                "severity": pl.String,
                "value": pl.String,
            },
            orient="row",
        )
        path = self.folder / f"{validation_id}.parquet"
        rows.sort("row").write_parquet(path)
        self.ledger.record_detail(
            Detail.VIOLATIONS,
            path,
            constants={"validation_id": validation_id, "month": f"{self.now:%Y-%m}"},
            idempotency=f"{validation_id}/violations",
        )
        codes: Counter[str] = Counter()
        for code, _, _, count in found:
            codes[code] += count
        self.append(
            validation_id,
            Action.VALIDATION_COMPLETED,
            {
                "pack": PACK,
                "records": records,
                "rows_with_violations": dirty,
                "critical_rows": dirty // 2,
                "violations": dict(codes),
                "by_column": [
                    {"code": code, "column": column, "severity": severity, "count": count}
                    for code, column, severity, count in found
                ],
                "milliseconds": 5,
            },
        )


@pytest.fixture
def uploads(tmp_path: Path) -> Uploads:
    """An empty ledger in a local folder."""
    return Uploads(tmp_path)


@pytest.fixture
def uploads_at(tmp_path: Path) -> Callable[[str, dict[str, str]], Uploads]:
    """An empty ledger somewhere else."""
    return lambda tables, storage_options: Uploads(tmp_path, tables, storage_options)
