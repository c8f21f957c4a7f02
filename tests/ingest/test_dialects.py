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


def test_a_dialect_that_changes_in_the_middle_is_followed(read):
    first = "".join(f"{n},Camiseta {n},{n}.90,{n % 7}\n" for n in range(1, 40))
    second = "".join(f'{n};"Calça; jeans {n}";{n}.50;{n % 7}\n' for n in range(40, 60))
    third = "".join(f"{n}\tTênis, {n}\t{n}.50\t{n % 7}\n" for n in range(60, 65))

    result = read("id,título,preço,estoque\n" + first + second + third)

    assert result.reasons == []
    assert [row[0] for row in result.rows] == [str(n) for n in range(1, 65)]
    assert result.rows[39] == ("40", "Calça; jeans 40", "40.50", "5")
    assert result.rows[60] == ("61", "Tênis, 61", "61.50", "5")
    assert result.report.repairs == {"other_delimiter": 25}


def test_a_line_that_could_be_of_another_dialect_is_left_to_a_person(read):
    result = read("nome,nota,obs\na,b,c\nd;e;f\ng,h,i\n")

    assert result.report.quarantined == 1


@pytest.mark.parametrize("delimiter", [", ", "; ", " | ", "||", "::"])
def test_a_delimiter_of_several_characters_is_told(read, delimiter):
    lines = [["id", "título", "preço"]] + [[str(n), f"Chá {n}", f"{n}.90"] for n in range(1, 30)]
    text = "".join(delimiter.join(line) + "\n" for line in lines) + delimiter.join(["30", f'"a{delimiter}b"', "1"])

    result = read(text)

    assert result.report.dialect.delimiter == delimiter
    assert result.rows[0] == ("1", "Chá 1", "1.90")
    assert result.rows[29] == ("30", f"a{delimiter}b", "1")


def test_spaces_between_quoted_fields_delimit_and_those_between_words_do_not(read):
    quoted = read('id nome preço\n1 "Chá verde" 1.90\n2 "Café" 2.50\n3 "Pão de mel" 3.00\n')
    words = read("Ana Souza\nBruno Lima\nClara Dias\n")

    assert quoted.report.dialect.delimiter == " "
    assert quoted.rows[0] == ("1", "Chá verde", "1.90")
    assert words.frame.width == 3


def test_apostrophes_quote_where_only_what_holds_them_is_quoted(read):
    result = read(
        "sku;marca;preço\n" + "".join(f"{n};'L''Oréal';{n},90\n" if n % 3 else f"{n};Bic;1\n" for n in range(9))
    )

    assert result.report.dialect.quote == "'"
    assert result.rows[1] == ("1", "L'Oréal", "1,90")


def test_a_first_record_of_two_lines_is_not_taken_for_two(read):
    rows = [["x1", "a", "b", "linha\noutra", "c", "d", f"{n}"] for n in range(20)]
    text = "".join("\t".join(f'"{cell}"' for cell in row) + "\r\n" for row in rows)
    result = read(text)

    assert result.rows == [tuple(row) for row in rows]
    assert result.report.quarantined == 0


def test_spaces_that_align_columns_are_content(read):
    result = read("bactéria,   penicilina,   neomicina\n" + "".join(f"B{n},{n:>13},{n / 2:>12}\n" for n in range(20)))

    assert result.report.dialect.delimiter == ","
    assert result.rows[3] == ("B3", "            3", "         1.5")
