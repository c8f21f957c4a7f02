"""Which entries of which packs hold for a category on a day: inheritance, overrides and periods, before any meaning.

A pack is a stack of layers: the packs it extends, itself, then what any of them says of the category. An entry of a
later layer changes the keys it gives of the entry with the same code below it, and adds it where there is none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import combinations
from typing import Any, Final, Literal

from validahub_pipeline.rulepacks import checks
from validahub_pipeline.rulepacks.checks import Place
from validahub_pipeline.rulepacks.columns import plain
from validahub_pipeline.rulepacks.document import CategoryEntry, CorrectionEntry, Layer, PackDocument, RuleEntry, read

Entry = RuleEntry | CorrectionEntry
Section = Literal["rules", "corrections"]
Keys = Mapping[str, Any]
Chain = Sequence[PackDocument]
"""The documents of a pack, lowest layer first."""

_SECTIONS: Final[tuple[Section, ...]] = ("rules", "corrections")


def documents(name: str, packs: Mapping[str, str]) -> tuple[PackDocument, ...]:
    """A pack's document and those it extends, lowest layer first: the bases in the order in which the pack names them,
    each after its own bases and only once. `packs` holds YAML texts by name.

    Raises:
        PackError: a document is malformed, extends one that is not there, or itself.
    """
    found: dict[str, PackDocument] = {}

    def add(wanted: str, above: tuple[str, ...]) -> None:
        place = Place(name, "extends")
        if wanted in above:
            raise place.error("pack_cycle", chain=" > ".join([*above, wanted]))
        checks.known(place, "pack_unknown_base", wanted, packs)
        document = read(wanted, packs[wanted])
        for base in document.extends:
            add(base, (*above, wanted))
        found.setdefault(wanted, document)

    add(name, ())
    return tuple(found.values())


def check(chain: Sequence[PackDocument]) -> None:
    """No category twice, no period that ends before it starts, no code twice on one day of one layer.

    Raises:
        PackError: there is.
    """
    for document in chain:
        seen: set[str] = set()
        for name in (name for entry in document.categories for name in entry.names):
            if plain(name) in seen:
                raise Place(document.pack, "categories").error("pack_category_twice", category=name)
            seen.add(plain(name))
    for document, layer in _all_layers(chain):
        for section in _SECTIONS:
            _check_periods(document.pack, section, _entries(layer, section))


def _check_periods(pack: str, section: Section, entries: Sequence[Entry]) -> None:
    for entry in entries:
        if _start(entry) > _end(entry):
            place = Place(pack, f"{section}/{code_of(entry)}")
            raise place.error("pack_period", start=entry.effective_from, end=entry.effective_to)
    for one, other in combinations(entries, 2):
        overlap = max(_start(one), _start(other)) <= min(_end(one), _end(other))
        if code_of(one) == code_of(other) and overlap:
            raise Place(pack, section).error("pack_duplicate_code", duplicate=code_of(one))


def turning_points(chain: Sequence[PackDocument]) -> set[date]:
    """A day of each stretch of time in which nothing comes into force or ends."""
    entries = [entry for _, layer in _all_layers(chain) for section in _SECTIONS for entry in _entries(layer, section)]
    starts = {entry.effective_from for entry in entries if entry.effective_from}
    ends = {entry.effective_to + timedelta(days=1) for entry in entries if entry.effective_to}
    return {date.min} | starts | ends


def categories(chain: Sequence[PackDocument]) -> set[str]:
    """The categories the packs speak of."""
    return {name for document in chain for entry in document.categories for name in entry.names}


def layers(chain: Sequence[PackDocument], category: str) -> list[tuple[PackDocument, Layer]]:
    """The layers that hold for a category, lowest first, each with the document it stands in."""
    wanted = plain(category)
    return [
        (document, layer)
        for document, layer in _all_layers(chain)
        if not isinstance(layer, CategoryEntry) or wanted in {plain(name) for name in layer.names}
    ]


def merged(stack: Iterable[tuple[PackDocument, Layer]], section: Section, pack: str, on: date) -> dict[str, Keys]:
    """Entries in force by code, each as the keys given for it, in order of first appearance.

    A change to an entry that is not in force that day, or was dropped, waits for it; but what was dropped may be said
    anew, in full.

    Raises:
        PackError: a layer drops what no layer below it has, or names a source that is not listed.
    """
    result: dict[str, Keys] = {}
    below: set[str] = set()
    dropped: set[str] = set()
    sources: dict[str, str] = {}
    for document, layer in stack:
        sources |= document.sources
        entries = _entries(layer, section)
        for entry in entries:
            code = code_of(entry)
            place = Place(pack, f"{section}/{code}")
            if entry.drop and code not in below:
                raise place.error("pack_drops_nothing", dropped=code)
            anew = code in dropped and _complete(entry)
            if not entry.in_force(on) or (code in below and code not in result and not anew):
                continue
            if entry.drop:
                del result[code]
                dropped.add(code)
            else:
                result[code] = _changed(result.get(code, {}), _with_sources(place, sources, entry.given()))
        below |= {code_of(entry) for entry in entries}
    return result


def _complete(entry: Entry) -> bool:
    """Whether an entry stands by itself."""
    return entry.type is not None and (isinstance(entry, RuleEntry) or entry.fields is not None)


def code_of(entry: Entry) -> str:
    """What an entry is known by: a correction without a code of its own, by its type."""
    return str(entry.code or (entry.type if isinstance(entry, CorrectionEntry) else None))


def _changed(keys: Keys, given: dict[str, Any]) -> Keys:
    if "kwargs" in given and "type" not in given:
        given["kwargs"] = keys.get("kwargs", {}) | given["kwargs"]
    return {**keys, **given}


def _with_sources(place: Place, sources: Mapping[str, str], given: dict[str, Any]) -> dict[str, Any]:
    for key in given.get("source", []):
        checks.known(place, "pack_unknown_source", key, sources)
    if "source" in given:
        given["source"] = [f"{key}: {sources[key]}" for key in given["source"]]
    return given


def _all_layers(chain: Sequence[PackDocument]) -> Iterator[tuple[PackDocument, Layer]]:
    yield from ((document, document) for document in chain)
    yield from ((document, entry) for document in chain for entry in document.categories)


def _entries(layer: Layer, section: Section) -> Sequence[Entry]:
    return layer.rules if section == "rules" else layer.corrections


def _start(entry: Entry) -> date:
    return entry.effective_from or date.min


def _end(entry: Entry) -> date:
    return entry.effective_to or date.max
