"""What each expectation holds against, and what it lets pass."""

from __future__ import annotations

from typing import Any

import pytest

from validahub_pipeline.engine.corrections import known_corrections
from validahub_pipeline.engine.expectations import known_expectations
from validahub_pipeline.errors import PackError
from validahub_pipeline.rulepacks.vocabulary import CORRECTIONS, EXPECTATIONS

GX = "expect_column_values_to_"

EXAMPLES: list[tuple[str, dict[str, Any], list[str | None], list[str | None]]] = [
    (GX + "not_be_null", {}, ["x", "0"], [None, " ", "\t\n", "\u00a0", "\u200b"]),
    (GX + "be_null", {}, [None, "  "], ["x"]),
    (GX + "be_in_set", {"value_set": ["new", 5]}, ["new", "5", None, " "], ["New", "new ", "5.0"]),
    (GX + "not_be_in_set", {"value_set": ["N/A"]}, ["n/a", None], ["N/A"]),
    (
        GX + "be_between",
        {"min_value": 1, "max_value": 10},
        ["1", "10", " 5 ", "2,5", "R$ 9,90", "x", None],
        ["0.99", "10,01", "-3"],
    ),
    (GX + "be_between", {"min_value": 1, "strict_min": True}, ["1.01", "99999999999"], ["1", "1,0"]),
    (GX + "be_between", {"max_value": 2, "strict_max": True}, ["1.99"], ["2", "2,00"]),
    (
        "expect_column_value_lengths_to_be_between",
        {"min_value": 2, "max_value": 3},
        ["ção", "👍🏽", None],
        ["a", "abcd"],
    ),
    ("expect_column_value_lengths_to_equal", {"value": 3}, ["ção", None], ["a", "açaí"]),
    (GX + "match_regex", {"regex": r"^\d+$"}, ["12", None], ["12a", "a12"]),
    (GX + "match_regex", {"regex": "a"}, ["bab"], ["b"]),
    (GX + "match_regex", {"regex": r"^(?!x)(.)\1"}, ["aab", None], ["xx", "ab"]),
    (GX + "not_match_regex", {"regex": r"\d"}, ["a", None], ["a1"]),
    (GX + "match_regex_list", {"regex_list": ["^a", "z$"]}, ["ab", "bz", None], ["b"]),
    (GX + "match_regex_list", {"regex_list": ["^a", "z$"], "match_on": "all"}, ["az"], ["ab", "bz"]),
    (GX + "not_match_regex_list", {"regex_list": ["^a", "z$"]}, ["b", None], ["ab", "bz"]),
    (GX + "be_unique", {}, ["a", "A", "a ", None, None, " ", " "], ["b", "b", "b"]),
    (
        GX + "be_decimal_number",
        {},
        ["1", "-1.50", " 2.5 ", "007", None],
        ["1,5", "1.", ".5", "R$ 1", "1e3", "x", "1.234,5"],
    ),
    (GX + "be_whole_number", {}, ["0", "-3", None], ["1.0", "1,0", "x"]),
    (
        GX + "be_valid_gtin",
        {},
        ["7891000100103", "036000291452", "96385074", "17891000100100", None],
        ["7891000100104", "36000291452", "789100010010", "7891000100103 ", "+7891000100103", "7,8983E+12", "abc"],
    ),
    (
        GX + "have_no_scientific_notation",
        {},
        ["7891000100103", "12E3", "E+12", None],
        ["7,8983E+12", "7.8983E+12", "789e+10", " 7E+12 "],
    ),
    (
        GX + "have_no_excel_rounding",
        {},
        ["7891000100103", "7891000010000", "789100000000", None],
        ["7898300000000", "17898300000000"],
    ),
    (GX + "be_valid_ncm", {}, ["85171231", None], ["8517.12.31", "8517123", "851712310"]),
    (
        GX + "have_no_html",
        {},
        ["a < b > c", "P&G", "x &reg=1", "1<2", None],
        ["<b>x</b>", "a<br>b", "x&nbsp;y", "&#39;", "</p>", "<!-- x -->"],
    ),
    (
        GX + "have_no_contact_data",
        {},
        [
            "Tênis 42",
            "7891000100103",
            "Smartwatch com WhatsApp",
            "ref. 1234-5678",
            "3.5mm",
            "a @ b",
            '<div class="flex @container/x">a</div>',
            '<img src="https://cdn.loja.com.br/a.jpg">',
            None,
        ],
        [
            "(11) 98765-4321",
            "11 98765-4321",
            "+55 11 98765 4321",
            "x@y.com.br",
            "https://loja.com",
            "www.loja.com",
            "loja.com.br",
            "siga @loja_x",
            "zap 11 98765-4321",
            "chame no whats",
            "wa.me/5511",
            '<a class="x" href="https://wa.me/5511">aqui</a>',
        ],
    ),
    (
        GX + "have_no_promotional_words",
        {"words": ["frete grátis", "promoção"]},
        ["Promocional", "Frete", None],
        ["FRETE GRATIS", "promoção!", "em Promocao já"],
    ),
    (
        GX + "not_be_all_caps",
        {"min_length": 5},
        ["TÊNI", "Tênis", "123456", "ABC 123", None],
        ["TÊNIS", "TÊNIS 42 LED"],
    ),
    (
        GX + "have_no_mojibake",
        {},
        ["Açaí", "“MAÇÔ", "MAÇÃ\u00a0VERDE", "20 °C", None],
        ["AÃ§aÃ­", "â€œx", "NÂº", "Ol\ufffd"],
    ),
    (
        GX + "be_valid_url_list",
        {"separator": ","},
        ["https://a.com/x.jpg", "http://a.com/x, https://b.com/y", "https://a.com/x,", None],
        ["a.jpg", "ftp://a.com/x", "https://a.com/x,b.jpg", "https://a.com/x y", "https://a"],
    ),
]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: f"{example[0]}{example[1] or ''}"[:80])
def test_an_expectation_is_violated_by_exactly_the_cells_that_break_it(bench, make_pack, example) -> None:
    kind, kwargs, holding, violating = example
    pack = make_pack(["x"], [("broken", kind, {"column": "x", **kwargs})])
    # A second column, so that no file is without cells, and dots enough that no column votes for decimal commas.
    cells = [*holding, *violating]
    rows = bench.write_rows({"x": cells, "id": [str(place) for place in range(len(cells))]})

    bench.validate(rows, pack)

    broken = [cells[row - 1] for row, _, _ in bench.violations()]
    assert broken == violating


def test_every_expectation_has_an_example() -> None:
    shown = {kind for kind, *_ in EXAMPLES}
    elsewhere = {
        "expect_column_to_exist",
        "expect_compound_columns_to_be_unique",
        "expect_column_pair_values_a_to_be_greater_than_b",
    }
    assert shown | elsewhere == set(known_expectations())


def test_the_engine_runs_every_word_that_packs_may_use() -> None:
    assert set(EXPECTATIONS) <= set(known_expectations())
    assert set(CORRECTIONS) <= set(known_corrections())
    for name, word in EXPECTATIONS.items():
        known = known_expectations()[name]
        required = {kwarg for kwarg, asked in word.kwargs.items() if asked.required}
        assert required == known.required, name
        assert set(word.kwargs) <= known.allowed, name
    for name, word in CORRECTIONS.items():
        known_type = known_corrections()[name]
        assert known_type.confidence == word.confidence
        assert set(word.kwargs) == known_type.allowed, name


@pytest.mark.parametrize("known", [*known_expectations().values(), *known_corrections().values()])
def test_every_expectation_and_correction_says_what_it_means(known) -> None:
    assert known.function.__doc__


PAIR = "expect_column_pair_values_a_to_be_greater_than_b"


@pytest.mark.parametrize(
    ("more", "violating"),
    [
        ({}, [2, 3, 4, 5]),
        ({"or_equal": True}, [3, 4, 5]),
        ({"ignore_row_if": "either_value_is_missing"}, [2, 3]),
        ({"ignore_row_if": "neither"}, [2, 3, 4, 5, 6]),
    ],
)
def test_a_pair_is_compared_as_great_expectations_does_and_texts_are_unknown(bench, make_pack, more, violating) -> None:
    pack = make_pack(["a", "b"], [("pair", PAIR, {"column_A": "a", "column_B": "b", **more})])
    rows = bench.write_rows(
        {"a": ["10", "5,50", "9", None, "1", None, "x"], "b": ["9.5", "5.5", "10", "1", None, " ", "1"]}
    )

    bench.validate(rows, pack)

    assert [row for row, _, _ in bench.violations()] == violating
    assert {found["column"] for found in bench.table("violations.parquet")} == {"a"}
    assert "9 | 10" in [found["value"] for found in bench.table("violations.parquet")]


def test_compound_uniqueness_takes_missing_values_as_equal_and_skips_rows_that_are_empty(bench, make_pack) -> None:
    compound = ("twice", "expect_compound_columns_to_be_unique", {"column_list": ["a", "b"]})
    pack = make_pack(["a", "b"], [compound])
    rows = bench.write_rows({"a": ["x", "x", "x", None, " ", "y", "y"], "b": ["1", "1", "2", None, None, None, " "]})

    bench.validate(rows, pack)

    assert [row for row, _, _ in bench.violations()] == [1, 2, 6, 7]


@pytest.mark.parametrize(
    ("rule", "named"),
    [
        (("c", "expect_nothing", {"column": "x"}), "expect_nothing"),
        (("c", GX + "be_in_set", {"column": "x"}), "value_set"),
        (("c", GX + "be_in_set", {"column": "x", "value_set": [], "colour": 1}), "colour"),
        (("c", GX + "be_between", {"column": "x"}), "min_value"),
        (("c", GX + "match_regex", {"column": "x", "regex": "("}), "match_regex"),
        (("c", GX + "match_regex_list", {"column": "x", "regex_list": ["a"], "match_on": "most"}), "most"),
        (("c", GX + "not_be_null", {"column": "x"}, {"row_condition": "y IS NULL"}), "y"),
        (("c", GX + "not_be_null", {"column": "x"}, {"row_condition": "x IS IS"}), "x IS IS"),
        (("c", GX + "not_be_null", {"column": "x"}, {"row_condition": "LENGTH(x)"}), "LENGTH"),
    ],
)
def test_a_rule_nobody_can_run_is_refused_by_name_before_anything_is_written(bench, make_pack, rule, named) -> None:
    rows = bench.write_rows({"x": ["a"]})

    with pytest.raises(PackError) as refused:
        bench.validate(rows, make_pack(["x"], [rule]))

    for lang in ("pt-BR", "en", "es"):
        assert named in refused.value.render(lang)
    assert not (bench.folder / "violations.parquet").exists()
