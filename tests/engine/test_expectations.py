"""What each expectation holds against, and what it lets pass."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from validahub_pipeline.engine import run_suite
from validahub_pipeline.engine.corrections import known_corrections
from validahub_pipeline.errors import PackError
from validahub_pipeline.expectations import known_expectations
from validahub_pipeline.rulepacks.vocabulary import CORRECTIONS

GX = "expect_column_values_to_"

EXAMPLES: list[tuple[str, dict[str, Any], list[str | None], list[str | None]]] = [
    (GX + "not_be_null", {}, ["x", "0"], [None, " ", "\t\n", "\u00a0", "\u200b"]),
    (GX + "be_null", {}, [None, "  "], ["x"]),
    (GX + "be_in_set", {"value_set": ["new", 5]}, ["new", "5", None, " "], ["New", "new ", "5.0"]),
    (GX + "not_be_in_set", {"value_set": ["N/A"]}, ["n/a", None], ["N/A"]),
    (
        GX + "be_between",
        {"min_value": 1, "max_value": 10},
        ["1", "10", " 5 ", "2,5", "R$ 9,90", "x", None],
        ["0.99", "10,01", "-3"],
    ),
    (GX + "be_between", {"min_value": 1, "strict_min": True}, ["1.01", "99999999999"], ["1", "1,0"]),
    (GX + "be_between", {"max_value": 2, "strict_max": True}, ["1.99"], ["2", "2,00"]),
    (
        "expect_column_value_lengths_to_be_between",
        {"min_value": 2, "max_value": 3},
        ["ção", "👍🏽", None],
        ["a", "abcd"],
    ),
    ("expect_column_value_lengths_to_equal", {"value": 3}, ["ção", None], ["a", "açaí"]),
    (GX + "match_regex", {"regex": r"^\d+$"}, ["12", None], ["12a", "a12"]),
    (GX + "match_regex", {"regex": "a"}, ["bab"], ["b"]),
    (GX + "match_regex", {"regex": r"^(?!x)(.)\1"}, ["aab", None], ["xx", "ab"]),
    (GX + "not_match_regex", {"regex": r"\d"}, ["a", None], ["a1"]),
    (GX + "match_regex_list", {"regex_list": ["^a", "z$"]}, ["ab", "bz", None], ["b"]),
    (GX + "match_regex_list", {"regex_list": ["^a", "z$"], "match_on": "all"}, ["az"], ["ab", "bz"]),
    (GX + "not_match_regex_list", {"regex_list": ["^a", "z$"]}, ["b", None], ["ab", "bz"]),
    (GX + "be_unique", {}, ["a", "A", "a ", None, None, " ", " "], ["b", "b", "b"]),
]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: f"{example[0]}{example[1] or ''}"[:80])
def test_an_expectation_is_violated_by_exactly_the_cells_that_break_it(bench, make_pack, example) -> None:
    kind, kwargs, holding, violating = example
    pack = make_pack(["x"], [("broken", kind, {"column": "x", **kwargs})])
    # A second column, so that no file is without cells, and dots enough that no column votes for decimal commas.
    cells = [*holding, *violating]
    rows = bench.write_rows({"x": cells, "id": [str(place) for place in range(len(cells))]})

    bench.validate(rows, pack)

    broken = [cells[row - 1] for row, _, _ in bench.violations()]
    assert broken == violating


@pytest.mark.parametrize(
    "known", [known for known in known_expectations().values() if known.ours], ids=lambda known: known.type
)
def test_one_of_ours_is_violated_by_its_own_examples_in_packs_and_suites_alike(bench, make_pack, known) -> None:
    rows = [cells if isinstance(cells, tuple) else (cells,) for cells in (*known.example.holds, *known.example.fails)]
    fields = [f"x{place}" for place in range(len(rows[0]))]
    looked_at = (
        {"column_list": fields} if known.domain == ("column_list",) else dict(zip(known.domain, fields, strict=True))
    )
    kwargs = looked_at | known.example.kwargs
    table = {field: [row[place] for row in rows] for place, field in enumerate(fields)}
    violating = list(range(len(known.example.holds), len(rows)))

    # A second column, so that no file is without cells.
    numbered = bench.write_rows(table | {"id": [str(place) for place in range(len(rows))]})
    bench.validate(numbered, make_pack(fields, [("broken", known.type, kwargs)]))
    suite = {"name": "s", "expectations": [{"type": known.type, "kwargs": kwargs}]}
    typed = pl.DataFrame(table, schema=dict.fromkeys(fields, pl.String))
    result = run_suite(typed.cast(pl.Float64) if known.example.numbers else typed, suite)["results"][0]["result"]

    assert [row - 1 for row, _, _ in bench.violations()] == violating
    assert result["unexpected_index_list"] == violating


def test_the_engine_runs_every_correction_that_packs_may_use() -> None:
    assert set(CORRECTIONS) <= set(known_corrections())
    for name, word in CORRECTIONS.items():
        known_type = known_corrections()[name]
        assert known_type.confidence == word.confidence
        assert set(word.kwargs) == known_type.allowed, name


@pytest.mark.parametrize("known", [*known_expectations().values(), *known_corrections().values()])
def test_every_expectation_and_correction_says_what_it_means(known) -> None:
    assert known.function.__doc__


PAIR = "expect_column_pair_values_a_to_be_greater_than_b"


@pytest.mark.parametrize(
    ("more", "violating"),
    [
        ({}, [2, 3, 4, 5]),
        ({"or_equal": True}, [3, 4, 5]),
        ({"ignore_row_if": "either_value_is_missing"}, [2, 3]),
        ({"ignore_row_if": "neither"}, [2, 3, 4, 5, 6]),
    ],
)
def test_a_pair_is_compared_as_great_expectations_does_and_texts_are_unknown(bench, make_pack, more, violating) -> None:
    pack = make_pack(["a", "b"], [("pair", PAIR, {"column_A": "a", "column_B": "b", **more})])
    rows = bench.write_rows(
        {"a": ["10", "5,50", "9", None, "1", None, "x"], "b": ["9.5", "5.5", "10", "1", None, " ", "1"]}
    )

    bench.validate(rows, pack)

    assert [row for row, _, _ in bench.violations()] == violating
    assert {found["column"] for found in bench.table("violations.parquet")} == {"a"}
    assert "9 | 10" in [found["value"] for found in bench.table("violations.parquet")]


def test_compound_uniqueness_takes_missing_values_as_equal_and_skips_rows_that_are_empty(bench, make_pack) -> None:
    compound = ("twice", "expect_compound_columns_to_be_unique", {"column_list": ["a", "b"]})
    pack = make_pack(["a", "b"], [compound])
    rows = bench.write_rows({"a": ["x", "x", "x", None, " ", "y", "y"], "b": ["1", "1", "2", None, None, None, " "]})

    bench.validate(rows, pack)

    assert [row for row, _, _ in bench.violations()] == [1, 2, 6, 7]


def test_a_value_recurs_only_in_rows_that_are_asked(bench, make_pack) -> None:
    used = {"row_condition": "kind = 'used'"}
    twice = ("twice", GX + "be_unique", {"column": "x"}, used)
    thrice = ("thrice", "expect_column_values_to_recur_at_most", {"column": "x", "max_count": 2}, used)
    rows = bench.write_rows(
        {
            "x": ["a", "b", "a", "b", None, "b", None, "b", "c"],
            "kind": ["used", "used", "new", "used", "used", "used", "used", "new", "used"],
        }
    )

    bench.validate(rows, make_pack(["x", "kind"], [twice, thrice]))

    assert [(row, code) for row, code, _ in bench.violations()] == [
        *((2, "twice"), (4, "twice")),
        *((6, "thrice"), (6, "twice")),
    ]


@pytest.mark.parametrize(
    ("rule", "named"),
    [
        (("c", "expect_nothing", {"column": "x"}), "expect_nothing"),
        (("c", GX + "be_in_set", {"column": "x"}), "value_set"),
        (("c", GX + "be_in_set", {"column": "x", "value_set": [], "colour": 1}), "colour"),
        (("c", GX + "be_between", {"column": "x"}), "min_value"),
        (("c", GX + "match_regex", {"column": "x", "regex": "("}), "match_regex"),
        (("c", GX + "match_regex_list", {"column": "x", "regex_list": ["a"], "match_on": "most"}), "most"),
        (("c", GX + "not_be_null", {"column": "x"}, {"row_condition": "y IS NULL"}), "y"),
        (("c", GX + "not_be_null", {"column": "x"}, {"row_condition": "x IS IS"}), "x IS IS"),
        (("c", GX + "not_be_null", {"column": "x"}, {"row_condition": "LENGTH(x)"}), "LENGTH"),
    ],
)
def test_a_rule_nobody_can_run_is_refused_by_name_before_anything_is_written(bench, make_pack, rule, named) -> None:
    rows = bench.write_rows({"x": ["a"]})

    with pytest.raises(PackError) as refused:
        bench.validate(rows, make_pack(["x"], [rule]))

    for lang in ("pt-BR", "en", "es"):
        assert named in refused.value.render(lang)
    assert not (bench.folder / "violations.parquet").exists()


OTHERS: list[tuple[str, dict[str, Any], list[str | None], list[int]]] = [
    (GX + "be_increasing", {}, ["1", "2,5", None, "2", "x", "3"], [4]),
    (GX + "be_decreasing", {"strictly": True}, ["3", "3", "2"], [2]),
    ("expect_column_value_z_scores_to_be_less_than", {"threshold": 1.5, "double_sided": True}, [*"11111", "9"], [6]),
    (GX + "be_dateutil_parseable", {}, ["2026-11-24", "24/11/2026", None, "ontem"], [4]),
    (GX + "match_like_pattern", {"like_pattern": "MLB%"}, ["MLB1", None, "XMLB1"], [3]),
]


@pytest.mark.parametrize("example", OTHERS, ids=lambda example: example[0])
def test_great_expectations_other_expectations_judge_cells_too(bench, make_pack, example) -> None:
    kind, kwargs, cells, violating = example
    pack = make_pack(["x"], [("broken", kind, {"column": "x", **kwargs})])
    # Several batches, so that a verdict across rows has to look beyond its own.
    rows = bench.write_rows({"x": cells, "id": [str(place) for place in range(len(cells))]}, row_group=2)

    bench.validate(rows, pack)

    assert [row for row, _, _ in bench.violations()] == violating


@pytest.mark.parametrize(
    ("kind", "kwargs", "shown"),
    [
        ("expect_column_mean_to_be_between", {"column": "x", "max_value": 2}, "2.5"),
        ("expect_column_max_to_be_between", {"column": "x", "max_value": 3}, "4.0"),
        ("expect_column_distinct_values_to_be_in_set", {"column": "y", "value_set": ["a"]}, "['b']"),
        ("expect_table_row_count_to_be_between", {"max_value": 3}, "4"),
        ("expect_table_columns_to_match_set", {"column_set": ["x"]}, ""),
    ],
)
def test_what_is_said_of_the_whole_is_a_violation_of_the_file(bench, make_pack, kind, kwargs, shown) -> None:
    pack = make_pack(["x", "y"], [("off", kind, kwargs)])
    rows = bench.write_rows({"x": ["1", "2", "3", "4"], "y": ["a", "a", "b", "b"]}, row_group=2)

    result = bench.validate(rows, pack)

    assert bench.violations() == [(0, "off", kwargs.get("column", ""))]
    assert bench.table("violations.parquet")[0]["value"] == shown
    assert result.rows_with_violations == 0


def test_what_is_said_of_the_whole_looks_at_the_rows_of_its_condition(bench, make_pack) -> None:
    few = ("few", "expect_table_row_count_to_equal", {"value": 2}, {"row_condition": "y = 'a'"})
    low = ("low", "expect_column_max_to_be_between", {"column": "x", "max_value": 2}, {"row_condition": "y = 'a'"})
    rows = bench.write_rows({"x": ["1", "2", "3", "4"], "y": ["a", "a", "b", "b"]})

    bench.validate(rows, make_pack(["x", "y"], [few, low]))

    assert bench.violations() == []


def test_one_of_several_columns_will_do_where_a_file_has_not_all_of_them(bench, make_pack) -> None:
    fields = ["color", "size", "voltage"]
    pack = make_pack(fields, [("none", "expect_multicolumn_values_to_not_all_be_null", {"column_list": fields})])

    bench.validate(bench.write_rows({"size": ["P", None], "id": ["1", "2"]}), pack)
    assert [(found["row"], found["column"]) for found in bench.table("violations.parquet")] == [(2, "size")]

    bench.validate(bench.write_rows({"id": ["1", "2"]}), pack)
    assert bench.violations() == []
