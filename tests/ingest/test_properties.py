"""What holds for every table in every dialect."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from validahub_pipeline.ingest import normalise, to_rows

TEXT = st.text(st.sampled_from("abcXYZ 019çãé😀.-_/"), min_size=1, max_size=12).map(lambda s: f"t{s}")
AWKWARD = st.sampled_from(
    ["", 'TV 32" LED', "a, b; c", "x\ny", "p\r\nq", '"', '""', " lead", "'apos", "tab\there", "é|ã"]
)
CELL = TEXT | AWKWARD


@st.composite
def tables(draw) -> list[list[str]]:
    width = draw(st.integers(2, 7))
    names = [["codigo", "titulo", "descricao", "marca", "cor", "imagem", "obs"][:width]]
    rows = st.lists(st.lists(CELL, min_size=width, max_size=width), min_size=3, max_size=25)
    # A first column of codes, as catalogues have: what a header is shows by contrast.
    return names + [[str(7890000 + n), *row[1:]] for n, row in enumerate(draw(rows))]


DIALECTS = st.fixed_dictionaries(
    {
        "delimiter": st.sampled_from(",;\t|"),
        "lineterminator": st.sampled_from(["\n", "\r\n"]),
        "quoting": st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    }
)


def written(table: list[list[str]], dialect: dict) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, **dialect).writerows(table)
    return out.getvalue().encode("utf-8")


def rows_of(content: bytes) -> tuple[list[tuple[str | None, ...]], int]:
    with tempfile.TemporaryDirectory() as folder:
        source, rows = Path(folder, "a.csv"), Path(folder, "r.parquet")
        source.write_bytes(content)
        report = to_rows(source, rows, quarantine=Path(folder, "q.csv"), repairs=Path(folder, "p.parquet"))
        frame = pl.read_parquet(rows)
    assert report.records == frame.height
    assert frame["__row"].is_sorted()
    return frame.drop("__row", "__line").rows(), report.quarantined


def normalised(content: bytes) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "a.csv"), Path(folder, "n.csv")
        source.write_bytes(content)
        normalise(source, target)
        return target.read_bytes()


@settings(max_examples=120, deadline=None, derandomize=True)
@given(tables(), DIALECTS)
def test_a_conformant_table_comes_through_unchanged_in_any_dialect(table, dialect):
    rows, quarantined = rows_of(written(table, dialect))

    assert quarantined == 0
    assert rows == [tuple(cell or None for cell in row) for row in table[1:]]


@settings(max_examples=60, deadline=None, derandomize=True)
@given(tables(), DIALECTS)
def test_normalising_twice_is_normalising_once(table, dialect):
    once = normalised(written(table, dialect))

    assert normalised(once) == once
    assert list(csv.reader(io.StringIO(once.decode("utf-8"), newline=""))) == table


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.data())
def test_whatever_is_done_to_a_file_every_record_before_the_damage_is_right(data):
    """Damage to one record must not reach the records before it, nor make the intake fail."""
    table = data.draw(tables())
    content = bytearray(written(table, {"lineterminator": "\n"}))
    lines = written(table[:-1], {"lineterminator": "\n"})
    at = data.draw(st.integers(len(lines), len(content)))
    content[at:at] = data.draw(st.binary(max_size=6))

    rows, _ = rows_of(bytes(content))

    intact = [tuple(cell or None for cell in row) for row in table[1:-1]]
    assert rows[: len(intact)] == intact


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.binary(max_size=200).map(lambda tail: bytes(b for b in tail if b >= 32 or b in b"\t\r\n")))
def test_records_and_quarantine_together_have_no_gap(tail):
    with tempfile.TemporaryDirectory() as folder:
        source, rows, quarantine = Path(folder, "a.csv"), Path(folder, "r.parquet"), Path(folder, "q.csv")
        source.write_bytes(b"sku,title,price\n1,caf\xc3\xa9,2.50\n" + tail)
        report = to_rows(source, rows, quarantine=quarantine, repairs=Path(folder, "p.parquet"))
        numbers = pl.read_parquet(rows)["__row"].to_list()
        with quarantine.open(encoding="utf-8", newline="") as file:
            numbers += [int(record["record"]) for record in csv.DictReader(file)]

    assert sorted(numbers) == list(range(1, report.records + report.quarantined + 1))
