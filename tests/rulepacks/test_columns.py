"""Which column holds which field."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from validahub_pipeline.rulepacks import ColumnMatch, ResolvedPack, Unmatched, match_columns, resolve

Resolved = Callable[..., ResolvedPack]

MERCADO_LIVRE = resolve("mercado_livre", category="all", on=date(2026, 11, 24))
SHOPIFY = resolve("shopify_csv", category="all", on=date(2026, 11, 24))


@pytest.fixture
def shop_pack(shop: dict[str, Any], resolved: Resolved) -> ResolvedPack:
    """Fields title (Título, Nome), price (Preço), gtin (EAN)."""
    return resolved(shop)


@pytest.mark.parametrize("header", ["Título", "titulo", " TÍTULO ", "tí-tulo", "T\u0069\u0301tulo", "title", "Nome"])
def test_case_accents_spaces_and_punctuation_do_not_matter(shop_pack: ResolvedPack, header: str) -> None:
    assert match_columns(shop_pack, [header, "Preço"]).columns["title"] == header


def test_the_fields_name_and_its_first_alias_win_over_later_ones(shop_pack: ResolvedPack) -> None:
    assert match_columns(shop_pack, ["Nome", "Título", "Preço"]).columns["title"] == "Título"


def test_two_columns_with_equal_right_are_ambiguous_and_both_are_named(shop_pack: ResolvedPack) -> None:
    match = match_columns(shop_pack, ["Titulo", "Título", "Preço"])
    assert match == ColumnMatch({"price": "Preço"}, (Unmatched("title", ("Titulo", "Título"), ambiguous=True),))


def test_an_optional_field_that_two_columns_claim_is_told_but_not_required(shop_pack: ResolvedPack) -> None:
    match = match_columns(shop_pack, ["Título", "Preço", "EAN", "GTIN"])
    assert match.unmatched == (Unmatched("gtin", ("EAN", "GTIN"), ambiguous=True, required=False),)
    assert match_columns(shop_pack, ["Título", "Preço"]).unmatched == ()


def test_a_near_miss_is_shown_and_not_used(shop_pack: ResolvedPack) -> None:
    match = match_columns(shop_pack, ["Titulos", "Cor", "Preco (R$) venda"])
    assert match.columns == {}
    assert match.unmatched[0] == Unmatched("title", ("Titulos",), ambiguous=False)


def test_a_column_that_is_taken_is_no_candidate(shop_pack: ResolvedPack) -> None:
    [unmatched] = match_columns(shop_pack, ["Preço", "Cor"]).unmatched
    assert unmatched == Unmatched("title", (), ambiguous=False)


def test_the_length_of_a_name_is_no_title() -> None:
    header = ["product_id", "product_category_name", "product_name_lenght", "product_weight_g"]
    match = match_columns(MERCADO_LIVRE, header)
    assert match.columns == {"sku": "product_id", "weight_g": "product_weight_g"}
    [title] = [unmatched for unmatched in match.unmatched if unmatched.field == "title"]
    assert title.candidates[0] == "product_name_lenght"


@pytest.mark.parametrize(
    "header",
    [
        "SKU;Título;Descrição;Preço;Estoque;GTIN/EAN;Marca;Condição;Categoria;NCM;Imagens",
        "CÓDIGO;NOME DO PRODUTO;DESCRIÇÃO COMPLETA;PREÇO DE VENDA;QTDE ESTOQUE;CÓDIGO DE BARRAS;MARCA;CONDIÇÃO DO ITEM;"
        "ID DA CATEGORIA;CÓDIGO NCM;URL DAS IMAGENS",
        "sku;product_name;description;price;quantity;barcode;brand;condition;category;ncm;image_urls",
        "Código del producto;Nombre;Descripción;Precio de venta;Cantidad;Código EAN;Marca;Condición;Categoría;NCM;"
        "Imágenes",
    ],
)
def test_headers_in_three_languages_are_found(header: str) -> None:
    columns = header.split(";")
    match = match_columns(MERCADO_LIVRE, columns)
    assert set(match.columns.values()) == set(columns)
    assert match.unmatched == ()


def test_both_generations_of_shopifys_headers_hold_the_same_fields() -> None:
    old = "Handle,Title,Body (HTML),Vendor,Published,Option1 Value,Variant SKU,Variant Price,Variant Compare At Price,"
    old += "Variant Inventory Qty,Variant Barcode,Image Src,Status"
    new = "URL handle,Title,Description,Vendor,Published on online store,Option1 value,SKU,Price,Compare-at price,"
    new += "Inventory quantity,Barcode,Product image URL,Status"
    matches = [match_columns(SHOPIFY, header.split(",")) for header in (old, new)]
    assert set(matches[0].columns) == set(matches[1].columns)
    assert len(matches[0].columns) == len(old.split(","))
    assert not matches[0].unmatched + matches[1].unmatched


def test_the_price_of_another_market_is_not_the_price() -> None:
    header = ["Title", "Price", "Price / International", "Compare-at price / International"]
    assert match_columns(SHOPIFY, header).columns == {"title": "Title", "price": "Price"}


def test_a_required_field_may_be_missing_where_another_one_does_instead(
    shop: dict[str, Any], resolved: Resolved
) -> None:
    shop["fields"]["title"]["unless"] = ["gtin"]
    pack = resolved(shop)
    assert match_columns(pack, ["EAN", "Preço"]).unmatched == ()
    assert [lost.field for lost in match_columns(pack, ["Preço"]).unmatched] == ["title"]
    [lost] = match_columns(pack, ["Titulo", "Título", "EAN", "Preço"]).unmatched
    assert (lost.ambiguous, lost.required) == (True, False)
