"""A file against a Great Expectations suite: typed where it plainly is, and every unexpected value written."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from tests.checking.conftest import violations
from validahub_pipeline.checking import Verdict, check_suite, read_suite_file
from validahub_pipeline.errors import InputError

SUITE = {
    "name": "shop",
    "expectations": [
        {"type": "expect_column_values_to_be_between", "kwargs": {"column": "price", "min_value": 8}},
        {"type": "expect_column_values_to_be_unique", "kwargs": {"column": "sku"}, "severity": "warning"},
        {"type": "expect_table_row_count_to_be_between", "kwargs": {"max_value": 2}, "severity": "info"},
    ],
}


def test_every_unexpected_value_is_written_with_row_and_line(tmp_path, write, read):
    source = read(write("a.csv", 'sku,price\n"a\nb",7.50\nc,8.50\nc,1\n'))

    checked = check_suite(source, SUITE, Path("s.json"), text=False, violations=tmp_path / "v.csv")

    assert [tuple(one.values()) for one in violations(tmp_path / "v.csv")] == [
        ("0", "0", "", "expect_table_row_count_to_be_between", "info", "3"),
        ("1", "2", "price", "expect_column_values_to_be_between", "critical", "7.5"),
        ("2", "4", "sku", "expect_column_values_to_be_unique", "warning", "c"),
        ("3", "5", "price", "expect_column_values_to_be_between", "critical", "1.0"),
        ("3", "5", "sku", "expect_column_values_to_be_unique", "warning", "c"),
    ]
    assert all("unexpected_index_list" not in entry["result"] for entry in checked.result["results"])


def test_the_verdict_goes_by_the_severity_of_what_failed(write, read):
    def verdict(content: str) -> Verdict:
        return check_suite(read(write("a.csv", content)), SUITE, Path("s.json"), text=False).verdict

    assert verdict("sku,price\na,8\nb,9\n") is Verdict.CLEAN
    assert verdict("sku,price\na,8\na,9\n") is Verdict.TOLERABLE
    assert verdict("sku,price\na,8\nb,7\n") is Verdict.CRITICAL


def test_parquet_keeps_its_types_and_a_csv_may_stay_text(tmp_path, write, read):
    is_text = {"type": "expect_column_values_to_be_of_type", "kwargs": {"column": "x", "type_": "str"}}
    pl.DataFrame({"x": ["1", "2"]}).write_parquet(tmp_path / "a.parquet")
    as_csv = write("a.csv", "x\n1\n2\n")

    def holds(path: Path, *, text: bool = False) -> bool:
        return bool(check_suite(read(path), {"expectations": [is_text]}, Path("s.json"), text=text).result["success"])

    assert holds(tmp_path / "a.parquet")
    assert holds(as_csv, text=True)
    assert not holds(as_csv)


@pytest.mark.parametrize("content", ["", "[]", '{"expectations": [', '"suite"'])
def test_a_file_that_is_no_suite_is_refused_with_its_name(write, content):
    with pytest.raises(InputError, match=r"s\.json, line 1"):
        read_suite_file(write("s.json", content))
