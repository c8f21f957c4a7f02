"""One broken record costs at most itself, and only where its repair would be a guess."""

from __future__ import annotations

import pytest


def others_are_right(result) -> bool:
    """Whether the twenty sound records of the catalogue are all there, in order."""
    sound = [row for row in result.rows if row[0] and row[0].startswith("SKU-") and row[0] != "SKU-X"]
    return [row[0] for row in sound] == [f"SKU-{i}" for i in range(1, 21)]


@pytest.mark.parametrize(
    ("raw", "title"),
    [
        ('SKU-X,TV 32" LED,1,2\n', 'TV 32" LED'),
        ('SKU-X,TV 32",1,2\n', 'TV 32"'),
        ('SKU-X,"TV 32" LED",1,2\n', 'TV 32" LED'),
        ('SKU-X,"TV 32" LED, preta",1,2\n', 'TV 32" LED, preta'),
        ('SKU-X,a "b" c,1,2\n', 'a "b" c'),
        ('SKU-X,32" ou 42",1,2\n', '32" ou 42"'),
        ('SKU-X,"linha 1\nTV 32" LED",1,2\n', 'linha 1\nTV 32" LED'),
    ],
)
def test_a_stray_quote_is_content(read, catalogue, raw, title):
    result = read(catalogue(before=raw))

    assert result.rows[9] == ("SKU-X", title, "1", "2")
    assert others_are_right(result)
    assert result.report.repairs == {"stray_quote": 1}


def test_a_stray_quote_does_not_disturb_a_later_field_over_several_lines(read, catalogue):
    result = read(catalogue(before='SKU-X,TV 32" LED,1,"linha 1\nlinha, 2\n"\n'))

    assert result.rows[9] == ("SKU-X", 'TV 32" LED', "1", "linha 1\nlinha, 2\n")
    assert others_are_right(result)


def test_only_a_cell_whose_bytes_say_something_else_is_recorded(read, catalogue):
    literal = read(catalogue(before='SKU-X,TV 32" LED,1,2\n'))
    quoted = read(catalogue(before='SKU-X,"TV 32" LED",1,2\n'))

    assert literal.repairs == []
    assert quoted.repairs == [
        {
            "row": 10,
            "line": 11,
            "column": "title",
            "code": "stray_quote",
            "before": '"TV 32" LED"',
            "after": 'TV 32" LED',
            "confidence": "confident",
        }
    ]


@pytest.mark.parametrize("at", [1, 10, 20])
def test_an_unterminated_quote_costs_its_own_record(read, catalogue, at):
    text = catalogue(before='SKU-X,"TV LED,1,2\n', at=at)
    result = read(text)

    assert others_are_right(result)
    assert result.quarantine == [
        {
            "record": str(at),
            "line": str(at + 1),
            "byte_offset": str(text.index("SKU-X")),
            "reason": "unterminated_quote",
            "raw": 'SKU-X,"TV LED,1,2',
            "proposal": "SKU-X,TV LED,1,2",
        }
    ]


def test_an_unterminated_quote_in_the_last_record_costs_nothing_else(read, catalogue):
    result = read(catalogue() + 'SKU-X,"TV LED,1,2')

    assert others_are_right(result)
    assert result.reasons == ["unterminated_quote"]


def test_an_unterminated_quote_ends_where_records_go_on_even_if_quoted_ones(read):
    quoted = "".join(f'{i},"nome {i}","x"\n' for i in range(3, 40))
    result = read('id,name,z\n1,"a",b\n2,"never closed,b\n' + quoted)

    assert result.reasons == ["unterminated_quote"]
    assert [row[0] for row in result.rows] == ["1", *(str(i) for i in range(3, 40))]


@pytest.mark.parametrize(
    ("raw", "reason", "proposal"),
    [
        ("SKU-X,b,1\n", "too_few_fields", "SKU-X,b,1,"),
        ("SKU-X,b,1,2,3\n", "too_many_fields", ""),
        ("   \n", "too_few_fields", "   ,,,"),
        ('SKU-X,"two\nlines",1\n', "too_few_fields", '"SKU-X","two\nlines","1",""'),
    ],
)
def test_a_wrong_number_of_fields_is_set_aside_with_a_proposal(read, catalogue, raw, reason, proposal):
    result = read(catalogue(before=raw))

    assert others_are_right(result)
    assert result.reasons == [reason]
    assert result.quarantine[0]["raw"] == raw.rstrip("\n")
    assert result.quarantine[0]["proposal"].replace('"', "") == proposal.replace('"', "")


def test_surplus_fields_without_content_are_dropped(read, catalogue):
    result = read(catalogue(before='SKU-X,b,1,2,,""\n'))

    assert result.rows[9] == ("SKU-X", "b", "1", "2")
    assert result.report.repairs == {"extra_empty_fields": 1}


def test_nul_bytes_are_taken_out_and_recorded(read, catalogue):
    result = read(catalogue(before="SKU-X,no\0me,1,2\n"))

    assert result.rows[9] == ("SKU-X", "nome", "1", "2")
    assert [(r["column"], r["before"], r["after"]) for r in result.repairs] == [("title", "no\0me", "nome")]


def test_a_header_that_comes_again_is_no_data(read, catalogue):
    result = read(catalogue(before="sku,title,stock,price\n"))

    assert others_are_right(result)
    assert result.reasons == ["repeated_header"]


def test_lone_carriage_returns_end_records_beside_line_feeds(read):
    result = read('a,b\n1,x\r2,"y\rz"\r3,w\r\n4,v\n')

    assert result.rows == [("1", "x"), ("2", "y\rz"), ("3", "w"), ("4", "v")]


def test_record_numbers_count_quarantined_records_too(read):
    result = read("a,b\n1,2\n1\n3,4\n1,2,3\n5,6\n")

    assert [row for row, _ in result.places] == [1, 3, 5]
    assert [record["record"] for record in result.quarantine] == ["2", "4"]


@pytest.mark.parametrize("raw", ["SKU-X,,b,1,\n", "SKU-X,b,,2,\n"])
def test_a_surplus_delimiter_that_may_have_shifted_fields_is_set_aside(read, catalogue, raw):
    result = read(catalogue(before=raw))

    assert others_are_right(result)
    assert result.reasons == ["too_many_fields"]


def test_a_line_of_nothing_but_delimiters_is_not_taken_apart(read, catalogue):
    result = read(catalogue(before="," * 100_000 + "\n"))

    assert others_are_right(result)
    assert result.reasons == ["too_many_fields"]


@pytest.mark.parametrize("words", ['"Casa & Cia" Ltda', '"ESSO " Posto "Sul" S.A.', '"IP GRUPPO API" S.ELIA'])
def test_words_in_quotes_at_the_beginning_of_a_text_are_content(read, catalogue, words):
    result = read(catalogue(before=f"X-1,{words},5,9.90\n"))

    assert result.rows[9] == ("X-1", words, "5", "9.90")
    assert result.report.repairs == {"stray_quote": 1}
    assert result.report.quarantined == 0


def test_a_quote_that_may_be_inches_is_left_to_a_person(read, catalogue):
    result = read(catalogue(before='X-1,"TV 32" LED,5,9.90\n'))

    assert result.reasons == ["unterminated_quote"]
    assert result.quarantine[0]["proposal"]


def test_a_carriage_return_in_what_is_set_aside_ends_no_record_there(read):
    """Python's writer quotes it from 3.13 on only."""
    result = read("a\tb\tc\td\n" + "".join(f"{n}\tx\ty\tz\n" for n in range(9)) + "'1\rx\t'\t2\n" + "8\tx\ty\tz\n")

    assert result.report.quarantined == len(result.quarantine)
    assert all(record["record"].isdigit() for record in result.quarantine)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_number_of_blank_lines_between_records_is_left_out(read, end):
    lines = [f"{n},Mesa,{n}.50" for n in range(30)]
    text = f"sku,título,preço{end}" + "".join(line + end * (n % 4 + 1) for n, line in enumerate(lines))
    result = read(text)

    assert result.rows == [tuple(line.split(",")) for line in lines]
    assert [line for _, line in result.places][:5] == [2, 3, 5, 8, 12]


def test_many_words_in_quotes_far_apart_take_no_time(read, catalogue):
    """Where a pattern may divide the spaces behind each in every way, this does not end."""
    result = read(catalogue(before="X-1," + '"a"          ' * 40 + '"5,5,9.90\n'))

    assert result.report.records + result.report.quarantined == 21
