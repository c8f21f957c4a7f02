"""What a rule pack says, as values. Expectation names and kwargs are exactly Great Expectations', plus our own.

In kwargs, `column` (and `column_A`, `column_B`, `column_list`) name *fields* of the pack (`title`, `gtin`); which
column of the seller's file that is, `ColumnMatch` says. `column: "*"` is each column of the file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, Literal

from validahub_pipeline.messages import Language


class Severity(StrEnum):
    """As Great Expectations spells it. Only `critical` counts towards the publication gate."""

    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"


class Confidence(StrEnum):
    """How sure a correction is, which decides whether it is applied (lossless, confident) or proposed (suggest). Manual
    is what a person wrote; no correction of a pack has it."""

    LOSSLESS = "lossless"
    CONFIDENT = "confident"
    SUGGEST = "suggest"
    MANUAL = "manual"


@dataclass(frozen=True)
class Field:
    """One thing a pack knows of a product. `aliases` are header names, compared without case, accents or spacing;
    `inherited` those of the packs it builds on, which give way to them. A required field may be missing where the file
    holds one of the fields in `unless`. `pii`: its cells are of persons."""

    name: str
    aliases: tuple[str, ...]
    required: bool
    unless: tuple[str, ...] = ()
    inherited: tuple[str, ...] = ()
    pii: bool = False


@dataclass(frozen=True)
class Rule:
    """One rule. `code` is stable and unique in its pack; `row_condition` is a polars SQL expression over fields that
    limits the rows it looks at (a Shopify continuation row needs no title). A field no column holds is null in it.
    `corrected_by` names the pack's corrections that can remove a violation."""

    code: str
    type: str
    kwargs: Mapping[str, Any]
    severity: Severity
    row_condition: str | None
    mostly: float | None
    marketplace_code: str | None
    source: tuple[str, ...]
    verified_on: date | None
    verified: bool
    trust: str | None
    messages: Mapping[Language, str]
    corrected_by: tuple[str, ...] = ()

    def message(self, lang: Language) -> str:
        """What a seller reads: cause and remedy, with the rule's own numbers and lists filled in."""
        return self.messages[lang].format(**{name: _shown(value) for name, value in self.kwargs.items()})


def _shown(value: object) -> object:
    return ", ".join(str(item) for item in value) if isinstance(value, (list, tuple)) else value


@dataclass(frozen=True)
class Correction:
    """One correction a pack asks for: `code` is stable, `type` names the engine's function, `fields` where it applies
    (`("*",)`: every column of the file), `kwargs` its parameters (such as a table of synonyms)."""

    code: str
    type: str
    fields: tuple[str, ...]
    kwargs: Mapping[str, Any]
    row_condition: str | None


@dataclass(frozen=True)
class Gate:
    """When publication is refused: more than `max_critical_rows_bp` ten-thousandths of the rows still have a critical
    violation after correction. `partial` says what happens to such rows where the file is published."""

    max_critical_rows_bp: int
    partial: Literal["keep", "drop", "refuse"]


@dataclass(frozen=True)
class Layout:
    """How a product may take several rows of a file.

    Attributes:
        product: the field whose values say which rows are one product's; a file without it has a product per row.
        variant: fields that each variant has of its own. A row with none of them but the product's other fields
            continues it, with a picture, say; one that is asked for a value of the others may leave it to another row.
    """

    product: str
    variant: tuple[str, ...]


@dataclass(frozen=True)
class Dialect:
    """How a marketplace wants a file written: without one, UTF-8, commas, the seller's own headers. Lines end in CRLF,
    and fields are quoted as RFC 4180 has it.

    Attributes:
        encoding: `utf-8-sig` is UTF-8 with the mark that makes Excel read it as such.
        headers: by field, the name its column has there.
        decimal_mark: what stands in canonical numbers of the pack's decimal fields (`decimal_columns`).
    """

    delimiter: str = ","
    encoding: str = "utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)
    decimal_mark: Literal[".", ","] = "."


@dataclass(frozen=True)
class ResolvedPack:
    """A pack as it holds for one category on one day, inheritance and overrides applied. `hash` is the sha256 of its
    canonical JSON: two resolved packs with one hash judge alike. The day is not part of it, so a pack keeps its hash
    until a rule comes into force or ends."""

    name: str
    version: str
    title: str
    category: str
    on: date
    hash: str
    fields: Mapping[str, Field]
    rules: tuple[Rule, ...]
    corrections: tuple[Correction, ...]
    gate: Gate
    layout: Layout | None = None
    dialect: Dialect | None = None


@dataclass(frozen=True)
class Unmatched:
    """A field that has no column and is missed: a required one, or one that several columns claim (`ambiguous`).
    `candidates` are those columns, or else the nearest headers."""

    field: str
    candidates: tuple[str, ...]
    ambiguous: bool
    required: bool = True


@dataclass(frozen=True)
class ColumnMatch:
    """Which column of the file holds which field of the pack. Columns not named keep their place and their cells."""

    columns: Mapping[str, str]
    unmatched: tuple[Unmatched, ...]
