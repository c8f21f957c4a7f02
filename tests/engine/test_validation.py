"""What a validation writes and counts."""

from __future__ import annotations

from collections import Counter

import pyarrow.parquet as pq
import pytest

from validahub_pipeline.engine import ViolationExample, validate
from validahub_pipeline.rulepacks.model import ColumnMatch, Severity, Unmatched

NOT_NULL = "expect_column_values_to_not_be_null"
UNIQUE = "expect_column_values_to_be_unique"
LENGTHS = "expect_column_value_lengths_to_be_between"
BETWEEN = "expect_column_values_to_be_between"


@pytest.fixture
def pack(make_pack):
    return make_pack(
        ["sku", "title", "price"],
        [
            ("title_too_long", LENGTHS, {"column": "title", "max_value": 5}, {"severity": Severity.WARNING}),
            ("missing_title", NOT_NULL, {"column": "title"}),
            ("duplicate_sku", UNIQUE, {"column": "sku"}),
            ("cheap", BETWEEN, {"column": "price", "min_value": 8}, {"severity": Severity.INFO}),
        ],
        required=["title"],
    )


TABLE = {
    "sku": ["a", "b", "a", None, "c"],
    "extra": ["1", "2", "3", "4", 'with, "quotes"\nand a break'],
    "title": ["short", "too long", None, "  ", "fine"],
    "price": ["7,99", "8,00", "R$ 1.234,56", "free", "7"],
}


def test_every_violation_has_a_row_ordered_by_row_code_and_column(bench, pack) -> None:
    bench.validate(bench.write_rows(TABLE), pack)

    assert bench.violations() == [
        (1, "cheap", "price"),
        (1, "duplicate_sku", "sku"),
        (2, "title_too_long", "title"),
        (3, "duplicate_sku", "sku"),
        (3, "missing_title", "title"),
        (4, "missing_title", "title"),
        (5, "cheap", "price"),
    ]
    assert bench.table("violations.parquet")[0] == {
        "row": 1,
        "line": 2,
        "column": "price",
        "code": "cheap",
        "severity": "info",
        "value": "7,99",
    }


def test_the_violations_file_is_made_of_whole_numbers_and_text(bench, pack) -> None:
    bench.validate(bench.write_rows(TABLE), pack)

    schema = pq.read_schema(bench.folder / "violations.parquet")
    assert {field.name: str(field.type) for field in schema} == {
        "row": "int64",
        "line": "int64",
        "column": "string",
        "code": "string",
        "severity": "string",
        "value": "string",
    }


def test_validated_csv_holds_the_cells_as_they_were_with_the_worst_severity_and_the_codes(bench, pack) -> None:
    bench.validate(bench.write_rows(TABLE), pack)

    header, *records = bench.csv("validated.csv")
    assert header == [*TABLE, "validation_status", "validation_errors"]
    assert [record[:4] for record in records] == [
        [cell or "" for cell in cells] for cells in zip(*TABLE.values(), strict=True)
    ]
    assert [record[4:] for record in records] == [
        ["critical", "cheap|duplicate_sku"],
        ["warning", "title_too_long"],
        ["critical", "duplicate_sku|missing_title"],
        ["critical", "missing_title"],
        ["info", "cheap"],
    ]
    assert (bench.folder / "validated.csv").read_bytes().count(b"\r\n") == len(records) + 1


def test_a_row_without_violations_is_ok(bench, make_pack) -> None:
    bench.validate(bench.write_rows({"x": ["a"]}), make_pack(["x"], [("missing", NOT_NULL, {"column": "x"})]))

    assert bench.csv("validated.csv")[1] == ["a", "ok", ""]


def test_a_file_that_has_columns_of_a_verdict_keeps_them(bench, make_pack) -> None:
    rows = bench.write_rows({"validation_status": ["mine"], "x": ["a"]})

    bench.validate(rows, make_pack(["x"]))

    assert bench.csv("validated.csv")[0] == ["validation_status", "x", "validation_status_2", "validation_errors"]


def test_counts_are_the_rows_of_the_violations_file(bench, pack) -> None:
    result = bench.validate(bench.write_rows(TABLE), pack)

    listed = Counter((found["code"], found["column"], found["severity"]) for found in bench.table("violations.parquet"))
    assert {(count.code, count.column, count.severity): count.count for count in result.counts} == listed
    assert (result.records, result.rows_with_violations, result.critical_rows) == (5, 5, 3)


def test_a_field_without_a_column_is_one_violation_of_the_file_and_its_rules_are_silent(bench, pack) -> None:
    rows = bench.write_rows({"sku": ["a", "b"], "titel": ["x", "y"], "title 2": ["x", "y"]})
    missing = Unmatched("title", ("titel", "title 2"), ambiguous=False)

    result = bench.validate(rows, pack, ColumnMatch({"sku": "sku"}, (missing,)))

    assert bench.table("violations.parquet") == [
        {
            "row": 0,
            "line": 0,
            "column": "title",
            "code": "column_missing",
            "severity": "critical",
            "value": "titel, title 2",
        }
    ]
    assert [(count.code, count.column, count.count) for count in result.counts] == [("column_missing", "title", 1)]
    assert result.examples["column_missing"] == (ViolationExample(0, 0, "title", "titel, title 2"),)
    assert (result.rows_with_violations, result.critical_rows) == (0, 0)


def test_several_columns_that_claim_a_field_are_told_apart_from_none(bench, pack) -> None:
    rows = bench.write_rows({"sku": ["a"], "nome": ["x"], "titulo": ["x"]})

    bench.validate(rows, pack, ColumnMatch({"sku": "sku"}, (Unmatched("title", ("nome", "titulo"), ambiguous=True),)))

    assert bench.violations() == [(0, "column_ambiguous", "title")]


def test_a_rule_that_a_column_exists_speaks_in_its_own_name(bench, make_pack) -> None:
    rule = ("no_brand", "expect_column_to_exist", {"column": "brand"}, {"severity": Severity.WARNING})

    bench.validate(bench.write_rows({"sku": ["a", None]}), make_pack(["sku", "brand"], [rule]))

    assert [(found["row"], found["code"], found["severity"]) for found in bench.table("violations.parquet")] == [
        (0, "no_brand", "warning")
    ]


def test_a_row_condition_limits_a_rule_and_a_field_without_column_is_null_in_it(bench, make_pack) -> None:
    rules = [
        ("a", NOT_NULL, {"column": "title"}, {"row_condition": "kind = 'main' OR parent IS NOT NULL"}),
        ("b", UNIQUE, {"column": "sku"}, {"row_condition": "kind IS NULL"}),
    ]
    rows = bench.write_rows(
        {
            "title": [None, None, None, "x", "x"],
            "kind": ["main", "image", None, " ", None],
            "sku": ["1", "2", "2", "1", "2"],
        }
    )

    bench.validate(rows, make_pack(["title", "kind", "sku", "parent"], rules))

    assert bench.violations() == [(1, "a", "title"), (3, "b", "sku"), (5, "b", "sku")]


@pytest.mark.parametrize(("mostly", "violating"), [(0.6, []), (0.75, [4]), (None, [4])])
def test_mostly_forgives_a_rule_that_enough_of_the_cells_hold_to(bench, make_pack, mostly, violating) -> None:
    rule = ("long", LENGTHS, {"column": "x", "max_value": 1}, {"mostly": mostly})
    rows = bench.write_rows({"x": ["a", "b", None, "cc"]})

    bench.validate(rows, make_pack(["x"], [rule]))

    assert [row for row, _, _ in bench.violations()] == violating


def test_mostly_counts_repeated_values_too(bench, make_pack) -> None:
    rows = bench.write_rows({"x": ["a", "b", "c", "d", "d"]})
    rule = ("twice", UNIQUE, {"column": "x"}, {"mostly": 0.6})

    bench.validate(rows, make_pack(["x"], [rule]))

    assert bench.violations() == []


def test_a_repeated_value_is_found_across_batches(bench, make_pack) -> None:
    cells = [str(number) for number in range(1_000)]
    cells[3], cells[997] = "same", "same"
    rows = bench.write_rows({"x": cells}, row_group=100)

    bench.validate(rows, make_pack(["x"], [("twice", UNIQUE, {"column": "x"})]))

    assert bench.violations() == [(4, "twice", "x"), (998, "twice", "x")]


def test_record_numbers_are_the_files_own_where_records_are_missing(bench, make_pack) -> None:
    rows = bench.write_rows({"x": ["a", None, None]}, rows=[2, 5, 9])

    bench.validate(rows, make_pack(["x"], [("missing", NOT_NULL, {"column": "x"})]))

    assert [found["row"] for found in bench.table("violations.parquet")] == [5, 9]
    assert [found["line"] for found in bench.table("violations.parquet")] == [6, 10]


def test_five_examples_of_each_code_are_the_first(bench, make_pack) -> None:
    rows = bench.write_rows({"x": [None] * 9}, row_group=2)

    result = bench.validate(rows, make_pack(["x"], [("missing", NOT_NULL, {"column": "x"})]))

    assert [example.row for example in result.examples["missing"]] == [1, 2, 3, 4, 5]


def test_fields_are_summed_up(bench, pack) -> None:
    result = bench.validate(bench.write_rows(TABLE, row_group=2), pack)

    price = next(found for found in result.fields if found.field == "price")
    assert (price.missing, price.numbers, price.minimum, price.maximum) == (0, 4, 7.0, 1234.56)
    title = next(found for found in result.fields if found.field == "title")
    assert (title.missing, title.shortest, title.longest, title.numbers) == (2, 4, 8, None)


def test_progress_tells_the_rows_done(bench, make_pack) -> None:
    rows = bench.write_rows({"x": ["a"] * 5}, row_group=2)
    told: list[int] = []
    validate(
        rows,
        make_pack(["x"]),
        ColumnMatch({"x": "x"}, ()),
        violations=bench.folder / "v",
        validated=None,
        progress=told.append,
    )
    assert told == [2, 4, 5]


def test_a_file_of_no_rows_has_no_violations(bench, pack) -> None:
    result = bench.validate(bench.write_rows({"sku": [], "title": [], "price": []}), pack)

    assert result.records == 0
    assert bench.table("violations.parquet") == []
    assert bench.csv("validated.csv") == [["sku", "title", "price", "validation_status", "validation_errors"]]


@pytest.mark.parametrize(
    "header", ["*", "^.*$", "a.b", 'say "x", y', "column", "text:0", "__line_2", "Preço (R$)", "0"]
)
def test_a_header_may_be_anything(bench, make_pack, header) -> None:
    rows = bench.write_rows({"a": ["1", "2"], header: ["x", None], "1": ["2", "2"]})
    pack = make_pack(["title"], [("missing", NOT_NULL, {"column": "title"})], [("trim_whitespace", ["*"])])

    bench.validate(rows, pack, ColumnMatch({"title": header}, ()))
    bench.correct(rows, pack, ColumnMatch({"title": header}, ()))

    assert bench.violations() == [(2, "missing", header)]
    assert bench.csv("validated.csv")[0][:3] == ["a", header, "1"]
    assert bench.csv("corrected.csv")[1:] == [["1", "x", "2"], ["2", "", "2"]]


def test_a_row_names_its_codes_however_many_a_pack_has(bench, make_pack) -> None:
    rules = [(f"code_{place:03d}", LENGTHS, {"column": "x", "max_value": place}) for place in range(200)]
    rows = bench.write_rows({"x": ["a" * 199, "", "a" * 300, "a"]})

    bench.validate(rows, make_pack(["x"], rules))

    codes = [code for code, *_ in rules]
    assert [record[2] for record in bench.csv("validated.csv")[1:]] == [
        "|".join(codes[:199]),
        "",
        "|".join(codes),
        codes[0],
    ]


def test_rules_across_rows_say_the_same_however_few_are_looked_at_at_a_time(bench, make_pack, monkeypatch) -> None:
    cells = ["a", "b", "a", None, "c", "c"]
    rows = bench.write_rows({"x": cells, "y": cells[::-1], "z": ["1", "1", "2", "2", "3", "x"]})
    rules = [
        ("x_twice", UNIQUE, {"column": "x"}),
        ("y_mostly", UNIQUE, {"column": "y"}, {"mostly": 0.2}),
        ("y_twice", UNIQUE, {"column": "y"}),
        ("z_falls", "expect_column_values_to_be_increasing", {"column": "z", "strictly": True}),
        ("few", "expect_column_unique_value_count_to_be_between", {"column": "x", "min_value": 9}),
    ]
    at_once = bench.validate(rows, make_pack(["x", "y", "z"], rules))
    violations = bench.violations()
    assert {code for _, code, *_ in violations} == {"x_twice", "y_twice", "z_falls", "few"}

    monkeypatch.setattr("validahub_pipeline.engine.survey._AT_ONCE", 1)

    assert bench.validate(rows, make_pack(["x", "y", "z"], rules)) == at_once
    assert bench.violations() == violations
