"""What is corrected, what is only proposed, and what is left alone."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from validahub_pipeline.errors import PackError

EXAMPLES: list[tuple[str, dict[str, Any], dict[str, str]]] = [
    ("trim_whitespace", {}, {" a b\t": "a b", "\u00a0x\n": "x", "   ": ""}),
    ("collapse_spaces", {}, {"a  b": "a b", "a \t b": "a b", "x  \n  y": "x \n y", "a\tb": "a b"}),
    (
        "nbsp_to_space",
        {},
        {"a\u00a0b": "a b", "\ufeffa": "a", "a\u200bb": "ab", "a\u202fb": "a b", "a\u200db\u200dc": "abc"}
        | {"pré\u00advia": "prévia", "\u200e7891": "7891"},
    ),
    (
        "remove_control_characters",
        {},
        {"a\x00b\x00": "ab", "T\x1f\x7fV": "TV", "a\x0bb": "a\nb", "a\u2028b": "a\nb", "\x1a": ""},
    ),
    ("compose_unicode", {}, {"Ac\u0327ai\u0301": "Açaí", "\u1112\u1161\u11ab": "한", "½ e\u0301": "½ é"}),
    ("straighten_quotes", {}, {"“32” d\u2019água": '"32" d\'água'}),
    ("decode_entities", {}, {"Caf&eacute; &amp; Cia": "Café & Cia", "20&#176;C": "20°C", "&lt;b&gt;": "<b>"}),
    ("percent_text", {}, {"12,5 %": "12,5", "10%": "10"}),
    (
        "bare_measure",
        {"unit": "kg"},
        {
            "1.5kg": "1.5",
            "1,5 Kg": "1.5",
            "1500 g": "1.5",
            "0,350kg": "0.350",
            "500 gramas": "0.5",
            "12.000,5 g": "12.0005",
        },
    ),
    (
        "yes_or_no",
        {"when_true": "TRUE", "when_false": "FALSE"},
        {"Sim": "TRUE", "não": "FALSE", "x": "TRUE", "1": "TRUE", "0": "FALSE", "verdadeiro": "TRUE", "N": "FALSE"},
    ),
    (
        "category_id_spelling",
        {"prefix": "MLB"},
        {"mlb1676": "MLB1676", "MLB-1676": "MLB1676", " MLB 1676.0": "MLB1676"},
    ),
    ("category_id_spelling", {}, {"100017.0": "100017"}),
    (
        "tidy_picture_addresses",
        {"ascii_only": "yes"},
        {"//cdn.a.com/x.jpg": "https://cdn.a.com/x.jpg", "www.a.com.br/a.jpg": "https://www.a.com.br/a.jpg"}
        | {"https://a.com/minha foto.jpg": "https://a.com/minha%20foto.jpg", "HTTP://a.com/X.jpg": "http://a.com/X.jpg"}
        | {"https://a.com/x.jpg https://a.com/y.jpg": "https://a.com/x.jpg,https://a.com/y.jpg"}
        | {"https://a.com/x.jpg;https://a.com/y.jpg;": "https://a.com/x.jpg,https://a.com/y.jpg"}
        | {"https:\\\\a.com\\x.jpg": "https://a.com/x.jpg", "https://a.com/ção.jpg": "https://a.com/%C3%A7%C3%A3o.jpg"},
    ),
    (
        "canonical_brand",
        {"brands": ["Samsung", "Black & Decker", "L'Oréal"]},
        {"SAMSUNG": "Samsung", "black  &  decker": "Black & Decker", "Black&Decker": "Black & Decker"}
        | {"L'OREAL": "L'Oréal"},
    ),
    ("repair_mojibake", {}, {"AÃ§aÃ­": "Açaí", "ÃƒÂ©": "é", "â€œx": "“x", "Açúcar e cafÃ©": "Açúcar e café"}),
    (
        "currency_text",
        {},
        {"R$ 1.234,56": "1.234,56", "BRL12.50": "12.50", "12,50 reais": "12,50", "12,50 R$": "12,50", "r$ 5": "5"},
    ),
    (
        "decimal_comma",
        {},
        {"12,50": "12.50", "1.234,5": "1234.5", "R$ 7,00": "7.00", "1.234.567": "1234567", "1\u00a0234,56": "1234.56"},
    ),
    (
        "strip_gtin_punctuation",
        {},
        {"789-1000-100103": "7891000100103", "'7891000100103": "7891000100103", "7891000100103_": "7891000100103"}
        | {
            "7891000100103.0": "7891000100103",
            "36000-291452": "36000291452",
            "9638 5074": "96385074",
            "789 - 1000 - 100103": "7891000100103",
        }
        | {"7.891.000.100.103": "7891000100103", "'0036000291452": "0036000291452"},
    ),
    ("pad_gtin_11_to_12", {}, {"36000291452": "036000291452"}),
    ("strip_ncm_dots", {}, {"8517.12.31": "85171231"}),
    ("strip_cest_dots", {}, {"21.064.00": "2106400"}),
    ("html_to_text", {}, {"<p>a</p><p>b</p>": "a\n\nb", "x<br>y": "x\ny", "a &amp; b": "a & b", "caf&eacute;": "café"}),
    ("map_synonyms", {"mapping": {"Novo": "new", "usado": "used"}}, {"NOVO": "new", " usado ": "used", "nóvo": "new"}),
    ("map_synonyms", {"mapping": {"não especificado": "not_specified"}}, {"NAO-ESPECIFICADO": "not_specified"}),
]
NEVER: dict[str, list[str]] = {
    "trim_whitespace": ["a b", "a\u00a0b"],
    "collapse_spaces": ["a b", "a\n\nb"],
    "nbsp_to_space": [
        *(
            "👨\u200d👩\u200d👧",
            "🏳\ufe0f\u200d🌈 x",
            "\u0645\u06cc\u200c\u062e\u0648\u0627",
            "क\u094d\u200dष",
            "ไทย\u200bไทย",
            "\u200f\u05e9\u05dc\u05d5\u05dd\u200e abc",
        ),
        *("a b", "Ã\u00ad", "1\ufe0f\u20e3"),
    ],
    "remove_control_characters": ["a\tb\r\nc", "01\x1d21", "x\u0085y", "Ã\u0081"],
    "compose_unicode": ["½", "m²", "x™", "ﬁ", "Ⅳ", "①", "é", "\u212b", "\uff46\uff55", "❤\ufe0f"],
    "straighten_quotes": ['32"', "d'água", "«x»", "10″"],
    "decode_entities": ["P&G", "?a=1&reg=2", "&nothing;", "&#0;", "<b>x</b>", "AT&T;"],
    "percent_text": ["100% algodão", "10-20%", "% 5", "50%off", "10"],
    "bare_measure": ["1.234 kg", "1,234 g", "16 cm", "2 lb", "10x20 cm", "kg", "1 kg 200 g", "12,5,3 kg", "350"],
    "yes_or_no": ["talvez"],
    "category_id_spelling": ["1676", "MLA1676", "MLB", "MLB16X", "100.017", "12.5"],
    "tidy_picture_addresses": [
        *("foto.jpg", "https://a.com/x.jpg, https://b.com/y.jpg", "https://a.com/x,y.jpg", "ver https://a.com/x.jpg"),
        *(
            "https://a.com/x.jpg (frente)",
            "https://a.com/x.jpg,foto 2",
            "https://a.com/x.jpg?w=1|2",
            "C:\\fotos\\x.jpg",
        ),
        *("https://a.com/x.jpg 2", "https://ção.com.br/é.jpg"),
    ],
    "canonical_brand": ["Samsumg", "Samsung Galaxy", "N/A", "Sam sung", "Blackdecker"],
    "repair_mojibake": ["“MAÇÔ", "MAÇÃ\u00a0VERDE", "Açaí", "Ol\ufffd", "ÂNGULO", "à â ã"],
    "currency_text": ["US$ 10,00", "€ 10", "R$", "R$ 10 ou R$ 12", "a partir de R$ 10", "R$ 1.299", "R$ 1,299"],
    "decimal_comma": [
        "1,234",
        "1.234",
        "12,5,3",
        "US$ 5,00",
        "10 x 12,50",
        "abc",
        "1e3",
        "7,8983E+12",
        "12,",
        "R$ 1.299",
        "1 234",
        "1 2,5",
    ],
    "strip_gtin_punctuation": [
        "7891000100104_",
        "12345-6789",
        "7,8983E+12",
        "7.8983E+12",
        "789100010010-",
        "ISBN 96385074",
        *(
            "01310-103",
            "2026-11-08",
            "8517.12.97",
            "123.456.789-05",
            "11 98765-4326",
            "1234-5670",
            "SEM GTIN",
            "0",
            "S/N",
        ),
    ],
    "pad_gtin_11_to_12": ["36000291453", "1234567890", "123456789", "789100010010", "7891000100103"],
    "strip_ncm_dots": ["8517.12", "8517.1231", "851.712.31", "8517-12-31"],
    "strip_cest_dots": ["21.064", "2.106.400", "21.064.000"],
    "html_to_text": [
        *("a < b > c", "P&G", "?a=1&reg=2", '<img src="x.jpg">', "1<2", "tamanho <M ou >G", "a <b and c> d"),
        *("<altura> x <largura>", "x<y e z>w", "<data>", "i <3 u", "a <= b >= c"),
    ],
    "map_synonyms": ["nvoo", "novo!", ""],
}


@pytest.mark.parametrize(("kind", "kwargs", "cells"), EXAMPLES)
def test_a_correction_restores_what_was_damaged(bench, make_pack, kind, kwargs, cells) -> None:
    rows = bench.write_rows({"x": list(cells), "id": [str(place) for place in range(len(cells))]})

    result = bench.correct(rows, make_pack(["x"], [], [(kind, ["x"], kwargs)]))

    assert [record[0] for record in bench.csv("corrected.csv")[1:]] == list(cells.values())
    assert [(found["before"], found["after"]) for found in bench.table("corrections.parquet")] == list(cells.items())
    assert result.cells == len(cells)


@pytest.mark.parametrize(("kind", "kwargs", "cells"), EXAMPLES)
def test_nothing_is_invented(bench, make_pack, kind, kwargs, cells) -> None:
    left_alone = [*NEVER[kind], *cells.values(), "", "x"]
    rows = bench.write_rows({"x": left_alone, "id": [str(place) for place in range(len(left_alone))]})

    result = bench.correct(rows, make_pack(["x"], [], [(kind, ["x"], kwargs)]))

    assert bench.differences(rows) == {}
    assert result.cells == 0
    assert bench.table("corrections.parquet") == []


def test_an_undecided_number_is_read_as_its_column_writes_the_others(bench, make_pack) -> None:
    commas = {"12,50": "12.50", "1.234": "1234", "1,234": "1.234", "7,90": "7.90"}
    dots = {"12.50": "12.50", "1.234": "1.234", "1,234": "1,234", "0,5": "0.5"}
    rows = bench.write_rows({"price": list(commas), "weight": list(dots)})

    bench.correct(rows, make_pack(["price", "weight"], [], [("decimal_comma", ["price", "weight"])]))

    assert bench.csv("corrected.csv")[1:] == [list(cells) for cells in zip(commas.values(), dots.values(), strict=True)]


def test_one_comma_does_not_turn_a_column_of_thousandths_into_thousands(bench, make_pack) -> None:
    rows = bench.write_rows({"weight": ["1.234", "2.345", "3.456", "12,5"]})

    bench.correct(rows, make_pack(["weight"], [], [("decimal_comma", ["weight"])]))

    assert [record[0] for record in bench.csv("corrected.csv")[1:]] == ["1.234", "2.345", "3.456", "12.5"]


def test_a_correction_of_some_rows_only_never_reads_its_own_result_as_thousands(bench, make_pack) -> None:
    pack = make_pack(["price", "kind"], [], [("decimal_comma", ["price"], {}, "kind = 'a'")])
    rows = bench.write_rows({"price": ["1,234", "12,50", "1.234", "7,90"], "kind": ["a", "a", "a", "b"]})

    bench.correct(rows, pack)

    assert [record[0] for record in bench.csv("corrected.csv")[1:]] == ["1,234", "12.50", "1.234", "7,90"]


def test_a_cell_that_took_several_corrections_has_one_row_that_names_them_in_order(bench, make_pack) -> None:
    corrections = [("nbsp_to_space", ["*"]), ("trim_whitespace", ["*"]), ("decimal_comma", ["price"])]
    rows = bench.write_rows({"price": ["\u00a0R$ 12,50 ", "3"], "other": ["x ", None]})

    result = bench.correct(rows, make_pack(["price"], [], corrections))

    assert bench.table("corrections.parquet") == [
        {
            "row": 1,
            "line": 2,
            "column": "price",
            "code": "nbsp_to_space+trim_whitespace+decimal_comma",
            "before": "\u00a0R$ 12,50 ",
            "after": "12.50",
            "confidence": "confident",
        },
        {
            "row": 1,
            "line": 2,
            "column": "other",
            "code": "trim_whitespace",
            "before": "x ",
            "after": "x",
            "confidence": "lossless",
        },
    ]
    assert {(count.code, count.column, count.count) for count in result.counts} == {
        ("nbsp_to_space+trim_whitespace+decimal_comma", "price", 1),
        ("trim_whitespace", "other", 1),
    }


def test_a_later_correction_wakes_an_earlier_one(bench, make_pack) -> None:
    corrections = [("trim_whitespace", ["x"]), ("html_to_text", ["x"]), ("nbsp_to_space", ["x"])]
    rows = bench.write_rows({"x": ["<b>a</b>&nbsp;", "b"], "y": ["1", "2"]})

    bench.correct(rows, make_pack(["x"], [], corrections))

    assert bench.csv("corrected.csv")[1] == ["a", "1"]


def test_synonyms_that_name_each_other_change_nothing(bench, make_pack) -> None:
    pack = make_pack(
        ["x"], [], [("map_synonyms", ["x"], {"mapping": {"a": "b", "b": "a"}}), ("trim_whitespace", ["x"])]
    )
    rows = bench.write_rows({"x": ["a", "b", "c "]})

    bench.correct(rows, pack)

    assert bench.differences(rows) == {(3, "x"): ("c ", "c")}


def test_a_condition_sees_the_corrected_cells(bench, make_pack) -> None:
    corrections = [("trim_whitespace", ["price"], {}, "kind = 'a'"), ("trim_whitespace", ["kind"])]
    rows = bench.write_rows({"price": [" 1", " 2", " 3"], "kind": ["a ", "b ", "a"]})

    bench.correct(rows, make_pack(["price", "kind"], [], corrections))

    assert bench.csv("corrected.csv")[1:] == [["1", "a"], [" 2", "b"], ["3", "a"]]


@pytest.fixture
def write_repairs(bench):
    def write(*repairs: tuple[int, str, str, str]) -> Any:
        path = bench.folder / "repairs.parquet"
        rows, columns, befores, afters = zip(*repairs, strict=True)
        names = ["row", "line", "column", "code", "before", "after", "confidence"]
        texts = (columns, ["encoding_cp1252"] * len(rows), befores, afters, ["confident"] * len(rows))
        arrays = [pa.array(rows, pa.int64()), pa.array([row + 1 for row in rows], pa.int64())]
        arrays += [pa.array(text, pa.string()) for text in texts]
        pq.write_table(pa.Table.from_arrays(arrays, names=names), path)
        return path

    return write


def test_a_cell_repaired_on_reading_is_reported_from_the_sellers_bytes_on(bench, make_pack, write_repairs) -> None:
    rows = bench.write_rows({"x": ["Açaí ", "Maçã", "ok"], "y": ["1", "2", " 3"]}, rows=[3, 4, 7], row_group=2)
    repairs = write_repairs((3, "x", "A\ufffda\ufffd ", "Açaí "), (4, "x", "Ma\ufffd\ufffd", "Maçã"))

    result = bench.correct(rows, make_pack(["x"], [], [("trim_whitespace", ["*"])]), repairs=repairs)

    found = [tuple(row.values()) for row in bench.table("corrections.parquet")]
    assert found == [
        (3, 4, "x", "encoding_cp1252+trim_whitespace", "A\ufffda\ufffd ", "Açaí", "confident"),
        (4, 5, "x", "encoding_cp1252", "Ma\ufffd\ufffd", "Maçã", "confident"),
        (7, 8, "y", "trim_whitespace", " 3", "3", "lossless"),
    ]
    assert result.cells == 3


def test_suggestions_are_proposed_from_the_corrected_cell_and_applied_to_nothing(bench, make_pack) -> None:
    corrections = [
        ("trim_whitespace", ["title"]),
        ("remove_promotional_words", ["title"], {"words": ["frete grátis"]}),
        ("title_case_all_caps", ["title"]),
        ("truncate_at_word", ["title"], {"max_length": 20}),
    ]
    rows = bench.write_rows({"title": [" CAMISETA DE ALGODÃO LED FRETE GRÁTIS!!", "Tênis", "Bolsa frete gratis"]})

    result = bench.correct(rows, make_pack(["title"], [], corrections))

    assert [record[0] for record in bench.csv("corrected.csv")[1:]] == [
        "CAMISETA DE ALGODÃO LED FRETE GRÁTIS!!",
        "Tênis",
        "Bolsa frete gratis",
    ]
    assert [tuple(found.values()) for found in bench.table("suggestions.parquet")] == [
        (
            1,
            2,
            "title",
            "remove_promotional_words+title_case_all_caps+truncate_at_word",
            "CAMISETA DE ALGODÃO LED FRETE GRÁTIS!!",
            "Camiseta de Algodão",
            "suggest",
        ),
        (3, 4, "title", "remove_promotional_words", "Bolsa frete gratis", "Bolsa", "suggest"),
    ]
    assert sum(count.count for count in result.suggested) == 2
    assert len(result.suggestion_examples) == 2


def test_older_spellings_of_a_barcode_are_proposed_in_the_form_of_today(bench, make_pack) -> None:
    cells = ["85-359-0277-5", "080442957x", "8535902770", "04252614", "01234531", "96385074", "04252615"]
    rows = bench.write_rows({"gtin": cells})

    bench.correct(rows, make_pack(["gtin"], [], [("isbn10_to_isbn13", ["gtin"]), ("upc_e_to_upc_a", ["gtin"])]))

    assert {found["before"]: found["after"] for found in bench.table("suggestions.parquet")} == {
        "85-359-0277-5": "9788535902778",
        "080442957x": "9780804429573",
        "04252614": "042100005264",
        "01234531": "012300000451",
    }


def test_a_suggestion_never_leaves_a_title_empty(bench, make_pack) -> None:
    pack = make_pack(
        ["title"],
        [],
        [
            ("remove_promotional_words", ["title"], {"words": ["oferta"]}),
            ("remove_contact_data", ["title"]),
            ("truncate_at_word", ["title"], {"max_length": 5}),
        ],
    )

    bench.correct(bench.write_rows({"title": ["OFERTA!", "x@y.com", "Inconstitucional"]}), pack)

    assert bench.table("suggestions.parquet") == []


def test_what_remains_is_counted_on_the_corrected_rows(bench, make_pack) -> None:
    rules = [
        ("not_decimal", "expect_column_values_to_be_decimal_number", {"column": "price"}),
        ("cheap", "expect_column_values_to_be_between", {"column": "price", "min_value": 8}),
        ("twice", "expect_column_values_to_be_unique", {"column": "sku"}),
    ]
    pack = make_pack(["sku", "price"], rules, [("trim_whitespace", ["*"]), ("decimal_comma", ["price"])])
    rows = bench.write_rows({"sku": ["a", "a ", "b"], "price": ["12,50", "free", "1,00"]})

    remaining = bench.correct(rows, pack).remaining

    assert {(count.code, count.count) for count in remaining.counts} == {("cheap", 1), ("not_decimal", 1), ("twice", 2)}
    assert (remaining.rows_with_violations, remaining.critical_rows) == (3, 3)


def test_counts_are_the_rows_of_the_corrections_file(bench, make_pack) -> None:
    rows = bench.write_rows({"a": [" 1", "2 ", "3"], "b": ["x ", "y", "z  z"]})

    result = bench.correct(rows, make_pack([], [], [("trim_whitespace", ["*"]), ("collapse_spaces", ["*"])]))

    listed = Counter((row["code"], row["column"], row["confidence"]) for row in bench.table("corrections.parquet"))
    assert {(count.code, count.column, count.confidence): count.count for count in result.counts} == listed
    assert result.cells == sum(listed.values())


def test_the_corrected_file_has_the_files_own_columns_in_rfc_4180(bench, make_pack) -> None:
    rows = bench.write_rows({"b": ["1", None], "a": ['say "x", y\nz', None]})

    bench.correct(rows, make_pack([]))

    assert (bench.folder / "corrected.csv").read_bytes() == b'b,a\r\n1,"say ""x"", y\nz"\r\n,\r\n'


def test_an_empty_cell_of_a_single_column_is_still_a_record(bench, make_pack) -> None:
    bench.correct(bench.write_rows({"a": ["1", None, "3"]}), make_pack([]))

    assert bench.csv("corrected.csv") == [["a"], ["1"], [""], ["3"]]


@pytest.mark.parametrize(
    ("correction", "named"),
    [
        (("iron_out", ["x"]), "iron_out"),
        (("map_synonyms", ["x"]), "mapping"),
        (("trim_whitespace", ["x"], {"hard": True}), "hard"),
        (("truncate_at_word", ["x"], {"max_length": "long"}), "truncate_at_word"),
        (("trim_whitespace", ["x"], {}, "nowhere = 1"), "nowhere"),
    ],
)
def test_a_correction_nobody_can_run_is_refused_by_name(bench, make_pack, correction, named) -> None:
    with pytest.raises(PackError) as refused:
        bench.correct(bench.write_rows({"x": ["a"]}), make_pack(["x"], [], [correction]))

    assert named in refused.value.render("pt-BR")
    assert not (bench.folder / "corrected.csv").exists()


def test_the_same_rows_give_the_same_bytes(bench, make_pack) -> None:
    cells = [f"{' ' * (place % 3)}{place},50{' R$' * (place % 2)}" for place in range(3_000)]
    rows = bench.write_rows({"x": cells, "y": cells[::-1]}, row_group=100)
    pack = make_pack(["x"], [], [("trim_whitespace", ["*"]), ("decimal_comma", ["x"]), ("collapse_spaces", ["*"])])
    names = ["corrected.csv", "corrections.parquet", "suggestions.parquet"]

    bench.correct(rows, pack)
    first = [(bench.folder / name).read_bytes() for name in names]
    bench.correct(rows, pack)

    assert [(bench.folder / name).read_bytes() for name in names] == first
