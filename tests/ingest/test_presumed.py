"""Of a stretch that is taken whole, no record with too few fields passes for one whose last cells are empty."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from validahub_pipeline.ingest.presumed import has_short_record, presumed
from validahub_pipeline.ingest.structure import Framing

CELL = st.sampled_from(["", "", "a", "7", '""', '"x,y"', '"x\ny"', '"a"" b"'])


@settings(max_examples=400, deadline=None, derandomize=True)
@given(
    width=st.integers(2, 5),
    rows=st.lists(st.lists(CELL, min_size=5, max_size=5), min_size=1, max_size=12),
    lacking=st.dictionaries(st.integers(0, 11), st.integers(1, 3), max_size=2),
    end=st.sampled_from(["\n", "\r\n"]),
)
def test_a_record_is_short_exactly_if_its_fields_are_fewer(width, rows, lacking, end):
    fields = [["k", *row][:width] for row in rows]
    fields = [row[: max(2, width - lacking.get(n, 0))] for n, row in enumerate(fields)]
    payload = "".join(",".join(row) + end for row in fields).encode("utf-8")

    found = presumed(payload, Framing(ord(","), ord('"'), width))
    assert found is not None
    assert len(found.ends) == len(fields)
    if len(fields[0]) < width:
        # polars itself refuses a first record that is short.
        return
    frame = pl.read_csv(payload, has_header=False, schema=dict.fromkeys("abcde"[:width], pl.String))
    short = has_short_record(frame, payload, np.diff(found.ends, prepend=-1), ord(","))

    assert short == any(len(row) < width for row in fields)


@pytest.mark.parametrize("record", ["9,b,,", "9,b", "9,", "9,,,"])
def test_a_short_record_among_empty_cells_is_set_aside(read, record):
    rows = "".join(f"{n},b,,{n % 2 or ''},\n" for n in range(40))
    result = read("sku,título,cor,estoque,nota\n" + rows + record + "\n" + rows)

    assert result.reasons == ["too_few_fields"]
    assert result.report.records == 80


def test_line_feeds_inside_cells_of_a_file_with_carriage_returns_are_presumed_too():
    """As spreadsheets write them."""
    payload = b'1,"a\nb"\r\n2,c\r\n'
    found = presumed(payload, Framing(ord(","), ord('"'), 2))

    assert found is not None
    assert (found.ends.tolist(), found.lines.tolist()) == ([8, 13], [0, 2])
    assert presumed(b"1,a\rb\r\n2,c\r\n", Framing(ord(","), ord('"'), 2)) is None


def test_a_record_too_short_and_one_too_long_do_not_make_up_for_each_other(read, catalogue):
    result = read(catalogue(before="X-1,Mesa,5\nX-2,Mesa,5,9.90,9\n"))

    assert sorted(result.reasons) == ["too_few_fields", "too_many_fields"]
    assert result.report.records == 20
