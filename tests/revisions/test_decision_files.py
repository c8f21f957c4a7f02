"""Files that list decisions: whatever is wrong with one is told with file, line, cause and remedy."""

from __future__ import annotations

import pytest

from validahub_pipeline.errors import InputError
from validahub_pipeline.messages import LANGUAGES
from validahub_pipeline.stages.decision_files import read_cells, read_rows


@pytest.fixture
def written(tmp_path):
    def write(content: str | bytes):
        path = tmp_path / "lista.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
        return path

    return write


@pytest.mark.parametrize(
    "content", ["1\n5\n12\n", "row\r\n1\r\n5\r\n12\r\n", "\ufeffRow;note\n1;a\n\n5;b\n12;", "1\n5\n12"]
)
def test_rows_are_read_with_a_header_or_without(written, content) -> None:
    assert [listed.row for listed in read_rows(written(content)).rows] == [1, 5, 12]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_cells_are_read_whatever_separates_them_and_in_whatever_order(written, delimiter) -> None:
    lines = [("after", "row", "column", "reason"), ('"two\nlines"', "3", "Título", "typo"), ("", "4", "Preço", "")]
    path = written("\r\n".join(delimiter.join(fields) for fields in lines))

    cells = read_cells(path).cells

    assert [(cell.row, cell.column, cell.after, cell.reason) for cell in cells] == [
        (3, "Título", "two\nlines", "typo"),
        (4, "Preço", "", ""),
    ]
    assert [cell.line for cell in cells] == [2, 4]


def test_a_reason_may_be_left_out(written) -> None:
    assert read_cells(written("row,column,after\n1,a,b\n")).cells[0].reason == ""


@pytest.mark.parametrize(
    ("content", "code", "line"),
    [
        ("", "decisions_header", 1),
        ("row,column,after\n", "decisions_empty", None),
        ("row,coluna,after\n1,a,b\n", "decisions_header", 1),
        ("row,column,after\n1,a,b\nx,a,b\n", "decisions_row_invalid", 3),
        ("row,column,after\n0,a,b\n", "decisions_row_invalid", 2),
        ("row,column,after\n1.0,a,b\n", "decisions_row_invalid", 2),
        ("row,column,after\n-1,a,b\n", "decisions_row_invalid", 2),
        ("row,column,after\n99999999999999999999,a,b\n", "decisions_row_invalid", 2),
        ("row,column,after\n1,a,b,c\n", "decisions_fields", 2),
        ("row,column,after\n1,a\n", "decisions_fields", 2),
        ('row,column,after\n1,a,b\n2,a,"b\n', "decisions_malformed", 3),
        ('row,column,after\n1,a,"b"c\n', "decisions_malformed", 2),
        ("row,column,after\n1,a,b\n2,a,b\n1,a,c\n", "decisions_twice", 4),
        (b"row,column,after\n1,a,b\n2,a,caf\xe9\n", "decisions_not_text", 3),
    ],
)
def test_a_file_of_cells_that_is_not_right_names_the_line(written, content, code, line) -> None:
    with pytest.raises(InputError) as raised:
        read_cells(written(content))

    assert raised.value.code == code
    assert raised.value.values.get("line") == line
    for lang in LANGUAGES:
        assert "lista.csv" in raised.value.render(lang)


@pytest.mark.parametrize(
    ("content", "code", "line"),
    [("", "decisions_empty", None), ("row\n", "decisions_empty", None), ("1\n2\ndois\n", "decisions_row_invalid", 3)],
)
def test_a_list_of_rows_that_is_not_right_names_the_line(written, content, code, line) -> None:
    with pytest.raises(InputError) as raised:
        read_rows(written(content))

    assert (raised.value.code, raised.value.values.get("line")) == (code, line)


def test_a_file_that_is_not_there_is_told(tmp_path) -> None:
    with pytest.raises(InputError, match="no such file"):
        read_cells(tmp_path / "nowhere.csv")
