"""What the Dagster UI shows of a stage: counts, tables per code, examples, links. From a StageResult's manifest only.

Nothing is computed here that the manifest does not say; wording is for data engineers, hence in English.
https://docs.dagster.io/guides/build/assets/metadata-and-tags
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import takewhile
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Final

import dagster as dg

from validahub_pipeline.stages import Services, StageResult

Metadata = dict[str, Any]

if TYPE_CHECKING:
    Materialized = dg.MaterializeResult[None]
else:
    # Dagster recognises its own class as the annotation of an asset with checks, and not a parametrised one.
    Materialized = dg.MaterializeResult

_IN_PLACE: Final = 1_000
_CELL: Final = 60
_LEAD: Final = 15


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
        **table("repairs", _counts(read["repairs"], "repair", "cells"), ("repair", "cells")),
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
        **table("violations_by_code", _most_first(found["by_column"]), ("code", "column", "severity", "count")),
        **table("examples", _one_each(found["examples"]), ("code", "line", "column", "value")),
        **_objects(services, manifest, ("validated",)),
        **_seconds(result),
    }


def of_correction(services: Services, result: StageResult) -> Metadata:
    """Cells changed per code and column with before and after, what is only proposed, and what remains."""
    manifest, done = result.manifest, result.manifest["corrections"]
    change = ("code", "line", "column", "before", "after")
    return {
        **_about(manifest),
        **_revision(done),
        "cells_corrected": done["cells"],
        "cells_suggested": sum(done["suggestions"].values()),
        "violations_before": sum(manifest["validation"]["violations"].values()),
        "violations_remaining": sum(done["remaining"].values()),
        "critical_rows_remaining": done["remaining_critical_rows"],
        **table("corrections_by_code", _most_first(done["by_column"]), ("code", "column", "confidence", "count")),
        **table("examples", map(_around_change, _one_each(done["examples"])), change),
        **table("suggestions_by_code", _counts(done["suggestions"], "code", "cells"), ("code", "cells")),
        **table("suggestion_examples", map(_around_change, _one_each(done["suggestion_examples"])), change),
        **table("remaining_by_code", _counts(done["remaining"], "code", "violations"), ("code", "violations")),
        **_objects(services, manifest, ("suggestions", "errors", "errors_workbook")),
        **_seconds(result),
    }


def of_publication(services: Services, result: StageResult) -> Metadata:
    """Where the published file, its report and its manifest lie, and what the whole upload took."""
    manifest = result.manifest
    objects = [
        {"object": name, "bytes": stored["size"], "sha256": stored["sha256"], "key": stored["key"]}
        for name, stored in manifest["objects"].items()
    ]
    seconds = [{"stage": stage, "seconds": seconds} for stage, seconds in manifest["seconds"].items()]
    return {
        **_about(manifest),
        "dagster/row_count": result.changes["records"],
        "records": result.changes["records"],
        "revision": result.changes["revision"],
        "critical_rows_remaining": result.changes["gate"]["critical_rows"],
        **table("revisions", _told_revisions(manifest), ("revision", "published", "decision", "cells")),
        **_objects(services, manifest, ("corrected", "report")),
        **table("objects", objects, ("object", "bytes", "sha256", "key")),
        **table("seconds_by_stage", seconds, ("stage", "seconds")),
        **_seconds(result),
    }


def table(name: str, rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> Metadata:
    """A table under `name`, as far as the UI shows it in place; where that is not all, all of it under `{name}_all`.

    The UI shows Markdown of less than 1,000 characters in place and longer one, and every table value, behind a link.
    """
    every = [{column: row.get(column) for column in columns} for row in rows]
    if not every:
        return {name: dg.MetadataValue.md("*none*")}
    lines = [f"| {' | '.join(columns)} |", f"|{'---|' * len(columns)}"]
    room = _IN_PLACE - sum(len(line) + 1 for line in lines)
    for row in every:
        line = f"| {' | '.join(_cell(value) for value in row.values())} |"
        room -= len(line) + 1
        if room < 0:
            break
        lines.append(line)
    shown = {name: dg.MetadataValue.md("\n".join(lines))}
    if len(lines) - 2 == len(every):
        return shown
    records = [dg.TableRecord({column: _plain(value) for column, value in row.items()}) for row in every]
    return {**shown, f"{name}_all": dg.MetadataValue.table(records)}


def _counts(counts: Mapping[str, int], key: str, value: str) -> list[Mapping[str, Any]]:
    """Counts per name as rows, most frequent first."""
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [{key: name, value: count} for name, count in ordered]


def _most_first(rows: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return sorted(rows, key=lambda row: (-row["count"], row["code"], row["column"]))


def _one_each(rows: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The first row of every code: a screenful that shows each kind beats one that shows a kind often."""
    firsts: dict[str, Mapping[str, Any]] = {}
    for row in rows:
        firsts.setdefault(row["code"], row)
    return list(firsts.values())


def _around_change(example: Mapping[str, Any]) -> Mapping[str, Any]:
    """A correction with both texts cut to where they begin to differ: in a description that may be far in."""
    before, after = example["before"], example["after"]
    same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(before, after, strict=False)))
    start = same - _LEAD if max(len(before), len(after)) > _CELL and same > _LEAD else 0
    return {**example, "before": _from(before, start), "after": _from(after, start)}


def _from(text: str, start: int) -> str:
    return f"…{text[start:]}" if start else text


def _plain(value: object) -> str | int | float | bool | None:
    # An enumeration that is a string is still refused by Dagster's serialisation.
    return value if value is None or isinstance(value, int | float) else str(value)


def _cell(value: object) -> str:
    # Cells come from sellers: whatever Markdown or HTML they hold is shown, not rendered.
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    text = "" if value is None else str(value)
    text = text if len(text) <= _CELL else text[: _CELL - 1] + "…"
    for special, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("|", "&#124;"), ("\n", "⏎")):
        text = text.replace(special, entity)
    # What cannot be seen (a no-break space, a control character) is often what the correction was about.
    text = "".join(character if character.isprintable() else "·" for character in text)
    return re.sub(r"([\\`*_\[\]!#~])", r"\\\1", text)


def _about(manifest: Mapping[str, Any]) -> Metadata:
    return {
        "file": manifest["file_name"],
        "seller": manifest["user_id"],
        "marketplace": f"{manifest['marketplace']} / {manifest['category']}",
    }


def _revision(done: Mapping[str, Any]) -> Metadata:
    return {"revision": done["revision"], "cells_decided_by_people": done.get("cells_by_people", 0)}


def _told_revisions(manifest: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Each revision as a line: what was decided, and what came of it."""
    lines: list[Mapping[str, Any]] = []
    for told in manifest["revisions"]:
        asked = told["decision"] or {}
        what = (asked.get("kind"), *asked.get("codes", ()), asked.get("column"), asked.get("to_revision"))
        lines.append({**told, "decision": " ".join(str(part) for part in what if part) or "first"})
    return lines


def _objects(services: Services, manifest: Mapping[str, Any], names: Iterable[str]) -> Metadata:
    return {
        # By file name: `suggestions.parquet` is the file, `suggestions` might be how many there are.
        PurePosixPath(manifest["objects"][name]["key"]).name: dg.MetadataValue.path(
            services.lake.uri(manifest["objects"][name]["key"])
        )
        for name in names
        if name in manifest["objects"]
    }


def _seconds(result: StageResult) -> Metadata:
    seconds = result.manifest["seconds"].get(result.stage)
    told: Metadata = {} if seconds is None else {"seconds": float(seconds)}
    return told | ({"repeated": True} if result.repeated else {})
