"""Renders the report: one HTML file that needs nothing but a browser."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from validahub_pipeline.messages import Language
from validahub_pipeline.report import listed, view
from validahub_pipeline.report.verdict import verdict_of
from validahub_pipeline.report.wording import Wording
from validahub_pipeline.rulepacks import ResolvedPack, Severity
from validahub_pipeline.storage.layout import ANY_CATEGORY

# Not the report itself: no page can hold its own digest.
_OBJECTS: Final = (
    "original",
    "corrected",
    "dropped",
    "commas",
    "errors",
    "errors_workbook",
    "suggestions",
    "validated",
    "quarantine",
    "rows",
    "repairs",
)

_IN_CHART: Final = 8


def render(manifest: Mapping[str, Any], pack: ResolvedPack, lang: Language) -> str:
    """The report on one upload, whatever came of it. The manifest may end after any stage.

    The page loads nothing, escapes every value, and stays under 3 MB: kinds, examples and texts are bounded.
    """
    wording = Wording(pack, lang)
    violations = view.violations_of(manifest, wording)
    rows = view.rows_of(manifest)
    # Without a required column no row is ready, whatever else is right with it.
    incomplete = any(group.of_file and group.severity == Severity.CRITICAL and group.left for group in violations)
    in_rows = [group for group in violations if not group.of_file]
    # Notes ask for nothing; where there is more than notes, they would only push the rest out of the picture.
    grave = [group for group in in_rows if group.severity != Severity.INFO] or in_rows
    frequent = sorted(grave, key=lambda group: -max(group.found, group.left))[:_IN_CHART]
    stored = manifest.get("objects", {})
    return _template().render(
        lang=lang,
        w=wording,
        t=wording.text,
        n=wording.number,
        name=view.name,
        meanings=view.meanings,
        sentence=view.sentence,
        manifest=manifest,
        ingest=manifest.get("ingest"),
        pack=pack,
        category=wording.text("category_all") if manifest["category"] == ANY_CATEGORY else manifest["category"],
        verdict=verdict_of(manifest, wording),
        rows=None if incomplete else rows,
        figures=_figures(manifest, wording),
        corrected="corrections" in manifest,
        validated="validation" in manifest,
        remaining=[group for group in violations if group.left],
        solved=[group for group in violations if not group.left],
        frequent=frequent,
        most=max((max(group.found, group.left) for group in frequent), default=0),
        share=_share,
        pages=listed.pages_of(manifest, wording),
        rows_listed=len(listed.rows_listed(manifest)),
        left=sum(group.left for group in violations),
        set_aside=listed.set_aside(manifest, wording),
        failed="failure" in manifest,
        named=lambda key: view.name(stored[key]["key"].rsplit("/", 1)[-1]) if key in stored else "-",
        corrections=view.corrections_of(manifest),
        suggestions=view.suggestions_of(manifest),
        objects=[(key, stored[key]) for key in _OBJECTS if key in stored],
        kinds=view.KINDS,
        columns_shown=view.COLUMNS,
    )


def _figures(manifest: Mapping[str, Any], wording: Wording) -> list[tuple[str, str]]:
    """The key figures there are: (number, what it counts)."""
    ingest = manifest.get("ingest", {})
    validation = manifest.get("validation", {})
    corrections = manifest.get("corrections", {})
    found: tuple[tuple[str, int | None], ...] = (
        ("records", ingest.get("records")),
        ("quarantined", ingest.get("quarantined")),
        ("violations", _total(validation, "violations")),
        ("remaining", _total(corrections, "remaining")),
        ("corrected", corrections.get("cells")),
        ("suggestions", _total(corrections, "suggestions")),
    )
    return [(wording.number(count), wording.text(f"figure_{key}")) for key, count in found if count is not None]


def _total(section: Mapping[str, Any], key: str) -> int | None:
    return sum(section[key].values()) if key in section else None


def _share(part: int, whole: int) -> str:
    """The length of a bar of 1,000; anything at all is at least a sliver."""
    return f"{max(1000 * part / whole, 3.0 if part else 0.0):.1f}" if whole else "0"


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("validahub_pipeline.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html.j2")
