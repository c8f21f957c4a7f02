"""A rule pack as its author wrote it: the shape of the YAML, read strictly.

Only shape is checked here (known keys, types of values, no key twice); whether the words mean anything is `checks`.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from datetime import date
from functools import lru_cache
from typing import Annotated, Any, Final, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, StringConstraints, ValidationError
from pydantic import Field as Key

from rules import SafeLoader
from validahub_pipeline.errors import PackError
from validahub_pipeline.messages import Language
from validahub_pipeline.rulepacks.model import Severity

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=64)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    def given(self) -> dict[str, Any]:
        """The keys the author wrote, with their values."""
        return {name: getattr(self, name) for name in self.model_fields_set}


class _Dated(_Entry):
    effective_from: date | None = None
    effective_to: date | None = None

    def in_force(self, on: date) -> bool:
        """Whether the entry holds on that day; both ends belong to the period."""
        return (self.effective_from or date.min) <= on <= (self.effective_to or date.max)


class FieldEntry(_Entry):
    """One thing the pack knows of a product. `inherited`: header names that give way to those of other fields, as the
    names of packs that are built on do; a pack without a base says them itself. `unless`: fields of which any will do
    instead of a required one. `pii`: its cells are of persons, and are kept in the ledger only sealed."""

    aliases: list[Text] = Key(default_factory=list)
    inherited: list[Text] = Key(default_factory=list)
    required: bool = False
    unless: list[Name] = Key(default_factory=list)
    pii: bool = False
    drop: bool = False


class Examples(_Entry):
    """What passes a rule and what fails it: a value of its column, a row (field to value), or a list of these, which
    are the rows of one file."""

    passing: Any = Key(alias="pass")
    failing: Any = Key(alias="fail")


class RuleEntry(_Dated):
    """One rule, or what a pack or category changes in a rule of the same code that it inherits."""

    code: Name
    drop: bool = False
    type: Text | None = None
    kwargs: dict[str, Any] = Key(default_factory=dict)
    severity: Severity | None = None
    row_condition: Text | None = None
    marketplace_code: Text | None = None
    source: list[Text] = Key(default_factory=list)
    verified: bool = True
    verified_on: date | None = None
    trust: Literal["A", "B", "C"] | None = None
    corrected_by: list[Name] = Key(default_factory=list)
    messages: dict[Language, Text] = Key(default_factory=dict)
    examples: Examples | None = None


class CorrectionEntry(_Dated):
    """One correction, or what a pack or category changes in one it inherits. Without a code it is known by its type."""

    code: Name | None = None
    drop: bool = False
    type: Text | None = None
    fields: Annotated[list[Text], Key(min_length=1)] | None = None
    kwargs: dict[str, Any] = Key(default_factory=dict)
    row_condition: Text | None = None


class GateEntry(_Entry):
    """When publication is refused."""

    max_critical_rows_percent: Annotated[float, Key(ge=0, le=100)] | None = None
    partial: Literal["keep", "drop", "refuse"] | None = None


class LayoutEntry(_Entry):
    """How a product may take several rows."""

    product: Name | None = None
    variant: list[Name] | None = None


class DialectEntry(_Entry):
    """How the published file is written, where the marketplace wants it otherwise than in canonical form."""

    delimiter: Literal[",", ";", "\t", "|"] | None = None
    encoding: Literal["utf-8", "utf-8-sig", "cp1252", "iso-8859-1"] | None = None
    headers: dict[Name, Text] | None = None
    decimal_mark: Literal[".", ","] | None = None


class Layer(_Entry):
    """What a pack says, or what it says of some categories."""

    fields: dict[Name, FieldEntry] = Key(default_factory=dict)
    rules: list[RuleEntry] = Key(default_factory=list)
    corrections: list[CorrectionEntry] = Key(default_factory=list)
    gate: GateEntry = Key(default_factory=GateEntry)


class CategoryEntry(Layer):
    """What is different in some categories, by their names."""

    names: Annotated[list[Text], Key(min_length=1)]


class PackDocument(Layer):
    """One YAML file."""

    pack: Name
    version: Text
    title: Text
    abstract: bool = False
    extends: Annotated[list[Name], BeforeValidator(_listed)] = Key(default_factory=list)
    sources: dict[str, Text] = Key(default_factory=dict)
    layout: LayoutEntry = Key(default_factory=LayoutEntry)
    dialect: DialectEntry = Key(default_factory=DialectEntry)
    categories: list[CategoryEntry] = Key(default_factory=list)


_SHAPES: Final[Mapping[str, type[_Entry]]] = {
    "rules": RuleEntry,
    "fields": FieldEntry,
    "corrections": CorrectionEntry,
    "categories": CategoryEntry,
    "gate": GateEntry,
    "layout": LayoutEntry,
    "dialect": DialectEntry,
    "examples": Examples,
}


class _Loader(SafeLoader):  # type: ignore[misc,valid-type] # one of two
    """YAML as PyYAML's safe loader reads it, except that a key given twice is an error and not a silent loss."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, Hashable):
                break  # PyYAML has its own words for that.
            if key in seen:
                raise yaml.constructor.ConstructorError(None, None, f"'{key}' is given twice", key_node.start_mark)
            seen.add(key)
        mapping: dict[Hashable, Any] = super().construct_mapping(node, deep)
        return mapping


@lru_cache(maxsize=64)
def read(name: str, text: str) -> PackDocument:
    """The document in a YAML text.

    Raises:
        PackError: the text is no YAML, holds an unknown key, lacks a key, or a value is of the wrong kind.
    """
    document, problems = read_all(name, text)
    if document is None:
        raise problems[0]
    return document


def read_all(name: str, text: str) -> tuple[PackDocument | None, list[PackError]]:
    """The document in a YAML text, or everything that keeps the text from being one."""
    try:
        data = loaded(name, text)
    except PackError as error:
        return None, [error]
    try:
        document = PackDocument.model_validate(data)
    except ValidationError as error:
        return None, [_explained(name, data, problem) for problem in error.errors(include_url=False)]
    if document.pack != name:
        wrong = PackError("pack_bad_value", pack=name, where="pack", key="pack", value=document.pack, cause=name)
        return None, [wrong]
    return document, []


def loaded(name: str, text: str) -> dict[str, Any]:
    """The mapping in a YAML text, before anything is asked of it.

    Raises:
        PackError: `pack_yaml`.
    """
    try:
        # A SafeLoader's subclass: it builds plain values only.
        data = yaml.load(text, Loader=_Loader)
    except yaml.YAMLError as error:
        raise PackError("pack_yaml", pack=name, cause=" ".join(str(error).split())) from error
    if not isinstance(data, dict):
        raise PackError("pack_yaml", pack=name, cause=type(data).__name__)
    return data


def _explained(name: str, data: Mapping[str, Any], problem: Mapping[str, Any]) -> PackError:
    *parents, last = problem["loc"]
    where = "/".join(_steps(data, parents)) or "pack"
    if problem["type"] == "extra_forbidden":
        shape = next(
            (_SHAPES[step] for step in reversed(parents) if isinstance(step, str) and step in _SHAPES), PackDocument
        )
        known = sorted(field.alias or key for key, field in shape.model_fields.items())
        return PackError("pack_unknown_key", pack=name, where=where, key=last, known=", ".join(known))
    if problem["type"] == "missing":
        return PackError("pack_missing_key", pack=name, where=where, key=last)
    value, cause = repr(problem["input"]), problem["msg"]
    return PackError("pack_bad_value", pack=name, where=where, key=last, value=value, cause=cause)


def _steps(data: Any, path: list[int | str]) -> Iterator[str]:
    """The way to a place in the document, entries of lists by their code instead of their number."""
    for step in path:
        try:
            data = data[step]
        except (KeyError, IndexError, TypeError):
            data = None
        entry = data if isinstance(step, int) and isinstance(data, dict) else {}
        yield str(entry.get("code") or entry.get("type") or step)
