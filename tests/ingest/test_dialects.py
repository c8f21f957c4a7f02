"""Delimiters, quotes, escapes and line ends are found out, and do not change what is read."""

from __future__ import annotations

import csv
import io

import pytest

ROWS = [[str(n), f"Mesa {n}, de madeira", f"{n},50", "azul" if n % 2 else ""] for n in range(1, 40)]
HEADER = ["codigo", "titulo", "preco", "cor"]


def written(rows: list[list[str]], **dialect) -> str:
    out = io.StringIO(newline="")
    csv.writer(out, **dialect).writerows([HEADER, *rows])
    return out.getvalue()


def expected(rows: list[list[str]]) -> list[tuple[str | None, ...]]:
    return [tuple(cell or None for cell in row) for row in rows]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("quotechar", ['"', "'"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"], ids=["lf", "crlf", "cr"])
def test_every_common_dialect_is_recognised(read, delimiter, quotechar, line_end):
    quoting = {"delimiter": delimiter, "quotechar": quotechar, "quoting": csv.QUOTE_ALL}
    result = read(written(ROWS, lineterminator=line_end, **quoting))

    assert result.rows == expected(ROWS)
    dialect = result.report.dialect
    assert (dialect.delimiter, dialect.quote, dialect.line_end) == (delimiter, quotechar, line_end)


def test_decimal_commas_do_not_pass_for_delimiters(read):
    result = read("codigo;titulo;preco;cor\n" + "".join(f"{n};Mesa {n};{n},50;azul\n" for n in range(30)))

    assert result.report.dialect.delimiter == ";"
    assert result.rows[3] == ("3", "Mesa 3", "3,50", "azul")


def test_apostrophes_before_numbers_are_content(read):
    result = read("gtin,titulo\n" + "".join(f"'789000000{n:04},Copo d'água {n}\n" for n in range(30)))

    assert result.rows[7] == ("'7890000000007", "Copo d'água 7")


def test_quotes_escaped_by_a_backslash_are_content(read):
    rows = [[str(n), f'TV 32" LED, \\ preta "{n}"', f"{n}.50", "x"] for n in range(1, 30)]
    result = read(written(rows, doublequote=False, escapechar="\\", quoting=csv.QUOTE_ALL))

    assert result.report.dialect.escape == "\\"
    assert result.rows == expected(rows)


def test_a_backslash_in_a_path_is_no_escape(read):
    result = read("a,b\n" + "".join(f'{n},"C:\\pasta, {n}\\x"\n' for n in range(1, 20)))

    assert result.report.dialect.escape == ""
    assert result.rows[0] == ("1", "C:\\pasta, 1\\x")


def test_a_record_set_aside_is_shown_as_the_file_has_it_even_if_escaped(read):
    rows = [[str(n), f'TV 32" LED {n}', f"{n}.50", "x"] for n in range(1, 30)]
    text = written(rows, doublequote=False, escapechar="\\", quoting=csv.QUOTE_ALL)
    result = read(text + '"x","a \\"b\\""\n')

    assert result.quarantine[0]["raw"] == '"x","a \\"b\\""'


def test_line_ends_may_change_in_the_middle_of_a_file(read):
    text = written(ROWS[:20], lineterminator="\r\n") + written(ROWS[20:], lineterminator="\r").split("\r", 1)[1]
    result = read(text)

    assert result.rows == expected(ROWS)
    assert result.places[-1] == (39, 40)
