"""Every rule of every pack does what its examples say, and says where it comes from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from validahub_pipeline.messages import LANGUAGES
from validahub_pipeline.rulepacks import Confidence, ResolvedPack, Severity, available
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
            assert rule.kwargs["column"] in fields[code], (rule.code, code)


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


def test_a_title_of_car_care_may_be_longer(named: Named, bench: Any) -> None:
    title = [{"title": "Shampoo automotivo " * 8}]
    assert "title_too_long" in bench.found(bench.validate(named("mercado_livre"), title))
    car_care = named("mercado_livre", "Limpeza Automotiva")
    assert "title_too_long" not in bench.found(bench.validate(car_care, title))
