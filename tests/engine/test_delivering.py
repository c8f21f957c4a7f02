"""A file in a marketplace's dialect says what the corrected one says, and what is left out of it is not lost."""

from __future__ import annotations

import csv
import tempfile
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from validahub_pipeline.auditing.delivered import delivered_files
from validahub_pipeline.engine.delivering import CRITICAL_SCHEMA, WITH_ITS_PRODUCT, Decimals, deliver
from validahub_pipeline.rulepacks.model import Dialect

NONE = pl.DataFrame(schema=CRITICAL_SCHEMA)
NASTY = [
    "",
    "a",
    "x;y",
    "x,y",
    "x|y",
    "a\tb",
    'say "x"',
    "a\nb",
    "a\r\nb",
    "Açaí",
    "\u2013",
    "”",
    " ",
    "1,5",
    "1.5",
    "-0.50",
    "1,234",
    "1.234,5",
    "1.5\n",
    "=1+1",
    "ção",
]


@pytest.fixture
def delivered(bench, make_pack):
    """`delivered(table, dialect, ...)`: what was told, and the records of the file as Python's csv module reads it."""

    def run(table, dialect, *, headers=None, critical=NONE, product=None, decimals=(), where=bench):
        rows = where.write_rows(table, row_group=3)
        where.correct(rows, make_pack(list(table)))
        told = deliver(
            where.folder / "corrected.csv",
            rows,
            where.folder / "delivered.csv",
            dialect=dialect,
            headers=headers or {},
            dropped=where.folder / "dropped.csv",
            critical=critical,
            product=product,
            decimals=Decimals(tuple(decimals), where.folder / "commas.parquet") if decimals else None,
        )
        with (where.folder / "delivered.csv").open(encoding=told.dialect.encoding, newline="") as file:
            return told, list(csv.reader(file, delimiter=dialect.delimiter))

    return run


def test_a_dialect_changes_how_cells_are_written_and_not_what_they_say(delivered, bench) -> None:
    dialect = Dialect(";", "cp1252")
    table = {"Título": ["Açaí; 1,5 kg", 'TV 32"'], "Preço": ["12.50", ""]}
    told, records = delivered(table, dialect, headers={"Título": "Nome"})

    assert records == [["Nome", "Preço"], ["Açaí; 1,5 kg", "12.50"], ['TV 32"', ""]]
    assert (bench.folder / "delivered.csv").read_bytes() == (
        'Nome;Preço\r\n"Açaí; 1,5 kg";12.50\r\n"TV 32""";\r\n'.encode("cp1252")
    )
    assert (told.records, told.dropped, told.headers, told.unencodable) == (2, 0, {"Título": "Nome"}, None)


def test_excel_is_told_that_it_is_utf_8(delivered, bench) -> None:
    delivered({"a": ["é"], "b": ["1"]}, Dialect(encoding="utf-8-sig"))

    assert (bench.folder / "delivered.csv").read_bytes() == b"\xef\xbb\xbfa,b\r\n\xc3\xa9,1\r\n"


def test_what_the_encoding_cannot_hold_is_kept_and_told(delivered) -> None:
    cells = ["a", "b", "c", "d", "Tênis 日本"]
    told, records = delivered({"x": cells, "y": list("12345")}, Dialect(";", "iso-8859-1"))

    assert [record[0] for record in records[1:]] == cells
    assert told.dialect == Dialect(";", "utf-8-sig")
    assert told.unencodable == (5, "x")


def test_a_header_that_another_column_has_already_is_not_given_twice(delivered) -> None:
    told, records = delivered({"Código": ["1"], "id": ["2"]}, Dialect(), headers={"Código": "id"})

    assert records[0] == ["Código", "id"]
    assert told.headers == {}


def test_critical_rows_go_with_the_rest_of_their_product_and_are_listed_whole(delivered, bench) -> None:
    table = {
        "handle": ["a", "a", "b", None, "c", "a", "b"],
        "title": ["A", "", "B", "X", "C", "", 'q"'],
        "line": list("1234567"),
    }
    critical = pl.DataFrame({"row": [2, 4], "codes": ["missing_price|x", "bad"], "product": ["a", None]})
    told, records = delivered(table, Dialect(), critical=critical, product="handle")

    assert [record[0] for record in records[1:]] == ["b", "c", "b"]
    assert bench.csv("dropped.csv") == [
        ["record", "line_2", "handle", "title", "line", "critical_violations"],
        ["1", "2", "a", "A", "1", WITH_ITS_PRODUCT],
        ["2", "3", "a", "", "2", "missing_price|x"],
        ["4", "5", "", "X", "4", "bad"],
        ["6", "7", "a", "", "6", WITH_ITS_PRODUCT],
    ]
    assert (told.records, told.dropped) == (3, 4)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(
        st.tuples(st.sampled_from(NASTY), st.text(st.sampled_from('aç;,|\t"\n\r é'), max_size=6)), min_size=1
    ),
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "cp1252", "iso-8859-1"]),
    left_out=st.sets(st.integers(1, 8)),
)
def test_every_row_is_read_back_as_it_was_from_one_list_or_the_other(
    new_bench, delivered, *, rows, delimiter, encoding, left_out
) -> None:
    going = sorted(left_out & set(range(1, len(rows) + 1)))
    critical = pl.DataFrame([(row, "bad", None) for row in going], schema=CRITICAL_SCHEMA, orient="row")
    with tempfile.TemporaryDirectory() as folder:
        where = new_bench(Path(folder))
        table = {"x": [a for a, _ in rows], "y": [b for _, b in rows]}
        told, records = delivered(table, Dialect(delimiter, encoding), critical=critical, where=where)
        others = where.csv("dropped.csv")[1:] if going else []

    read = dict(zip([n for n in range(1, len(rows) + 1) if n not in going], records[1:], strict=True))
    read |= {int(record[0]): record[2:4] for record in others}
    assert read == {n: list(cells) for n, cells in enumerate(rows, 1)}
    assert (told.records, told.dropped) == (len(rows) - len(going), len(going))


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(
        st.tuples(st.sampled_from(NASTY), st.text(st.sampled_from("12.,- \n"), max_size=6), st.sampled_from(NASTY)),
        min_size=1,
    ),
    delimiter=st.sampled_from([",", ";"]),
    encoding=st.sampled_from(["utf-8", "cp1252"]),
    left_out=st.sets(st.integers(1, 8)),
)
def test_decimal_commas_are_read_back_as_the_points_and_commas_they_were(
    new_bench, delivered, *, rows, delimiter, encoding, left_out
) -> None:
    going = sorted(left_out & set(range(1, len(rows) + 1)))
    critical = pl.DataFrame([(row, "bad", None) for row in going], schema=CRITICAL_SCHEMA, orient="row")
    dialect = Dialect(delimiter, encoding, decimal_mark=",")
    with tempfile.TemporaryDirectory() as folder:
        where = new_bench(Path(folder))
        table = {"x": [a for a, _, _ in rows], "y": [b for _, b, _ in rows], "z": [c for _, _, c in rows]}
        told, records = delivered(table, dialect, critical=critical, decimals=("x", "y"), where=where)
        own = where.folder / "commas.parquet"
        assert own.exists() == (told.own_commas > 0)
        files = delivered_files(
            where.folder / "rows.parquet",
            where.folder / "delivered.csv",
            {"delimiter": delimiter, "encoding": told.dialect.encoding, "decimals": told.decimals},
            dropped=where.folder / "dropped.csv" if going else None,
            commas=own if told.own_commas else None,
        )
        read = {}
        for file in files:
            cells = [row for batch in file.records(["x", "y", "z"]) for row in batch.iter_rows()]
            read |= dict(zip((int(place) + 1 for place in file.places), cells, strict=True))

    assert read == dict(enumerate(rows, 1))
    kept = [cells for n, cells in enumerate(rows, 1) if n not in going]
    for cells, written in zip(kept, records[1:], strict=True):
        assert written[2] == cells[2]
        for cell, text in zip(cells[:2], written[:2], strict=True):
            whole, point, fraction = cell.partition(".")
            number = point and whole.removeprefix("-").isdigit() and fraction.isdigit()
            assert text == (f"{whole},{fraction}" if number else cell)
