"""The catalogue's packs, their examples as files, and the engine on them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import rules
from validahub_pipeline.engine import CorrectionResult, ValidationResult, correct, validate
from validahub_pipeline.rulepacks import ResolvedPack, available, match_columns, resolve
from validahub_pipeline.rulepacks.document import read
from validahub_pipeline.rulepacks.resolving import examples

TODAY = date(2026, 11, 24)
Row = dict[str, str | None]


@dataclass(frozen=True)
class Case:
    """One rule of a pack, with rows that pass it and rows that do not."""

    pack: ResolvedPack
    code: str
    passing: list[Row]
    failing: list[Row]

    def __str__(self) -> str:
        return "-".join((self.pack.name, self.pack.category, self.code))


@cache
def all_packs() -> tuple[ResolvedPack, ...]:
    """Each marketplace's pack, once as it is and once per group of categories with rules of their own."""
    return tuple(
        resolve(name, category=category, on=TODAY)
        for name in available()
        for category in ("all", *(group.names[0] for group in read(name, rules.pack_source(name)).categories))
    )


@cache
def all_cases() -> tuple[Case, ...]:
    """Every rule of every pack."""
    return tuple(_cases())


def _cases() -> Iterator[Case]:
    for pack in all_packs():
        given = examples(pack.name, category=pack.category, on=TODAY)
        for rule in pack.rules:
            column = rule.kwargs.get("column", "")
            example = given[rule.code]
            yield Case(pack, rule.code, _rows(example.passing, column), _rows(example.failing, column))


def _rows(example: Any, column: str) -> list[Row]:
    if isinstance(example, list):
        return [row for part in example for row in _rows(part, column)]
    if _repeats(example) and isinstance(example["repeat"], dict):
        return _rows(example["repeat"], column) * example["times"]
    if isinstance(example, dict) and not _repeats(example):
        return [{field: _cell(value) for field, value in example.items()}]
    return [{column: _cell(example)}]


def _cell(value: Any) -> str | None:
    return value["repeat"] * value["times"] if _repeats(value) else value


def _repeats(example: Any) -> bool:
    return isinstance(example, dict) and set(example) == {"repeat", "times"}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Tests that take `case` run for every rule, those that take `pack` for every pack."""
    if "case" in metafunc.fixturenames:
        metafunc.parametrize("case", all_cases(), ids=str)
    if "pack" in metafunc.fixturenames:
        metafunc.parametrize("pack", all_packs(), ids=lambda pack: f"{pack.name}-{pack.category}")


@dataclass(frozen=True)
class Bench:
    """A folder the engine works in."""

    folder: Path

    def rows(self, rows: list[Row]) -> Path:
        """A rows.parquet as ingest writes it."""
        columns = list(dict.fromkeys(name for row in rows for name in row))
        numbers = pa.array(range(1, len(rows) + 1), pa.int64())
        cells = [pa.array([row.get(name) for row in rows], pa.string()) for name in columns]
        path = self.folder / "rows.parquet"
        pq.write_table(pa.Table.from_arrays([numbers, numbers, *cells], names=["__row", "__line", *columns]), path)
        return path

    def validate(self, pack: ResolvedPack, rows: list[Row]) -> ValidationResult:
        """What the pack finds in some rows."""
        path = self.rows(rows)
        match = match_columns(pack, pq.read_schema(path).names[2:])
        return validate(path, pack, match, violations=self.folder / "violations.parquet", validated=None)

    def correct(self, pack: ResolvedPack, rows: list[Row]) -> CorrectionResult:
        """What the pack's corrections make of some rows."""
        path = self.rows(rows)
        return correct(
            path,
            pack,
            match_columns(pack, pq.read_schema(path).names[2:]),
            corrected=self.folder / "corrected.csv",
            corrections=self.folder / "corrections.parquet",
            suggestions=self.folder / "suggestions.parquet",
        )

    @staticmethod
    def found(result: ValidationResult, *, file: bool = False) -> dict[str, int]:
        """Counts by code; those of the file as a whole only where asked for."""
        counts: dict[str, int] = {}
        for count in result.counts:
            if file or not count.code.startswith("column_"):
                counts[count.code] = counts.get(count.code, 0) + count.count
        return counts


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """A bench in a folder of its own."""
    return Bench(tmp_path)


@pytest.fixture
def named() -> Callable[..., ResolvedPack]:
    """The pack of a marketplace as it holds today, without a category or for one."""
    return lambda name, category="all": resolve(name, category=category, on=TODAY)
