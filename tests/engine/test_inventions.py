"""Nothing is invented: whatever is missing, broken or destroyed stays so, in the packs as they are shipped."""

from __future__ import annotations

import re
import tempfile
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from validahub_pipeline.rulepacks import available, match_columns, resolve

DAY = date(2026, 11, 26)
# Per field, what tempts: an empty cell, a near thing, a thing that was lost.
TEMPTATIONS = {
    "category_id": ["", "1676", "MLA1676", "MLB", "Cadeiras", "16-76"],
    "price": ["", "sob consulta", "1.234", "1,234", "R$ 1.299", "US$ 5,00", "0", "-1", "12,5,3", "1E+3", "desde 10"],
    "stock": ["", "-3", "muito", "Infinito", "1e3", "10+", "0", "1.234", "esgotado"],
    "brand": ["", "N/A", "Genérica", "Samsumg", "-", "sem marca", "Acme"],
    "condition": ["", "Vitrine", "seminovo", "?", "0", "caixa aberta", "excelente"],
    "gtin": [
        *("", "7891000100104", "123456789", "1234567891", "7,8983E+12", "7.8983E+12", "7898300000000", "SEM GTIN", "0"),
        *("36000291453", "789100010010", "78910001001038", "7891000100103X", "789-1000-100104", "S/N", "00"),
    ],
    "sku": ["", "0", "123", "1E5", "A-1"],
    "ncm": ["", "8517", "851712", "4021010", "8517.12", "00"],
    "cest": ["", "21064", "2.106", "00"],
}  # fmt: skip


@pytest.mark.parametrize("marketplace", available())
def test_no_pack_is_tempted(bench, marketplace) -> None:
    pack = resolve(marketplace, category="all", on=DAY)
    for field, cells in TEMPTATIONS.items():
        if field not in pack.fields:
            continue
        rows = bench.write_rows({field: cells, "__other": [str(place) for place in range(len(cells))]})

        bench.correct(rows, pack, match_columns(pack, [field, "__other"]))

        assert bench.differences(rows) == {}
        assert bench.table("suggestions.parquet") == []


CODES = st.text("0123456789-_' .=\"Ee+,", max_size=20) | st.from_regex(r"\A'?[0-9]{7,14}(\.0|_)?\Z")
FIGURES = st.text("0123456789.,-R$ kg%", max_size=12) | st.from_regex(
    r"\A(R\$ ?)?-?[0-9]{1,4}([.,][0-9]{1,4}){0,3}( ?(kg|g|%|reais))?\Z"
)


@settings(max_examples=60)
@given(cells=st.lists(CODES, min_size=1, max_size=40))
def test_a_barcode_keeps_its_digits_and_gains_a_zero_at_most(new_bench, make_pack, cells) -> None:
    corrections = [(name, ["x"]) for name in ("trim_whitespace", "strip_gtin_punctuation", "pad_gtin_11_to_12")]
    for before, after in _changed(new_bench, make_pack, cells, corrections):
        digits = re.sub(r"\D", "", re.sub(r"\.0{1,2}[_'\"\s]*$", "", before))
        assert after.strip(" ") == before.strip() or after in {digits, f"0{digits}"}
        if after.startswith("0") and not digits.startswith("0"):
            assert len(after) == 12


@settings(max_examples=60)
@given(cells=st.lists(FIGURES, min_size=1, max_size=40))
def test_a_figure_keeps_its_digits_and_its_sign(new_bench, make_pack, cells) -> None:
    corrections = [(name, ["x"]) for name in ("trim_whitespace", "percent_text", "currency_text", "decimal_comma")]
    for before, after in _changed(new_bench, make_pack, cells, corrections):
        assert re.sub(r"\D", "", after) == re.sub(r"\D", "", before)
        assert after.count("-") == before.count("-")


@settings(max_examples=60)
@given(cells=st.lists(FIGURES, min_size=1, max_size=40))
def test_a_measure_is_moved_by_powers_of_ten_only(new_bench, make_pack, cells) -> None:
    for before, after in _changed(new_bench, make_pack, cells, [("bare_measure", ["x"], {"unit": "kg"})]):
        assert _significant(after) == _significant(before)


def _significant(text: str) -> str:
    return re.sub(r"\D", "", text).strip("0")


def _changed(new_bench, make_pack, cells, corrections):
    with tempfile.TemporaryDirectory() as folder:
        bench = new_bench(Path(folder))
        rows = bench.write_rows({"x": cells, "id": [str(place) for place in range(len(cells))]})
        bench.correct(rows, make_pack(["x"], [], corrections))
        return list(bench.differences(rows).values())
