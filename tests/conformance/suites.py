"""Typed data and suites to try on it: every expectation, with kwargs that some rows meet and others don't. Seeded."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import polars as pl

_WORDS = (
    "novo",
    "usado",
    "Açaí",
    "",
    "tênis",
    "x",
    "abc123",
    "ABC",
    "50%",
    "a_b",
    "日本",
    "2024-01-05",
    '{"a": 1}',
    "12/31/2023",
    "[1,2]",
    "line\nbreak",
    "tab\t",
)


def data(seed: int) -> pl.DataFrame:
    """A frame of every common type, with nulls, empty text, NaN and repetition; sometimes without rows."""
    chance = random.Random(seed)
    rows = chance.choice([0, 1, 2, 7, 20, 60])
    holes = chance.choice([0.0, 0.0, 0.2, 1.0 if chance.random() < 0.1 else 0.5])

    def column(draw: Any, dtype: Any) -> pl.Series:
        return pl.Series([None if chance.random() < holes else draw() for _ in range(rows)], dtype=dtype)

    start = datetime(2024, 1, 1)  # noqa: DTZ001 - naive, as most data are
    return pl.DataFrame(
        {
            "whole": pl.Series([chance.randrange(-5, 15) for _ in range(rows)], dtype=pl.Int64),
            "some": column(lambda: chance.randrange(0, 10), pl.Int64),
            "real": column(
                lambda: chance.choice([0.0, 1.5, -2.25, 3.0, 1e6, float("nan"), chance.random()]), pl.Float64
            ),
            "text": column(lambda: chance.choice(_WORDS), pl.String),
            "word": pl.Series([chance.choice("abcde") for _ in range(rows)], dtype=pl.String),
            "json": pl.Series([chance.choice(['{"a": 1}', '{"a": "b"}', "{}"]) for _ in range(rows)], dtype=pl.String),
            "flag": pl.Series([chance.random() < 0.5 for _ in range(rows)], dtype=pl.Boolean),
            "moment": column(lambda: start + timedelta(hours=chance.randrange(0, 2000)), pl.Datetime("us")),
            "rising": pl.Series([n + (chance.random() < 0.1) * 3 for n in range(rows)], dtype=pl.Int64),
        },
        schema_overrides={"word": pl.String},
    )


def result_format(seed: int) -> Any:
    """How much is to be told: everything in every other case, else one of the options."""
    everything = {"result_format": "COMPLETE"}
    return everything if seed % 2 else everything | _FORMATS[seed // 2 % len(_FORMATS)]


Add = Callable[..., None]


def suite(seed: int) -> dict[str, Any]:
    """Some two hundred expectations."""
    chance = random.Random(seed)
    expectations: list[dict[str, Any]] = []

    def add(kind: str, **kwargs: Any) -> None:
        if not _ABOUT_A_WHOLE.search(kind) and chance.random() < 0.3:
            kwargs["mostly"] = chance.choice([0, 0.2, 0.5, 0.9, 1])
        if not kind.startswith("expect_table_column") and "to_exist" not in kind and chance.random() < 0.25:
            kwargs |= chance.choice(_CONDITIONS)
        expectations.append({"type": kind, "kwargs": kwargs, "meta": {}})

    for part in (_of_any_type, _of_numbers, _of_texts, _of_other_types, _of_several, _of_the_table):
        part(add, chance)
    return {"name": f"suite {seed}", "expectations": expectations, "meta": {}}


def _of_any_type(add: Add, chance: random.Random) -> None:
    for column in (*_NUMBERS, *_TEXTS, "flag", "moment"):
        add("expect_column_values_to_not_be_null", column=column)
        add("expect_column_values_to_be_null", column=column)
        add("expect_column_values_to_be_unique", column=column)
        add(
            "expect_column_unique_value_count_to_be_between",
            column=column,
            min_value=1,
            max_value=chance.choice([3, 30]),
        )
        add(
            "expect_column_proportion_of_unique_values_to_be_between",
            column=column,
            min_value=0.3,
            max_value=chance.choice([0.9, 1]),
        )
        add("expect_column_proportion_of_non_null_values_to_be_between", column=column, min_value=0.5)


def _of_numbers(add: Add, chance: random.Random) -> None:
    limits = {
        "min_value": chance.choice([None, -1, 0, 2.5]),
        "max_value": chance.choice([4, 7.5, 100]),
        "strict_min": chance.random() < 0.5,
        "strict_max": chance.random() < 0.5,
    }
    for column in _NUMBERS:
        add("expect_column_values_to_be_between", column=column, **limits)
        add(
            "expect_column_values_to_be_in_set",
            column=column,
            value_set=chance.choice([[0, 1, 2, 3, 1.5], [], [3, "3", 1e6], list(range(-5, 20))]),
        )
        add(
            "expect_column_values_to_not_be_in_set",
            column=column,
            value_set=chance.choice([[0, 1], [1.5, -2.25], ["1"]]),
        )
        add(
            "expect_column_value_z_scores_to_be_less_than",
            column=column,
            threshold=chance.choice([0.5, 1, 2]),
            double_sided=chance.random() < 0.5,
        )
        add(
            "expect_column_values_to_not_be_outliers",
            column=column,
            method=chance.choice(["iqr", "std"]),
            multiplier=chance.choice([0, 0.5, 1.5]),
        )
        add("expect_column_values_to_be_increasing", column=column, strictly=chance.random() < 0.5)
        add("expect_column_values_to_be_decreasing", column=column, strictly=chance.random() < 0.5)
        for figure in ("min", "max", "mean", "median", "sum"):
            add(f"expect_column_{figure}_to_be_between", column=column, **limits)
        add("expect_column_stdev_to_be_between", column=column, min_value=0.5, max_value=chance.choice([3, None]))
        add(
            "expect_column_quantile_values_to_be_between",
            column=column,
            quantile_ranges={"quantiles": [0, 0.25, 0.5, 1], "value_ranges": [[None, 3], [0, 4], [1, None], [2, 10]]},
            allow_relative_error=chance.choice([False, "linear", "lower", "higher", "midpoint"]),
        )
        add(
            "expect_column_most_common_value_to_be_in_set",
            column=column,
            value_set=[0, 1, 2, 3],
            ties_okay=chance.random() < 0.5,
        )
        for about in ("be_in_set", "contain_set", "equal_set"):
            add(
                f"expect_column_distinct_values_to_{about}",
                column=column,
                value_set=chance.choice([[0, 1, 2], list(range(-5, 20))]),
            )


def _of_texts(add: Add, chance: random.Random) -> None:
    for column in _TEXTS:
        add("expect_column_values_to_be_between", column=column, min_value="a", max_value=chance.choice(["c", "x"]))
        add(
            "expect_column_values_to_be_in_set",
            column=column,
            value_set=chance.choice([["novo", "a", ""], ["x", 1], list("abcde")]),
        )
        add("expect_column_values_to_not_be_in_set", column=column, value_set=["usado", "b", 3])
        add(
            "expect_column_value_lengths_to_be_between",
            column=column,
            min_value=chance.choice([None, 1, 3]),
            max_value=chance.choice([4, 9]),
            strict_max=chance.random() < 0.5,
        )
        add("expect_column_value_lengths_to_equal", column=column, value=chance.choice([1, 4]))
        for regex in chance.sample(_REGEXES, 4):
            add("expect_column_values_to_match_regex", column=column, regex=regex)
            add("expect_column_values_to_not_match_regex", column=column, regex=regex)
        add(
            "expect_column_values_to_match_regex_list",
            column=column,
            regex_list=chance.sample(_REGEXES, 2),
            match_on=chance.choice(["any", "all"]),
        )
        add("expect_column_values_to_not_match_regex_list", column=column, regex_list=chance.sample(_REGEXES, 2))
        add(
            "expect_column_values_to_match_strftime_format",
            column=column,
            strftime_format=chance.choice(["%Y-%m-%d", "%m/%d/%Y"]),
        )
        add("expect_column_values_to_be_dateutil_parseable", column=column)
        add("expect_column_values_to_be_json_parseable", column=column)
        add("expect_column_min_to_be_between", column=column, min_value="a", max_value="z")
        add("expect_column_max_to_be_between", column=column, min_value="a", max_value="c")
        add(
            "expect_column_most_common_value_to_be_in_set",
            column=column,
            value_set=["a", "novo", "x"],
            ties_okay=chance.random() < 0.5,
        )
        for about in ("be_in_set", "contain_set", "equal_set"):
            add(
                f"expect_column_distinct_values_to_{about}",
                column=column,
                value_set=chance.choice([list("abcde"), ["a", "novo"]]),
            )
    add(
        "expect_column_values_to_match_json_schema",
        column="json",
        json_schema={"type": "object", "properties": {"a": {"type": "integer"}}},
    )


def _of_other_types(add: Add, chance: random.Random) -> None:
    add("expect_column_values_to_match_json_schema", column="text", json_schema={"type": "object"})
    add("expect_column_values_to_be_in_set", column="flag", value_set=chance.choice([[True], [0], []]))
    add(
        "expect_column_values_to_be_between",
        column="moment",
        min_value="2024-01-10T00:00:00",
        max_value="2024-02-20T00:00:00",
    )
    add("expect_column_mean_to_be_between", column="text", min_value=1)
    add("expect_column_values_to_be_between", column="text", min_value=1, max_value=3)
    add("expect_column_values_to_be_between", column="nowhere", min_value=1)


def _of_several(add: Add, chance: random.Random) -> None:
    for a, b in (("whole", "some"), ("some", "real"), ("text", "word")):
        ignore = chance.choice(["both_values_are_missing", "either_value_is_missing", "neither"])
        add("expect_column_pair_values_to_be_equal", column_A=a, column_B=b, ignore_row_if=ignore)
        add(
            "expect_column_pair_values_a_to_be_greater_than_b",
            column_A=a,
            column_B=b,
            or_equal=chance.random() < 0.5,
            ignore_row_if=ignore,
        )
        add(
            "expect_column_pair_values_to_be_in_set",
            column_A=a,
            column_B=b,
            value_pairs_set=[[1, 2], [3, None], ["a", "b"], ["novo", "a"], [0, 0]],
            ignore_row_if=ignore,
        )
    for columns in (["whole", "some"], ["some", "real", "rising"], ["text", "word"]):
        ignore = chance.choice(["all_values_are_missing", "any_value_is_missing", "never"])
        add("expect_compound_columns_to_be_unique", column_list=columns, ignore_row_if=ignore)
        add("expect_select_column_values_to_be_unique_within_record", column_list=columns, ignore_row_if=ignore)
        add("expect_multicolumn_values_to_be_equal", column_list=columns, ignore_row_if=ignore)
        if "text" not in columns:
            add(
                "expect_multicolumn_sum_to_equal",
                column_list=columns,
                sum_total=chance.choice([5, 7, 3.5]),
                ignore_row_if=ignore,
            )


def _of_the_table(add: Add, chance: random.Random) -> None:
    add("expect_table_row_count_to_equal", value=chance.choice([0, 7]))
    add("expect_table_row_count_to_be_between", min_value=2, max_value=chance.choice([10, None]))
    add("expect_table_column_count_to_equal", value=9)
    add("expect_table_column_count_to_be_between", min_value=3, max_value=8)
    add(
        "expect_table_columns_to_match_ordered_list",
        column_list=chance.choice(
            [["whole", "some"], ["some", "whole", "real", "text", "word", "json", "flag", "moment", "rising"]]
        ),
    )
    add(
        "expect_table_columns_to_match_set",
        column_set=["some", "whole", "real", "text"],
        exact_match=chance.random() < 0.5,
    )
    add("expect_column_to_exist", column=chance.choice(["whole", "nowhere"]), column_index=chance.choice([None, 0, 1]))
    for column, kind in (
        ("whole", "int64"),
        ("real", "float64"),
        ("real", "float"),
        ("text", "str"),
        ("whole", "int"),
        ("flag", "bool"),
        ("text", "int"),
    ):
        add("expect_column_values_to_be_of_type", column=column, type_=kind)
        add("expect_column_values_to_be_in_type_list", column=column, type_list=[kind, "float32"])


_FORMATS: list[dict[str, Any]] = [
    {"unexpected_index_column_names": ["rising", "word"], "include_unexpected_rows": True},
    {"result_format": "SUMMARY", "unexpected_index_column_names": ["word"], "partial_unexpected_count": 3},
    {"result_format": "BASIC", "include_unexpected_rows": True, "partial_unexpected_count": 2},
    {"exclude_unexpected_values": True, "unexpected_index_column_names": ["word"]},
    {"exclude_unexpected_values": True},
    {"result_format": "BOOLEAN_ONLY", "return_unexpected_index_query": True},
    {"result_format": "BASIC", "return_unexpected_index_query": True},
    {"return_unexpected_index_query": False, "partial_unexpected_count": 0},
    {"result_format": "BOOLEAN_ONLY"},
]
_NUMBERS = ("whole", "some", "real", "rising")
_TEXTS = ("text", "word")
_ABOUT_A_WHOLE = re.compile(
    "table|to_exist|distinct|proportion|quantile|unique_value_count|most_common|of_type|type_list|(min|max|mean|median|sum|stdev)_to_be_between"
)
_REGEXES = [
    r"^[a-z]+$",
    r"\d",
    r"^\w+$",
    r"\s",
    r"[^\W\d_]",
    r"(?<!a)b",
    r"(.)\1",
    r"^$",
    r"x|novo",
    r"a{1,2}",
    r"[A-Z]{3}",
    r"\bab",
    r"ê|ç",
    r"(?i)ABC",
    r"\.",
    r"^.{4,}$",
    r"[\w%]+$",
]

_CONDITIONS: list[dict[str, Any]] = [
    {"row_condition": "whole > 2", "condition_parser": "pandas"},
    {"row_condition": 'word == "a" or `rising` < 3', "condition_parser": "pandas"},
    {"row_condition": 'whole > 2 & word != "a" | rising == 1', "condition_parser": "pandas"},
    {"row_condition": 'word == 1 or whole != "1" and ~(rising > 5)', "condition_parser": "pandas"},
    {"row_condition": "moment > datetime.datetime(2024, 1, 20) or whole.between(1, 4)", "condition_parser": "pandas"},
    {"row_condition": 'word.isin(["a", "b"]) and word.str.startswith("a")', "condition_parser": "pandas"},
    {"row_condition": "text.notnull() and whole in [1, 2, 3, 4]", "condition_parser": "pandas"},
    {"row_condition": {"type": "comparison", "column": {"name": "whole"}, "operator": ">=", "parameter": 3}},
    {"row_condition": {"type": "and", "conditions": [
        {"type": "nullity", "column": {"name": "some"}, "is_null": False},
        {"type": "comparison", "column": {"name": "word"}, "operator": "IN", "parameter": ["a", "b", "c"]}]}},
    {"row_condition": {"type": "comparison", "column": {"name": "word"}, "operator": "!=", "parameter": "a"}},
]  # fmt: skip
