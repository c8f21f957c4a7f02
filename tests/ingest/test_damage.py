"""What a spreadsheet did to codes is recognised, counted per column with examples, and left as it is."""

from __future__ import annotations

import re

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from validahub_pipeline.ingest.damage import Damage, are_digits
from validahub_pipeline.ingest.screening import Screen

HEADER = "sku,gtin,cep,nota\n"


def table(*rows: str, sound: int = 20) -> str:
    return (
        HEADER
        + "".join(f"AB-{n:03},789835741789{n % 10},0{n + 1310000},texto {n}\n" for n in range(sound))
        + "".join(f"{row}\n" for row in rows)
    )


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ('AB-900,"7,8983E+12",01310000,x', Damage("scientific_notation", "gtin", 1, ((21, 22, "7,8983E+12"),))),
        ("AB-900,7.8983e+12,01310000,x", Damage("scientific_notation", "gtin", 1, ((21, 22, "7.8983e+12"),))),
        ("AB-900,#N/A,01310000,x", Damage("error_value", "gtin", 1, ((21, 22, "#N/A"),))),
        ("AB-900,#VALOR!,01310000,x", Damage("error_value", "gtin", 1, ((21, 22, "#VALOR!"),))),
        ("AB-900,########,01310000,x", Damage("cell_too_narrow", "gtin", 1, ((21, 22, "########"),))),
        ("AB-900,'7898357417892,01310000,x", Damage("apostrophe_prefix", "gtin", 1, ((21, 22, "'7898357417892"),))),
        ("mai/05,7898357417892,01310000,x", Damage("date_in_codes", "sku", 1, ((21, 22, "mai/05"),))),
        ("2-Mar,7898357417892,01310000,x", Damage("date_in_codes", "sku", 1, ((21, 22, "2-Mar"),))),
        ("AB-900,7898357417892,1310000,x", Damage("lost_leading_zeros", "cep", 1, ((21, 22, "1310000"),))),
    ],
)
def test_damage_is_recognised_where_it_is_and_not_changed(read, row: str, expected: Damage) -> None:
    result = read(table(row))
    assert result.report.damage == (expected,)
    assert expected.examples[0][2] in result.rows[20]
    assert result.repairs == []


def test_damage_is_counted_in_full_and_shown_by_a_few_examples(read) -> None:
    result = read(table(*(f"AB-9{n},#N/A,01310000,x" for n in range(7))))
    (found,) = result.report.damage
    assert (found.count, len(found.examples)) == (7, 3)


@pytest.mark.parametrize(
    "row",
    [
        "AB-900,7898357417892,01310000,cor #FFFFFF, tamanho 2E+ e #Nike".replace(", ", " "),
        "AB-900,7898357417892,01310000,'aspas' no texto",
        "AB-900,7898357417892,01310000,em mai/05 chegou",
    ],
)
def test_what_only_looks_alike_is_none(read, row: str) -> None:
    assert read(table(row)).report.damage == ()


def test_a_column_of_dates_is_none(read) -> None:
    rows = "".join(f"{n},{n % 28 + 1}-mar,x{n}\n" for n in range(30))
    assert read("id,dia,nota\n" + rows).report.damage == ()


def test_numbers_of_different_lengths_have_lost_nothing(read) -> None:
    rows = "".join(f"{n},{n * 37},{n % 5}\n" for n in range(1, 60))
    assert read("id,estoque,n\n" + rows).report.damage == ()


@pytest.mark.parametrize("before", [",", ";", "\n", ',"'])
@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        ("7,89E+12", "scientific_notation"),
        ("#N/D", "error_value"),
        ("#####", "cell_too_narrow"),
        ("'7890000000017", "apostrophe_prefix"),
        ("AÃ§aÃ­", "misread"),
    ],
)
def test_a_trace_is_seen_wherever_a_cell_begins(before, cell, kind):
    content = ("x,y\n" * 60_000 + "x" + before + cell + "\n" + "x,y\n" * 10).encode("utf-8")
    delimiter = ";" if before == ";" else ","

    assert kind in Screen(delimiter).traces(content)


@pytest.mark.parametrize("text", ["a+b, 1 + 1", "C# e F#, nº #12", "d'água", "maçã, pão", "e+x, E+"])
def test_what_only_looks_alike_leaves_no_trace(text):
    assert not Screen(",").traces(f"x,{text}\n".encode() * 50_000)


def test_digits_are_told_as_a_pattern_tells_them() -> None:
    digits = st.text("0123456789", max_size=30)
    spoilt = st.tuples(digits, st.text("+-.eE_ \n\u0663x", min_size=1, max_size=2), digits).map("".join)

    @settings(deadline=None)
    @given(st.lists(st.none() | digits | spoilt))
    def told(cells: list[str | None]) -> None:
        found = are_digits(pl.Series(cells, dtype=pl.String)).fill_null(value=False).to_list()
        assert found == [re.fullmatch("[0-9]+", cell or "") is not None for cell in cells]

    told()
