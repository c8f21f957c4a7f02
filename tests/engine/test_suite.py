"""Suites: how they are read, what is refused before any data is touched, and what Great Expectations' pandas engine
has no word for. That verdicts agree with Great Expectations is tests/conformance/test_suites.py."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from validahub_pipeline.engine.suite import run_suite
from validahub_pipeline.errors import SuiteError
from validahub_pipeline.expectations.patterns import translated

FRAME = pl.DataFrame(
    {
        "price": [1.0, None, 3.0, float("nan"), 50.0],
        "name": ["a%b", "a_b", "ab", None, "A\nB"],
        "day": [date(2026, 1, 1), date(2026, 2, 1), None, date(2026, 3, 1), date(2026, 1, 1)],
    }
)


def one(kind: str, result_format: Any = "COMPLETE", frame: pl.DataFrame = FRAME, **kwargs: Any) -> dict[str, Any]:
    found = run_suite(frame, {"name": "s", "expectations": [{"type": kind, "kwargs": kwargs}]}, result_format)
    entry: dict[str, Any] = found["results"][0]
    return entry


def unexpected(kind: str, **kwargs: Any) -> list[Any]:
    rows: list[Any] = one(kind, **kwargs)["result"]["unexpected_index_list"]
    return rows


def test_columns_are_found_under_their_names_in_any_case_but_not_when_asked_whether_they_exist() -> None:
    assert unexpected("expect_column_values_to_be_between", column="PRICE", min_value=2) == [0]
    both = pl.DataFrame({"x": [1, 1], "X": [1, 2]})
    assert one("expect_column_values_to_be_unique", frame=both, column="X")["success"]
    assert not one("expect_column_to_exist", column="PRICE")["success"]


def test_a_nan_is_missing() -> None:
    entry = one("expect_column_values_to_be_between", column="price", min_value=2)
    assert entry["result"]["missing_count"] == 2
    assert entry["result"]["unexpected_list"] == [1.0]
    assert entry["result"]["unexpected_index_list"] == [0]


def test_statistics_count_what_succeeded() -> None:
    suite = {
        "name": "prices",
        "expectations": [
            {"type": "expect_table_row_count_to_equal", "kwargs": {"value": 5}},
            {"type": "expect_column_to_exist", "kwargs": {"column": "sku"}, "severity": "warning"},
        ],
    }
    found = run_suite(FRAME.lazy(), suite)
    assert (found["success"], found["suite_name"]) == (False, "prices")
    assert found["statistics"] == {
        "evaluated_expectations": 2,
        "successful_expectations": 1,
        "unsuccessful_expectations": 1,
        "success_percent": 50.0,
    }
    assert found["results"][1]["expectation_config"]["severity"] == "warning"


def test_suites_of_the_old_form_are_read() -> None:
    suite = {
        "expectation_suite_name": "old",
        "expectations": [{"expectation_type": "expect_column_to_exist", "kwargs": {"column": "name"}}],
    }
    assert run_suite(FRAME, suite)["success"]


@pytest.mark.parametrize(
    ("expectation", "code", "named"),
    [
        ({"type": "expect_column_values_to_be_nice", "kwargs": {}}, "suite_unknown_expectation", "nice"),
        ({"type": "expect_column_values_to_match_regex", "kwargs": {}}, "suite_bad_kwargs", "column is missing"),
        (
            {"type": "expect_column_values_to_be_null", "kwargs": {"column": "x", "mastly": 0.9}},
            "suite_bad_kwargs",
            "mastly is not one of its kwargs",
        ),
        (
            {"type": "expect_column_value_lengths_to_equal", "kwargs": {"column": "x", "value": "many"}},
            "suite_bad_kwargs",
            "value='many'",
        ),
        (
            {"type": "expect_column_values_to_be_null", "kwargs": {"column": "x", "mostly": 2}},
            "suite_bad_kwargs",
            "mostly=2",
        ),
        (
            {"type": "expect_column_max_to_be_between", "kwargs": {"column": "x", "max_value": {"$PARAMETER": "m"}}},
            "suite_bad_kwargs",
            "has no value",
        ),
        (
            {"type": "expect_compound_columns_to_be_unique", "kwargs": {"column_list": ["a"], "ignore_row_if": "no"}},
            "suite_bad_kwargs",
            "ignore_row_if='no'",
        ),
        ("expect_column_to_exist", "suite_malformed", "expectations[1]"),
    ],
)
def test_a_suite_that_cannot_be_run_is_refused_before_data_is_read(expectation: Any, code: str, named: str) -> None:
    def explode(_: pl.DataFrame) -> pl.DataFrame:
        raise AssertionError("the data were read")

    fine = {"type": "expect_column_to_exist", "kwargs": {"column": "x"}}
    with pytest.raises(SuiteError) as refused:
        run_suite(FRAME.lazy().map_batches(explode), {"expectations": [fine, expectation]})
    assert refused.value.code == code
    assert named in str(refused.value)
    assert "expectations[1]" in str(refused.value)


def test_one_expectation_the_data_do_not_allow_leaves_the_others_alone() -> None:
    kinds: list[dict[str, Any]] = [
        {"type": "expect_column_values_to_be_between", "kwargs": {"column": "name", "min_value": 3}},
        {"type": "expect_column_mean_to_be_between", "kwargs": {"column": "price", "min_value": 3}},
        {"type": "expect_column_values_to_match_json_schema", "kwargs": {"column": "name", "json_schema": {}}},
    ]
    found = run_suite(FRAME, {"expectations": kinds})["results"]
    assert [entry["exception_info"]["raised_exception"] for entry in found] == [True, False, True]
    assert [entry["success"] for entry in found] == [False, True, False]


def test_like_patterns_are_sqls() -> None:
    kind = "expect_column_values_to_match_like_pattern"
    assert unexpected(kind, column="name", like_pattern="a_b") == [2, 4]
    assert unexpected(kind, column="name", like_pattern="a%b") == [4]
    assert unexpected(kind, column="name", like_pattern="a!%b", escape="!") == [1, 2, 4]
    assert unexpected(kind, column="name", like_pattern="%") == []
    assert unexpected("expect_column_values_to_not_match_like_pattern", column="name", like_pattern="%B") == [4]
    listed = {"column": "name", "like_pattern_list": ["a%", "%b"]}
    assert unexpected("expect_column_values_to_match_like_pattern_list", **listed, match_on="all") == [4]
    assert unexpected("expect_column_values_to_not_match_like_pattern_list", **listed) == [0, 1, 2]


def test_dates_are_compared_with_what_reads_as_one() -> None:
    kind = "expect_column_values_to_be_between"
    assert unexpected(kind, column="day", min_value="2026-01-15") == [0, 4]
    assert unexpected(kind, column="day", min_value=date(2026, 1, 15)) == [0, 4]
    assert unexpected(kind, column="day", max_value="Feb 01 2026 12:00") == [3]
    assert unexpected("expect_column_values_to_be_in_set", column="day", value_set=["2026-01-01"]) == [1, 3]
    assert unexpected("expect_column_values_to_be_in_set", column="day", value_set=[datetime(2026, 2, 1)]) == [0, 3, 4]  # noqa: DTZ001


@pytest.mark.parametrize(
    ("condition", "parser"),
    [
        ("price >= 3", "pandas"),
        ("price >= 3", None),
        ("price >= 3", "polars"),
        ('col("price") >= 3', "great_expectations"),
        ({"type": "comparison", "column": {"name": "price"}, "operator": ">=", "parameter": 3}, None),
        ("not (price < 3) and price.notnull()", "pandas"),
        ("`price` in [3, 50]", "pandas"),
    ],
)
def test_row_conditions_limit_the_rows_in_every_spelling(condition: Any, parser: str | None) -> None:
    kwargs = {"column": "name", "row_condition": condition, "condition_parser": parser}
    result = one("expect_column_values_to_match_regex", regex="^a", **kwargs)["result"]
    assert (result["element_count"], result["unexpected_index_list"]) == (2, [4])


def test_a_condition_nobody_understands_fails_its_expectation_alone() -> None:
    entry = one("expect_column_values_to_be_null", column="name", row_condition="prce > 3", condition_parser="pandas")
    assert not entry["success"]
    assert 'no column "prce"' in entry["exception_info"]["exception_message"]


@pytest.mark.parametrize(("level", "lists"), [("BOOLEAN_ONLY", 0), ("BASIC", 1), ("SUMMARY", 3), ("COMPLETE", 5)])
def test_a_result_format_decides_how_much_is_told(level: str, lists: int) -> None:
    result = one("expect_column_values_to_match_regex", level, column="name", regex="x")["result"]
    assert sum("_list" in name or "_counts" in name for name in result) == lists


def test_partial_lists_are_as_long_as_asked_for() -> None:
    wanted = {"result_format": "BASIC", "partial_unexpected_count": 2}
    assert one("expect_column_values_to_match_regex", wanted, column="name", regex="x")["result"][
        "partial_unexpected_list"
    ] == ["a%b", "a_b"]


ALPHABET = st.sampled_from(list("aAbé_ -1٣²\n\t\x1c\u00a0^$.é\u0301日"))
PATTERNS = st.lists(
    st.sampled_from(
        [
            "a",
            "b",
            "é",
            "1",
            "^",
            "$",
            ".",
            r"\d",
            r"\D",
            r"\w",
            r"\W",
            r"\s",
            r"\S",
            "[a-c]",
            r"[^\w]",
            r"[\s\d-]",
            "(?:a|b)",
            "(a|^1)",
            "a*",
            r"\w+",
            ".{2,3}",
            r"\.",
            "[]a]",
            "[^]a]",
            "|",
            "(?s)",
            r"\n",
            r"\b",
            "a{,2}",
            "[.$]",
        ]
    ),
    min_size=1,
    max_size=5,
).map("".join)


@settings(deadline=None)
@given(PATTERNS, st.lists(ALPHABET, max_size=6).map("".join))
def test_a_pattern_handed_to_rust_finds_what_python_finds(pattern: str, text: str) -> None:
    try:
        expected = re.search(pattern, text) is not None
    except re.error:
        return
    in_rust = translated(pattern)
    if in_rust is not None:
        assert pl.Series([text]).str.contains(in_rust).item() == expected
