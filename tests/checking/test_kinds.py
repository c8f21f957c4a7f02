"""A column of a CSV gets a type where all its cells are plainly of one kind, and stays text otherwise."""

from __future__ import annotations

from datetime import date, datetime

import polars as pl
import pytest

from validahub_pipeline.checking.kinds import typed

MOMENT = datetime.fromisoformat("2026-11-24T10:30")


@pytest.mark.parametrize(
    ("cells", "dtype", "values"),
    [
        (["7", "-12", None], pl.Int64, [7, -12, None]),
        (["7", " "], pl.Int64, [7, None]),
        (["7.50", "3"], pl.Float64, [7.5, 3.0]),
        (["true", "False"], pl.Boolean, [True, False]),
        (["2026-11-24"], pl.Date, [date(2026, 11, 24)]),
        (
            ["2026-11-24 10:30", "2026-11-24T10:30:15.5"],
            pl.Datetime,
            [MOMENT, MOMENT.replace(second=15, microsecond=500_000)],
        ),
        (["007", "12"], pl.String, ["007", "12"]),
        (["+7"], pl.String, ["+7"]),
        (["3,50"], pl.String, ["3,50"]),
        (["7", "seven"], pl.String, ["7", "seven"]),
        (["7", "true"], pl.String, ["7", "true"]),
        (["2026-02-30"], pl.String, ["2026-02-30"]),
        (["1234567890123456789"], pl.String, ["1234567890123456789"]),
        (["7,8983E+12"], pl.String, ["7,8983E+12"]),
        (["7\n"], pl.String, ["7\n"]),
        ([None, " "], pl.String, [None, " "]),
    ],
)
def test_a_column_is_typed_by_all_its_cells(cells, dtype, values):
    frame = typed(pl.LazyFrame({"x": pl.Series(cells, dtype=pl.String)}), ["x"]).collect()

    assert frame.schema["x"] == dtype
    assert frame.get_column("x").to_list() == values
