"""Law 1: every data record of a file is either a row or in quarantine."""

from __future__ import annotations

import csv
import random
from pathlib import Path

import pytest

from validahub_pipeline.ingest import to_rows

SAMPLES = sorted((Path(__file__).parents[2].parent / "shared" / "samples").glob("*.csv"))


def generated(path: Path) -> Path:
    words = ["ação", "cabo", "TV 32 polegadas", "linha 1\nlinha 2", 'com "aspas"', "", "a, b", "🎧 fone", "x\r\ny"]
    random_ = random.Random(11)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["sku", "título", "descrição", "preço"])
        writer.writerows([n, random_.choice(words), random_.choice(words), f"{n},90"] for n in range(3_000))
    return path


@pytest.mark.parametrize("sample", [None, *SAMPLES], ids=lambda path: path.stem if path else "generated")
def test_every_cell_is_what_pythons_reader_sees_and_every_record_is_counted(sample, tmp_path, read_file):
    path = sample or generated(tmp_path / "generated.csv")

    result = read_file(path)

    with path.open(encoding="utf-8", newline="") as file:
        expected = [row for row in csv.reader(file, delimiter=result.report.dialect.delimiter) if row][1:]
    assert result.report.records + result.report.quarantined == len(expected)
    assert result.report.quarantined == len(result.quarantine) == 0
    assert result.rows == [tuple(cell or None for cell in row) for row in expected]


def test_a_row_points_at_its_first_line_in_the_file(read):
    result = read('a,b\n1,"x\ny"\n2,z\n\n\n3,"p\r\nq\r\n"\n4,w\n')

    assert result.places == [(1, 2), (2, 4), (3, 7), (4, 10)]


def test_blank_lines_are_no_records_but_empty_fields_are(read):
    result = read("a,b\n1,2\n\n,\n\r\n3,4\n\n")

    assert result.rows == [("1", "2"), (None, None), ("3", "4")]
    assert result.places == [(1, 2), (2, 4), (3, 6)]


def test_a_double_spaced_file_is_read_without_its_blank_lines(read):
    result = read("a,b\n\n" + "".join(f"{i},x\n\n" for i in range(500)))

    assert [row[0] for row in result.rows] == [str(i) for i in range(500)]
    assert result.places[-1] == (500, 1001)


def test_empty_cells_are_null_whether_quoted_or_not(read):
    assert read('a,b,c\n1,"",\n2,x,y\n').rows == [("1", None, None), ("2", "x", "y")]


def test_a_single_column_keeps_its_quoted_empty_cells(read):
    result = read('name\nx\n""\ny\n')

    assert result.rows == [("x",), (None,), ("y",)]


def test_the_same_file_gives_the_same_bytes(read, catalogue, tmp_path):
    text = catalogue(5_000, before='SKU-X,TV 32" LED,1,2\n')
    read(text)
    first = [(tmp_path / name).read_bytes() for name in ("rows.parquet", "quarantine.csv", "repairs.parquet")]
    read(text)

    assert first == [(tmp_path / name).read_bytes() for name in ("rows.parquet", "quarantine.csv", "repairs.parquet")]


def test_progress_ends_with_all_bytes(tmp_path, catalogue):
    source = tmp_path / "a.csv"
    source.write_text(catalogue(), encoding="utf-8")
    seen = []
    to_rows(
        source,
        tmp_path / "r.parquet",
        quarantine=tmp_path / "q.csv",
        repairs=tmp_path / "p.parquet",
        progress=seen.append,
    )

    assert seen[-1] == source.stat().st_size
