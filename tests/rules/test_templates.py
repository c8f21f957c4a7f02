"""Files as the marketplaces' own templates and exports make them, from their bytes to the verdict: no false alarm, and
no slip that passes."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from validahub_pipeline.checking import check_packs, read_source
from validahub_pipeline.rulepacks import resolve

Found = Callable[[bytes, str], Counter[str]]

AMAZON = """
TemplateType=fptcustom~Version=2022.0920~TemplateSignature=QUJJ~settings=attributeRow=3&dataRow=4~\
As 3 primeiras linhas são de uso exclusivo da Amazon.com.~~~~~
Tipo de produto~SKU do vendedor~Nome do produto~ID do produto~Tipo de ID do produto~Seu preço~Quantidade~\
Nível de parentesco~SKU do produto pai~Marcadores
feed_product_type~item_sku~item_name~external_product_id~external_product_id_type~standard_price~quantity~\
parent_child~parent_sku~bullet_point1
shirt~CAM~Camiseta básica de algodão~~~~~Parent~~Malha de algodão penteado
shirt~CAM-P~Camiseta básica, P~7891000315507~EAN~59.90~12~Child~CAM~
shirt~CAM-M~Camiseta básica, M~B07XYZ1234~ASIN~59.90~7~Child~CAM~
"""
WOOCOMMERCE = """
ID~Type~SKU~GTIN, UPC, EAN, or ISBN~Name~Published~Visibility in catalog~In stock?~Stock~Weight (kg)~\
Sale price~Regular price~Images~Parent
44~variable~CAM~~Camiseta~1~visible~1~~.3~~~https://l.example/1.jpg, a.jpg~
45~variation~CAM-P~7891000315507~~1~visible~1~3~~49.9~59.9~~CAM
46~variation~CAM-M~7891000100103~~1~visible~0~parent~~~59.9~~CAM
50~simple, virtual~AULA~~Aula de costura~'-1~visible~1~~~~45~~
51~grouped~KIT~~Kit de camisetas~1~catalog~1~~~~~~
"""
NUVEMSHOP = """
Identificador URL~Nome~Categorias~Nome da variação 1~Valor da variação 1~Nome da variação 2~\
Valor da variação 2~Nome da variação 3~Valor da variação 3~Preço~Preço promocional~Peso (kg)~Estoque~SKU~\
Código de barras~Exibir na loja~Frete gratis~Descrição
camiseta-azul~Camiseta azul~Roupas~Tamanho~P~Cor~Azul~~~59.90~49.90~0.30~Infinito~CAM-P~7891000315507~SIM~NÃO~\
<p>Malha &amp; algodão</p>
camiseta-azul~~~~M~~Azul~~~59.90~~0.30~12~CAM-M~~~NÃO~
bone~Boné preto~Acessórios~~~~~~~29.90~~~~BON~~SIM~NÃO~
"""
EBAY = """
*Action(SiteID=US|Country=BR|Currency=USD|Version=1193|CC=UTF-8)~CustomLabel~*Category~*Title~*ConditionID~\
P:UPC~P:EAN~PicURL~*StartPrice~*Quantity~Relationship~RelationshipDetails
Add~CAM~15687~Camiseta básica~1000~Does not apply~~https://l.example/1.jpg|https://l.example/2.jpg~~~~Size=P;M
~CAM-P~~~~~7891000315507~~19.90~5~Variation~Size=P
~CAM-M~~~~~7891000100103~~19.90~3~Variation~Size=M
"""
GOOGLE = """
id~title~description~link~image_link~availability~price~gtin~condition~item_group_id~size~shipping_weight~\
identifier_exists
CAM-P~Camiseta P~Malha leve e macia.~https://l.example/p~https://l.example/p.webp~in stock~59.90 BRL~\
7891000315507~new~CAM~P~0.3 kg~
CAM-M~Camiseta M~Malha leve.~https://l.example/m~https://l.example/m.webp~out_of_stock~59.90 BRL~~new~CAM~M~\
300 g~no
"""
INFO = "#INFO,Version=0.0.2,Template= eBay-draft-listings-template_US,,,,,,,,,\n#INFO Action is required,,,,,,,,,,,\n"


def rows_of(sheet: str) -> list[list[str]]:
    """The cells of a sheet, between which there is a ~ here."""
    return [line.split("~") for line in sheet.strip().split("\n")]


def written(rows: list[list[str]], delimiter: str, encoding: str, above: str = "") -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return (above + text.getvalue()).encode(encoding)


@pytest.fixture
def found(tmp_path: Path) -> Found:
    """Codes and counts of what a pack finds in a file, and of what was no row of it."""

    def check(content: bytes, pack: str) -> Counter[str]:
        path = tmp_path / "catalogue.csv"
        path.write_bytes(content)
        source = read_source(path, tmp_path)
        checked = check_packs(source, [resolve(pack, category="all", on=date(2026, 11, 26))])
        counts = Counter({code.code: code.count for code in checked.packs[0].codes if code.count})
        return counts + Counter({"quarantined": len(source.quarantined)})

    return check


LONG_AMAZON = [
    *rows_of(AMAZON),
    *([*row[:1], f"{row[1]}-{n}", *row[2:]] for n in range(30) for row in rows_of(AMAZON)[4:]),
]
CLEAN = {
    "amazon": written(rows_of(AMAZON), "\t", "cp1252"),
    "amazon, long": written(LONG_AMAZON, ",", "utf-8-sig"),
    "woocommerce_csv": written(rows_of(WOOCOMMERCE), ",", "utf-8-sig"),
    "nuvemshop_csv": written(rows_of(NUVEMSHOP), ";", "cp1252"),
    "ebay": written(rows_of(EBAY), ",", "utf-8", INFO),
    "google_shopping": written(rows_of(GOOGLE), "\t", "utf-8"),
}


@pytest.mark.parametrize("sheet", CLEAN)
def test_a_sheet_as_it_should_be_raises_no_alarm(found: Found, sheet: str) -> None:
    assert found(CLEAN[sheet], sheet.partition(",")[0]) == Counter()


@dataclass(frozen=True)
class Slip:
    """What is written in some cells (by place) of a row of a sheet, and what has to be found for it."""

    name: str
    sheet: str
    row: int
    cells: dict[int, str]
    expected: dict[str, int]

    def __str__(self) -> str:
        return "-".join((self.name, *self.expected))


SLIPS = [
    Slip("amazon", AMAZON, 5, {1: "CAM,P", 3: "7891000315508", 4: "EAN"}, {"sku_with_comma": 1, "gtin_invalid": 1}),
    Slip(
        "amazon", AMAZON, 3, {2: "CAMISETA!", 9: "N/A"}, {"title_forbidden_characters": 1, "bullet_without_content": 1}
    ),
    Slip("woocommerce_csv", WOOCOMMERCE, 2, {13: ""}, {"missing_parent": 1}),
    Slip(
        "woocommerce_csv", WOOCOMMERCE, 4, {1: "simples", 4: "", 5: "sim"}, {"missing_title": 1, "published_unknown": 1}
    ),
    Slip("nuvemshop_csv", NUVEMSHOP, 2, {4: "P"}, {"duplicate_variant": 2}),
    Slip(
        "nuvemshop_csv", NUVEMSHOP, 3, {12: "muitos", 15: "talvez"}, {"stock_not_a_number": 1, "flag_not_yes_or_no": 1}
    ),
    Slip(
        "ebay", EBAY, 1, {3: "Camiseta " * 10, 7: "http://l.example/1"}, {"title_too_long": 1, "pictures_not_https": 1}
    ),
    Slip("ebay", EBAY, 3, {8: "", 6: "789"}, {"missing_price": 1, "gtin_invalid": 1}),
    Slip(
        "google_shopping", GOOGLE, 1, {6: "59,90", 11: "0,3"}, {"price_without_currency": 1, "weight_without_unit": 1}
    ),
    Slip("google_shopping", GOOGLE, 2, {5: "preorder", 12: ""}, {"missing_gtin_and_mpn": 1}),
]


@pytest.mark.parametrize("slip", SLIPS, ids=str)
def test_a_slip_in_such_a_sheet_is_found(found: Found, slip: Slip) -> None:
    rows = rows_of(slip.sheet)
    rows[slip.row] = [slip.cells.get(place, cell) for place, cell in enumerate(rows[slip.row])]
    counts = found(written(rows, "," if slip.name == "ebay" else "\t", "utf-8"), slip.name)
    assert {code: counts[code] for code in slip.expected} == slip.expected
