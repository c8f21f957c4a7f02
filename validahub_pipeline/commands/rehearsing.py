"""`validahub run --dry-run`: what would become of a file, found out in a temporary folder; no server, ledger, lake."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from rich.console import Console

from validahub_pipeline.commands.leaving_nothing import working_folder
from validahub_pipeline.commands.outcome import DONE, REFUSED, print_json
from validahub_pipeline.engine import correct, validate
from validahub_pipeline.ingest import to_rows
from validahub_pipeline.report import StageProgress, print_summary
from validahub_pipeline.rulepacks import ResolvedPack, match_columns
from validahub_pipeline.settings import Settings
from validahub_pipeline.stages import figures
from validahub_pipeline.stages.correcting import gate_facts
from validahub_pipeline.stages.delivering import CRITICAL, CriticalRows, rows_not_let_through
from validahub_pipeline.stages.gate import judge
from validahub_pipeline.stages.result import Stopwatch
from validahub_pipeline.stages.validating import counted, examples
from validahub_pipeline.storage.layout import QUARANTINE, ROWS, corrected_name

_STAGES: Final = ("ingest", "validate", "correct")
_REVISION: Final = 1


def rehearse(settings: Settings, file: Path, pack: ResolvedPack, *, user: str, category: str, as_json: bool) -> int:
    """`validahub run --dry-run`: 0 it would be published, 3 the gate would refuse it.

    Raises:
        ValidaHubError: what could not be processed and why.
    """
    progress = StageProgress(Console(stderr=True), settings.lang, stages=_STAGES)
    with working_folder(file) as folder, progress:
        manifest = _rehearsed(settings, file, pack, folder, progress)
    manifest |= {"file_name": file.name, "user_id": user, "marketplace": pack.name, "category": category}
    if as_json:
        print_json(_told(manifest))
    else:
        print_summary(manifest, pack, settings.lang, Console(), home=settings.home, locations={})
    return REFUSED if manifest["publication"]["refused_because"] else DONE


def _rehearsed(
    settings: Settings, file: Path, pack: ResolvedPack, folder: Path, progress: StageProgress
) -> dict[str, Any]:
    """What `metadata.json` would hold."""
    watch, size, seconds = Stopwatch(), file.stat().st_size, {}
    report = to_rows(
        file,
        folder / ROWS,
        quarantine=folder / QUARANTINE,
        repairs=folder / "repairs.parquet",
        file_name=file.name,
        # Of a container more is read than the file has.
        progress=lambda done: progress("ingest", min(done, size), size),
    )
    seconds["ingest"] = watch.milliseconds() / 1000
    match, watch = match_columns(pack, report.columns), Stopwatch()
    critical = CriticalRows(pack, match, report.columns)
    found = validate(
        folder / ROWS,
        pack,
        match,
        violations=folder / "violations.parquet",
        validated=None,
        progress=lambda done: progress("validate", done, report.records),
    )
    seconds["validate"], watch = watch.milliseconds() / 1000, Stopwatch()
    result = correct(
        folder / ROWS,
        pack,
        match,
        corrected=folder / corrected_name(_REVISION),
        corrections=folder / "corrections.parquet",
        suggestions=folder / "suggestions.parquet",
        repairs=folder / "repairs.parquet",
        left=critical.add if pack.gate.partial == "drop" else None,
        progress=lambda done: progress("correct", done, report.records),
    )
    critical.write(folder / CRITICAL)
    seconds["correct"] = watch.milliseconds() / 1000
    verdict = judge(
        pack.gate,
        records=report.records,
        critical_rows=result.remaining.critical_rows,
        missing=tuple(figures.missing(result)),
        left_out=rows_not_let_through(pack, report.columns, folder, _REVISION),
    )
    return {
        "dry_run": True,
        "lang": settings.lang,
        "uploaded_at": datetime.now(UTC).isoformat(),
        "ingest": figures.read(report),
        "objects": {"original": {"size": size}},
        "validation": counted(found) | {"examples": examples(found)},
        "corrections": figures.summary(result, _REVISION) | {"gate": gate_facts(verdict)},
        "publication": {"published": False, "refused_because": verdict.reason(settings.lang), "revision": None},
        "seconds": seconds,
    }


def _told(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """What `--json` ends with."""
    done = manifest["corrections"]
    refused = manifest["publication"]["refused_because"]
    return {
        "dry_run": True,
        "records": manifest["ingest"]["records"],
        "quarantined": manifest["ingest"]["quarantined"],
        "violations": manifest["validation"]["violations"],
        "corrections": done["counts"],
        "corrections_by_column": done["by_column"],
        "examples": done["examples"],
        "suggestions": done["suggestions"],
        "suggestion_examples": done["suggestion_examples"],
        "remaining": done["remaining"],
        "remaining_critical_rows": done["remaining_critical_rows"],
        "would_be_published": refused is None,
        "refused_because": refused,
        "seconds": manifest["seconds"],
    }
