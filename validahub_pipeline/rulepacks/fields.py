"""The fields of a pack, from what its layers say of them: which of their names hold, and that each is one field's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from validahub_pipeline.rulepacks import checks
from validahub_pipeline.rulepacks.checks import Place
from validahub_pipeline.rulepacks.columns import plain
from validahub_pipeline.rulepacks.document import FieldEntry
from validahub_pipeline.rulepacks.model import Field


def merged_fields(pack: str, layers: Iterable[Mapping[str, FieldEntry]]) -> dict[str, Field]:
    """The fields by name; a later layer's word counts.

    Raises:
        PackError: `pack_unknown_field`, `pack_alias_twice`.
    """
    merged: dict[str, FieldEntry] = {}
    below: dict[str, list[str]] = {}
    for layer in layers:
        for name, entry in layer.items():
            before = merged.get(name, FieldEntry())
            if "aliases" in entry.given():
                below[name] = [*before.aliases, *below.get(name, [])]
            if "inherited" in entry.given():
                below[name] = [*below.get(name, []), *entry.inherited]
            merged[name] = before.model_copy(update=entry.given())
    kept = {name: entry for name, entry in merged.items() if not entry.drop}
    taken = {plain(alias) for name, entry in kept.items() for alias in (name, *entry.aliases)}
    fields: dict[str, Field] = {}
    for name, entry in kept.items():
        # A name that a pack gives to one field is no longer that of another in the packs below it.
        inherited = {plain(alias): alias for alias in reversed(below.get(name, [])) if plain(alias) not in taken}
        taken |= inherited.keys()
        others = tuple(reversed(inherited.values()))
        fields[name] = Field(name, tuple(entry.aliases), entry.required, tuple(entry.unless), others, entry.pii)
    owners: dict[str, str] = {}
    for field in fields.values():
        for other in field.unless:
            checks.known(Place(pack, f"fields/{field.name}"), "pack_unknown_field", other, fields)
        for alias in (field.name, *field.aliases):
            owner = owners.setdefault(plain(alias), field.name)
            if owner != field.name:
                raise Place(pack, f"fields/{field.name}").error("pack_alias_twice", alias=alias, other=owner)
    return fields
