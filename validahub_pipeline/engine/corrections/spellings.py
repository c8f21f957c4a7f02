"""Corrections to words a target knows in one spelling."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from validahub_pipeline.domain import spelling
from validahub_pipeline.engine.corrections.registry import Fix, correction
from validahub_pipeline.rulepacks.model import Confidence


@correction("map_synonyms", Confidence.CONFIDENT)
def map_synonyms(mapping: Mapping[str, str]) -> Fix:
    """The pack's spelling for values the pack knows under another, without regard to case, accents and how the parts
    of a word are held together."""
    known = spelling.canonical(mapping)
    return Fix(spelling.any_of(known), lambda text: spelling.respelt(text, known), spelling.settled(known))


@correction("canonical_brand", Confidence.CONFIDENT)
def canonical_brand(brands: Sequence[str]) -> Fix:
    """`SAMSUNG` and `samsung` as `Samsung`, for the brands of the list. Never another brand, and never one for none."""
    known = spelling.canonical({brand: brand for brand in brands})
    return Fix(spelling.any_of(known), lambda text: spelling.respelt(text, known), spelling.settled(known))


@correction("nearest_value", Confidence.SUGGEST)
def nearest_value(mapping: Mapping[str, str]) -> Fix:
    """`nvoo` as what `novo` stands for: a known word but for a slip, if it is one slip away from no other."""
    known = spelling.canonical({target: target for target in mapping.values()} | dict(mapping))
    return Fix(r"^\s*\p{L}[\p{L}\s_-]{2,}$", lambda text: spelling.nearly(text, known), spelling.settled(known))
