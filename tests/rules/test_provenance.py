"""The catalogue is complete, and stands on what it says it stands on: who is in it, which sources and codes it carries.

What the sources say is not here; that a rule does what it was written for, its examples show.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

import pytest

import rules
from validahub_pipeline.rulepacks import Severity, available, resolve
from validahub_pipeline.rulepacks.document import Layer, PackDocument, RuleEntry, read

# Whoever is judged for, with what that has to rest on at least.
SOURCES = {
    "amazon": "AZ AZ-75 AZ-API AZ-BUL AZ-DP AZ-LEN AZ-SKU AZ-TYPES",
    "americanas": "AM AM-HUB AM-SKY",
    "brasil_fiscal": "NF",
    "carrefour": "CF CF-VTEX",
    "casas_bahia": "VV VV-HELP",
    "ebay": "EB",
    "google_shopping": "G G-EXISTS G-ID G-IMG G-SHORT G-TITLE SURVEY",
    "gs1": "G-COUP G-GTIN G-REST GS1 ML-GTIN",
    "magalu": "MG MG-LEGACY MG-VTEX",
    "mercado_livre": "ML-BULK ML-CAT ML-CBT ML-GTIN ML-HTML ML-PIC ML-POL ML-PROBE ML-TITLE ML-VTEX SURVEY",
    "nuvemshop_csv": "NS",
    "shopee": "SH-ADD SH-DOC SH-LIM SURVEY",
    "shopify_csv": "SP SP-COL SP-ERR",
    "vtex": "VT VT-SUG",
    "woocommerce_csv": "WC WC-S",
}
# The numbers and names that marketplaces themselves give to what is wrong.
CODES = {
    "brasil_fiscal": "611 777 778 806 882 883",
    "mercado_livre": "100 109 126 134 154 173 350 369 374 462 3705 7711 7810 attributes.duplicated "
    "body.invalid_field_types missing.seller.package.dimensions",
    "shopify_csv": "BARCODE_CHECKSUM_VALIDATION_FAILED GREATER_THAN_OR_EQUAL_TO INVALID_BARCODE_LENGTH "
    "INVALID_BARCODE_PREFIX",
}
# Fewest rules of a pack's own, so that none shrinks unnoticed.
RULES = {"amazon": 30, "google_shopping": 45, "mercado_livre": 60, "shopee": 35, "ebay": 17, "woocommerce_csv": 16}
DATED = re.compile(r"20[0-9]{2}")


def document(name: str) -> PackDocument:
    return read(name, rules.pack_source(name))


def layers(pack: PackDocument) -> Iterator[Layer]:
    yield pack
    yield from pack.categories


def entries(name: str) -> list[RuleEntry]:
    """What a pack itself says of rules, in general and of categories."""
    return [rule for layer in layers(document(name)) for rule in layer.rules if not rule.drop]


def cited(name: str) -> set[str]:
    return {key for rule in entries(name) for key in rule.source}


def test_the_catalogue_judges_for_everyone_it_is_to_judge_for() -> None:
    assert available() == sorted(SOURCES)


@pytest.mark.parametrize("name", SOURCES)
def test_a_pack_rests_on_the_sources_that_were_read_for_it(name: str) -> None:
    assert set(SOURCES[name].split()) <= cited(name)


@pytest.mark.parametrize("name", CODES)
def test_a_rule_tells_the_marketplaces_own_code_where_it_is_known(name: str) -> None:
    assert set(CODES[name].split()) <= {rule.marketplace_code for rule in entries(name)}


@pytest.mark.parametrize("name", RULES)
def test_no_pack_shrinks_unnoticed(name: str) -> None:
    assert len({rule.code for rule in entries(name)}) >= RULES[name]


def test_every_source_that_is_listed_is_cited_and_can_be_looked_up() -> None:
    everywhere = set().union(*(cited(name) for name in rules.pack_names()))
    for name in rules.pack_names():
        for key, text in document(name).sources.items():
            assert key in everywhere, (name, key)
            assert "://" in text or "/" in text or DATED.search(text) or len(text.split()) >= 5, (name, key)


def test_one_key_is_one_source_throughout_the_catalogue() -> None:
    texts: dict[str, set[str]] = {}
    for name in rules.pack_names():
        for key, text in document(name).sources.items():
            texts.setdefault(key, set()).add(text)
    assert {key: found for key, found in texts.items() if len(found) > 1} == {}


@pytest.mark.parametrize("name", SOURCES)
def test_every_rule_of_a_marketplace_is_sourced_dated_and_graded_or_says_that_it_is_not(name: str) -> None:
    for category in ("all", *(group.names[0] for group in document(name).categories)):
        for rule in resolve(name, category=category, on=date(2026, 11, 26)).rules:
            if rule.verified:
                assert all((rule.source, rule.verified_on, rule.trust)), rule.code
            else:
                assert rule.severity is Severity.INFO, rule.code
                assert bool(rule.source) is bool(rule.trust), rule.code


@pytest.mark.parametrize("name", SOURCES)
def test_hearsay_alone_refuses_nothing(name: str) -> None:
    for rule in resolve(name, category="all", on=date(2026, 11, 26)).rules:
        if rule.trust == "C":
            assert rule.severity is not Severity.CRITICAL, rule.code
