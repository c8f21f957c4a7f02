"""Every rule of every pack does what its examples say, and says where it comes from."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from validahub_pipeline.messages import LANGUAGES
from validahub_pipeline.rulepacks import Confidence, ResolvedPack, Severity, available, resolve
from validahub_pipeline.rulepacks.vocabulary import CORRECTIONS

Named = Callable[..., ResolvedPack]

# Per marketplace, a row (a Shopify product: several) as a seller would be proud of.
FLAWLESS: dict[str, list[dict[str, str | None]]] = {
    "gs1": [{"GTIN": "7891000315507"}, {"GTIN": "036000291452"}, {"GTIN": "96385074"}, {"GTIN": "17891000100100"}],
    "brasil_fiscal": [{"cEAN": "7891000315507", "NCM": "94013090", "CEST": "2106400"}],
    "mercado_livre": [
        {
            "SKU": "CAD-001",
            "Título": "Cadeira de escritório giratória Confort, encosto em tela",
            "Descrição": "Encosto em tela e regulagem de altura.\nSuporta até 120 kg; medidas: 60 x 60 x 110 cm.",
            "Preço": "78.90",
            "Estoque": "12",
            "Marca": "Móveis Ipê",
            "EAN": "7891000315507",
            "NCM": "94013090",
            "Condição": "new",
            "Categoria": "MLB1676",
            "Imagens": "https://loja.example/cadeira-1.jpg,https://loja.example/cadeira-2.jpg",
            "Peso (g)": "14500",
        }
    ],
    "magalu": [
        {
            "sku": "CAD-001",
            "title": "Cadeira de escritório giratória Confort, encosto em tela",
            "description": "Encosto em tela e regulagem de altura.",
            "brand": "Móveis Ipê",
            "ean": "7891000315507",
            "condition": "NEW",
        }
    ],
    "shopee": [
        {
            "SKU": "CAD-001",
            "Nome do produto": "Cadeira de escritório giratória Confort, encosto em tela",
            "Descrição do produto": "Encosto em tela e regulagem de altura.",
            "Categoria": "100017",
            "Marca": "No Brand",
            "Preço": "489.90",
            "Estoque": "12",
            "Imagem": "https://loja.example/cadeira-1.jpg",
            "Peso (kg)": "14.5",
            "Altura (cm)": "60",
            "Largura (cm)": "60",
            "Comprimento (cm)": "80",
            "Condição": "NEW",
            "GTIN": "00",
            "NCM": "00",
            "CEST": "00",
        }
    ],
    "americanas": [
        {
            "SKU": "CAD-001",
            "Nome": "Cadeira de escritório giratória Confort, encosto em tela",
            "Descrição": "<p>Encosto em tela e <strong>regulagem de altura</strong>.<br>Suporta até 120 kg.</p>",
            "Preço de": "489.90",
            "Preço por": "489.90",
            "Estoque": "12",
            "Prazo de expedição": "2",
            "Marca": "Móveis Ipê",
            "Categoria": "Móveis > Cadeiras",
            "EAN": "7891000315507",
            "Imagens": "https://loja.example/cadeira-1.jpg",
            "Cor": "Preto",
            "Tamanho": "Não se aplica",
            "Voltagem": "Não se aplica",
            "Peso (kg)": "14.5",
            "Altura (cm)": "60",
            "Largura (cm)": "60",
            "Comprimento (cm)": "80",
        }
    ],
    "casas_bahia": [
        {
            "SKU": "FUR-220",
            "Título": "Furadeira de impacto 650 W com maleta",
            "Descrição": "Mandril de 13 mm. Acompanha maleta e três brocas.",
            "Preço": "289.90",
            "EAN": "7891000315507",
            "Voltagem": "220V",
        },
        {
            "SKU": "FUR-BIV",
            "Título": "Furadeira a bateria com maleta",
            "Preço": "389.90",
            "EAN": "7891000100103",
            "Voltagem": "Bivolt",
        },
    ],
    "carrefour": [
        {
            "SKU": "CAD-001",
            "Título": "Cadeira de escritório giratória Confort",
            "Descrição": "Encosto em tela e regulagem de altura.",
            "Preço": "489.90",
            "EAN": "7891000315507",
            "Cor": "Preto",
            "Itens inclusos": "1 cadeira e 1 manual",
            "Peso (kg)": "14.5",
            "Altura (cm)": "60",
            "Largura (cm)": "60",
            "Comprimento (cm)": "80",
        }
    ],
    "vtex": [
        {
            "_NomeProduto (Obrigatório)": "Cadeira de escritório giratória Confort",
            "_DescricaoProduto": "<p>Encosto em tela &amp; regulagem de altura.</p>",
            "_Marca": "Móveis Ipê",
            "_EANSKU": None,
            "_CodigoReferenciaSKU": "CAD-001",
            "_Altura": "60",
            "_Largura": "60",
            "_Comprimento": "80",
            "_Peso": "14500",
            "ImageUrl": "https://loja.example/cadeira-1.jpg",
        },
        {
            "_NomeProduto (Obrigatório)": "Cadeira de escritório giratória Confort",
            "_EANSKU": "7891000315507",
            "_Altura": "60.5",
            "_Largura": "60",
            "_Comprimento": "80",
            "_Peso": "14.5",
            "ImageUrl": "https://loja.example/cadeira-2.jpg",
        },
    ],
    "google_shopping": [
        {
            "id": f"CAM-{size}",
            "title": f"Camiseta básica de algodão azul, tamanho {size}",
            "description": "<p>Malha leve &amp; macia.</p>",
            "link": "https://loja.example/camiseta?tamanho=" + size,
            "image_link": "https://loja.example/camiseta.webp",
            "additional_image_link": "https://loja.example/camiseta-2.jpg,https://loja.example/camiseta-3.jpg",
            "availability": "in stock" if size == "P" else "preorder",
            "availability_date": None if size == "P" else "2027-03-01",
            "price": "59.90 BRL",
            "sale_price": "49.90 BRL",
            "brand": "Móveis Ipê",
            "gtin": gtin,
            "identifier_exists": None if gtin else "no",
            "condition": "new",
            "item_group_id": "CAM",
            "product_highlight": '"Malha leve","Gola que não cede"',
            "shipping_weight": "0.3 kg",
            "color": "Azul",
            "size": size,
            "gender": "unisex",
            "age_group": "adult",
        }
        for size, gtin in (("P", "7891000315507"), ("M", "7891000100103"), ("G", None))
    ],
    "amazon": [
        {
            "feed_product_type": "shirt",
            "item_sku": "CAM",
            "brand_name": "Móveis Ipê",
            "item_name": "Camiseta básica de algodão",
            "main_image_url": "https://loja.example/camiseta.jpg",
            "parent_child": "Parent",
            "variation_theme": "Size",
            "product_description": "Malha leve e macia.<br>Lave com cores semelhantes.",
            "bullet_point1": "Malha de algodão penteado, fio 30",
            "generic_keywords": "camiseta basica malha lisa",
        },
        {
            "item_sku": "CAM-P",
            "brand_name": "Móveis Ipê",
            "item_name": "Camiseta básica de algodão, azul, P (estilo #4301)",
            "external_product_id": "7891000315507",
            "external_product_id_type": "EAN",
            "standard_price": "59.90",
            "quantity": "12",
            "main_image_url": "https://loja.example/camiseta.jpg",
            "parent_child": "Child",
            "parent_sku": "CAM",
            "bullet_point1": "Malha de algodão penteado, fio 30",
            "bullet_point2": "Gola reforçada que não cede",
        },
        {
            "item_sku": "CAM-M",
            "item_name": "Camiseta básica de algodão, azul, M",
            "external_product_id": "B07XYZ1234",
            "external_product_id_type": "ASIN",
            "standard_price": "59.90",
            "quantity": "0",
            "main_image_url": "https://loja.example/camiseta.jpg",
            "parent_child": "Child",
            "parent_sku": "CAM",
        },
        {"item_sku": "CAM-VELHA", "update_delete": "Delete"},
        {"item_sku": "CAM-G", "update_delete": "PartialUpdate", "quantity": "3"},
    ],
    "ebay": [
        {
            "*Action(SiteID=US|Country=BR|Currency=USD|Version=1193|CC=UTF-8)": "Add",
            "CustomLabel": "CAM",
            "*Category": "15687",
            "*Title": "Camiseta básica de algodão",
            "*Description": "<p>Malha leve <b>e macia</b>.</p>",
            "*ConditionID": "1000",
            "PicURL": "https://loja.example/1.jpg|https://loja.example/2.jpg",
            "C:Brand": "Móveis Ipê",
            "C:Material": "Algodão",
            "P:EAN": "Does not apply",
            "P:UPC": None,
            "RelationshipDetails": "Size=P;M",
        },
        *(
            {
                "CustomLabel": f"CAM-{size}",
                "Relationship": "Variation",
                "RelationshipDetails": f"Size={size}",
                "*StartPrice": "19.90",
                "*Quantity": "12",
                "P:EAN": gtin,
            }
            for size, gtin in (("P", "7891000315507"), ("M", "7891000100103"))
        ),
        {"CustomLabel": "CAD", "ItemID": "110123456789", "*Quantity": "3"},
    ],
    "woocommerce_csv": [
        {
            "ID": "44",
            "Type": "variable",
            "SKU": "CAM",
            "Name": "Camiseta básica",
            "Published": "1",
            "Is featured?": "0",
            "Visibility in catalog": "visible",
            "Description": "<p>Malha leve &amp; macia. Dúvidas: contato@loja.example</p>",
            "Tax status": "taxable",
            "In stock?": "1",
            "Backorders allowed?": "notify",
            "Sold individually?": "0",
            "Weight (kg)": ".3",
            "Categories": "Roupas > Camisetas",
            "Images": "https://loja.example/1.jpg, azul.jpg",
        },
        *(
            {
                "ID": number,
                "Type": "variation",
                "SKU": f"CAM-{size}",
                "Published": "'-1",
                "Date sale price ends": "2026-11-30 23:59:59",
                "Stock": stock,
                "Regular price": "59.90",
                "Sale price": "49.90",
                "Parent": "CAM",
                "GTIN, UPC, EAN, or ISBN": gtin,
            }
            for number, size, stock, gtin in (
                ("45", "P", "parent", "7891000315507"),
                ("46", "M", "12", "7891000100103"),
            )
        ),
        {"ID": "50", "Type": "simple, virtual", "SKU": "AULA", "Name": "Aula de costura", "Regular price": "45"},
        {"ID": "51", "Type": "grouped", "SKU": "KIT", "Name": "Kit de camisetas", "Published": "true"},
    ],
    "nuvemshop_csv": [
        {
            "Identificador URL": "camiseta-azul",
            "Nome": "Camiseta azul",
            "Categorias": "Roupas > Camisetas, Novidades",
            "Nome da variação 1": "Tamanho",
            "Valor da variação 1": "P",
            "Nome da variação 2": "Cor",
            "Valor da variação 2": "Azul",
            "Valor da variação 3": None,
            "Preço": "59.90",
            "Preço promocional": "49.90",
            "Peso (kg)": "0.30",
            "Altura (cm)": "5.00",
            "Largura (cm)": "20.00",
            "Comprimento (cm)": "30.00",
            "Estoque": "Infinito",
            "SKU": "CAM-P",
            "Código de barras": "7891000315507",
            "Exibir na loja": "SIM",
            "Frete gratis": "NÃO",
            "Descrição": "<p>Malha leve &amp; macia.</p>",
            "Marca": "Móveis Ipê",
            "Produto Físico": "SIM",
            "Visibilidade": "Visível",
        },
        {
            "Identificador URL": "camiseta-azul",
            "Nome da variação 1": None,
            "Valor da variação 1": "M",
            "Valor da variação 2": "Azul",
            "Preço": "59.90",
            "Estoque": "12",
            "SKU": "CAM-M",
            "Produto Físico": "SIM",
        },
        {"Identificador URL": "bone", "Nome": "Boné preto", "Preço": "29.90", "SKU": "BON", "Exibir na loja": "não"},
    ],
    "shopify_csv": [
        {
            "Handle": "camiseta-azul",
            "Title": "Camiseta azul",
            "Body (HTML)": "<p>Algodão &amp; linho. Dúvidas: contato@loja.example</p>",
            "Vendor": "Loja",
            "Published": "true",
            "Option1 Value": "P",
            "Variant SKU": "CAM-P",
            "Variant Price": "59.90",
            "Variant Compare At Price": "79.90",
            "Variant Barcode": "'7891000315507",
            "Image Src": "https://cdn.example/azul.jpg?v=1",
            "Status": "active",
        },
        {"Handle": "camiseta-azul", "Option1 Value": "M", "Variant SKU": "CAM-M", "Variant Price": "59.90"},
        {"Handle": "camiseta-azul", "Image Src": "https://cdn.example/azul-costas.jpg"},
        {"Handle": "camiseta-azul", "Image Src": "https://cdn.example/azul-lado.jpg"},
    ],
}


def test_what_should_pass_passes(case: Any, bench: Any) -> None:
    assert case.code not in bench.found(bench.validate(case.pack, case.passing))


def test_what_should_fail_fails(case: Any, bench: Any) -> None:
    assert bench.found(bench.validate(case.pack, case.failing)).get(case.code, 0) > 0


def test_a_rule_says_in_every_language_what_is_wrong_and_what_to_do(pack: ResolvedPack) -> None:
    for rule in pack.rules:
        texts = [rule.message(lang) for lang in LANGUAGES]
        assert len(set(texts)) == len(LANGUAGES), rule.code
        assert all(text.count(". ") >= 1 and text.endswith(".") for text in texts), rule.code


def test_what_can_refuse_a_file_has_a_source_that_can_be_looked_up(pack: ResolvedPack) -> None:
    for rule in pack.rules:
        if rule.severity is not Severity.INFO:
            assert rule.verified, rule.code
            assert all(len(source) > len("KEY: ") for source in rule.source), rule.code


def test_a_rule_names_every_correction_of_its_column_that_is_made_for_it(pack: ResolvedPack) -> None:
    """Whoever reads `corrected_by` may rely on it: a code named there has its column among its fields."""
    fields = {correction.code: correction.fields for correction in pack.corrections}
    for rule in pack.rules:
        for code in rule.corrected_by:
            looked_at = rule.kwargs.get("column_list", [rule.kwargs.get("column")])
            assert fields[code] == ("*",) or set(looked_at) & set(fields[code]), (rule.code, code)


def test_there_is_a_flawless_product_of_every_marketplace() -> None:
    assert sorted(FLAWLESS) == available()


def test_every_title_limit_that_is_sure_proposes_titles_of_that_length(pack: ResolvedPack) -> None:
    limits = [r.kwargs["max_value"] for r in pack.rules if r.code == "title_too_long" and r.verified]
    cuts = [c.kwargs["max_length"] for c in pack.corrections if c.type == "truncate_at_word" and "title" in c.fields]
    assert limits == cuts


@pytest.mark.parametrize("marketplace", FLAWLESS)
def test_a_flawless_product_raises_nothing_and_stays_as_it_is(named: Named, bench: Any, marketplace: str) -> None:
    pack = named(marketplace)
    assert bench.found(bench.validate(pack, FLAWLESS[marketplace]), file=True) == {}
    result = bench.correct(pack, FLAWLESS[marketplace])
    assert (result.cells, result.suggested) == (0, ())


# (marketplace, column, code of the violation), cells
REPAIRED = [
    (("mercado_livre", "Preço", "price_not_a_number"), ["R$ 1.234,56", "89,90"]),
    (("mercado_livre", "EAN", "gtin_invalid"), ["7891-0003-15507"]),
    (("mercado_livre", "EAN", "gtin_invalid"), ["36000291452"]),
    (("mercado_livre", "NCM", "ncm_invalid"), ["8517.13.00"]),
    (("mercado_livre", "Condição", "condition_unknown"), ["Novo", " USADO ", "nova"]),
    (("mercado_livre", "Descrição", "description_html"), ["<p>Cadeira&nbsp;<b>giratória</b></p>"]),
    (("mercado_livre", "Título", "title_mojibake"), ["AÃ§aÃ­ orgÃ¢nico"]),
    (("shopify_csv", "Published", "published_not_boolean"), ["Sim", "não"]),
    (("shopify_csv", "Published", "published_not_boolean"), ["Sim", "x", "0"]),
    (("mercado_livre", "Categoria", "category_malformed"), ["mlb-1676", "MLB 1676"]),
    (("mercado_livre", "Peso (g)", "weight_not_whole"), ["0,35 kg", "1,5 quilos"]),
    (("mercado_livre", "Altura (cm)", "height_not_whole"), ["160 mm"]),
    (("mercado_livre", "Imagens", "pictures_not_urls"), ["//cdn.loja.com.br/a.jpg", "www.loja.com.br/b c.jpg"]),
    (("shopee", "Altura (cm)", "height_not_whole"), ["160 mm", "0,16 m"]),
    (("google_shopping", "image_link", "picture_not_url"), ["https://loja.com/pão.jpg", "//loja.com/a.jpg"]),
    (("woocommerce_csv", "Weight (kg)", "measures_not_numbers"), ["500 g", "1,5 kg"]),
    (("woocommerce_csv", "Weight (g)", "measures_not_numbers"), ["0,5 kg", "350g"]),
    (("woocommerce_csv", "Is featured?", "flag_not_0_or_1"), ["Sim", "não", "x"]),
    (("google_shopping", "availability", "availability_unknown"), ["Em estoque", "esgotado", "Pré-venda"]),
    (("google_shopping", "condition", "condition_unknown"), ["Novo", "recondicionado"]),
    (("woocommerce_csv", "Type", "product_type_unknown"), ["Simples", "variação"]),
    (("amazon", "product_description", "description_html"), ["<p>Malha</p><p>leve</p>"]),
]


@pytest.mark.parametrize(("where", "cells"), REPAIRED)
def test_what_a_rule_says_is_corrected_is_gone_after_correction(
    named: Named, bench: Any, where: tuple[str, str, str], cells: list[str]
) -> None:
    marketplace, column, code = where
    pack = named(marketplace)
    rows: list[dict[str, str | None]] = [{column: cell} for cell in cells]
    rule = next(rule for rule in pack.rules if rule.code == code)
    safe = [c for c in pack.corrections if CORRECTIONS[c.type].confidence is not Confidence.SUGGEST]
    assert set(rule.corrected_by) & {correction.code for correction in safe}
    assert bench.found(bench.validate(pack, rows))[code] == len(cells)
    assert code not in bench.found(bench.correct(pack, rows).remaining)


NEVER = [
    ("EAN", "7,8983E+12"),
    ("EAN", "7891000315508"),
    ("EAN", "891000315"),
    ("Preço", "sob consulta"),
    ("Marca", ""),
]


@pytest.mark.parametrize(("column", "cell"), NEVER)
def test_nothing_is_invented(named: Named, bench: Any, column: str, cell: str) -> None:
    result = bench.correct(named("mercado_livre"), [{"Título": "Cadeira", column: cell or None}])
    assert (result.cells, result.suggested) == (0, ())


def test_a_price_of_google_keeps_its_currency_and_gets_none(named: Named, bench: Any) -> None:
    rows: list[dict[str, str | None]] = [{"id": "1", "price": price} for price in ("49,90 BRL", "R$ 49,90", "49.90")]
    assert bench.correct(named("google_shopping"), rows).cells == 0


def test_a_line_break_in_a_description_for_amazon_stays(named: Named, bench: Any) -> None:
    rows: list[dict[str, str | None]] = [{"item_sku": "1", "product_description": "Malha leve<br>e macia"}]
    assert bench.correct(named("amazon"), rows).cells == 0


def test_titles_of_books_are_what_they_are_on_amazon(named: Named, bench: Any) -> None:
    title = [{"item_sku": "1", "item_name": "Quem mexeu no meu queijo? " * 9}]
    assert {"title_too_long", "title_forbidden_characters", "title_repeated_words"} <= set(
        bench.found(bench.validate(named("amazon"), title))
    )
    assert bench.found(bench.validate(named("amazon", "Livros"), title)) == {}


def test_the_limit_amazon_is_said_to_have_announced_holds_from_its_day_on() -> None:
    before, after = (
        {rule.code for rule in resolve("amazon", category="all", on=date(2026, *day)).rules}
        for day in ((7, 31), (8, 1))
    )
    assert after - before == {"title_over_announced_limit"}


def test_a_title_of_car_care_may_be_longer(named: Named, bench: Any) -> None:
    title = [{"title": "Shampoo automotivo " * 8}]
    assert "title_too_long" in bench.found(bench.validate(named("mercado_livre"), title))
    car_care = named("mercado_livre", "Limpeza Automotiva")
    assert "title_too_long" not in bench.found(bench.validate(car_care, title))
