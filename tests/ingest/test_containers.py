"""Files in files: what is inside is read as if it had been handed in by itself, and nothing is read of half a file."""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
import zstandard

from validahub_pipeline.errors import InputError
from validahub_pipeline.ingest import normalise

CSV = "sku,título,preço\n" + "".join(f"{n},Camiseta {n},{n}.90\n" for n in range(1, 200))


def zipped(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def workbook(path: Path, sheets: dict[str, list[list[Any]]], **options: Any) -> Path:
    book = xlsxwriter.Workbook(path, options)
    dates = book.add_format({"num_format": "yyyy-mm-dd"})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for n, row in enumerate(rows):
            for column, cell in enumerate(row):
                if isinstance(cell, date):
                    sheet.write_datetime(n, column, cell, dates)
                elif cell is not None:
                    sheet.write(n, column, cell)
    book.close()
    return path


PACKED: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "gzip of several members": lambda data: gzip.compress(data[:500]) + gzip.compress(data[500:]),
    "zstd": zstandard.compress,
    "zstd of several frames": lambda data: zstandard.compress(data[:500]) + zstandard.compress(data[500:]),
    "zip": lambda data: zipped({"catalogo.csv": data}),
    "zip as macOS makes it": lambda data: zipped(
        {"pasta/catalogo.csv": data, "__MACOSX/pasta/._catalogo.csv": b"x", "pasta/": b""}
    ),
}


@pytest.mark.parametrize("how", PACKED)
def test_what_is_packed_is_read_like_what_is_not(tmp_path: Path, how: str) -> None:
    plain, packed = tmp_path / "a.csv", tmp_path / "b.bin"
    plain.write_text(CSV, encoding="utf-8")
    packed.write_bytes(PACKED[how](CSV.encode("utf-8")))
    unpacked = normalise(plain, tmp_path / "a.out")
    report = normalise(packed, tmp_path / "b.out")
    assert (tmp_path / "a.out").read_bytes() == (tmp_path / "b.out").read_bytes()
    assert report.records == unpacked.records
    assert report.container == how.split(" ", maxsplit=1)[0]
    assert report.member == {"zip": "catalogo.csv", "zip as macOS makes it": "pasta/catalogo.csv"}.get(how, "")


@pytest.mark.parametrize("how", ["gzip", "zstd", "zip"])
@pytest.mark.parametrize("kept", [0.5, 0.99])
def test_half_a_container_is_refused_and_nothing_written(tmp_path: Path, how: str, kept: float) -> None:
    whole = PACKED[how](CSV.encode("utf-8"))
    (tmp_path / "half").write_bytes(whole[: int(len(whole) * kept)])
    with pytest.raises(InputError) as error:
        normalise(tmp_path / "half", tmp_path / "out.csv")
    assert error.value.code in {"container_truncated", "container_damaged"}
    assert [path.name for path in tmp_path.iterdir()] == ["half"]


@pytest.mark.parametrize("how", ["gzip", "zip"])
def test_a_flipped_byte_is_noticed(tmp_path: Path, how: str) -> None:
    whole = bytearray(PACKED[how](CSV.encode("utf-8")))
    whole[len(whole) // 2] ^= 0xFF
    (tmp_path / "flipped").write_bytes(whole)
    with pytest.raises(InputError) as error:
        normalise(tmp_path / "flipped", tmp_path / "out.csv")
    assert error.value.code in {"container_truncated", "container_damaged"}


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (zipped({"a.csv": b"a,b\n1,2\n", "b.csv": b"a,b\n1,2\n"}), "container_with_many"),
        (zipped({}), "container_without_table"),
        (zipped({"a.gz": gzip.compress(b"a,b\n1,2\n", mtime=0)}), "container_nested"),
        (gzip.compress(gzip.compress(b"a,b\n1,2\n", mtime=0), mtime=0), "container_nested"),
        (gzip.compress(b"", mtime=0), "file_empty"),
        (gzip.compress(b"\x89PNG\r\n\x1a\n" + bytes(99), mtime=0), "file_binary"),
    ],
    # Containers carry the time they were made at; as names of tests they would differ between workers.
    ids=["two files", "no file", "gzip in zip", "gzip in gzip", "nothing", "a picture"],
)
def test_a_container_with_no_single_table_is_refused(tmp_path: Path, content: bytes, code: str) -> None:
    (tmp_path / "packed").write_bytes(content)
    with pytest.raises(InputError) as error:
        normalise(tmp_path / "packed", tmp_path / "out.csv")
    assert error.value.code == code
    assert "packed" in str(error.value)


@pytest.mark.parametrize("how", ["gzip", "zstd", "zip"])
def test_a_bomb_goes_off_within_bounds(tmp_path: Path, how: str) -> None:
    parts = zlib.compressobj(9, zlib.DEFLATED, 31)
    line = b"a,b\n" * (1 << 18)
    content = b"".join(parts.compress(line) for _ in range(300)) + parts.flush()
    if how == "zstd":
        content = zstandard.compress(line * 300)
    elif how == "zip":
        content = zipped({"a.csv": line * 300})
    (tmp_path / "bomb").write_bytes(content)
    with pytest.raises(InputError) as error:
        normalise(tmp_path / "bomb", tmp_path / "out.csv")
    assert error.value.code == "container_too_large"
    assert int(str(error.value.values["size"])) < 120 << 20 or how == "zip"
    assert [path.name for path in tmp_path.iterdir()] == ["bomb"]


def test_the_first_sheet_that_is_shown_is_read_as_it_looks(tmp_path: Path) -> None:
    rows: list[list[Any]] = [
        ["Relatório de produtos"],
        [],
        ["SKU", "GTIN", "Preço", "Data", "Ativo", "Nota"],
        ["0012", 7898357417892, 19.9, date(2026, 3, 1), True, "a,b"],
        ["0013", 12, 0.1 + 0.2, datetime(2026, 3, 1, 12, 30), False, 'diz "oi"'],  # noqa: DTZ001 - sheets know no zones
        ["0014", 1e20, -3, None, None, "fim"],
    ]
    book = workbook(tmp_path / "a.xlsx", {"Produtos": rows, "Ajuda": [["nada"]]})
    report = normalise(book, tmp_path / "out.csv")
    assert (report.container, report.member, report.other_sheets) == ("workbook", "Produtos", ("Ajuda",))
    assert (report.preamble_lines, report.header_lines, report.records) == (2, (3,), 3)
    assert (tmp_path / "out.csv").read_text(encoding="utf-8") == (
        "SKU,GTIN,Preço,Data,Ativo,Nota\n"
        '0012,7898357417892,19.9,2026-03-01,TRUE,"a,b"\n'
        '0013,12,0.3,2026-03-01 12:30:00,FALSE,"diz ""oi"""\n'
        "0014,1E+20,-3,,,fim\n"
    )


def test_a_sheet_may_be_named(tmp_path: Path) -> None:
    book = workbook(tmp_path / "a.xlsx", {"Capa": [["x"]], "Dados": [["a", "b"], [1, 2], [3, 4]]})
    report = normalise(book, tmp_path / "out.csv", sheet="Dados")
    assert (tmp_path / "out.csv").read_text(encoding="utf-8") == "a,b\n1,2\n3,4\n"
    assert report.other_sheets == ("Capa",)
    with pytest.raises(InputError) as error:
        normalise(book, tmp_path / "out.csv", sheet="Preços")
    assert (error.value.code, error.value.values["known"]) == ("sheet_unknown", "Capa, Dados")


def test_a_damaged_workbook_is_refused(tmp_path: Path) -> None:
    book = workbook(tmp_path / "a.xlsx", {"Dados": [["a", "b"], [1, 2]]})
    with zipfile.ZipFile(book) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    members["xl/worksheets/sheet1.xml"] = b"<worksheet><sheetData><row"
    with zipfile.ZipFile(book, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    with pytest.raises(InputError) as error:
        normalise(book, tmp_path / "out.csv")
    assert error.value.code in {"container_damaged", "file_empty"}


def test_a_carriage_return_in_a_cell_of_a_workbook_ends_no_record(tmp_path: Path) -> None:
    rows = [["sku", "título", "preço"], *([f"A-{n}", "Mesa\rde pinho", n + 0.5] for n in range(12))]
    report = normalise(workbook(tmp_path / "catalogo.xlsx", {"Plan1": rows}), tmp_path / "out.csv")

    assert (report.records, report.quarantined) == (12, 0)
