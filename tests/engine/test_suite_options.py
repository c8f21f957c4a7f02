"""What a run of a suite can be told beside the suite: result formats, suite parameters; and the queries that choose
rows. That all this agrees with Great Expectations is tests/conformance/test_suites.py."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from validahub_pipeline.engine import run_suite
from validahub_pipeline.errors import SuiteError

FRAME = pl.DataFrame(
    {
        "sku": ["A1", "B2", "C3", "D4"],
        "price": [1.0, 2.0, None, 50.0],
        "stock": [1, 2, 3, 4],
        "day": [date(2026, 1, 1), date(2026, 2, 1), None, date(2026, 3, 1)],
        "at": [datetime(2026, 1, day, tzinfo=UTC) for day in (1, 2, 3, 4)],
        "nothing": pl.Series([None] * 4, dtype=pl.Null),
    }
)


def one(kind: str, result_format: Any = "COMPLETE", parameters: Any = None, **kwargs: Any) -> dict[str, Any]:
    suite = {"name": "s", "expectations": [{"type": kind, "kwargs": kwargs}]}
    entry: dict[str, Any] = run_suite(FRAME, suite, result_format, parameters)["results"][0]
    return entry


def cheap(**options: Any) -> dict[str, Any]:
    """The result of finding prices below 3, in some format."""
    wanted = {"result_format": "COMPLETE"} | options
    result: dict[str, Any] = one("expect_column_values_to_be_between", wanted, column="price", min_value=3)["result"]
    return result


def test_unexpected_rows_are_told_by_the_columns_that_identify_them() -> None:
    result = cheap(unexpected_index_column_names=["sku"])
    assert result["unexpected_index_column_names"] == ["sku"]
    assert result["unexpected_index_list"] == [{"price": 1.0, "sku": "A1"}, {"price": 2.0, "sku": "B2"}]
    assert result["unexpected_index_query"] == "df.filter(items=[0, 1], axis=0)"


def test_without_unexpected_values_only_the_rows_are_told() -> None:
    result = cheap(exclude_unexpected_values=True, unexpected_index_column_names=["sku", "stock"])
    assert result["unexpected_index_list"] == [{"sku": ["A1", "B2"], "stock": [1, 2]}]
    assert not {"unexpected_list", "partial_unexpected_list", "partial_unexpected_counts"} & result.keys()


def test_unexpected_rows_are_told_in_full_as_many_as_asked_for() -> None:
    result = cheap(result_format="BASIC", include_unexpected_rows=True, partial_unexpected_count=1)
    assert [row["sku"] for row in result["unexpected_rows"]] == ["A1"]
    assert result["unexpected_rows"][0]["at"] == "2026-01-01T00:00:00+00:00"


def test_a_query_for_the_rows_is_told_when_asked_for() -> None:
    assert cheap(result_format="BOOLEAN_ONLY", return_unexpected_index_query=True) == {
        "unexpected_index_query": "df.filter(items=[0, 1], axis=0)"
    }
    assert "unexpected_index_query" not in cheap(return_unexpected_index_query=False)


def test_an_identifying_column_that_is_not_there_fails_the_expectation() -> None:
    wanted = {"result_format": "COMPLETE", "unexpected_index_column_names": ["ean"]}
    entry = one("expect_column_values_to_be_null", wanted, column="price")
    assert 'unexpected_index_column "ean" does not exist' in entry["exception_info"]["exception_message"]


def test_identifying_columns_must_be_a_list() -> None:
    with pytest.raises(SuiteError) as refused:
        cheap(unexpected_index_column_names="sku")
    assert refused.value.code == "suite_bad_result_format"


def test_figures_are_not_told_where_only_the_verdict_is_wanted() -> None:
    assert one("expect_column_mean_to_be_between", "BOOLEAN_ONLY", column="price", min_value=1)["result"] == {}
    none = {"result_format": "COMPLETE", "partial_unexpected_count": 0}
    assert one("expect_column_distinct_values_to_be_in_set", none, column="stock", value_set=[1])["result"] == {
        "observed_value": None,
        "unexpected_count": 3,
    }


@pytest.mark.parametrize(
    ("parameter", "rows"),
    [
        ("least", [0]),
        ("least * 2 - 1", [0, 1]),
        ("-least + 2 ^ 2", [0]),
        ("trunc(exp(0) + round(0.4))", []),
        ("sgn(5) * abs(0 - least) + PI - PI", [0]),
    ],
)
def test_suite_parameters_are_looked_up_and_worked_out(parameter: str, rows: list[int]) -> None:
    kwargs = {"column": "price", "min_value": {"$PARAMETER": parameter}}
    entry = one("expect_column_values_to_be_between", "COMPLETE", {"least": 2}, **kwargs)
    assert entry["result"]["unexpected_index_list"] == rows


def test_suite_parameters_know_the_time() -> None:
    ago = {"$PARAMETER": "now() - timedelta(weeks=52 * 40)"}
    kind = "expect_column_values_to_be_between"
    assert one(kind, column="day", min_value=ago, max_value={"$PARAMETER": "datetime(2026, 2, 2)"})["result"][
        "unexpected_list"
    ] == ["2026-03-01"]
    whole = {"value_set": [{"$PARAMETER": "a"}, {"$PARAMETER": "b", "$PARAMETER.b": 2}]}
    entry = one("expect_column_values_to_be_in_set", "COMPLETE", {"a": 1}, column="stock", **whole)
    assert entry["expectation_config"]["kwargs"]["value_set"] == [1, 2]
    assert entry["result"]["unexpected_list"] == [3, 4]


@pytest.mark.parametrize(
    ("parameter", "said"),
    [
        ("most", "'most' has no value"),
        ("least / 0", "cannot be worked out"),
        ("least +", "cannot be worked out"),
        ("__import__('os')", "not understood"),
        ("least.real", "not understood"),
    ],
)
def test_a_suite_parameter_without_a_value_is_refused(parameter: str, said: str) -> None:
    with pytest.raises(SuiteError, match=said):
        one(
            "expect_column_max_to_be_between",
            "BASIC",
            {"least": 2},
            column="price",
            max_value={"$PARAMETER": parameter},
        )


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("stock > 1 & stock < 4", [1, 2]),
        ('sku == "A1" | stock == 4 & price > 3', [0, 3]),
        ('sku == "a & b" or stock == 1', [0]),
        ("stock == 'x' or stock != 'x' and stock > 3", [3]),
        ("~(stock.between(2, 3))", [0, 3]),
        ('sku.isin(["A1", "D4"]) and not price.isna()', [0, 3]),
        ('sku.str.startswith("A") or sku.str.endswith("3")', [0, 2]),
        ("day > datetime.date(2026, 1, 31)", [1, 3]),
        ("at >= datetime.datetime(2026, 1, 3, tzinfo=datetime.timezone.utc)", [2, 3]),
        ('day >= "2026-02-01"', [1, 3]),
    ],
)
def test_a_query_chooses_rows_as_pandas_does(query: str, rows: list[int]) -> None:
    result = one("expect_column_values_to_be_null", column="sku", row_condition=query, condition_parser="pandas")
    assert result["result"]["unexpected_index_list"] == rows


@pytest.mark.parametrize(
    "query", ["sku > 1", "sku.str.upper() == 'A'", "price is None", "datetime.date(2026, 1, 1, fold=1)"]
)
def test_a_query_that_cannot_be_answered_fails_its_expectation(query: str) -> None:
    entry = one("expect_column_values_to_be_null", column="sku", row_condition=query, condition_parser="pandas")
    assert entry["exception_info"]["raised_exception"]


@pytest.mark.parametrize(
    ("kind", "kwargs", "success", "observed"),
    [
        ("mean_to_be_between", {"min_value": 0}, False, None),
        ("max_to_be_between", {"min_value": 0}, False, None),
        ("sum_to_be_between", {"min_value": 0}, True, 0),
        ("values_to_be_of_type", {"type_": "object"}, True, "object_"),
        ("most_common_value_to_be_in_set", {"value_set": [1]}, False, []),
    ],
)
def test_a_column_without_a_single_value_has_no_figures(
    kind: str, kwargs: dict[str, Any], success: bool, observed: Any
) -> None:
    entry = one(f"expect_column_{kind}", column="nothing", **kwargs)
    assert (entry["success"], entry["result"]["observed_value"]) == (success, observed)


@pytest.mark.parametrize("kind", ["be_in_set", "match_regex", "be_increasing", "match_strftime_format"])
def test_a_column_without_a_single_value_meets_what_is_asked_of_each(kind: str) -> None:
    kwargs: dict[str, Any] = {
        "be_in_set": {"value_set": ["a"]},
        "match_regex": {"regex": "a"},
        "match_strftime_format": {"strftime_format": "%Y"},
    }.get(kind, {})
    assert one(f"expect_column_values_to_{kind}", column="nothing", **kwargs)["success"]


@pytest.mark.parametrize(
    ("column", "name", "of_type", "type_to_be"),
    [
        ("at", "Timestamp", True, True),
        ("at", "datetime64", False, False),
        ("at", "datetime64[us, UTC]", True, True),
        ("stock", "int", True, True),
        ("stock", "float", False, False),
    ],
)
def test_types_go_by_pandas_names(column: str, name: str, of_type: bool, type_to_be: bool) -> None:
    assert one("expect_column_values_to_be_of_type", column=column, type_=name, mostly=0.5)["success"] is of_type
    assert one("expect_column_type_to_be", column=column, type_=name)["success"] is type_to_be


def test_a_type_nobody_knows_is_an_error() -> None:
    assert one("expect_column_type_to_be", column="stock", type_="INTEGERS")["exception_info"]["raised_exception"]


@pytest.mark.parametrize(
    ("kind", "kwargs"),
    [
        ("expect_column_values_to_match_strftime_format", {"column": "sku", "strftime_format": "%D"}),
        ("expect_table_row_count_to_be_between", {"min_value": 2, "max_value": 1}),
    ],
)
def test_kwargs_that_make_no_sense_are_an_error(kind: str, kwargs: dict[str, Any]) -> None:
    assert one(kind, **kwargs)["exception_info"]["raised_exception"]


def test_parameters_are_told_with_the_result() -> None:
    suite = {"expectations": [{"type": "expect_table_row_count_to_equal", "kwargs": {"value": {"$PARAMETER": "rows"}}}]}
    found = run_suite(FRAME, suite, suite_parameters={"rows": 4, "since": timedelta(days=1)})
    assert found["success"]
    assert found["suite_parameters"] == {"rows": 4, "since": "1 day, 0:00:00"}
