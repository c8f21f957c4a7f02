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
    return _known(type_.lower() in _names(column), _observed(column))


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
    pl.Categorical: ("category", "categorical", "categoricaldtype", "categoricaldtypetype"),
    pl.Enum: ("category", "categorical", "enum", "categoricaldtype", "categoricaldtypetype"),
    pl.Date: ("date", "datetype", "date32"),
    pl.Datetime: ("datetime", "datetime64", "datetime64[ns]", "datetime64[us]", "datetime64[ms]", "timestamp",
                  "timestamptype", "timestamp_ntz", "datetimetzdtype"),
    pl.Duration: ("timedelta", "timedelta64", "timedelta64[ns]", "timedelta64[us]", "duration", "interval"),
    pl.Time: ("time", "time64"),
    pl.Binary: ("bytes", "binary", "bytes_", "binarytype", "blob"),
}  # fmt: skip


def _names(column: Column) -> set[str]:
    kind = column.dtype.base_type()
    names = {str(kind).lower(), str(column.dtype).lower(), *_SPELLINGS.get(kind, ())}
    if column.dtype.is_integer():
        names |= {"int", "integer"}
    if column.dtype.is_float():
        names.add("float")
    return names


def _observed(column: Column) -> str:
    return _SPELLINGS.get(column.dtype.base_type(), (str(column.dtype),))[0]


def _within(
    value: int, low: float | None, high: float | None, *, strict_min: bool = False, strict_max: bool = False
) -> bool:
    above = low is None or (value > low if strict_min else value >= low)
    return above and (high is None or (value < high if strict_max else value <= high))


def _known(success: bool, observed: object, *, details: Mapping[str, Any] | None = None) -> Measure:
    result: dict[str, Any] = {"observed_value": observed} | ({"details": details} if details else {})
    return Measure({}, lambda _: Verdict(success, result))
