"""Files in which a product takes several rows raise no alarm for rows that continue it, whatever pack judges them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import polars as pl
import pytest

from validahub_pipeline.rulepacks import ResolvedPack, available

Named = Callable[..., ResolvedPack]
Rows = list[dict[str, str | None]]

SHIRT: Rows = [
    {
        "Handle": "camiseta-azul",
        "Title": "Camiseta azul de algodão",
        "Body (HTML)": "Malha leve.",
        "Option1 Value": "P",
        "Image Src": "https://cdn.example/azul.jpg",
        "SKU": "CAM-P",
        "Price": "59.90",
        "Marca": "Móveis Ipê",
    },
    {"Handle": "camiseta-azul", "Option1 Value": "M", "SKU": "CAM-M", "Price": "59.90"},
    {"Handle": "camiseta-azul", "Image Src": "https://cdn.example/azul-costas.jpg"},
]
NO_TITLE = [SHIRT[0] | {"Title": None}, *SHIRT[1:]]
ALONE = [SHIRT[0] | {"Handle": None}, *({**row, "Handle": None} for row in SHIRT[1:])]


def missing(bench: Any, pack: ResolvedPack, rows: Rows) -> list[tuple[int, str]]:
    """Rows and codes of the values that are missed."""
    bench.validate(pack, rows)
    found = pl.read_parquet(bench.folder / "violations.parquet").filter(pl.col("row") > 0)
    return [(row, code) for row, code in found.select("row", "code").rows() if code.startswith("missing_")]


@pytest.mark.parametrize("marketplace", [name for name in available() if name != "gs1"])
def test_rows_that_continue_a_product_miss_nothing_the_product_has(named: Named, bench: Any, marketplace: str) -> None:
    assert [row for row, _ in missing(bench, named(marketplace), SHIRT) if row > 1] == []


def test_a_product_without_a_title_is_told_once(named: Named, bench: Any) -> None:
    found = missing(bench, named("mercado_livre"), NO_TITLE)
    assert [row for row, code in found if code == "missing_title"] == [1]


def test_a_title_may_stand_in_any_row_of_the_product(named: Named, bench: Any) -> None:
    found = missing(bench, named("mercado_livre"), [*SHIRT[1:], SHIRT[0]])
    assert "missing_title" not in {code for _, code in found}


def test_a_variant_without_its_own_sku_is_told_and_a_picture_is_not(named: Named, bench: Any) -> None:
    rows = [SHIRT[0], SHIRT[1] | {"SKU": None}, SHIRT[2]]
    found = missing(bench, named("mercado_livre"), rows)
    assert [row for row, code in found if code == "missing_sku"] == [2]


def test_rows_outside_any_product_stand_for_themselves(named: Named, bench: Any) -> None:
    found = missing(bench, named("mercado_livre"), ALONE)
    assert [row for row, code in found if code == "missing_title"] == [2, 3]


def test_products_that_are_not_together_in_the_file_are_still_one(named: Named, bench: Any) -> None:
    other = {"Handle": "bone", "Title": "Boné preto", "SKU": "BON", "Price": "29.90"}
    found = missing(bench, named("shopify_csv"), [SHIRT[0], other, *SHIRT[1:]])
    assert found == []
