"""Everything that keeps a pack from being one: not only the first thing, as those see who want to use it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from validahub_pipeline.errors import PackError
from validahub_pipeline.rulepacks import layering
from validahub_pipeline.rulepacks.document import CorrectionEntry, Layer, PackDocument, RuleEntry, read_all
from validahub_pipeline.rulepacks.layering import Chain, code_of
from validahub_pipeline.rulepacks.resolving import check

_ENOUGH: Final = 100


def read_chain(name: str, packs: Mapping[str, str]) -> tuple[Chain | None, list[PackError]]:
    """The documents of a pack, and what is wrong with them.

    Of a pack that can be read, entries that are wrong are left out of what is returned, so that the rest can be looked
    at all the same; None where nothing is left to look at.
    """
    misshapen = _misshapen(name, packs)
    if misshapen:
        return None, misshapen
    try:
        chain = layering.documents(name, packs)
        if chain[-1].abstract:
            # What is missing in it, those who build on it may have.
            layering.check(chain)
            return chain, []
    except PackError as error:
        return None, [error]
    return _resolvable(chain)


def _misshapen(name: str, packs: Mapping[str, str]) -> list[PackError]:
    found: list[PackError] = []
    seen: set[str] = set()
    waiting = [name]
    while waiting:
        current = waiting.pop()
        if current in seen or current not in packs:
            continue
        seen.add(current)
        document, problems = read_all(current, packs[current])
        found += problems
        waiting += document.extends if document else []
    return found


def _resolvable(chain: Chain) -> tuple[Chain | None, list[PackError]]:
    found: list[PackError] = []
    gone: set[str] = set()
    for _ in range(_ENOUGH):
        try:
            check(chain)
        except PackError as error:
            # That a correction is missing which was left out here is no news.
            if not (error.code == "pack_unknown_correction" and error.values["word"] in gone):
                found.append(error)
            section, _, code = str(error.values.get("where", "")).partition("/")
            code = code or str(error.values.get("duplicate", ""))
            without = tuple(_without(document, section, code) for document in chain)
            if without == chain:
                return None, found
            gone.add(code)
            chain = without
        else:
            return chain, found
    return None, found


def _without(document: PackDocument, section: str, code: str) -> PackDocument:
    categories = [entry.model_copy(update=_kept(entry, section, code)) for entry in document.categories]
    return document.model_copy(update={**_kept(document, section, code), "categories": categories})


def _kept(layer: Layer, section: str, code: str) -> dict[str, list[RuleEntry] | list[CorrectionEntry]]:
    match section:
        case "rules":
            return {"rules": [entry for entry in layer.rules if entry.code != code]}
        case "corrections":
            return {"corrections": [entry for entry in layer.corrections if code_of(entry) != code]}
    return {}
