"""Rows, packs and readings of the results for the engine's tests; the readings use csv and pyarrow, never polars."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from validahub_pipeline.engine import CorrectionResult, ValidationResult, correct, validate
from validahub_pipeline.rulepacks.model import (
    ColumnMatch,
    Correction,
    Field,
    Gate,
    ResolvedPack,
    Rule,
    Severity,
    Unmatched,
)

Table = Mapping[str, Sequence[str | None]]
Cells = dict[tuple[int, str], str]


@dataclass(frozen=True)
class Bench:
    """A folder to run the engine in, and plain-Python readings of what it wrote."""

    folder: Path

    def write_rows(self, table: Table, *, row_group: int = 65_536, rows: Sequence[int] | None = None) -> Path:
        """A rows.parquet as ingest writes it; `rows` are the record numbers where some are missing."""
        path = self.folder / "rows.parquet"
        height = len(next(iter(table.values())))
        numbers = list(rows or range(1, height + 1))
        columns = [pa.array(numbers, pa.int64()), pa.array([number + 1 for number in numbers], pa.int64())]
        columns += [pa.array([cell or None for cell in cells], pa.string()) for cells in table.values()]
        names = ["__row", "__line", *table]
        schema = pa.schema([(name, column.type) for name, column in zip(names, columns, strict=True)])
        pq.write_table(pa.Table.from_arrays(columns, schema=schema), path, row_group_size=row_group)
        return path

    def validate(self, rows: Path, pack: ResolvedPack, match: ColumnMatch | None = None) -> ValidationResult:
        """Validate into the folder."""
        return validate(
            rows,
            pack,
            match or self.match(pack, rows),
            violations=self.folder / "violations.parquet",
            validated=self.folder / "validated.csv",
        )

    def correct(
        self, rows: Path, pack: ResolvedPack, match: ColumnMatch | None = None, repairs: Path | None = None
    ) -> CorrectionResult:
        """Correct into the folder."""
        return correct(
            rows,
            pack,
            match or self.match(pack, rows),
            corrected=self.folder / "corrected.csv",
            corrections=self.folder / "corrections.parquet",
            suggestions=self.folder / "suggestions.parquet",
            repairs=repairs,
        )

    @staticmethod
    def match(pack: ResolvedPack, rows: Path) -> ColumnMatch:
        """Fields matched to columns of the same name."""
        names = set(pq.read_schema(rows).names)
        found = {field: field for field in pack.fields if field in names}
        missing = [field for field in pack.fields.values() if field.required and field.name not in names]
        return ColumnMatch(found, tuple(Unmatched(field.name, (), ambiguous=False) for field in missing))

    def violations(self) -> list[tuple[int, str, str]]:
        """(row, code, column) in the file's order."""
        table = pq.read_table(self.folder / "violations.parquet").to_pylist()
        return [(found["row"], found["code"], found["column"]) for found in table]

    def table(self, name: str) -> list[dict[str, Any]]:
        """Rows of a Parquet file the engine wrote."""
        found: list[dict[str, Any]] = pq.read_table(self.folder / name).to_pylist()
        return found

    def csv(self, name: str) -> list[list[str]]:
        """Records of a CSV the engine wrote, header first."""
        with (self.folder / name).open(encoding="utf-8", newline="") as file:
            return list(csv.reader(file))

    def differences(self, rows: Path) -> dict[tuple[int, str], tuple[str, str]]:
        """Cells that differ between rows.parquet and corrected.csv: (row, column) -> (before, after)."""
        before = pq.read_table(rows)
        header, *after = self.csv("corrected.csv")
        assert header == before.column_names[2:]
        assert len(after) == before.num_rows
        numbers = before.column(0).to_pylist()
        found = {}
        for place, column in enumerate(header):
            for number, old, record in zip(numbers, before.column(place + 2).to_pylist(), after, strict=True):
                if (old or "") != record[place]:
                    found[number, column] = (old or "", record[place])
        return found


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """A bench in a folder of its own."""
    return Bench(tmp_path)


@pytest.fixture(scope="session")
def new_bench() -> Callable[[Path], Bench]:
    """Benches for tests that need many folders."""
    return Bench


MakePack = Callable[..., ResolvedPack]


@pytest.fixture(scope="session")
def make_pack() -> MakePack:
    """`make_pack(fields, rules=[...], corrections=[...])`, with rules and corrections as short tuples:
    `(code, type, kwargs)` or `(code, type, kwargs, {severity, row_condition, mostly})`, and
    `(type, fields, kwargs)` or `(type, fields, kwargs, row_condition)`."""

    def make(
        fields: Sequence[str],
        rules: Sequence[tuple[Any, ...]] = (),
        corrections: Sequence[tuple[Any, ...]] = (),
        required: Sequence[str] = (),
    ) -> ResolvedPack:
        return ResolvedPack(
            name="test",
            version="1",
            title="Test",
            category="all",
            on=date(2026, 11, 24),
            hash="0" * 64,
            fields={name: Field(name, (name,), name in required) for name in fields},
            rules=tuple(_rule(*rule) for rule in rules),
            corrections=tuple(_correction(*correction) for correction in corrections),
            gate=Gate(2_000, "keep"),
        )

    return make


def _rule(code: str, kind: str, kwargs: Mapping[str, Any], more: Mapping[str, Any] | None = None) -> Rule:
    more = more or {}
    return Rule(
        code=code,
        type=kind,
        kwargs=kwargs,
        severity=more.get("severity", Severity.CRITICAL),
        row_condition=more.get("row_condition"),
        mostly=more.get("mostly"),
        marketplace_code=None,
        source=(),
        verified_on=None,
        verified=True,
        trust=None,
        messages={},
    )


def _correction(
    kind: str, fields: Sequence[str], kwargs: Mapping[str, Any] | None = None, condition: str | None = None
) -> Correction:
    return Correction(kind, kind, tuple(fields), kwargs or {}, condition)


@pytest.fixture(autouse=True)
def batches_side_by_side(monkeypatch):
    """Batches are worked on in threads, as on any machine, though polars itself may have one for the tests."""
    monkeypatch.setattr(pl, "thread_pool_size", lambda: 4)
