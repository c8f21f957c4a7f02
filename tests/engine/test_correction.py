"""What is corrected, what is only proposed, and what is left alone."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from validahub_pipeline.errors import PackError


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
