"""Oddities of polars that the intake relies on or works around; a change there must be noticed here."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st


def cells(data: bytes, **options) -> list[tuple[str | None, ...]]:
    schema = {"a": pl.String, "b": pl.String}
    return pl.read_csv(data, has_header=False, schema=schema, **options).rows()


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.binary(max_size=6).filter(lambda b: not set(b) & set(b',"\r\n')), st.booleans())
def test_polars_refuses_a_field_exactly_if_python_cannot_decode_it(field, quoted):
    """The intake leaves the check of UTF-8 to polars, also where two fields would make a character together."""
    data = b'\xc2\xa9,x\n"' + field + b'",y\n' if quoted else b"\xc2\xa9,x\n" + field + b",\xc2\xa9y\n"
    try:
        expected = field.decode("utf-8")
    except UnicodeDecodeError:
        with pytest.raises(pl.exceptions.ComputeError, match="utf-8"):
            cells(data)
    else:
        assert cells(data)[1][0] == (expected or (None if not quoted else ""))


def test_polars_takes_a_byte_order_mark_off_any_buffer():
    """Hence a payload that begins with one gets a second one."""
    mark = b"\xef\xbb\xbf"
    assert cells(mark + b"x,y\n") == [("x", "y")]
    assert cells(mark * 2 + b"x,y\n") == [("\ufeffx", "y")]


def test_polars_reads_a_blank_line_as_a_row():
    """Hence blank lines are cut out before it sees them."""
    assert cells(b"1,2\n\n3,4\n") == [("1", "2"), (None, None), ("3", "4")]


def test_polars_takes_quotes_around_nothing_for_text():
    """Hence such cells are made empty afterwards."""
    assert cells(b'"",x\n,""\n') == [("", "x"), (None, "")]


def test_polars_writes_a_lone_null_as_an_empty_line():
    """Hence a single column is written with empty strings, which are quoted."""
    frame = pl.DataFrame({"a": ["x", None]})
    assert frame.write_csv() == "a\nx\n\n"
    assert frame.fill_null("").write_csv() == 'a\nx\n""\n'


@pytest.mark.parametrize("rows", [b"1,2,3,\n4,5\n", b"4,5\n1,2,3,4\n", b'1,2,3\n"4",5,6,7\n8,9\n'])
def test_polars_refuses_a_record_with_too_many_fields(rows: bytes) -> None:
    """`presumed` leaves that to it: there, only the sum of all fields is known."""
    with pytest.raises(pl.exceptions.PolarsError):
        pl.read_csv(rows, has_header=False, schema=dict.fromkeys("abc", pl.String))
