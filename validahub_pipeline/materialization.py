"""What the Dagster UI shows of a stage: counts, tables per code, examples, links. From a StageResult's manifest only.

Nothing is computed here that the manifest does not say; wording is for data engineers, hence in English.
https://docs.dagster.io/guides/build/assets/metadata-and-tags
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import dagster as dg

from validahub_pipeline.stages import Services, StageResult

Metadata = dict[str, Any]

if TYPE_CHECKING:
    Materialized = dg.MaterializeResult[None]
else:
    # Dagster recognises its own class as the annotation of an asset with checks, and not a parametrised one.
    Materialized = dg.MaterializeResult

EXAMPLES: Final = 20
_CELL: Final = 120


def of_ingest(services: Services, result: StageResult) -> Metadata:
    """File, dialect, records, repairs and columns of an ingested upload."""
    manifest, read = result.manifest, result.manifest["ingest"]
    return {
        **_about(manifest),
        "dagster/row_count": read["records"],
        "dagster/column_schema": dg.TableSchema(
            columns=[
                dg.TableColumn("__row", "int64", "Record number in the seller's file, from 1"),
                dg.TableColumn("__line", "int64", "First physical line of the record, from 1"),
                *(dg.TableColumn(name, "string") for name in read["columns"]),
            ]
        ),
        "records": read["records"],
        "quarantined": read["quarantined"],
        "encoding": read["encoding"],
        "delimiter": "tab" if read["delimiter"] == "\t" else read["delimiter"],
        "header_lines": ", ".join(str(line) for line in read["header_lines"]) or "none",
        "repairs": counts_table(read["repairs"], "repair", "cells"),
        **_objects(services, manifest, ("original", "rows", "quarantine", "repairs")),
        **_seconds(result),
    }


def of_validation(services: Services, result: StageResult) -> Metadata:
    """Violations per code and column, and the first of each to look at."""
    manifest, found = result.manifest, result.manifest["validation"]
    return {
        **_about(manifest),
        "pack": f"{manifest['pack']['name']} {manifest['pack']['version']} ({manifest['pack']['hash'][:12]})",
        "records": manifest["ingest"]["records"],
        "rows_with_violations": found["rows_with_violations"],
        "critical_rows": found["critical_rows"],
        "violations": sum(found["violations"].values()),
        "violations_by_code": table(found["by_column"], ("code", "column", "severity", "count")),
        "examples": table(one_each(found["examples"], "code"), ("code", "line", "column", "value")),
        **_objects(services, manifest, ("validated",)),
        **_seconds(result),
    }


def of_correction(services: Services, result: StageResult) -> Metadata:
    """Cells changed per code and column with before and after, what is only proposed, and what remains."""
    manifest, done = result.manifest, result.manifest["corrections"]
    return {
        **_about(manifest),
        "cells_corrected": done["cells"],
        "corrections_by_code": table(done["by_column"], ("code", "column", "confidence", "count")),
        "examples": table(one_each(done["examples"], "code"), ("code", "line", "column", "before", "after")),
        "suggestions": sum(done["suggestions"].values()),
        "suggestions_by_code": counts_table(done["suggestions"], "code", "cells"),
        "suggestion_examples": table(
            one_each(done["suggestion_examples"], "code"), ("code", "line", "column", "before", "after")
        ),
        "violations_before": sum(manifest["validation"]["violations"].values()),
        "violations_remaining": sum(done["remaining"].values()),
        "remaining_by_code": counts_table(done["remaining"], "code", "violations"),
        "remaining_critical_rows": done["remaining_critical_rows"],
        **_objects(services, manifest, ("suggestions",)),
        **_seconds(result),
    }


def of_publication(services: Services, result: StageResult) -> Metadata:
    """Where the published file, its report and its manifest lie, and what the whole upload took."""
    manifest = result.manifest
    return {
        **_about(manifest),
        "dagster/row_count": result.changes["records"],
        "records": result.changes["records"],
        "revision": result.changes["revision"],
        "still_critical_rows": result.changes["gate"]["critical_rows"],
        **_objects(services, manifest, ("corrected", "report")),
        "all_objects": table(
            [
                {"object": name, "bytes": stored["size"], "sha256": stored["sha256"], "key": stored["key"]}
                for name, stored in manifest["objects"].items()
            ],
            ("object", "bytes", "sha256", "key"),
        ),
        "seconds_by_stage": table(
            [{"stage": stage, "seconds": seconds} for stage, seconds in manifest["seconds"].items()],
            ("stage", "seconds"),
        ),
        **_seconds(result),
    }


def table(rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> dg.MarkdownMetadataValue:
    """A Markdown table: unlike Dagster's own table value, the UI shows it whole and in place."""
    lines = [f"| {' | '.join(columns)} |", f"|{'---|' * len(columns)}"]
    body = [f"| {' | '.join(_cell(row.get(column)) for column in columns)} |" for row in rows]
    return dg.MetadataValue.md("\n".join(lines + body) if body else "*none*")


def counts_table(counts: Mapping[str, int], key: str, value: str) -> dg.MarkdownMetadataValue:
    """Counts per name, most frequent first."""
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return table([{key: name, value: count} for name, count in ordered], (key, value))


def one_each(rows: Iterable[Mapping[str, Any]], key: str) -> list[Mapping[str, Any]]:
    """The first row of every kind: a screenful that shows each kind beats one that shows a kind often."""
    firsts: dict[Any, Mapping[str, Any]] = {}
    for row in rows:
        firsts.setdefault(row[key], row)
    return list(firsts.values())[:EXAMPLES]


def _cell(value: object) -> str:
    # Cells come from sellers: whatever Markdown or HTML they hold is shown, not rendered.
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    text = "" if value is None else str(value)
    text = text if len(text) <= _CELL else text[: _CELL - 1] + "…"
    for special, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("|", "&#124;"), ("\n", "⏎"), ("\r", "")):
        text = text.replace(special, entity)
    for special in "\\`*_[]!#~":
        text = text.replace(special, f"\\{special}")
    return text


def _about(manifest: Mapping[str, Any]) -> Metadata:
    return {
        "file": manifest["file_name"],
        "seller": manifest["user_id"],
        "marketplace": f"{manifest['marketplace']} / {manifest['category']}",
    }


def _objects(services: Services, manifest: Mapping[str, Any], names: Iterable[str]) -> Metadata:
    return {
        name: dg.MetadataValue.path(services.lake.uri(manifest["objects"][name]["key"]))
        for name in names
        if name in manifest["objects"]
    }


def _seconds(result: StageResult) -> Metadata:
    seconds = result.manifest["seconds"].get(result.stage)
    told: Metadata = {} if seconds is None else {"seconds": float(seconds)}
    return told | ({"repeated": True} if result.repeated else {})
