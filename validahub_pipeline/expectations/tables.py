"""Expectations about the table's shape: rows, columns and their types."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any, Final

import polars as pl

from validahub_pipeline.expectations.columns import Column
from validahub_pipeline.expectations.registry import Measure, Scope, Table, Verdict, expectation

_ROWS: Final = "rows"


@expectation("expect_table_row_count_to_equal", Scope.TABLE)
def table_row_count_to_equal(_table: Table, value: int) -> Measure:
    """There are that many rows."""
    return Measure({_ROWS: pl.len()}, lambda found: Verdict(found[_ROWS] == value, {"observed_value": found[_ROWS]}))


@expectation("expect_table_row_count_to_be_between", Scope.TABLE)
def table_row_count_to_be_between(
    _table: Table,
    min_value: float | None = None,
    max_value: float | None = None,
    strict_min: bool = False,
    strict_max: bool = False,
) -> Measure:
    """The number of rows lies within the limits."""
    if min_value is not None and max_value is not None and min_value > max_value:
        raise ValueError(f"min_value ({min_value}) must be less than or equal to max_value ({max_value})")

    def judge(found: Mapping[str, Any]) -> Verdict:
        rows = found[_ROWS]
        success = _within(rows, min_value, max_value, strict_min=strict_min, strict_max=strict_max)
        return Verdict(success, {"observed_value": rows})

    return Measure({_ROWS: pl.len()}, judge)


@expectation("expect_table_column_count_to_equal", Scope.TABLE)
def table_column_count_to_equal(table: Table, value: int) -> Measure:
    """There are that many columns."""
    return _known(len(table.columns) == value, len(table.columns))


@expectation("expect_table_column_count_to_be_between", Scope.TABLE)
def table_column_count_to_be_between(
    table: Table, min_value: float | None = None, max_value: float | None = None
) -> Measure:
    """The number of columns lies within the limits."""
    return _known(_within(len(table.columns), min_value, max_value), len(table.columns))


@expectation("expect_table_columns_to_match_ordered_list", Scope.TABLE)
def table_columns_to_match_ordered_list(table: Table, column_list: Sequence[str] | None = None) -> Measure:
    """The columns are these, in this order."""
    if column_list is None or list(column_list) == table.names:
        return _known(success=True, observed=table.names)
    mismatched = [
        {"Expected Column Position": place, "Expected": wanted, "Found": found}
        for place, (wanted, found) in enumerate(itertools.zip_longest(column_list, table.names))
        if wanted != found
    ]
    return _known(success=False, observed=table.names, details={"mismatched": mismatched})


@expectation("expect_table_columns_to_match_set", Scope.TABLE)
def table_columns_to_match_set(
    table: Table, column_set: Sequence[str] | None = None, exact_match: bool | None = True
) -> Measure:
    """The columns are these, in any order; unless `exact_match`, there may be others."""
    wanted, present = set(column_set or []), set(table.names)
    unexpected, missing = sorted(present - wanted), sorted(wanted - present)
    if (column_set is None and not exact_match) or not (unexpected or missing):
        return _known(success=True, observed=sorted(present))
    mismatched = {name: found for name, found in (("unexpected", unexpected), ("missing", missing)) if found}
    return _known(success=not exact_match and not missing, observed=sorted(present), details={"mismatched": mismatched})


@expectation("expect_column_to_exist", Scope.TABLE)
def column_to_exist(table: Table, column: str, column_index: int | None = None) -> Measure:
    """There is a column of that name, at that place if one is given (and not 0, as in Great Expectations)."""
    if not column_index:
        return Measure({}, lambda _: Verdict(column in table.names, {}))
    at = table.names[column_index] if -len(table.names) <= column_index < len(table.names) else None
    return Measure({}, lambda _: Verdict(at == column, {}))


@expectation("expect_column_values_to_be_of_type", Scope.AGGREGATE)
def column_values_to_be_of_type(column: Column, type_: str | None) -> Measure:
    """The column is of that type, by the name it has in polars, in pandas, in Python, or in a common SQL dialect."""
    return _known(type_ is None or type_.lower() in _names(column), _observed(column))


@expectation("expect_column_values_to_be_in_type_list", Scope.AGGREGATE)
def column_values_to_be_in_type_list(column: Column, type_list: Sequence[str] | None) -> Measure:
    """The column is of one of these types."""
    success = type_list is None or any(name.lower() in _names(column) for name in type_list)
    return _known(success, _observed(column))


@expectation("expect_column_type_to_be", Scope.AGGREGATE)
def column_type_to_be(column: Column, type_: str) -> Measure:
    """The column is of that type."""
    if type_.lower() not in _ALL_NAMES | _names(column):
        raise ValueError(f"Unrecognized type: {type_}")
    return _known(type_.lower() in _names(column), _dtype(column))


_SPELLINGS: Final[Mapping[type[pl.DataType], tuple[str, ...]]] = {
    pl.Boolean: ("bool", "bool_", "boolean", "booleantype", "booleandtype"),
    pl.Int8: ("int8", "int8dtype", "byte", "tinyint", "bytetype"),
    pl.Int16: ("int16", "int16dtype", "smallint", "shorttype"),
    pl.Int32: ("int32", "int32dtype", "integertype", "int4"),
    pl.Int64: ("int64", "int64dtype", "bigint", "longtype", "long", "int_", "int8"),
    pl.UInt8: ("uint8", "uint8dtype"),
    pl.UInt16: ("uint16", "uint16dtype"),
    pl.UInt32: ("uint32", "uint32dtype"),
    pl.UInt64: ("uint64", "uint64dtype"),
    pl.Float32: ("float32", "float32dtype", "real", "floattype", "single"),
    pl.Float64: ("float64", "float64dtype", "double", "doubletype", "double_precision", "float_"),
    pl.Decimal: ("decimal", "numeric", "decimaltype", "number"),
    pl.String: ("str", "str_", "string", "stringdtype", "object", "object_", "o", "text", "varchar", "char",
                "stringtype", "utf8", "unicode"),
    pl.Categorical: ("CategoricalDtypeType", "category", "categorical", "categoricaldtype"),
    pl.Enum: ("CategoricalDtypeType", "category", "categorical", "enum", "categoricaldtype"),
    pl.Date: ("date", "datetype", "date32"),
    pl.Datetime: ("datetime64", "datetime", "datetime64[ns]", "datetime64[us]", "datetime64[ms]", "timestamp",
                  "timestamptype", "timestamp_ntz"),
    pl.Duration: ("timedelta64", "timedelta", "timedelta64[ns]", "timedelta64[us]", "duration", "interval"),
    pl.Time: ("time", "time64"),
    pl.Null: ("object_", "object", "o"),
    pl.Binary: ("bytes", "binary", "bytes_", "binarytype", "blob"),
}  # fmt: skip
_OF_MOMENTS_IN_A_ZONE: Final = (
    "Timestamp", "timestamptz", "timestamp_tz", "timestamptype", "datetimetzdtype", "datetimetzdtypetype",
)  # fmt: skip
_ALL_NAMES: Final = frozenset(
    name.lower()
    for spelt in (*_SPELLINGS.values(), _OF_MOMENTS_IN_A_ZONE, ("int", "integer", "float"), map(str, _SPELLINGS))
    for name in spelt
)


def _spelt(column: Column) -> tuple[str, ...]:
    if isinstance(column.dtype, pl.Datetime) and column.dtype.time_zone is not None:
        return _OF_MOMENTS_IN_A_ZONE
    return _SPELLINGS.get(column.dtype.base_type(), (str(column.dtype),))


def _names(column: Column) -> set[str]:
    names = {str(column.dtype), _dtype(column), *_spelt(column)}
    if not (isinstance(column.dtype, pl.Datetime) and column.dtype.time_zone is not None):
        names.add(str(column.dtype.base_type()))
    if column.dtype.is_integer():
        names |= {"int", "integer"}
    if column.dtype.is_float():
        names.add("float")
    return {name.lower() for name in names}


def _observed(column: Column) -> str:
    return _spelt(column)[0]


def _dtype(column: Column) -> str:
    match column.dtype:
        case pl.Datetime(time_unit=unit, time_zone=zone):
            return f"datetime64[{unit}]" if zone is None else f"datetime64[{unit}, {zone}]"
        case pl.Duration(time_unit=unit):
            return f"timedelta64[{unit}]"
        case pl.Categorical() | pl.Enum():
            return "category"
        case pl.Null():
            return "object"
    return _observed(column)


def _within(
    value: int, low: float | None, high: float | None, *, strict_min: bool = False, strict_max: bool = False
) -> bool:
    above = low is None or (value > low if strict_min else value >= low)
    return above and (high is None or (value < high if strict_max else value <= high))


def _known(success: bool, observed: object, *, details: Mapping[str, Any] | None = None) -> Measure:
    result: dict[str, Any] = {"observed_value": observed} | ({"details": details} if details else {})
    return Measure({}, lambda _: Verdict(success, result))
