"""Ledgers on a local folder and on a real S3 server, acts to record, and child processes that record them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from deltalake import DeltaTable

from tests.persons import keeper
from validahub_pipeline.ledger import Action, Ledger, NewEvent, Resource
from validahub_pipeline.settings import Settings
from validahub_pipeline.storage import open_lake

WRITER = Path(__file__).with_name("writer.py")


@dataclass(frozen=True)
class Place:
    """Where the tables of one test lie."""

    tables: str
    options: Mapping[str, str] | None

    def ledger(self, **arguments: Any) -> Ledger:
        """A ledger that knows nothing but where the tables lie, as a process just started has it."""
        return Ledger(self.tables, self.options, **({"subjects": keeper()} | arguments))

    def table(self, name: str) -> DeltaTable:
        """A table as anybody with access to storage sees it."""
        return DeltaTable(f"{self.tables}/{name}", storage_options=dict(self.options) if self.options else None)

    def writer(self, *arguments: object) -> subprocess.Popen[str]:
        """A process of its own that does what `writer.py` says; prints a line for each act that was acknowledged."""
        described = json.dumps({"tables": self.tables, "options": self.options})
        return subprocess.Popen(
            [sys.executable, "-W", "error", str(WRITER), described, *(str(argument) for argument in arguments)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )


@pytest.fixture
def local(tmp_path: Path) -> Place:
    # A blank and a percent sign in the path: delta-rs speaks in URLs.
    return Place(str(tmp_path / "a lake 100%" / "tables"), None)


@pytest.fixture
def s3(s3_settings: dict[str, Any]) -> Place:
    lake = open_lake(Settings(**s3_settings))
    return Place(lake.uri("tables"), lake.storage_options())


@pytest.fixture(params=["local", "s3"])
def place(request: pytest.FixtureRequest) -> Place:
    found: Place = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def act() -> Callable[..., NewEvent]:
    """Builds an act upon an upload: `act("its id", n=1)`."""

    def build(aggregate: str = "upload-1", action: Action = Action.FILE_UPLOADED, **changes: Any) -> NewEvent:
        return NewEvent(action, aggregate, "seller-7", Resource("upload", aggregate, "catálogo.csv"), changes)

    return build


@pytest.fixture
def violations(tmp_path: Path) -> Callable[..., Path]:
    """Writes a Parquet file of violations as the engine does: ordered by row, code and column; two per row."""

    def write(*, rows: int, value: str = "7,99") -> Path:
        path = tmp_path / f"violations-{rows}-{value}.parquet"
        number = pl.int_range(rows)
        pl.select(
            (number // 2 + 1).alias("row"),
            (number // 2 + 2).alias("line"),
            pl.when(number % 2 == 0).then(pl.lit("Preço")).otherwise(pl.lit("Título")).alias("column"),
            pl.when(number % 2 == 0).then(pl.lit("price_format")).otherwise(pl.lit("title_too_long")).alias("code"),
            pl.lit("critical").alias("severity"),
            pl.when(number % 3 == 0)
            .then(None)
            .otherwise(pl.format("{}{}", pl.lit(value), number % 977))
            .alias("value"),
        ).write_parquet(path, row_group_size=65_536, compression="zstd", compression_level=1)
        return path

    return write
