"""What differs between two resolved packs: entries added, removed and changed, each change with its value before and
after. Works on canonical JSON, so that packs pinned by any version can be compared.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import rfc8785

Section = Literal["fields", "rules", "corrections"]
Document = Mapping[str, Any]

SECTIONS: Final[Mapping[Section, str]] = {"fields": "name", "rules": "code", "corrections": "code"}
"""The sections of a pack that hold entries, with the key an entry is known by."""

JUDGED: Final = ("type", "kwargs", "severity", "row_condition", "mostly")
"""The keys of a rule on which its verdict depends; the others say where it comes from and what a seller reads."""

_IDENTITY: Final = ("schema", "name", "category")


@dataclass(frozen=True)
class ValueChange:
    """One key of an entry, dotted where it lies deeper (`kwargs.max_value`). A key that is not there is None."""

    key: str
    before: Any
    after: Any

    @property
    def judges(self) -> bool:
        """Whether a verdict may depend on it."""
        return self.key.split(".", 1)[0] in JUDGED


@dataclass(frozen=True)
class SectionDifference:
    """What became of the entries of a section: whole entries that came or went, and what changed in the others."""

    added: tuple[Document, ...]
    removed: tuple[Document, ...]
    changed: Mapping[str, tuple[ValueChange, ...]]

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed)


@dataclass(frozen=True)
class Difference:
    """What differs between two packs. `pack`: keys of the packs themselves, such as `version` and `gate.partial`.
    `reordered`: the sections whose entries are the same, in another order."""

    pack: tuple[ValueChange, ...]
    sections: Mapping[Section, SectionDifference]
    reordered: tuple[Section, ...]

    def __bool__(self) -> bool:
        return bool(self.pack or self.reordered or any(self.sections.values()))


def difference(before: bytes, after: bytes) -> Difference:
    """From one resolved pack to another, both as canonical JSON (`to_json`)."""
    one, other = json.loads(before), json.loads(after)
    own = [name for name in {**one, **other} if name not in {*SECTIONS, *_IDENTITY}]
    return Difference(
        pack=tuple(_changes({name: one.get(name) for name in own}, {name: other.get(name) for name in own})),
        sections={name: _section(one.get(name, []), other.get(name, []), key) for name, key in SECTIONS.items()},
        reordered=tuple(
            name for name, key in SECTIONS.items() if _reordered(one.get(name, []), other.get(name, []), key)
        ),
    )


def recorded(found: Difference) -> dict[str, Any]:
    """A difference as an event carries it. Entries that came or went are named; their content is that of the two packs.
    Values are canonical JSON in text, since an event holds no fractions."""
    told: dict[str, Any] = {
        name: {
            "added": [entry[SECTIONS[name]] for entry in section.added],
            "removed": [entry[SECTIONS[name]] for entry in section.removed],
            "changed": [
                _recorded(change) | {"name": entry} for entry, changes in section.changed.items() for change in changes
            ],
        }
        for name, section in found.sections.items()
    }
    return told | {"pack": [_recorded(change) for change in found.pack], "reordered": list(found.reordered)}


def _recorded(change: ValueChange) -> dict[str, str]:
    return {"key": change.key, "before": _text(change.before), "after": _text(change.after)}


def _text(value: Any) -> str:
    return rfc8785.dumps(value).decode("utf-8")


def _section(before: Sequence[Document], after: Sequence[Document], key: str) -> SectionDifference:
    one, other = {entry[key]: entry for entry in before}, {entry[key]: entry for entry in after}
    changed = {name: tuple(_changes(one[name], other[name])) for name in one if name in other}
    return SectionDifference(
        added=tuple(entry for name, entry in other.items() if name not in one),
        removed=tuple(entry for name, entry in one.items() if name not in other),
        changed={name: changes for name, changes in changed.items() if changes},
    )


def _reordered(before: Sequence[Document], after: Sequence[Document], key: str) -> bool:
    one, other = [entry[key] for entry in before], [entry[key] for entry in after]
    return [name for name in one if name in other] != [name for name in other if name in one]


def _changes(before: Document, after: Document, above: str = "") -> Iterator[ValueChange]:
    for name in {**before, **after}:
        one, other = before.get(name), after.get(name)
        if isinstance(one, dict) and isinstance(other, dict):
            yield from _changes(one, other, f"{above}{name}.")
        elif one != other:
            yield ValueChange(f"{above}{name}", one, other)
