"""The word lists (`catalogue.yaml`) as values, and the clean products made from them. No defects here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final

import yaml

from validahub_pipeline.sample.draws import Draws

COLUMNS: Final = (
    "SKU", "Título", "Descrição", "Preço", "Estoque", "GTIN/EAN", "Marca", "Condição", "Categoria", "NCM",
    "Peso (kg)", "Imagens", "Tipo de anúncio", "Obs.", "Obs.", "",
)  # fmt: skip
(
    SKU, TITLE, DESCRIPTION, PRICE, STOCK, GTIN, BRAND, CONDITION, CATEGORY, NCM,
    WEIGHT, IMAGES, LISTING, NOTE,
) = range(14)  # fmt: skip

TITLE_LIMIT: Final = 60


@dataclass(frozen=True)
class Family:
    """A kind of product. Prices in cents and weights in grams, lowest and highest."""

    prefix: str
    category: str
    ncm: str
    nouns: tuple[str, ...]
    traits: tuple[str, ...]
    variants: tuple[str, ...]
    brands: tuple[str, ...]
    prices: tuple[int, int]
    weights: tuple[int, int]
    about: tuple[str, ...]


@cache
def words() -> Mapping[str, Any]:
    """The lists of `catalogue.yaml` by name."""
    text = resources.files("validahub_pipeline.sample").joinpath("catalogue.yaml").read_text(encoding="utf-8")
    loaded: Mapping[str, Any] = yaml.safe_load(text)
    return loaded


@cache
def families() -> tuple[Family, ...]:
    """Every kind of product, in the file's order."""
    return tuple(
        Family(
            prefix=family["prefix"],
            category=family["category"],
            ncm=family["ncm"],
            nouns=tuple(family["nouns"]),
            traits=tuple(family["traits"]),
            variants=tuple(family["variants"]),
            brands=tuple(family["brands"]),
            prices=(family["prices"][0], family["prices"][1]),
            weights=(family["weights"][0], family["weights"][1]),
            about=tuple(family["about"]),
        )
        for family in words()["families"]
    )


def check_digit(body: str) -> int:
    """The GTIN check digit: weights 3, 1, 3, ... from the right of the body, modulo 10 (GS1 General Specifications,
    7.9.1)."""
    return -sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(body))) % 10


def gtin13(number: int) -> str:
    """The GTIN-13 of an item number below 10**9, under a prefix of GS1 Brasil."""
    body = f"789{number:09d}"
    return f"{body}{check_digit(body)}"


def amount(cents: int) -> str:
    """Cents as Brazilians write them, without thousands separators: 129990 -> `1299,90`."""
    return f"{cents // 100},{cents % 100:02d}"


def clean_products(draws: Draws, first: int, count: int) -> list[list[str]]:
    """Columns (in the order of `COLUMNS`) of `count` flawless products, numbered from `first`.

    SKU and GTIN follow from the number, so they are unique in the whole file. Decimal commas and Portuguese values
    (`Novo`, `Clássico`) are the ERP's convention and count as flawless here.
    """
    kinds = draws.choices(families(), count)
    wide = [draws.below(2**31, count) for _ in range(9)]
    noun, trait, variant, brand, price, weight, first_about, stock, pictures = wide
    closing = draws.choices(words()["closing"], count)
    premium = draws.below(3, count)
    columns: list[list[str]] = [[] for _ in COLUMNS]
    for index, kind in enumerate(kinds):
        number = first + index
        brand_name = kind.brands[brand[index] % len(kind.brands)]
        sku = f"CI-{kind.prefix}-{number:07d}"
        about = kind.about[first_about[index] % len(kind.about)], kind.about[(first_about[index] + 1) % len(kind.about)]
        low, high = kind.prices
        lightest, heaviest = kind.weights
        grams = lightest + weight[index] % (heaviest - lightest + 1)
        row = (
            sku,
            _title(
                kind.nouns[noun[index] % len(kind.nouns)],
                brand_name,
                kind.traits[trait[index] % len(kind.traits)],
                kind.variants[variant[index] % len(kind.variants)],
            ),
            f"{about[0]} {about[1]} {closing[index]}",
            amount((low + price[index] % (high - low + 1)) // 100 * 100 + 90),
            str(1 + stock[index] % 240),
            # An odd factor coprime to 10**9 scatters the numbers and never meets itself.
            gtin13(number * 736_481_177 % 10**9),
            brand_name,
            "Novo",
            kind.category,
            kind.ncm,
            f"{grams // 1000},{grams % 1000:03d}",
            ",".join(f"https://img.casaipe.example/{sku}-{shot}.jpg" for shot in range(1, 2 + pictures[index] % 3)),
            "Clássico" if premium[index] else "Premium",
            "",
            "",
            "",
        )
        for column, cell in zip(columns, row, strict=True):
            column.append(cell)
    return columns


def _title(noun: str, brand: str, trait: str, variant: str) -> str:
    """As many of the parts as fit the marketplace's limit."""
    for parts in ((noun, brand, trait, variant), (noun, brand, variant), (noun, brand)):
        title = " ".join(parts)
        if len(title) <= TITLE_LIMIT:
            return title
    return noun
