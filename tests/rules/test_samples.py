"""Real catalogues against every pack: each violation in them has been looked at and is one. Whoever changes a rule sees
here what it does to them; run only where the catalogues are at hand.
"""

from __future__ import annotations

import csv
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from validahub_pipeline.checking import check_packs, read_source
from validahub_pipeline.rulepacks import available, resolve

SAMPLES = Path(__file__).resolve().parents[2].parent / "shared" / "samples"

# Per catalogue: a code, how often, and in which packs.
AGREED = {
    "olist_products_dataset": """
        column_missing 1 amazon gs1 nuvemshop_csv shopify_csv vtex woocommerce_csv
        column_missing 2 americanas brasil_fiscal casas_bahia ebay mercado_livre shopee
        column_missing 3 carrefour magalu
        column_missing 6 google_shopping
        missing_height 2 americanas carrefour mercado_livre vtex
        missing_length 2 americanas carrefour mercado_livre vtex
        missing_weight 2 mercado_livre vtex
        missing_width 2 americanas carrefour mercado_livre vtex
        package_too_large 1 shopee
        package_weight_not_positive 4 mercado_livre
    """,
    "choicestationery_categories_pipe": """
        column_missing 1 amazon americanas casas_bahia ebay gs1 mercado_livre shopee vtex
        column_missing 2 brasil_fiscal carrefour magalu
        column_missing 4 google_shopping
        description_html 12 carrefour mercado_livre
        missing_description 1911 carrefour google_shopping magalu shopee
        missing_pictures 4532 amazon
        title_all_caps 1 amazon americanas google_shopping mercado_livre
        title_forbidden_characters 2 amazon
        title_too_short 596 shopee
        title_too_short 2118 mercado_livre
    """,
    "shopifypartners_apparel": """
        column_missing 1 brasil_fiscal carrefour magalu
        column_missing 2 google_shopping
        missing_gtin 22 amazon brasil_fiscal carrefour mercado_livre shopee
        missing_gtin_and_mpn 22 google_shopping
        missing_gtin_and_sku 22 vtex
        missing_sku 22 amazon google_shopping magalu mercado_livre
        price_free_shipping 3 mercado_livre
        price_without_currency 22 google_shopping
        stock_out_of_range 22 shopee
    """,
    "trendnow_products_export_1": """
        column_missing 1 brasil_fiscal carrefour magalu
        column_missing 2 google_shopping
        compare_at_price_too_low 10 shopify_csv
        description_active_content 46 ebay
        description_contact_data 2 amazon americanas casas_bahia google_shopping mercado_livre
        description_html 208 americanas
        description_html 213 amazon carrefour mercado_livre
        description_promotional_words 1 americanas google_shopping
        description_promotional_words 5 amazon
        description_too_long 35 magalu
        description_too_long 77 google_shopping
        description_too_long 119 ebay
        description_too_long 194 amazon americanas shopee
        duplicate_sku 49 amazon casas_bahia google_shopping magalu mercado_livre nuvemshop_csv \
shopify_csv woocommerce_csv
        gtin_bad_length 1 shopify_csv
        gtin_invalid 1 amazon americanas brasil_fiscal carrefour casas_bahia ebay google_shopping gs1 magalu \
mercado_livre nuvemshop_csv shopee vtex woocommerce_csv
        handle_bad_characters 14 shopify_csv
        missing_gtin 664 amazon brasil_fiscal carrefour mercado_livre shopee
        missing_gtin_and_mpn 664 google_shopping
        missing_gtin_and_sku 67 vtex
        missing_sku 67 amazon google_shopping magalu mercado_livre
        picture_format 184 mercado_livre shopee
        price_below_minimum 1 mercado_livre
        price_free_shipping 575 mercado_livre
        price_without_currency 665 google_shopping
        sku_bad_characters 477 americanas google_shopping
        sku_too_long 37 google_shopping magalu vtex
        sku_too_long 65 amazon
        sku_with_space 147 amazon
        title_all_caps 3 amazon americanas google_shopping mercado_livre
        title_decoration 17 amazon
        title_forbidden_characters 10 amazon
        title_over_announced_limit 19 amazon
        title_promotional_words 1 google_shopping
        title_promotional_words 2 amazon
        title_promotional_words 3 mercado_livre
        title_special_characters 4 amazon
        title_special_characters 37 americanas
        title_too_long 4 americanas shopee
        title_too_long 17 ebay
        title_too_long 50 mercado_livre
    """,
}


def agreed(name: str) -> Counter[tuple[str, str]]:
    """How often each pack is to find each code."""
    lines = [line.split() for line in AGREED[name].strip().splitlines()]
    return Counter({(pack, code): int(count) for code, count, *packs in lines for pack in packs})


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the catalogues are not at hand")
@pytest.mark.parametrize("name", AGREED)
def test_in_a_real_catalogue_everything_and_only_what_is_wrong_is_found(tmp_path: Path, name: str) -> None:
    packs = [resolve(pack, category="all", on=date(2026, 11, 26)) for pack in available()]
    out = tmp_path / "violations.csv"
    check_packs(read_source(SAMPLES / f"{name}.csv", tmp_path), packs, violations=out)
    csv.field_size_limit(1 << 27)
    with out.open(encoding="utf-8-sig", newline="") as file:
        found = Counter((row["pack"], row["code"]) for row in csv.DictReader(file))
    assert found == agreed(name)
