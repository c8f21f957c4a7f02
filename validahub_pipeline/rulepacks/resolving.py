"""From packs as written to the one that holds for a category on a day.

Which entries hold is `layering`'s business; here their keys become rules, corrections and a gate, checked on the way.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any, Final

import rules as catalogue
from validahub_pipeline.errors import InputError
from validahub_pipeline.rulepacks import checks, layering
from validahub_pipeline.rulepacks.canonical import from_json, to_json
from validahub_pipeline.rulepacks.checks import Place
from validahub_pipeline.rulepacks.columns import nearest, plain
from validahub_pipeline.rulepacks.document import Examples, Layer, PackDocument, read
from validahub_pipeline.rulepacks.fields import merged_fields
from validahub_pipeline.rulepacks.model import Correction, Dialect, Field, Gate, Layout, ResolvedPack, Rule
from validahub_pipeline.rulepacks.vocabulary import CORRECTIONS

Packs = Mapping[str, str]
"""YAML texts of packs by name."""

ALL_CATEGORIES: Final = "all"
"""The category of a pack where none of its overrides holds."""


def built_in() -> Packs:
    """The packs of the catalogue."""
    return {name: catalogue.pack_source(name) for name in catalogue.pack_names()}


def available(packs: Packs | None = None) -> list[str]:
    """Names of the marketplaces there is a pack for, sorted. Packs that only others build on are not among them."""
    found = built_in() if packs is None else packs
    return sorted(name for name, text in found.items() if not read(name, text).abstract)


def resolve(name: str, *, category: str, on: date, packs: Packs | None = None) -> ResolvedPack:
    """The pack of a marketplace as it holds for a category on a day.

    A category without overrides has the rules of the pack itself, and is `all` in what is returned. All of the pack is
    checked, for every category and day it speaks of, not only what is asked for.

    Raises:
        InputError: `unknown_marketplace`.
        PackError: the pack is not well formed.
    """
    return resolved(_chain(name, packs), category, on)


def examples(name: str, *, category: str, on: date, packs: Packs | None = None) -> dict[str, Examples]:
    """What passes and what fails each rule of the pack that `resolve` gives, by code."""
    return examples_of(_chain(name, packs), category, on)


def resolved(chain: Sequence[PackDocument], category: str, on: date) -> ResolvedPack:
    """What the documents of a pack (`layering.documents`) come to; only what is asked for is checked.

    Raises:
        PackError: it is not well formed.
    """
    # What was just built and what a retry reads back are then the same in every detail, order of keys included.
    return from_json(to_json(_resolve(chain, category, on, _Rules(chain[-1].pack))), on=on)


def examples_of(chain: Sequence[PackDocument], category: str, on: date) -> dict[str, Examples]:
    """The examples of the rules that `resolved` gives, by code."""
    merged = layering.merged(layering.layers(chain, category), "rules", chain[-1].pack, on)
    return {code: keys["examples"] for code, keys in merged.items()}


def occasions(chain: Sequence[PackDocument]) -> list[tuple[str, date]]:
    """All categories and days between which a pack may differ; `all` and the beginning of time first."""
    categories = [ALL_CATEGORIES, *sorted(layering.categories(chain))]
    return [(category, day) for category in categories for day in sorted(layering.turning_points(chain))]


def check(chain: Sequence[PackDocument]) -> None:
    """Resolve a pack for everything it speaks of: what is wrong with a rule that starts next year must show today.

    Raises:
        PackError: it is not well formed.
    """
    layering.check(chain)
    rules = _Rules(chain[-1].pack)
    for category, day in occasions(chain):
        _resolve(chain, category, day, rules)


def categories_of(name: str, packs: Packs | None = None) -> list[str]:
    """The categories for which a pack may have rules of its own, `all` among them.

    Raises:
        InputError, PackError: as `resolve`.
    """
    return [ALL_CATEGORIES, *sorted(layering.categories(_chain(name, packs)))]


def _chain(name: str, packs: Packs | None) -> tuple[PackDocument, ...]:
    found = built_in() if packs is None else packs
    if name not in found or read(name, found[name]).abstract:
        names = available(found)
        raise InputError(
            "unknown_marketplace", marketplace=name, known=", ".join(names), nearest=nearest(name, names, count=1)[0]
        )
    return _checked(name, tuple(sorted(found.items())))


@lru_cache(maxsize=64)
def _checked(name: str, packs: tuple[tuple[str, str], ...]) -> tuple[PackDocument, ...]:
    chain = layering.documents(name, dict(packs))
    check(chain)
    return chain


def _resolve(chain: Sequence[PackDocument], category: str, on: date, rules: _Rules) -> ResolvedPack:
    leaf = chain[-1]
    layers = layering.layers(chain, category)
    fields = merged_fields(leaf.pack, (layer.fields for _, layer in layers))
    corrections = _in_order(
        _correction(leaf.pack, code, keys, fields)
        for code, keys in layering.merged(layers, "corrections", leaf.pack, on).items()
    )
    codes = [correction.code for correction in corrections]
    return ResolvedPack(
        name=leaf.pack,
        version=leaf.version,
        title=leaf.title,
        category=_spoken_of(chain, category),
        on=on,
        hash="",
        fields=fields,
        rules=rules.made(layering.merged(layers, "rules", leaf.pack, on), fields, codes),
        corrections=corrections,
        gate=_gate(leaf.pack, (layer for _, layer in layers)),
        layout=_layout(chain, fields),
        dialect=_dialect(chain, fields),
    )


def _spoken_of(chain: Sequence[PackDocument], category: str) -> str:
    """A category as the pack writes it; one it says nothing of is like all the others."""
    names = {plain(name): name for name in layering.categories(chain)}
    return names.get(plain(category), ALL_CATEGORIES)


class _Rules:
    """Makes the rules of a pack, each only once: of most days and categories it says the same as of the others."""

    def __init__(self, pack: str) -> None:
        self._pack = pack
        self._known: dict[str, tuple[Mapping[str, Any], Rule]] = {}
        self._within: tuple[Mapping[str, Field], Sequence[str]] | None = None

    def made(
        self, merged: Mapping[str, Mapping[str, Any]], fields: Mapping[str, Field], corrections: Sequence[str]
    ) -> tuple[Rule, ...]:
        """The rules of one occasion, from their keys."""
        if self._within != (fields, corrections):
            self._known.clear()
            self._within = (fields, corrections)
        for code, keys in merged.items():
            if code not in self._known or self._known[code][0] != keys:
                self._known[code] = (keys, _rule(self._pack, code, keys, fields, corrections))
        return tuple(self._known[code][1] for code in merged)


def _rule(
    pack: str, code: str, keys: Mapping[str, Any], fields: Mapping[str, Field], corrections: Sequence[str]
) -> Rule:
    place = Place(pack, f"rules/{code}")
    _require(place, keys, "type", "severity", "examples")
    kwargs = {name: _number(value) for name, value in keys.get("kwargs", {}).items()}
    mostly = kwargs.pop("mostly", None)
    checks.mostly(place, mostly)
    checks.expectation(place, keys["type"], kwargs, fields)
    for correction in keys.get("corrected_by", []):
        checks.known(place, "pack_unknown_correction", correction, corrections)
    rule = Rule(
        code=code,
        type=keys["type"],
        kwargs=kwargs,
        severity=keys["severity"],
        row_condition=_condition(place, keys, fields),
        mostly=mostly,
        marketplace_code=keys.get("marketplace_code"),
        source=tuple(keys.get("source", [])),
        verified_on=keys.get("verified_on"),
        verified=keys.get("verified", True),
        trust=keys.get("trust"),
        messages=checks.texts(place, code, keys.get("messages", {}), kwargs),
        corrected_by=tuple(keys.get("corrected_by", [])),
    )
    checks.provenance(place, rule)
    return rule


def _correction(pack: str, code: str, keys: Mapping[str, Any], fields: Mapping[str, Field]) -> Correction:
    place = Place(pack, f"corrections/{code}")
    _require(place, keys, "type", "fields")
    checks.known(place, "pack_unknown_type", keys["type"], CORRECTIONS)
    kwargs = keys.get("kwargs", {})
    checks.correction_kwargs(place, kwargs, CORRECTIONS[keys["type"]].kwargs)
    checks.targets(place, keys["fields"], fields)
    checks.described(place, code)
    return Correction(code, keys["type"], tuple(keys["fields"]), kwargs, _condition(place, keys, fields))


def _in_order(corrections: Iterable[Correction]) -> tuple[Correction, ...]:
    """In the order in which the engine applies them; of one type, in the pack's."""
    order = list(CORRECTIONS)
    return tuple(sorted(corrections, key=lambda correction: order.index(correction.type)))


def _gate(pack: str, layers: Iterable[Layer]) -> Gate:
    keys: dict[str, Any] = {}
    for layer in layers:
        keys |= layer.gate.given()
    _require(Place(pack, "gate"), keys, "max_critical_rows_percent", "partial")
    return Gate(round(keys["max_critical_rows_percent"] * 100), keys["partial"])


def _layout(chain: Sequence[PackDocument], fields: Mapping[str, Field]) -> Layout | None:
    keys: dict[str, Any] = {}
    for document in chain:
        keys |= document.layout.given()
    if not keys:
        return None
    place = Place(chain[-1].pack, "layout")
    _require(place, keys, "product", "variant")
    checks.known(place, "pack_unknown_field", keys["product"], fields)
    # A pack that drops a field of its base's need not tell the layout.
    return Layout(keys["product"], tuple(name for name in keys["variant"] if name in fields))


def _dialect(chain: Sequence[PackDocument], fields: Mapping[str, Field]) -> Dialect | None:
    keys: dict[str, Any] = {}
    for document in chain:
        keys |= document.dialect.given()
    if not keys:
        return None
    place = Place(chain[-1].pack, "dialect")
    headers: dict[str, str] = keys.get("headers", {})
    for name in headers:
        checks.known(place, "pack_unknown_field", name, fields)
    twice = [name for name, count in Counter(headers.values()).items() if count > 1]
    if twice:
        raise place.error("pack_bad_value", key="headers", value=repr(twice[0]), cause="given twice")
    return Dialect(**keys)


def _require(place: Place, keys: Mapping[str, Any], *names: str) -> None:
    for name in names:
        if keys.get(name) is None:
            raise place.error("pack_missing_key", key=name)


def _condition(place: Place, keys: Mapping[str, Any], fields: Mapping[str, Field]) -> str | None:
    sql: str | None = keys.get("row_condition")
    if sql is not None:
        checks.condition(place, sql, fields)
    return sql


def _number(value: Any) -> Any:
    """`8.0` and `8` are one number and have one canonical form."""
    return int(value) if isinstance(value, float) and math.isfinite(value) and value.is_integer() else value
