"""What the UI is given to show: tables that fit, cells that cannot break out of them, changes that can be seen."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path

import dagster as dg
import dagster_webserver
import pytest
from hypothesis import given
from hypothesis import strategies as st

from validahub_pipeline.materialization import _around_change, table

COLUMNS = ("code", "value")


def shown(rows: list[dict[str, object]]) -> list[str]:
    return table("t", rows, COLUMNS)["t"].value.splitlines()[2:]


def test_a_small_table_is_shown_whole_and_in_place():
    told = table("t", [{"code": "gtin_invalid", "value": 12345}], COLUMNS)

    assert list(told) == ["t"]
    assert told["t"].value.splitlines() == ["| code | value |", "|---|---|", r"| gtin\_invalid | 12,345 |"]


def test_a_large_table_is_shown_as_far_as_it_fits_and_whole_behind_a_link():
    rows = [{"code": f"code_{number}", "value": "x" * 50} for number in range(100)]

    told = table("t", rows, COLUMNS)

    assert 5 < len(told["t"].value.splitlines()) - 2 < 100
    assert len(told["t"].value) < 1000
    assert [dict(record.data) for record in told["t_all"].records] == rows


def test_no_rows_are_called_none_instead_of_an_empty_table():
    assert table("t", [], COLUMNS)["t"].value == "*none*"


def test_the_ui_shows_markdown_of_less_than_a_thousand_characters_in_place():
    # Not documented; it decides how much of a table is shown, so a change of it is to be noticed.
    chunks = (Path(dagster_webserver.__file__).parent / "webapp" / "build").rglob("*.js")

    assert any(re.search(r"mdStr\.length<1e3\?", chunk.read_text(encoding="utf-8")) for chunk in chunks)


def test_values_dagster_cannot_store_become_text():
    class Severity(StrEnum):
        CRITICAL = "critical"

    rows = [{"code": "x" * 60, "value": Severity.CRITICAL}] * 20

    told = table("t", rows, COLUMNS)

    assert {type(record.data["value"]) for record in told["t_all"].records} == {str}
    assert dg.AssetMaterialization("a", metadata=told)


@given(st.text())
def test_a_sellers_cell_never_breaks_out_of_its_place_in_the_table(text):
    [line] = shown([{"code": text, "value": text}])

    assert line.startswith("| ")
    assert line.count("|") == 3
    assert "<" not in line
    assert not re.search(r"(?<!\\)(\\\\)*[`*\[\]]", line)


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("novo", "new", ("novo", "new")),
        ("x" * 100 + " ligue 11 99999-9999", "x" * 100, ("…" + "x" * 15 + " ligue 11 99999-9999", "…" + "x" * 15)),
    ],
)
def test_a_change_deep_in_a_long_text_is_shown_where_it_is(before, after, told):
    example = _around_change({"before": before, "after": after})

    assert (example["before"], example["after"]) == told
