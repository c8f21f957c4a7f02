"""Text comes out right whatever it was encoded in, cell by cell where need be."""

from __future__ import annotations

import pytest

from validahub_pipeline.ingest.encoding import decode_single_byte, scan_utf8

TEXT = "id;descrição;preço\r\n" + "".join(f"{i};Ação não é só maçã nº {i};{i},5\r\n" for i in range(30))


@pytest.mark.parametrize(
    ("codec", "name"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("utf-16", "utf-16-le"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("utf-32", "utf-32-le"),
        ("utf-32-be", "utf-32-be"),
        ("cp1252", "cp1252"),
        ("latin-1", "cp1252"),
        ("cp850", "cp850"),
    ],
)
def test_a_file_in_one_encoding_is_read_in_it(read, codec, name):
    result = read(TEXT.encode(codec))

    assert result.report.encoding == name
    assert result.report.columns == ("id", "descrição", "preço")
    assert result.rows == [(str(i), f"Ação não é só maçã nº {i}", f"{i},5") for i in range(30)]
    assert result.report.repairs == {}


def test_a_field_in_cp1252_among_utf8_is_repaired_and_recorded(read):
    lines = [f"{i},maçã {i},ação\n".encode() for i in range(1, 20)]
    lines[7] = "8,maçã 8,".encode() + "ação".encode("cp1252") + b"\n"
    result = read(b"id,name,z\n" + b"".join(lines))

    assert result.rows[7] == ("8", "maçã 8", "ação")
    assert result.repairs == [
        {
            "row": 8,
            "line": 9,
            "column": "z",
            "code": "encoding_cp1252",
            "before": "a��o",
            "after": "ação",
            "confidence": "confident",
        }
    ]
    assert result.report.repairs == {"encoding_cp1252": 1}


def test_a_field_in_utf8_among_cp1252_is_recognised(read):
    lines = [f"{i},maçã {i},ação\n".encode("cp1252") for i in range(1, 20)]
    lines[7] = "8,maçã 8,".encode("cp1252") + '"ação ""x"""'.encode() + b"\n"
    result = read(b"id,name,z\n" + b"".join(lines))

    assert result.rows[7] == ("8", "maçã 8", 'ação "x"')
    assert [(r["code"], r["after"]) for r in result.repairs] == [("encoding_utf8", 'ação "x"')]
    assert result.report.encoding == "cp1252"


def test_a_header_in_another_encoding_than_the_data_is_named_right(read):
    result = read("código,preço\n".encode("cp1252") + "".join(f"ação {i},{i}\n" for i in range(9)).encode())

    assert result.report.columns == ("código", "preço")


def test_offsets_in_quarantine_are_those_of_the_wide_file(read):
    text = "id,name\n1,ação 😀\n2\n3,x\n"
    result = read(text.encode("utf-16"))

    offset = int(result.quarantine[0]["byte_offset"])
    assert text.encode("utf-16")[offset:].decode("utf-16-le").startswith("2\n3,x")


def test_bytes_that_cp1252_leaves_undefined_are_kept():
    assert decode_single_byte(b"\x81\x8d\x8f\x90\x9d\xe3", "cp1252") == "\x81\x8d\x8f\x90\x9dã"


@pytest.mark.parametrize(
    "data",
    [
        b"plain",
        "ação".encode(),
        "ação".encode("cp1252"),
        b"\xc3",
        b"\xa9x",
        b"\xc0\x80",
        b"\xe0\x80\x80",
        b"\xed\xa0\x80",
        b"\xf4\x90\x80\x80",
        b"\xf0\x9f\x98\x80",
        b"\xf0\x9f\x98",
        b"\xc3\xa7\xa3",
        b"\xe2\x82,\xac",
        b"\xff\xfe",
        b"",
    ],
)
def test_the_vectorised_check_agrees_with_pythons_decoder(data):
    _, broken = scan_utf8(data)

    assert (len(broken) == 0) == (data.decode("utf-8", "ignore").encode() == data)


@pytest.mark.parametrize(
    "text", ["4,5,\u2013", "1,Caf\u00e9 \u2013 250 g,2", "1,\u201cnovo\u201d,2", "1,30\u00b0,2", "1,marca\u2122,3"]
)
def test_a_sign_of_windows_is_not_taken_for_a_letter_of_dos(read, text):
    result = read(f"a,b,c\n{text}\n".encode("cp1252"))

    assert result.report.encoding == "cp1252"
    assert result.rows == [tuple(text.split(","))]
