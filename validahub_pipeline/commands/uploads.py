"""`validahub run` and `validahub demo`: one file through the pipeline, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from rich.console import Console

from validahub_pipeline import launch
from validahub_pipeline.commands.outcome import DONE, REFUSED, print_json
from validahub_pipeline.commands.rehearsing import rehearse
from validahub_pipeline.embedded.services import services as running_services
from validahub_pipeline.errors import InputError
from validahub_pipeline.instance import open_instance
from validahub_pipeline.local_files import check_readable
from validahub_pipeline.messages import message
from validahub_pipeline.report import StageProgress, print_summary
from validahub_pipeline.rulepacks import resolve
from validahub_pipeline.sample import generate
from validahub_pipeline.settings import Settings
from validahub_pipeline.stages import Services, deposit, open_services
from validahub_pipeline.stages.intake import check_nameable
from validahub_pipeline.stages.upload import Upload
from validahub_pipeline.storage.layout import ANY_CATEGORY, METADATA, Drop, table_key

_OBJECTS: Final = ("original", "rows", "quarantine", "validated", "corrected", "report", "errors", "errors_workbook")
_SHOWN: Final = ("corrected", "report", "errors_workbook", "quarantine")


def run(
    settings: Settings,
    file: Path,
    *,
    marketplace: str,
    category: str | None,
    user: str,
    dry_run: bool = False,
    as_json: bool = False,
) -> int:
    """`validahub run`: one file through the pipeline, or with `dry_run` what would come of that.

    Raises:
        ValidaHubError: what could not be processed and why; recorded in the ledger where an upload existed.
    """
    category = category or ANY_CATEGORY
    check_readable(file)
    check_nameable(file, user=user, marketplace=marketplace, category=category)
    pack = resolve(marketplace, category=category, on=datetime.now(UTC).date())
    if dry_run:
        return rehearse(settings, file, pack, user=user, category=category, as_json=as_json)
    progress = StageProgress(Console(stderr=True), settings.lang)
    with running_services(settings) as urls, open_instance(settings, urls) as instance:
        services = open_services(settings, read_models_url=urls.validahub_url, progress=progress)
        drop = deposit(services, file, user=user, marketplace=marketplace, category=category)
        with progress:
            outcome = launch.process(instance, services, drop, postgres_url=urls.validahub_url, lang=settings.lang)
        services.catch_up()
        if outcome.error is not None and not isinstance(outcome.error, InputError):
            raise outcome.error
        if as_json:
            print_json(_told(services, drop, outcome))
        if outcome.error is not None:
            raise outcome.error
        if not as_json:
            _print_summary(services, drop, outcome)
    return DONE if outcome.published else REFUSED


def demo(settings: Settings, *, rows: int, seed: int) -> int:
    """`validahub demo`: a sample catalogue, generated and run. Each time under a new name, as a new upload."""
    folder = settings.home / "samples"
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"catalogo-{datetime.now(UTC):%Y%m%d-%H%M%S}.csv"
    console = Console(stderr=True)
    console.print(
        message("summary", "generating", settings.lang, rows=rows, file=file), soft_wrap=True, highlight=False
    )
    generate(file, rows=rows, seed=seed)
    try:
        return run(settings, file, marketplace="mercado_livre", category=None, user="maria")
    finally:
        # The lake holds it from now on; a second copy would only take up space.
        file.unlink()


def _told(services: Services, drop: Drop, outcome: launch.Outcome) -> dict[str, Any]:
    """What `--json` ends with. A file that could not be processed has no counts and no objects but the original."""
    manifest = outcome.manifest
    read = manifest.get("ingest", {})
    corrections = manifest.get("corrections", {})
    refused = outcome.error.render(services.settings.lang) if isinstance(outcome.error, InputError) else None
    return {
        "validation_id": drop.validation_id,
        "records": read.get("records", 0),
        "quarantined": read.get("quarantined", 0),
        "violations": manifest.get("validation", {}).get("violations", {}),
        "corrections": corrections.get("counts", {}),
        "suggestions": corrections.get("suggestions", {}),
        "published": outcome.published,
        "refused_because": refused or outcome.refused_because,
        "objects": _objects(services, drop, manifest),
        "seconds": manifest.get("seconds", {}),
    }


def _objects(services: Services, drop: Drop, manifest: Mapping[str, Any]) -> dict[str, str | None]:
    stored = manifest.get("objects", {})
    found = {name: services.lake.uri(stored[name]["key"]) if name in stored else None for name in _OBJECTS}
    return found | {"metadata": _metadata(services, drop) if stored else None}


def _metadata(services: Services, drop: Drop) -> str:
    upload = Upload.load(services, drop.validation_id)
    return services.lake.uri(upload.key(METADATA)) if upload else ""


def _print_summary(services: Services, drop: Drop, outcome: launch.Outcome) -> None:
    upload = Upload.known(services, drop.validation_id)
    stored = outcome.manifest["objects"]
    locations = {name: services.lake.uri(stored[name]["key"]) for name in _SHOWN if name in stored}
    locations["metadata"] = services.lake.uri(upload.key(METADATA))
    locations["history"] = services.lake.uri(table_key("audit_events"))
    print_summary(
        outcome.manifest,
        upload.pack(services),
        services.settings.lang,
        Console(),
        home=services.settings.home,
        locations=locations,
    )
