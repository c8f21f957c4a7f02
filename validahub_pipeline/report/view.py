"""From a manifest to what a reader sees: verdict, figures, violations and corrections by code, examples.

Every list is bounded and every text clipped, so that a report stays small whatever was uploaded. A manifest may end
after any stage; what is not in it is not shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from validahub_pipeline.report.shown import Piece, clipped, difference, harmless
from validahub_pipeline.report.wording import Wording
from validahub_pipeline.rulepacks import Severity

EXAMPLES: Final = 5
KINDS: Final = 80
COLUMNS: Final = 12

_NAME_LIMIT: Final = 80
_TEXT_LIMIT: Final = 600
_SEVERITIES: Final = {severity: rank for rank, severity in enumerate(Severity)}


@dataclass(frozen=True)
class Rows:
    """Where the records of the file ended up. They add up to `total`. `with_product`: nothing critical is wrong with
    them, but they are left out with critical rows of their products."""

    ready: int
    critical: int
    quarantined: int
    with_product: int = 0

    @property
    def total(self) -> int:
        """Every data record of the file."""
        return self.ready + self.critical + self.quarantined + self.with_product


@dataclass(frozen=True)
class Example:
    """One violation to look at. Row and line count from 1; row 0 is the file as a whole."""

    row: int
    line: int
    column: str
    value: str


@dataclass(frozen=True)
class Violations:
    """All violations of one code: how many were found, and how many are left after correction."""

    code: str
    severity: Severity
    columns: tuple[str, ...]
    found: int
    left: int
    examples: tuple[Example, ...]

    @property
    def of_file(self) -> bool:
        """Whether the file as a whole violates it: a column is missing or claimed twice."""
        return bool(self.examples) and self.examples[0].row == 0


@dataclass(frozen=True)
class Change:
    """One changed cell to look at, in pieces."""

    row: int
    line: int
    column: str
    before: tuple[Piece, ...]
    after: tuple[Piece, ...]


@dataclass(frozen=True)
class Changes:
    """All changes of one kind (`code` may join several by `+`), applied or suggested."""

    code: str
    confidence: str
    columns: tuple[str, ...]
    count: int
    examples: tuple[Change, ...]


def rows_of(manifest: Mapping[str, Any]) -> Rows | None:
    """How many rows are ready; None before the file has been read."""
    ingest = manifest.get("ingest")
    if not ingest:
        return None
    validation = manifest.get("validation", {})
    critical = manifest.get("corrections", {}).get("remaining_critical_rows", validation.get("critical_rows", 0))
    left_out = manifest.get("corrections", {}).get("gate", {}).get("left_out_rows", critical)
    with_product = max(0, left_out - critical)
    return Rows(ingest["records"] - critical - with_product, critical, ingest["quarantined"], with_product)


def violations_of(manifest: Mapping[str, Any], wording: Wording) -> list[Violations]:
    """Violations by code: the ones left first; of those the file's own, then critical ones, then frequent ones."""
    validation = manifest.get("validation", {})
    corrections = manifest.get("corrections", {})
    found: Mapping[str, int] = validation.get("violations", {})
    left: Mapping[str, int] = corrections.get("remaining", found)
    by_column = [*validation.get("by_column", ()), *corrections.get("remaining_by_column", ())]
    columns = _columns(by_column)
    severities = {entry["code"]: Severity(entry["severity"]) for entry in by_column}
    still = _grouped(corrections.get("remaining_examples", ()))
    first = _grouped(validation.get("examples", ()))
    groups = [
        Violations(
            code=code,
            severity=severities.get(code) or _severity(code, wording),
            columns=columns.get(code, ()),
            found=found.get(code, 0),
            left=left.get(code, 0),
            # Where some are left, those are the ones worth looking at.
            examples=_examples(still.get(code) or first.get(code) or ()),
        )
        for code in {**found, **left}
    ]
    return sorted(
        groups,
        key=lambda group: (not group.left, not group.of_file, _SEVERITIES[group.severity], -group.left, -group.found),
    )


def meanings(group: Violations, wording: Wording) -> list[str]:
    """What the violations mean and how to mend them: one sentence or two, of the file as a whole one per field."""
    if group.of_file:
        return [
            sentence(wording.of_file(group.code, field=example.column, candidates=example.value))
            for example in group.examples
        ]
    meaning = wording.meaning(group.code)
    return [sentence(meaning)] if meaning else []


def corrections_of(manifest: Mapping[str, Any]) -> list[Changes]:
    """What was corrected, by kind, frequent before rare."""
    corrections = manifest.get("corrections", {})
    return _changes(
        corrections.get("counts", {}), corrections.get("by_column", ()), corrections.get("examples", ()), "lossless"
    )


def suggestions_of(manifest: Mapping[str, Any]) -> list[Changes]:
    """What is proposed, by kind, frequent before rare."""
    corrections = manifest.get("corrections", {})
    return _changes(corrections.get("suggestions", {}), (), corrections.get("suggestion_examples", ()), "suggest")


def name(text: str) -> str:
    """A name (of a file, a column) short enough for one line."""
    return clipped(text, _NAME_LIMIT)


def sentence(text: str) -> str:
    """A text of a pack or an error, bounded."""
    return clipped(text, _TEXT_LIMIT)


def _changes(
    counts: Mapping[str, int],
    by_column: Iterable[Mapping[str, Any]],
    examples: Iterable[Mapping[str, Any]],
    confidence: str,
) -> list[Changes]:
    entries = list(by_column)
    columns = _columns(entries)
    confidences = {entry["code"]: entry["confidence"] for entry in entries}
    shown = _grouped(examples)
    return [
        Changes(
            code=code,
            confidence=confidences.get(code, confidence),
            columns=columns.get(code) or _columns(shown.get(code, ())).get(code, ()),
            count=count,
            # Beyond what is shown, kinds are only counted.
            examples=tuple(_change(example) for example in shown.get(code, ())[:EXAMPLES]) if place < KINDS else (),
        )
        for place, (code, count) in enumerate(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
    ]


def _change(example: Mapping[str, Any]) -> Change:
    before, after = difference(example["before"] or "", example["after"] or "")
    return Change(example["row"], example["line"], harmless(name(example["column"])), before, after)


def _severity(code: str, wording: Wording) -> Severity:
    rule = wording.rule(code)
    return rule.severity if rule else Severity.CRITICAL


def _columns(entries: Iterable[Mapping[str, Any]]) -> dict[str, tuple[str, ...]]:
    """Columns per code in order of appearance, without repetition."""
    columns: dict[str, dict[str, None]] = {}
    for entry in entries:
        columns.setdefault(entry["code"], {})[name(entry["column"])] = None
    return {code: tuple(names) for code, names in columns.items()}


def _grouped(examples: Iterable[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    grouped: dict[str, list[Mapping[str, Any]]] = {}
    for example in examples:
        grouped.setdefault(example["code"], []).append(example)
    return grouped


def _examples(found: Iterable[Mapping[str, Any]]) -> tuple[Example, ...]:
    return tuple(
        Example(example["row"], example["line"], harmless(name(example["column"])), clipped(example["value"] or ""))
        for example in list(found)[:EXAMPLES]
    )
