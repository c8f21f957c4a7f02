"""What stands in a pack and has no effect: entries that never apply, rules that have ended, rules asked twice, sources
nobody cites, corrections that are made elsewhere.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from validahub_pipeline.errors import PackError
from validahub_pipeline.linting.findings import Level, Remark
from validahub_pipeline.rulepacks import layering
from validahub_pipeline.rulepacks.columns import decimal_fields
from validahub_pipeline.rulepacks.document import Layer, PackDocument
from validahub_pipeline.rulepacks.layering import Chain, Entry, Section, code_of
from validahub_pipeline.rulepacks.model import ResolvedPack, Rule
from validahub_pipeline.rulepacks.resolving import occasions
from validahub_pipeline.rulepacks.vocabulary import ANY_FIELD


def entries(document: PackDocument) -> Iterator[tuple[Section, str, Entry]]:
    """What a document says, with the category it says it of; "" for all."""
    for names, layer in _layers(document):
        for rule in layer.rules:
            yield "rules", names, rule
        for correction in layer.corrections:
            yield "corrections", names, correction


def without_effect(chain: Chain, document: PackDocument) -> set[int]:
    """The entries of a document (by their place in `entries`) without which the pack would be the same."""
    place = list(chain).index(document)
    idle = set()
    whole: dict[tuple[Section, str, date], Mapping[str, Any]] = {}
    for number, (section, names, entry) in enumerate(entries(document)):
        reduced = (*chain[:place], _without(document, section, names, entry), *chain[place + 1 :])
        for category, day in occasions(chain):
            key = (section, category, day)
            if key not in whole:
                whole[key] = _merged(chain, *key)
            try:
                if _merged(reduced, *key) != whole[key]:
                    break
            except PackError:
                break
        else:
            idle.add(number)
    return idle


def ended(document: PackDocument, today: date) -> Iterator[Remark]:
    """Entries whose time is over."""
    for section, _, entry in entries(document):
        if entry.effective_to and entry.effective_to < today:
            values = {"code": code_of(entry), "day": entry.effective_to.isoformat()}
            place = f"{section}/{code_of(entry)}"
            yield Remark(Level.NOTE, "has_ended", place, "effective_to", values, document.pack)


def asked_twice(pack: ResolvedPack) -> Iterator[Remark]:
    """Rules that ask what another rule of the pack asks."""
    seen: dict[str, str] = {}
    for rule in pack.rules:
        asks = json.dumps([rule.type, dict(rule.kwargs), rule.row_condition, rule.mostly], sort_keys=True, default=str)
        if (other := seen.setdefault(asks, rule.code)) != rule.code:
            values = {"code": rule.code, "other": other}
            yield Remark(Level.WARNING, "asked_twice", f"rules/{rule.code}", None, values)


def corrected_elsewhere(pack: ResolvedPack) -> Iterator[Remark]:
    """Rules that name a correction which is not made in their column."""
    corrections = {correction.code: correction for correction in pack.corrections}
    for rule in pack.rules:
        for named in rule.corrected_by:
            made = corrections[named]
            if ANY_FIELD not in {*made.fields, *_columns(rule)} and not _columns(rule) & set(made.fields):
                values = {"code": rule.code, "correction": named, "fields": ", ".join(made.fields)}
                yield Remark(Level.ERROR, "corrected_elsewhere", f"rules/{rule.code}", "corrected_by", values)


def marked_nowhere(pack: ResolvedPack) -> Iterator[Remark]:
    """A decimal mark for a pack that takes no field for decimal numbers."""
    if pack.dialect and pack.dialect.decimal_mark != "." and not decimal_fields(pack):
        values = {"mark": pack.dialect.decimal_mark}
        yield Remark(Level.ERROR, "marked_nowhere", "dialect", "decimal_mark", values)


def uncited(document: PackDocument, family: Iterable[Chain]) -> Iterator[Remark]:
    """Sources of a document that neither it nor a pack that builds on it cites."""
    cited: set[str] = set()
    for chain in family:
        if any(one.pack == document.pack for one in chain):
            found = (entry for one in chain for _, _, entry in entries(one))
            cited |= {key for entry in found for key in getattr(entry, "source", ())}
    for key in document.sources:
        if key not in cited:
            yield Remark(Level.WARNING, "source_uncited", "sources", key, {"source": key}, document.pack)


def alike(pack: ResolvedPack) -> Iterator[Remark]:
    """Rules that say the same in two languages."""
    for rule in pack.rules:
        if len(set(rule.messages.values())) < len(rule.messages):
            values = {"code": rule.code}
            yield Remark(Level.WARNING, "messages_alike", f"rules/{rule.code}", "messages", values)


def _columns(rule: Rule) -> set[str]:
    named = {str(rule.kwargs[key]) for key in ("column", "column_A", "column_B") if key in rule.kwargs}
    return named | set(rule.kwargs.get("column_list", ()))


def _layers(document: PackDocument) -> Iterator[tuple[str, Layer]]:
    yield "", document
    yield from ((", ".join(entry.names), entry) for entry in document.categories)


def _merged(chain: Chain, section: Section, category: str, day: date) -> Mapping[str, Any]:
    return layering.merged(layering.layers(chain, category), section, chain[-1].pack, day)


def _without(document: PackDocument, section: Section, names: str, gone: Entry) -> PackDocument:
    def kept(layer: Layer) -> dict[str, Any]:
        return {section: [entry for entry in getattr(layer, section) if entry is not gone]}

    if not names:
        return document.model_copy(update=kept(document))
    changed = [
        entry.model_copy(update=kept(entry)) if ", ".join(entry.names) == names else entry
        for entry in document.categories
    ]
    return document.model_copy(update={"categories": changed})
