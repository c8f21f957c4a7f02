"""The ledger's Delta tables as DuckDB views, read through deltalake's Arrow datasets.

DuckDB's own delta and httpfs extensions are no part of its wheel and would be downloaded, so none is used.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from typing import Final

import duckdb
import polars as pl
from deltalake import DeltaTable
from deltalake.exceptions import TableNotFoundError

from validahub_pipeline.ledger.tables import AUDIT_EVENTS, DETAILS, Detail, TableSpec

# The events' side of every question comes first: detail rows are written before the event that vouches for them, so
# that a table opened later holds at least the rows of every event seen.
_TABLES: Final = (AUDIT_EVENTS, DETAILS[Detail.VIOLATIONS], DETAILS[Detail.CORRECTIONS])
_MEMORY_LIMIT: Final = "1GB"


@contextmanager
def connect(tables: str, storage_options: Mapping[str, str] | None) -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB with the views `audit_events`, `violations` and `corrections`, each as of now.

    Bounded in memory: what does not fit is spilt to a temporary folder. A table that nobody has written to yet is
    empty.

    Args:
        tables: folder or s3:// address that holds the Delta tables.
        storage_options: what deltalake needs to reach it; None for a local folder.
    """
    with tempfile.TemporaryDirectory(prefix="validahub-analytics-") as spill:
        config: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": _MEMORY_LIMIT,
            "temp_directory": spill,
            "autoinstall_known_extensions": "false",
            "TimeZone": "UTC",
        }
        with closing(duckdb.connect(config=config)) as connection:
            for spec in _TABLES:
                connection.register(spec.name, _dataset(spec, tables, storage_options))
            yield connection


def query(tables: str, storage_options: Mapping[str, str] | None, name: str) -> pl.DataFrame:
    """The answer to `sql/{name}.sql`."""
    with connect(tables, storage_options) as connection:
        return pl.DataFrame(connection.sql(_sql(name)).to_arrow_table())


def _dataset(spec: TableSpec, tables: str, storage_options: Mapping[str, str] | None) -> object:
    try:
        table = DeltaTable(
            f"{tables.rstrip('/')}/{spec.name}", storage_options=dict(storage_options) if storage_options else None
        )
    except TableNotFoundError:
        return spec.schema.empty_table()
    return table.to_pyarrow_dataset()


@cache
def _sql(name: str) -> str:
    return (Path(__file__).parent / "sql" / f"{name}.sql").read_text(encoding="utf-8")
