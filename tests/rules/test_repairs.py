"""What a rule says is corrected is, in every pack that says so; nothing else is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from validahub_pipeline.rulepacks import Confidence, ResolvedPack
from validahub_pipeline.rulepacks.vocabulary import CORRECTIONS

Named = Callable[..., ResolvedPack]

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
