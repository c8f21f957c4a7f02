"""The lists of what is left to fix, read back by what did not write them: csv, calamine, and the workbook's own XML."""

from __future__ import annotations

import csv
import hashlib
import io
import tempfile
import zipfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from xml.etree import ElementTree

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from validahub_pipeline.messages import LANGUAGES
from validahub_pipeline.report.errors_csv import VALUE_LIMIT, ErrorsCsv
from validahub_pipeline.report.errors_workbook import BESIDE_EVERY_REPORT, ErrorsWorkbook, Limits
from validahub_pipeline.report.problems import Problems
from validahub_pipeline.report.wording import Wording

RUN_BY_SPREADSHEETS = ("=", "+", "-", "@", "\t", "\r")
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
EVIL = [
    '=HYPERLINK("http://x")',
    "+1+1|cmd",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "<r><t>x</t></r>",
    "_x0041_",
    "a\ufffeb",
]

anything = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


@pytest.fixture(scope="module")
def problems(pack):
    return Problems(Wording(pack, "pt-BR"))


def violations(*rows: tuple[int, int, str, str, str, str]) -> pl.DataFrame:
    return pl.DataFrame(
        rows,
        schema={"row": pl.Int64, "line": pl.Int64} | dict.fromkeys(("column", "code", "severity", "value"), pl.String),
        orient="row",
    )


def rows_of(*cells: Sequence[str | None]) -> pl.DataFrame:
    numbered = [(place, place + 1, *texts) for place, texts in enumerate(cells, start=1)]
    schema = {"__row": pl.Int64, "__line": pl.Int64} | {str(place): pl.String for place in range(len(cells[0]))}
    return pl.DataFrame(numbered, schema=schema, orient="row")


def as_csv(problems: Problems, *frames: pl.DataFrame) -> list[dict[str, str]]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "errors.csv")
        with ErrorsCsv(path, problems) as file:
            for frame in frames:
                file.write(frame)
        raw = path.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"), newline="")))


def as_workbook(
    problems: Problems,
    columns: Sequence[str],
    *batches: tuple[pl.DataFrame, pl.DataFrame],
    limits: Limits = BESIDE_EVERY_REPORT,
    file_name: str = "loja.csv",
) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "errors.xlsx")
        moment = datetime(2026, 11, 24)  # noqa: DTZ001 - a workbook knows no time zones
        with ErrorsWorkbook(
            path, problems, columns, file_name=file_name, whole="errors.csv", created=moment, limits=limits
        ) as book:
            for rows, found in batches:
                book.write(rows, found)
        assert [file.name for file in Path(folder).iterdir()] == ["errors.xlsx"]
        return path.read_bytes()


def sheet(book: bytes, number: int) -> list[list[object]]:
    return CalamineWorkbook.from_filelike(io.BytesIO(book)).get_sheet_by_index(number).to_python(skip_empty_area=False)


def part(book: bytes, name: str) -> ElementTree.Element:
    return ElementTree.fromstring(zipfile.ZipFile(io.BytesIO(book)).read(name))


def comments(book: bytes) -> dict[str, str]:
    found = part(book, "xl/comments1.xml").iter(f"{MAIN}comment")
    return {one.attrib["ref"]: "".join(text.text or "" for text in one.iter(f"{MAIN}t")) for one in found}


def test_each_violation_is_a_line_that_says_where_what_and_what_to_do(problems):
    [told] = as_csv(problems, violations((39, 1055, "GTIN", "gtin_invalid", "critical", "789")))

    assert list(told.values())[:6] == ["1055", "39", "GTIN", "789", "Crítica", "Código de barras inválido"]
    assert "dígito verificador" in list(told.values())[6]
    assert list(told.values())[7] == "gtin_invalid"


def test_a_violation_of_the_file_as_a_whole_names_the_field_and_no_line(problems):
    [told] = as_csv(problems, violations((0, 0, "price", "column_missing", "critical", "Prezo")))

    assert list(told.values())[:3] == ["", "", "price"]
    assert "Prezo" in list(told.values())[6]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_lists_speak_the_sellers_language(pack, lang):
    problems = Problems(Wording(pack, lang))
    found = violations((1, 2, "Título", "missing_title", "critical", ""))

    [told] = as_csv(problems, found)
    book = as_workbook(problems, ["Título"], (rows_of([None]), found))

    word = {"pt-BR": "Gravidade", "en": "Severity", "es": "Gravedad"}[lang]
    assert word in told
    assert any(word in line for line in sheet(book, 0))


@given(values=st.lists(anything | st.sampled_from(EVIL), min_size=1, max_size=8))
def test_no_cell_of_the_list_is_a_formula_and_every_value_can_be_told_from_it(problems, values):
    found = violations(*((n, n + 1, value, "gtin_invalid", "critical", value) for n, value in enumerate(values, 1)))

    told = as_csv(problems, found)

    assert len(told) == len(values)
    for line, value in zip(told, values, strict=True):
        assert not any(cell.startswith(RUN_BY_SPREADSHEETS) for cell in line.values())
        assert line["Valor"] in {value, f"'{value}"}
        assert line["Coluna"] == line["Valor"]


def test_a_long_text_is_cut_in_the_list(problems):
    [told] = as_csv(problems, violations((1, 2, "Descrição", "gtin_invalid", "critical", "á" * 40_000)))

    assert told["Valor"] == "á" * (VALUE_LIMIT - 1) + "…"


@given(
    cells=st.lists(st.tuples(anything | st.sampled_from(EVIL), anything), min_size=1, max_size=6),
    header=anything.filter(bool),
)
def test_a_workbook_holds_every_text_as_a_text(problems, cells, header):
    found = violations(*((n, n + 1, header, "gtin_invalid", "critical", one) for n, (one, _) in enumerate(cells, 1)))

    book = as_workbook(problems, [header, "outra"], (rows_of(*cells), found), file_name=header)

    assert not list(part(book, "xl/worksheets/sheet2.xml").iter(f"{MAIN}f"))
    assert not list(part(book, "xl/worksheets/sheet1.xml").iter(f"{MAIN}f"))
    for line, (one, other) in zip(sheet(book, 1)[1:], cells, strict=True):
        assert line[3:] == [held(one), held(other)]
    assert sheet(book, 1)[0][3] == held(header)


def held(text: str) -> str:
    """What is left of a text in a workbook: XML has no room for two characters, and the writer for one form."""
    text = text.replace("\ufffe", "\ufffd").replace("\uffff", "\ufffd")
    return f"{text} " if text.startswith("<r>") and text.endswith("</r>") else text


def test_cells_that_a_spreadsheet_would_run_when_edited_are_marked_as_text(problems):
    cells = [["=1+1", "=2"], ["100", "-3"]]
    found = violations((1, 2, "A", "gtin_invalid", "critical", "=1+1"), (2, 3, "A", "gtin_invalid", "critical", "100"))

    book = as_workbook(problems, ["A", "B"], (rows_of(*cells), found))

    looks = part(book, "xl/styles.xml").find(f"{MAIN}cellXfs")
    marked = {place for place, look in enumerate(looks) if look.get("quotePrefix") == "1"}
    styles = {
        cell.get("r"): int(cell.get("s", "0")) for cell in part(book, "xl/worksheets/sheet2.xml").iter(f"{MAIN}c")
    }
    assert [styles[ref] in marked for ref in ("D2", "E2", "D3", "E3")] == [True, True, False, True]


def test_an_offending_cell_is_coloured_by_the_gravest_of_its_violations_and_says_all_of_them(problems):
    found = violations(
        (1, 2, "T", "title_all_caps", "info", "ABC"),
        (1, 2, "T", "title_too_long", "critical", "ABC"),
        (2, 3, "P", "missing_price", "warning", ""),
        (3, 4, "T", "title_all_caps", "info", "y"),
    )

    book = as_workbook(problems, ["T", "P"], (rows_of(["ABC", "1"], ["x", None], ["y", "2"]), found))

    assert [line[0] for line in sheet(book, 1)[1:]] == [2.0, 3.0], "a note alone is nothing to fix"
    said = comments(book)
    assert set(said) == {"D2", "E3"}
    assert problems.of("title_all_caps").meaning in said["D2"]
    assert problems.of("title_too_long").meaning in said["D2"]
    fills = [fill.find(f".//{MAIN}fgColor") for fill in part(book, "xl/styles.xml").find(f"{MAIN}fills")]
    looks = list(part(book, "xl/styles.xml").find(f"{MAIN}cellXfs"))
    styles = {
        cell.get("r"): int(cell.get("s", "0")) for cell in part(book, "xl/worksheets/sheet2.xml").iter(f"{MAIN}c")
    }
    colours = {ref: fills[int(looks[styles[ref]].get("fillId"))] for ref in ("D2", "E3")}
    assert {ref: colour.get("rgb") for ref, colour in colours.items()} == {"D2": "FFFBD5D2", "E3": "FFFDEBC8"}


def test_what_a_workbook_leaves_out_stands_in_it(problems):
    count = 50
    cells = [["x", "y"]] * count
    found = violations(*((n, n + 1, "A", "gtin_invalid", "critical", "x") for n in range(1, count + 1)))
    halves = [(rows_of(*cells), found.filter(pl.col("row") <= 25)), (rows_of(*cells), found.filter(pl.col("row") > 25))]

    book = as_workbook(problems, ["A", "B"], *halves, limits=Limits(cells=5 * 30, comments=10, characters=10**6))

    assert len(sheet(book, 1)) == 1 + 30
    assert len(comments(book)) == 10
    told = " ".join(str(cell) for line in sheet(book, 0) for cell in line)
    assert "30 das 50 linhas" in told
    assert "20 linhas" in told
    assert "20 células" in told
    assert "errors.csv" in told
    assert 50.0 in [line[2] for line in sheet(book, 0)]


def test_a_file_wider_than_a_sheet_loses_columns_there_and_is_told_so(problems):
    columns = [f"c{place}" for place in range(17_000)]
    cells = ["x"] * len(columns)

    book = as_workbook(
        problems, columns, (rows_of(cells), violations((1, 2, "c16999", "gtin_invalid", "critical", "x")))
    )

    assert len(sheet(book, 1)[0]) == 16_384
    assert "619 colunas" in " ".join(str(line[0]) for line in sheet(book, 0))


def test_the_same_errors_give_the_same_bytes(problems):
    batch = (rows_of(["a"], ["b"]), violations((2, 3, "A", "gtin_invalid", "critical", "b")))

    one, other = (hashlib.sha256(as_workbook(problems, ["A"], batch)).hexdigest() for _ in range(2))

    assert one == other


def test_a_file_without_violations_has_empty_lists(problems):
    assert as_csv(problems) == []
    assert len(sheet(as_workbook(problems, ["A"]), 1)) == 1
