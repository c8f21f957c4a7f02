"""The laws of validation and correction, held against random catalogues, packs and orders of corrections.

What is compared with the engine's results is worked out here in plain Python, from csv and pyarrow alone.
"""

from __future__ import annotations

import csv
import re
import tempfile
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from validahub_pipeline.rulepacks.model import Severity

NASTY = [
    *(
        "",
        " ",
        "\u00a0",
        "\u200b",
        "\t",
        "a",
        " a",
        "a ",
        "a  b",
        "Açaí",
        "AÃ§aÃ­",
        "ÃƒÂ©",
        "“MAÇÔ",
        "MAÇÃ\u00a0X",
        "Ã\u00a0",
    ),
    *("12,50", "12.50", "1.234", "1,234", "1.234,56", "1,234.56", "R$ 12,50", "R$ 1.234", "US$ 5,00", "0,5", "-3,5"),
    *("1.234.567", "12,5,3", "7", "1e3", "<b>12,50</b>", "12,50&nbsp;", "&lt;b&gt;1,234&lt;/b&gt;", "R$", "1 234,5"),
    *("7891000100103", "789-1000-100103", "'7891000100103", "7891000100103_", "36000291452", "36000-291452"),
    *("7,8983E+12", "7898300000000", "123456789", "1234567890", "7891000100104", "00036000291452", "96385074"),
    *("8517.12.31", "85171231", "<p>x</p>", "a &amp;amp; b", "<br>", '<img src="x">', "Novo", " usado ", "new", "nvoo"),
    *("1,5 kg", "500g", "1.234 kg", "10 %", "12,5%", "mlb-16", "MLB1676", "Sim", "x", "1", "0", "não", "açai", "b&c"),
    *("e\u0301", "A\u0303§", "A\u0303\u00a0", "\u200d", "a\u200db", "\u00ad", "\x0b", "\x1f", "\u0627\u200c", "\u2028"),
    *(
        "“x”",
        "&eacute;",
        "&amp;lt;br&amp;gt;",
        "&#0;",
        "&nbsp;",
        "//a.com/x.jpg",
        "www.a.com/x.jpg",
        "http://a.com/b c.jpg",
    ),
    *("https://a.com/1.jpg;https://a.com/2.jpg,", "<b and c>", "🎁 R$ 9,90", "á vista", "1\u00a0234,50", "12.000,5 g"),
    *(
        'say "x"',
        "a,b",
        "a;b",
        "a\nb",
        "a\r\nb",
        "\r",
        "=1+1",
        "TÊNIS DE CORRIDA FRETE GRÁTIS",
        "x@y.com",
        "(11) 98765-4321",
    ),
]
CELL = st.one_of(
    st.sampled_from(NASTY),
    st.sampled_from(NASTY),
    st.lists(st.sampled_from(NASTY), min_size=2, max_size=3).map("".join),
    st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\x00"), max_size=12),
    st.decimals(min_value=0, max_value=99_999, places=2).map(lambda number: f"{number:,}".translate({44: 46, 46: 44})),
)
FIELDS = ("title", "price", "gtin", "ncm", "kind", "flag")
FLAG = st.sampled_from(["Sim", "não", "x", "1", "0", "S", "n", "", " TRUE ", "falso"]) | st.sampled_from(
    ["2", "talvez"]
)
TABLE = st.integers(1, 12).flatmap(
    lambda height: st.fixed_dictionaries(
        {
            name: st.lists(FLAG if name == "flag" else CELL, min_size=height, max_size=height)
            for name in (*FIELDS, "unmatched")
        }
    )
)
CORRECTIONS = [
    ("repair_mojibake", ["*"]),
    ("nbsp_to_space", ["*"]),
    ("trim_whitespace", ["*"]),
    ("collapse_spaces", ["*"]),
    ("remove_control_characters", ["*"]),
    ("compose_unicode", ["*"]),
    ("html_to_text", ["title", "price"]),
    ("decode_entities", ["kind"]),
    ("straighten_quotes", ["kind", "ncm"]),
    ("bare_measure", ["ncm", "price"], {"unit": "kg"}),
    ("percent_text", ["price"]),
    ("category_id_spelling", ["kind"], {"prefix": "MLB"}),
    ("tidy_picture_addresses", ["kind"]),
    ("yes_or_no", ["flag"], {"when_true": "1", "when_false": "0"}),
    ("canonical_brand", ["kind"], {"brands": ["Açaí", "B & C"]}),
    ("nearest_value", ["kind"], {"mapping": {"novo": "new", "usado": "used"}}),
    ("remove_emoji", ["title"]),
    ("remove_prices", ["title"]),
    ("currency_text", ["price"]),
    ("decimal_comma", ["price"]),
    ("strip_gtin_punctuation", ["gtin"]),
    ("pad_gtin_11_to_12", ["gtin"]),
    ("strip_ncm_dots", ["ncm"]),
    ("map_synonyms", ["kind"], {"mapping": {"novo": "new", "usado": "used", "a": "b", "b": "a"}}),
    ("trim_whitespace", ["title"], {}, "kind = 'new'"),
    ("decimal_comma", ["ncm"], {}, "kind = 'new'"),
    ("remove_promotional_words", ["title"], {"words": ["frete grátis"]}),
    ("title_case_all_caps", ["title"]),
    ("truncate_at_word", ["title"], {"max_length": 10}),
    ("remove_contact_data", ["title"]),
    ("isbn10_to_isbn13", ["gtin"]),
    ("upc_e_to_upc_a", ["gtin"]),
]
RULES = [
    ("blank", "expect_column_values_to_not_be_null", {"column": "title"}),
    (
        "long",
        "expect_column_value_lengths_to_be_between",
        {"column": "title", "max_value": 5},
        {"severity": Severity.INFO},
    ),
    ("twice", "expect_column_values_to_be_unique", {"column": "gtin"}),
    ("gtin", "expect_column_values_to_be_valid_gtin", {"column": "gtin"}, {"severity": Severity.WARNING}),
    ("kind", "expect_column_values_to_be_in_set", {"column": "kind", "value_set": ["new", "used"]}),
    ("price", "expect_column_values_to_be_between", {"column": "price", "min_value": 8, "max_value": 1000}),
    ("number", "expect_column_values_to_be_decimal_number", {"column": "price"}),
    ("only_new", "expect_column_values_to_not_be_null", {"column": "ncm"}, {"row_condition": "kind = 'new'"}),
    ("mostly", "expect_column_values_to_be_valid_ncm", {"column": "ncm"}, {"mostly": 0.5}),
]
LAW = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def in_folder(new_bench):
    """A context with a bench in a fresh folder, for each example."""

    class Folder:
        def __enter__(self):
            self._folder = tempfile.TemporaryDirectory()
            return new_bench(Path(self._folder.__enter__()))

        def __exit__(self, *error):
            self._folder.__exit__(*error)

    return Folder


@LAW
@given(table=TABLE, order=st.permutations(CORRECTIONS), row_group=st.sampled_from([2, 5, 100]))
def test_cells_differ_exactly_where_a_correction_says_so(in_folder, make_pack, table, order, row_group) -> None:
    with in_folder() as bench:
        rows = bench.write_rows(table, row_group=row_group)
        result = bench.correct(rows, make_pack(FIELDS, [], order))

        listed = [(found["row"], found["column"]) for found in bench.table("corrections.parquet")]
        assert len(listed) == len(set(listed)) == result.cells
        assert bench.differences(rows) == {
            (found["row"], found["column"]): (found["before"], found["after"])
            for found in bench.table("corrections.parquet")
        }


@LAW
@given(table=TABLE, order=st.permutations(CORRECTIONS))
def test_correcting_what_was_corrected_changes_nothing(in_folder, make_pack, table, order) -> None:
    pack = make_pack(FIELDS, [], order)
    with in_folder() as bench, in_folder() as again:
        bench.correct(bench.write_rows(table), pack)
        header, *records = bench.csv("corrected.csv")
        rows = again.write_rows(dict(zip(header, zip(*records, strict=True), strict=True)))
        result = again.correct(rows, pack)

        assert result.cells == 0, again.table("corrections.parquet")
        assert (again.folder / "corrected.csv").read_bytes() == (bench.folder / "corrected.csv").read_bytes()


@LAW
@given(table=TABLE, order=st.permutations(CORRECTIONS))
def test_what_remains_is_what_a_validation_of_the_corrected_file_finds(in_folder, make_pack, table, order) -> None:
    pack = make_pack(FIELDS, RULES, order)
    with in_folder() as bench, in_folder() as again:
        remaining = bench.correct(bench.write_rows(table, row_group=3), pack).remaining
        header, *records = bench.csv("corrected.csv")
        rows = again.write_rows(dict(zip(header, zip(*records, strict=True), strict=True)))

        assert again.validate(rows, pack) == remaining


@LAW
@given(table=TABLE)
def test_a_suggestion_starts_from_the_corrected_cell_and_changes_it(in_folder, make_pack, table) -> None:
    with in_folder() as bench:
        result = bench.correct(bench.write_rows(table), make_pack(FIELDS, [], CORRECTIONS))
        header, *records = bench.csv("corrected.csv")
        suggestions = bench.table("suggestions.parquet")

        assert sum(count.count for count in result.suggested) == len(suggestions)
        for found in suggestions:
            assert records[found["row"] - 1][header.index(found["column"])] == found["before"] != found["after"]
            assert found["after"].strip()


@LAW
@given(table=TABLE, row_group=st.sampled_from([1, 4, 100]))
def test_violations_are_what_plain_python_finds(in_folder, make_pack, table, row_group) -> None:
    # Numbers are left to their own tests: what a column's commas mean would have to be written here once more.
    rules = [rule for rule in RULES if rule[0] not in {"price", "number"}]
    with in_folder() as bench:
        result = bench.validate(bench.write_rows(table, row_group=row_group), make_pack(FIELDS, rules))

        expected = sorted(_violations(table))
        assert bench.violations() == expected
        assert sum(count.count for count in result.counts) == len(expected)
        assert result.rows_with_violations == len({row for row, _, _ in expected})
        with (bench.folder / "validated.csv").open(encoding="utf-8", newline="") as file:
            statuses = [record[-2:] for record in list(csv.reader(file))[1:]]
        for number, (status, codes) in enumerate(statuses, 1):
            own = sorted({code for row, code, _ in expected if row == number})
            assert codes == "|".join(own)
            assert (status == "ok") == (not own)


def _violations(table):
    """An independent reading of RULES but for numbers."""
    cells = {name: [_known(cell) for cell in column] for name, column in table.items()}
    gtins = Counter(cells["gtin"])
    kept = [bool(re.fullmatch("[0-9]{8}", cell)) for cell in cells["ncm"] if cell is not None]
    for row, (title, gtin, ncm, kind) in enumerate(
        zip(cells["title"], cells["gtin"], cells["ncm"], cells["kind"], strict=True), 1
    ):
        if title is None:
            yield row, "blank", "title"
        elif len(title) > 5:
            yield row, "long", "title"
        if gtin is not None and gtins[gtin] > 1:
            yield row, "twice", "gtin"
        if gtin is not None and not _is_gtin(gtin):
            yield row, "gtin", "gtin"
        if kind not in {None, "new", "used"}:
            yield row, "kind", "kind"
        if kind == "new" and ncm is None:
            yield row, "only_new", "ncm"
        if ncm is not None and not re.fullmatch("[0-9]{8}", ncm) and sum(kept) < len(kept) / 2:
            yield row, "mostly", "ncm"


def _known(cell):
    # Python also takes the separators U+001C to U+001F for white space; Unicode does not.
    shown = re.sub("[\u200b\u2060\ufeff]|(?![\x1c-\x1f])\\s", "", cell)
    return cell if shown else None


def _is_gtin(text):
    if not re.fullmatch("[0-9]+", text) or len(text) not in {8, 12, 13, 14}:
        return False
    *body, check = (int(digit) for digit in text)
    total = sum(digit * (1 if place % 2 else 3) for place, digit in enumerate(reversed(body)))
    return (10 - total % 10) % 10 == check
