"""Between rule packs and Great Expectations suites: nothing is lost on the way, and GX judges as we do."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow.parquet as pq
import pytest

from validahub_pipeline.engine import run_suite, validate
from validahub_pipeline.expectations import known_expectations
from validahub_pipeline.linting import Level, lint
from validahub_pipeline.linting.examples import rows_of
from validahub_pipeline.rulebook.gx_conditions import to_condition, to_sql
from validahub_pipeline.rulebook.gx_export import to_suite
from validahub_pipeline.rulebook.gx_import import to_pack
from validahub_pipeline.rulepacks import available, match_columns, resolve, to_json
from validahub_pipeline.rulepacks.differences import difference
from validahub_pipeline.rulepacks.named import find_pack
from validahub_pipeline.rulepacks.resolving import categories_of, examples

ORACLE = Path(__file__).parents[1] / "conformance" / "gx_oracle.py"
TODAY = date(2026, 11, 26)
OCCASIONS = [(name, category) for name in available() for category in categories_of(name)[:2]]


def exported(name: str, category: str = "all") -> dict[str, Any]:
    """The suite of a pack, as it would be read from its file."""
    pack = resolve(name, category=category, on=TODAY)
    return json.loads(json.dumps(to_suite(pack, examples(name, category=category, on=TODAY))))


def imported(suite: dict[str, Any], tmp_path: Path, name: str = "own") -> tuple[Any, list[Any]]:
    """The pack of a suite, and the errors lint finds in it."""
    found = to_pack(suite, name)
    path = tmp_path / f"{name}.yaml"
    path.write_text(found.text, encoding="utf-8")
    findings = lint([find_pack(str(path))], today=TODAY).findings
    return found, [one.told("en") for one in findings if one.level is Level.ERROR]


@pytest.mark.parametrize(("name", "category"), OCCASIONS)
def test_a_pack_comes_back_from_its_suite_as_it_was(name, category):
    pack = resolve(name, category=category, on=TODAY)
    back = to_pack(exported(name, category), "other")

    again = resolve(name, category="all", on=TODAY, packs={name: back.text})

    assert back.left_out == ()
    assert not difference(to_json(pack), to_json(again))
    # In its own right a pack has no category.
    assert again.hash == pack.hash or category != "all"


def test_a_suite_tells_gx_users_what_gx_cannot_run_and_why():
    suite = exported("mercado_livre")
    pack = resolve("mercado_livre", category="all", on=TODAY)
    custom = suite["meta"]["validahub"]["custom_expectations"]

    assert len(suite["expectations"]) + len(custom) == len(pack.rules)
    assert all(not known_expectations()[one["type"]].ours for one in suite["expectations"])
    for one in custom:
        assert known_expectations()[one["type"]].ours or one["meta"]["validahub"]["row_condition"]
        assert one["reason"]
        assert one["notes"]
    assert {one["severity"] for one in suite["expectations"]} == {"critical", "warning", "info"}


JUDGED = ("mercado_livre", "shopee", "shopify_csv")


@pytest.fixture(scope="module")
def judged(tmp_path_factory):
    """What Great Expectations says of the examples of each pack."""
    folder = tmp_path_factory.mktemp("judged")
    cases = []
    for name in JUDGED:
        suite, data = exported(name), folder / f"{name}.parquet"
        _examples_as_data(name, suite)[1].write_parquet(data)
        cases.append({"data": str(data), "suite": suite, "format": {"result_format": "COMPLETE"}})
    (folder / "cases.json").write_text(json.dumps(cases), encoding="utf-8")
    subprocess.run([sys.executable, ORACLE, folder / "cases.json", folder / "answers.json"], check=True, timeout=300)
    answers = json.loads((folder / "answers.json").read_text(encoding="utf-8"))
    return {name: answer["results"] for name, answer in zip(JUDGED, answers, strict=True)}


@pytest.mark.parametrize("name", JUDGED)
def test_great_expectations_judges_by_an_exported_suite_as_we_do_and_as_the_pack_does(judged, name, tmp_path):
    suite = exported(name)
    frame, typed = _examples_as_data(name, suite)
    answers = judged[name]
    ours = run_suite(typed, suite)["results"]
    of_pack = _rows_by_code(name, frame, tmp_path)

    assert len(answers) == len(ours) > 10
    failed = 0
    for entry, theirs, mine in zip(suite["expectations"], answers, ours, strict=True):
        code = entry["meta"]["validahub"]["code"]
        assert "refused" not in theirs, (code, theirs)
        assert not theirs["exception_info"].get("raised_exception"), (code, theirs)
        assert theirs["success"] is mine["success"], code
        rows = mine["result"].get("unexpected_index_list")
        assert theirs["result"].get("unexpected_index_list") == rows, code
        # Whether a number is among some texts, typed data and cells do not agree on.
        if rows is not None and "in_set" not in entry["type"]:
            assert [row - 1 for row in of_pack.get(code, [])] == rows, code
        failed += not mine["success"]
    assert failed >= 10


def _examples_as_data(name: str, suite: dict[str, Any]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The examples of all native rules as the rows of one file, as text and with numbers where rules ask for them."""
    pack = resolve(name, category="all", on=TODAY)
    rows: list[Any] = []
    numbers = set()
    for entry in suite["expectations"]:
        kept = entry["meta"]["validahub"]["examples"]
        column = entry["kwargs"].get("column", "")
        rows += [row for side in ("pass", "fail") for row in rows_of(kept[side], column)]
        if {"min_value", "max_value"} & entry["kwargs"].keys() and "lengths" not in entry["type"]:
            numbers.add(column)
        if entry["type"] == "expect_column_pair_values_a_to_be_greater_than_b":
            numbers |= {entry["kwargs"]["column_A"], entry["kwargs"]["column_B"]}
    # Each row a product of its own: rows that continue one are beyond a suite, which knows of no products.
    rows = [row | {"handle": f"product-{number}"} for number, row in enumerate(rows)]
    data = {field: [(row.get(field) or "").strip() and row[field] for row in rows] for field in pack.fields}
    frame = pl.DataFrame(data, schema=dict.fromkeys(pack.fields, pl.String))
    frame = frame.select(pl.when(pl.all() != "").then(pl.all()))
    for field in numbers:
        plainly = pl.col(field).str.contains(r"^-?\d+(\.\d+)?$")
        frame = frame.with_columns(pl.when(plainly).then(pl.col(field)))
    return frame, frame.with_columns(pl.col(sorted(numbers)).cast(pl.Float64))


def _rows_by_code(name: str, frame: pl.DataFrame, folder: Path) -> dict[str, list[int]]:
    numbers = pl.int_range(1, frame.height + 1, eager=True)
    path = folder / "rows.parquet"
    frame.select(numbers.alias("__row"), numbers.alias("__line"), pl.all()).write_parquet(path)
    pack = resolve(name, category="all", on=TODAY)
    match = match_columns(pack, pq.read_schema(path).names[2:])
    validate(path, pack, match, violations=folder / "violations.parquet", validated=None)
    found = pl.read_parquet(folder / "violations.parquet").filter(pl.col("row") > 0)
    return {str(code): sorted(rows["row"].to_list()) for (code,), rows in found.group_by("code")}


OLD = {
    "expectation_suite_name": "orders 2024",
    "expectations": [
        {"expectation_type": "expect_column_values_to_not_be_null", "kwargs": {"column": "Preço (R$)"}},
        {
            "expectation_type": "expect_column_values_to_be_between",
            "kwargs": {"column": "Preço (R$)", "min_value": 0.5, "max_value": 100, "mostly": 0.9},
        },
        {"expectation_type": "expect_column_values_to_be_unique", "kwargs": {"column": "sku"}},
        {"expectation_type": "expect_column_values_to_be_unique", "kwargs": {"column": "SKU"}},
        {
            "expectation_type": "expect_column_values_to_be_in_set",
            "kwargs": {
                "column": "state",
                "value_set": ["new", "used"],
                "row_condition": 'col("sku").notNull()',
                "condition_parser": "great_expectations__experimental__",
            },
        },
        {
            "expectation_type": "expect_column_values_to_match_regex",
            "kwargs": {"column": "zip", "regex": r"^\d{5}-\d{3}$", "result_format": "BASIC"},
        },
        {
            "expectation_type": "expect_column_pair_values_a_to_be_greater_than_b",
            "kwargs": {"column_A": "a", "column_B": "b", "or_equal": True},
        },
        {"expectation_type": "expect_table_row_count_to_be_between", "kwargs": {"min_value": 2, "max_value": None}},
        {"expectation_type": "expect_column_mean_to_be_between", "kwargs": {"column": "a", "min_value": 2}},
        {
            "expectation_type": "expect_column_values_to_be_dateutil_parseable",
            "kwargs": {"column": "day", "row_condition": "a > 5 and b == 'x'", "condition_parser": "pandas"},
        },
        {"expectation_type": "expect_compound_columns_to_be_unique", "kwargs": {"column_list": ["a", "b"]}},
        {"expectation_type": "expect_column_kl_divergence_to_be_less_than", "kwargs": {"column": "a"}},
    ],
}


def test_an_old_suite_becomes_a_pack_that_lint_finds_nothing_wrong_with(tmp_path):
    found, errors = imported(OLD, tmp_path)

    assert errors == []
    assert [rule["code"] for rule in found.document["rules"]] == [
        "missing_preco_r",
        "preco_r_out_of_range",
        "duplicate_sku",
        "duplicate_sku_2",
        "state_unknown",
        "zip_malformed",
        "a_b_not_greater",
        "table_row_count_to_be_between",
        "a_mean_to_be_between",
        "day_no_date",
        "duplicate_a_b",
    ]
    assert found.document["fields"]["preco_r"] == {"aliases": ["Preço (R$)"]}
    assert all(rule["verified"] is False and rule["severity"] == "info" for rule in found.document["rules"])
    assert found.text.count("# Severity in the suite: critical.") == len(found.document["rules"])
    conditions = [rule.get("row_condition") for rule in found.document["rules"]]
    assert "sku IS NOT NULL" in conditions
    assert "(TRY_CAST(a AS DOUBLE) > 5) AND (b = 'x')" in conditions


def test_what_a_pack_cannot_hold_is_left_beside_it_as_a_comment_with_the_reason(tmp_path):
    found, _ = imported(OLD, tmp_path)

    assert [(one.place, one.type) for one in found.left_out] == [
        ("expectations[11]", "expect_column_kl_divergence_to_be_less_than")
    ]
    assert "# expectations[11] could not be carried over:" in found.text
    assert "#   type: expect_column_kl_divergence_to_be_less_than" in found.text


def test_a_suite_of_today_with_severities_and_condition_objects_is_read_too(tmp_path):
    condition = {"type": "comparison", "column": {"name": "b"}, "operator": "!=", "parameter": "x"}
    nullness = {"type": "expect_column_values_to_not_be_null", "severity": "warning"}
    found, errors = imported(
        {"name": "s", "expectations": [nullness | {"kwargs": {"column": "a", "row_condition": condition}}]}, tmp_path
    )

    assert errors == []
    assert found.document["rules"][0]["row_condition"] == "(b <> 'x' OR b IS NULL)"
    assert "# Severity in the suite: warning." in found.text


def test_what_somebody_changed_in_an_exported_suite_holds():
    suite = exported("shopee")
    changed = next(one for one in suite["expectations"] if one["meta"]["validahub"]["code"] == "title_too_long")
    changed["kwargs"]["max_value"] = 120
    changed["kwargs"]["row_condition"] = {"type": "nullity", "column": {"name": "brand"}, "is_null": True}
    changed["meta"]["validahub"]["examples"]["fail"] = "x" * 121

    rule = next(rule for rule in to_pack(suite, "x").document["rules"] if rule["code"] == "title_too_long")

    assert (rule["kwargs"]["max_value"], rule["row_condition"]) == (120, "brand IS NULL")


CONDITIONS = [
    ("a IS NULL", {"type": "nullity", "column": {"name": "a"}, "is_null": True}),
    (
        "a = 'it''s AND so'",
        {"type": "comparison", "column": {"name": "a"}, "operator": "==", "parameter": "it's AND so"},
    ),
    ("UPPER(a) = 'X'", None),
    ("a LIKE 'x%'", None),
    ("a IS NULL OR b IS NULL", None),
]


@pytest.mark.parametrize(("sql", "condition"), CONDITIONS)
def test_a_condition_is_converted_only_where_gx_has_the_same(sql, condition):
    assert to_condition(sql) == condition


@pytest.mark.parametrize("sql", ["a = 'x'", "a <> 'x'", "a IN ('x', 'y')", "a IS NOT NULL AND b = 'x'", "a IS NULL"])
def test_a_condition_selects_the_same_rows_in_sql_as_object_and_in_sql_again(sql):
    cells = pl.DataFrame({"a": ["x", "y", "z", None] * 2, "b": ["x"] * 4 + [None] * 4})
    condition = to_condition(sql)
    again = to_sql(condition, None, lambda name: name)
    rows = pl.int_range(pl.len())
    suite = {"expectations": [{"type": "expect_column_values_to_be_null", "kwargs": {"column": "n"}}]}
    suite["expectations"][0]["kwargs"]["row_condition"] = condition
    numbered = cells.with_columns(rows.alias("n"))

    by_object = run_suite(numbered, suite)["results"][0]["result"]["unexpected_list"]

    assert by_object == numbered.filter(pl.sql_expr(sql)).get_column("n").to_list()
    assert by_object == numbered.filter(pl.sql_expr(again)).get_column("n").to_list()
