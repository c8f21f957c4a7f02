"""Products that take several rows of a file: which of them a rule that asks for a value means.

A platform's export has a row with the product's title, and below it rows for its variants and pictures that leave
blank what the first has said. What makes rows one product's, the pack says (`Layout`). Not here: how a rule comes to
be compiled, or evaluated.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import polars as pl

from validahub_pipeline.engine.plan import CompiledRule, text
from validahub_pipeline.rulepacks.model import Layout, Rule

_ASKING: Final = frozenset({"expect_column_values_to_not_be_null", "expect_multicolumn_values_to_not_all_be_null"})
_FILLED: Final = "filled"
_PRODUCT: Final = "product"
_OWN: Final = "own"


def shared(compiled: CompiledRule, rule: Rule, layout: Layout | None, places: Mapping[str, int]) -> CompiledRule:
    """A rule that asks for a value, so that any row of the product may give it; every other rule as it is.

    A product none of whose rows has the value breaks the rule once, in the first of those the rule looks at. A field
    of the variants is asked of each row that has another of them, too. A row outside any product stands for itself.
    """
    if rule.type not in _ASKING or layout is None or layout.product not in places:
        return compiled
    product = places[layout.product]
    if product in compiled.places:
        return compiled
    fields = {places[field] for field in layout.variant if field in places}
    others = fields.difference(compiled.places) if fields.intersection(compiled.places) else set()
    given = [pl.col(text(other)).is_not_null() for other in sorted(others)]
    key = pl.col(text(product))
    filled, first = pl.col(_FILLED), pl.col(_PRODUCT).is_first_distinct()
    by_another = filled.any().over(_PRODUCT) | first.not_()
    return replace(
        compiled,
        asks=json.dumps([compiled.asks, product, sorted(others)]),
        expression=filled | (pl.col(_PRODUCT).is_not_null() & pl.col(_OWN).not_() & by_another),
        narrowed={
            _FILLED: pl.any_horizontal(pl.col(text(place)).is_not_null() for place in compiled.places),
            _PRODUCT: pl.when(key.is_not_null()).then(key.hash()),
            _OWN: pl.any_horizontal(given) if given else pl.lit(value=False),
        },
        beside=frozenset({product, *others}),
    )
