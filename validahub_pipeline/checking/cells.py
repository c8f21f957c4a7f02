"""Typed values as the text of cells, which is what rule packs judge: one spelling per value, and nothing lost.

Whole numbers have no decimal point (a barcode that became a float is a barcode again), no number has an exponent,
decimals keep their places; `true`/`false`; ISO 8601 dates and moments; lists and records are JSON; NaN is missing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final

import polars as pl

# Fractions of a second only where there are any.
_FORMATS: Final[Mapping[type[pl.DataType], str]] = {
    pl.Date: "%Y-%m-%d",
    pl.Time: "%H:%M:%S%.f",
    pl.Datetime: "%Y-%m-%dT%H:%M:%S%.f",
    pl.Duration: "iso",
}
_AS_THEY_ARE: Final = (pl.String, pl.Null, pl.Categorical, pl.Enum, pl.Boolean, pl.Decimal)


def as_text(name: str, dtype: pl.DataType) -> pl.Expr:
    """The cells of a column of that type."""
    column = pl.col(name)
    if dtype.is_integer() or isinstance(dtype, _AS_THEY_ARE):
        return column.cast(pl.String)
    if dtype.is_temporal():
        zone = "%:z" if getattr(dtype, "time_zone", None) else ""
        return column.dt.to_string(_FORMATS[dtype.base_type()] + zone)
    if dtype == pl.Binary:
        return _mapped(column, _bytes)
    return _mapped(column, _floats if dtype.is_float() else _nested)


def _mapped(column: pl.Expr, function: Callable[[pl.Series], pl.Series]) -> pl.Expr:
    return column.map_batches(function, return_dtype=pl.String, is_elementwise=True)


def _floats(values: pl.Series) -> pl.Series:
    texts = values.fill_nan(None).cast(pl.String).str.strip_suffix(".0")
    exponents = texts.str.contains("e", literal=True)
    if exponents.any():
        spelt = [format(Decimal(text), "f") for text in texts.filter(exponents)]
        texts = texts.scatter(exponents.arg_true(), spelt)
    return texts


def _bytes(values: pl.Series) -> pl.Series:
    """What is text in fact, some writers call bytes; bytes that are no text are shown as hexadecimal digits."""
    try:
        return values.cast(pl.String)
    except pl.exceptions.ComputeError:
        return pl.Series([None if value is None else _decoded(value) for value in values], dtype=pl.String)


def _decoded(value: bytes) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.hex()


def _nested(values: pl.Series) -> pl.Series:
    return pl.Series([None if value is None else _json(value) for value in values.to_list()], dtype=pl.String)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
