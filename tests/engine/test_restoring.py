"""Each correction restores what was damaged in its own way, and leaves alone what only looks like it."""

from __future__ import annotations

from typing import Any

import pytest

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
