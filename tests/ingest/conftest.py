"""What the tests of the intake share: one call that reads bytes and gives back everything that came of them."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest

from validahub_pipeline.ingest import IngestReport, to_rows


@dataclass(frozen=True)
class Read:
    """A report, the accepted rows without and with number and line, quarantined records, and repaired cells."""

    report: IngestReport
    frame: pl.DataFrame
    quarantine: list[dict[str, str]]
    repairs: list[dict[str, object]]

    @property
    def rows(self) -> list[tuple[str | None, ...]]:
        return self.frame.drop("__row", "__line").rows()

    @property
    def places(self) -> list[tuple[int, int]]:
        return self.frame.select("__row", "__line").rows()

    @property
    def reasons(self) -> list[str]:
        return [record["reason"] for record in self.quarantine]


@pytest.fixture
def read_file(tmp_path: Path) -> Callable[[Path], Read]:
    def read_file(source: Path) -> Read:
        rows, quarantine, repairs = (tmp_path / name for name in ("rows.parquet", "quarantine.csv", "repairs.parquet"))
        report = to_rows(source, rows, quarantine=quarantine, repairs=repairs)
        with quarantine.open(encoding="utf-8", newline="") as file:
            records = list(csv.DictReader(file))
        return Read(report, pl.read_parquet(rows), records, pl.read_parquet(repairs).to_dicts())

    return read_file


@pytest.fixture
def read(tmp_path: Path, read_file: Callable[[Path], Read]) -> Callable[[bytes | str], Read]:
    def read(content: bytes | str) -> Read:
        source = tmp_path / "upload.csv"
        source.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
        return read_file(source)

    return read


@pytest.fixture
def catalogue() -> Callable[..., str]:
    """A small catalogue: `catalogue(rows, before=..., at=10)` puts raw text in front of the record number `at`."""

    def catalogue(rows: int = 20, *, before: str = "", at: int = 10) -> str:
        lines = [f"SKU-{i},Produto {i},{i},{i}.90\n" for i in range(1, rows + 1)]
        return "".join(["sku,title,stock,price\n", *lines[: at - 1], before, *lines[at - 1 :]])

    return catalogue
