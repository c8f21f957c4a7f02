"""The columns of a CSV as typed data, for suites: a column has a type where every cell that is not blank plainly is of
one kind, and is text otherwise.

Plainly: `7` and `-12` are integers, `007` and `+7` are not; `3.50` is a decimal, `3,50` is not; `2026-11-24`, and
`2026-11-24T10:30` or `2026-11-24 10:30:15.5` without a time zone; `true` and `false` in any case.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import polars as pl

# Fifteen digits are what a float keeps of a decimal, eighteen what an integer of 64 bits holds.
_INTEGER: Final = r"^-?(?:0|[1-9][0-9]{0,17})$"
_DECIMAL: Final = r"^-?(?:0|[1-9][0-9]{0,8})(?:\.[0-9]{1,6})?$"
_DATE: Final = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_MOMENT: Final = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?$"
_BLANK: Final = r"^\s*$"

_INTEGERS: Final = "integer"
_DECIMALS: Final = "decimal"
_BOOLEANS: Final = "boolean"
_DATES: Final = "date"
_MOMENTS: Final = "moment"


def typed(rows: pl.LazyFrame, columns: Sequence[str]) -> pl.LazyFrame:
    """The columns of text rows with the types their cells have; reads all of them once, when called."""
    kinds = _kinds(rows, columns)
    return rows.select(_cast(name, kinds[name]) for name in columns)


def _kinds(rows: pl.LazyFrame, columns: Sequence[str]) -> Mapping[str, str]:
    """By column, the first kind that all its cells are of; "" for text, and for columns without any cell."""
    asked = []
    for place, name in enumerate(columns):
        cells = pl.col(name).filter(_filled(name))
        tests = {
            _INTEGERS: cells.str.contains(_INTEGER),
            _DECIMALS: cells.str.contains(_DECIMAL),
            _BOOLEANS: cells.str.to_lowercase().is_in(["true", "false"]),
            _DATES: cells.str.contains(_DATE) & _date(cells).is_not_null(),
            _MOMENTS: cells.str.contains(_MOMENT) & _moment(cells).is_not_null(),
        }
        asked.append(cells.len().alias(f"{place}:"))
        asked += [test.all().alias(f"{place}:{kind}") for kind, test in tests.items()]
    found = rows.select(asked).collect(engine="streaming").row(0, named=True)
    kinds = (_INTEGERS, _DECIMALS, _BOOLEANS, _DATES, _MOMENTS)
    return {
        name: next((kind for kind in kinds if found[f"{place}:"] and found[f"{place}:{kind}"]), "")
        for place, name in enumerate(columns)
    }


def _cast(name: str, kind: str) -> pl.Expr:
    cells = pl.when(_filled(name)).then(pl.col(name))
    match kind:
        case "integer":
            return cells.cast(pl.Int64).alias(name)
        case "decimal":
            return cells.cast(pl.Float64).alias(name)
        case "boolean":
            return cells.str.to_lowercase().eq("true").alias(name)
        case "date":
            return _date(cells).alias(name)
        case "moment":
            return _moment(cells).alias(name)
    return pl.col(name)


def _filled(name: str) -> pl.Expr:
    return pl.col(name).str.contains(_BLANK).not_()


def _date(cells: pl.Expr) -> pl.Expr:
    return cells.str.to_date("%Y-%m-%d", strict=False)


def _moment(cells: pl.Expr) -> pl.Expr:
    # Seconds are optional, and so they are made up for, which changes nothing.
    whole = cells.str.replace("T", " ", literal=True).str.replace(r"^(.{16})$", "$1:00")
    return whole.str.to_datetime("%Y-%m-%d %H:%M:%S%.f", time_unit="us", strict=False)
