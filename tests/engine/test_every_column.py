"""Rules of every column: what a spreadsheet would run is told wherever it stands, known to the pack or not."""

from __future__ import annotations

import re

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from validahub_pipeline.domain import formulas
from validahub_pipeline.engine import validate_packs
from validahub_pipeline.rulepacks.model import Severity

FORMULA = (
    "formula_injection",
    "expect_column_values_to_be_no_formula",
    {"column": "*"},
    {"severity": Severity.WARNING},
)
TABLE = {
    "title": ["Furadeira", "=1+1", "- item", None],
    "Observação interna": ["-5,5", "@SUM(A1)", "+55 11 98765-4321", " "],
    "*": ["-1", "-", "=cmd|'/C calc'!A0", "-10%"],
    "price": ["-12.50", "+3", "1", "=A1"],
}


def test_each_cell_is_told_in_its_own_column(bench, make_pack) -> None:
    rows = bench.write_rows(TABLE)
    result = bench.validate(rows, make_pack(["title", "price"], [FORMULA]))

    assert bench.violations() == [
        (2, "formula_injection", "Observação interna"),
        (2, "formula_injection", "title"),
        (3, "formula_injection", "*"),
        (4, "formula_injection", "price"),
    ]
    assert [found["value"] for found in bench.table("violations.parquet")] == [
        "@SUM(A1)",
        "=1+1",
        "=cmd|'/C calc'!A0",
        "=A1",
    ]
    assert result.rows_with_violations == 3
    assert {(count.column, count.count) for count in result.counts} == {(name, 1) for name in TABLE}


def test_it_keeps_to_its_condition_and_share(bench, make_pack) -> None:
    more = {"severity": Severity.WARNING, "row_condition": "title IS NOT NULL", "mostly": 0.6}
    bench.validate(bench.write_rows(TABLE), make_pack(["title", "price"], [(*FORMULA[:3], more)]))

    assert {column for _, _, column in bench.violations()} == set()


def test_of_several_packs_each_is_told(bench, make_pack) -> None:
    rows = bench.write_rows(TABLE)
    packs = [make_pack(["title"], [FORMULA]), make_pack(["price"], [FORMULA])]
    results = validate_packs(rows, [(pack, bench.match(pack, rows)) for pack in packs])

    assert [sum(count.count for count in result.counts) for result in results] == [4, 4]


SIGNS = "=+-@\t\r\uff1d\uff0b\uff0d\uff20"


@given(st.text(max_size=4) | st.builds(str.__add__, st.sampled_from(list(SIGNS + '0:?"A!')), st.text(max_size=4)))
def test_no_text_that_begins_with_a_sign_is_passed_over_unread(cell) -> None:
    found = pl.Series("cell", [cell]).to_frame().select(formulas.may_run(pl.col("cell"))).item()

    assert found is False or cell.startswith(tuple(SIGNS))
    if cell.startswith(("=", "@", "\t", "\r")):
        assert found is True
    if re.fullmatch(r"[+-][0-9]+([.,][0-9]+)?", cell):
        assert found is False
