"""Typed values become cells with one spelling, and nothing is lost on the way."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

import polars as pl
import pytest

SAO_PAULO = ZoneInfo("America/Sao_Paulo")


@pytest.mark.parametrize(
    ("values", "cells"),
    [
        (pl.Series([7, -12, None], dtype=pl.Int32), ["7", "-12", None]),
        (pl.Series([2**63], dtype=pl.UInt64), ["9223372036854775808"]),
        (pl.Series([7898357417892.0, 1.5, -0.25, None]), ["7898357417892", "1.5", "-0.25", None]),
        (pl.Series([1e22, 1e-7, float("nan")]), ["10000000000000000000000", "0.0000001", None]),
        (pl.Series([Decimal("12.50"), Decimal("3.00")]), ["12.50", "3.00"]),
        (pl.Series([True, False]), ["true", "false"]),
        (pl.Series(["  a ", "", None]), ["  a ", None, None]),
        (pl.Series([date(2026, 11, 24)]), ["2026-11-24"]),
        (pl.Series([datetime.fromisoformat("2026-11-24T10:30")]), ["2026-11-24T10:30:00"]),
        (pl.Series([datetime.fromisoformat("2026-11-24T10:30:00.000500")]), ["2026-11-24T10:30:00.000500"]),
        (pl.Series([datetime(2026, 11, 24, tzinfo=SAO_PAULO)]), ["2026-11-24T00:00:00-03:00"]),
        (pl.Series([time(10, 30)]), ["10:30:00"]),
        (pl.Series(["new", "used"], dtype=pl.Categorical), ["new", "used"]),
        (pl.Series([b"caf\xc3\xa9", b"\xff"]), ["café", "ff"]),
        (pl.Series([["a", "b"], None]), ['["a", "b"]', None]),
        (pl.Series([{"a": 1, "b": "ç"}]), ['{"a": 1, "b": "ç"}']),
        (pl.Series([None, None]), [None, None]),
    ],
)
def test_a_value_has_one_spelling(tmp_path, read, values, cells):
    path = tmp_path / "typed.parquet"
    pl.DataFrame({"x": values}).write_parquet(path)

    rows = read_rows(read(path))

    assert [row["0"] for row in rows] == cells
    assert [row["__row"] for row in rows] == list(range(1, len(cells) + 1))


def test_columns_named_as_the_rows_own_are_kept_under_another_name(tmp_path, read):
    path = tmp_path / "typed.parquet"
    pl.DataFrame({"__row": [70], "__line": [80], "a": ["x"]}).write_parquet(path)

    source = read(path)

    assert source.columns == ("__row_", "__line_", "a")
    assert read_rows(source) == [{"__row": 1, "__line": 1, "0": "70", "1": "80", "2": "x"}]


def read_rows(source):
    """The rows as the engine reads them, columns by their place."""
    return [row for rows in source.rows.map(lambda batch: batch.frame.to_dicts()) for row in rows]
