"""`validahub lineage`: what became of one upload, from the file dropped to the file published."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from rich.console import Console

from validahub_pipeline.commands.outcome import DONE, print_json
from validahub_pipeline.commands.persons import persons_at_hand
from validahub_pipeline.errors import InputError, ValidaHubError
from validahub_pipeline.lineage import UPLOAD
from validahub_pipeline.lineage.history import DatasetSeen, RunSeen, runs
from validahub_pipeline.messages import message
from validahub_pipeline.report.lineage import print_lineage
from validahub_pipeline.settings import Settings
from validahub_pipeline.stages import Services, open_services
from validahub_pipeline.trail.opening import tombstones


def lineage(settings: Settings, validation_id: str, *, forward: bool, as_json: bool) -> int:
    """`validahub lineage`. Needs to read the lake, and no database; with one it names the file.

    Raises:
        InputError: `upload_unknown`; or `openlineage_unset`, asked to forward without knowing where to.
        ValidaHubError: `openlineage_failed`; the endpoint did not take the events.
    """
    services = open_services(settings)
    events = services.ledger.lineage(validation_id)
    if not events and not services.ledger.history(validation_id):
        raise InputError("upload_unknown", validation_id=validation_id)
    if forward:
        return _forward(services, events)
    found = runs(events)
    if as_json:
        print_json(_told(validation_id, found, events))
    elif found:
        print_lineage(found, settings.lang, Console(), file_name=_file_name(services, validation_id))
    else:
        print(message("lineage", "none_recorded", settings.lang, validation_id=validation_id))
    return DONE


def _file_name(services: Services, validation_id: str) -> str | None:
    """As its seller called it, in words that say so where that cannot be read."""
    with persons_at_hand(services.settings) as keeper:
        ledger = open_services(services.settings, subjects=keeper).ledger
        history = ledger.history(validation_id, tombstones(services.settings.lang))
    return history[0].resource.name if history else None


def _forward(services: Services, events: Sequence[bytes]) -> int:
    if services.forwarder is None:
        raise InputError("openlineage_unset")
    cause = services.forwarder.forward(events)
    if cause is not None:
        raise ValidaHubError("openlineage_failed", retryable=True, url=services.forwarder.url, cause=cause)
    told = {"events": len(events), "url": services.forwarder.url}
    print(message("lineage", "forwarded", services.settings.lang, **told))
    return DONE


def _told(validation_id: str, found: Sequence[RunSeen], events: Sequence[bytes]) -> dict[str, Any]:
    corrected = next((run.outputs[0] for run in reversed(found) if run.job == "correct" and run.outputs), None)
    return {
        "validation_id": validation_id,
        "state": next((run.state for run in found if run.job == UPLOAD), None),
        "runs": [
            {
                "job": run.job,
                "run_id": run.run_id,
                "state": run.state,
                "started": run.started.isoformat() if run.started else None,
                "ended": run.ended.isoformat() if run.ended else None,
                "message": run.message,
                "inputs": [_dataset(dataset) for dataset in run.inputs],
                "outputs": [_dataset(dataset) for dataset in run.outputs],
            }
            for run in found
        ],
        "columns": [
            {
                "column": name,
                "from": list(corrected.sources.get(name, ())),
                "corrections": dict(corrected.corrections.get(name, {})),
            }
            for name in corrected.columns
        ]
        if corrected
        else [],
        "events": [json.loads(event) for event in events],
    }


def _dataset(dataset: DatasetSeen) -> dict[str, Any]:
    return {
        "namespace": dataset.place[0],
        "name": dataset.place[1],
        "rows": dataset.rows,
        "bytes": dataset.size,
        "columns": len(dataset.columns),
        "rules_held": dataset.held,
        "rules_broken": dataset.broken,
    }
