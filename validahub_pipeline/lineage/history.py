"""The way back: recorded run events as runs and datasets, for those who look at them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from validahub_pipeline.lineage.events import UPLOAD

_ENDS: Final = {"COMPLETE", "ABORT", "FAIL"}


@dataclass(frozen=True)
class DatasetSeen:
    """A dataset as a run read or wrote it. Figures are None where the run does not say.

    Attributes:
        place: namespace and name, as OpenLineage spells them.
        broken: rules that some row broke, of `held` rules held against it.
        corrections: per column, how many of its cells each correction changed.
        sources: per column, the names of the columns it came from as they were or corrected.
    """

    place: tuple[str, str]
    rows: int | None
    size: int | None
    columns: tuple[str, ...]
    broken: int
    held: int
    corrections: Mapping[str, Mapping[str, int]]
    sources: Mapping[str, tuple[str, ...]]

    @property
    def name(self) -> str:
        """The last part of its name."""
        return self.place[1].rstrip("/").rpartition("/")[2]


@dataclass(frozen=True)
class RunSeen:
    """One run: a stage, or the upload as a whole. `state` is START as long as nothing has ended it."""

    job: str
    run_id: str
    state: str
    started: datetime | None
    ended: datetime | None
    message: str | None
    inputs: tuple[DatasetSeen, ...]
    outputs: tuple[DatasetSeen, ...]


def runs(events: Iterable[bytes]) -> tuple[RunSeen, ...]:
    """The runs that events tell of, in the order of their beginning."""
    told: dict[str, list[dict[str, Any]]] = {}
    for event in events:
        document = json.loads(event)
        told.setdefault(document["run"]["runId"], []).append(document)
    found = [_run(documents) for documents in told.values()]
    moments = {run.run_id: run.started or run.ended for run in found}
    return tuple(sorted(found, key=lambda run: (str(moments[run.run_id]), run.job != UPLOAD, run.job)))


def _run(events: list[dict[str, Any]]) -> RunSeen:
    last = max(events, key=lambda event: (event["eventType"] in _ENDS, event["eventTime"]))
    times = {event["eventType"]: datetime.fromisoformat(event["eventTime"]) for event in events}
    error = last["run"].get("facets", {}).get("errorMessage", {})
    return RunSeen(
        job=last["job"]["name"],
        run_id=last["run"]["runId"],
        state=last["eventType"],
        started=times.get("START"),
        ended=times.get(last["eventType"]) if last["eventType"] in _ENDS else None,
        message=error.get("message"),
        inputs=tuple(_dataset(dataset) for dataset in last.get("inputs", ())),
        outputs=tuple(_dataset(dataset) for dataset in last.get("outputs", ())),
    )


def _dataset(told: Mapping[str, Any]) -> DatasetSeen:
    facets, own = told.get("facets", {}), {**told.get("inputFacets", {}), **told.get("outputFacets", {})}
    metrics, statistics = own.get("dataQualityMetrics", {}), own.get("outputStatistics", {})
    assertions = own.get("dataQualityAssertions", {}).get("assertions", ())
    fields = facets.get("columnLineage", {}).get("fields", {})
    return DatasetSeen(
        place=(told["namespace"], told["name"]),
        rows=statistics.get("rowCount", metrics.get("rowCount")),
        size=statistics.get("size", metrics.get("bytes")),
        columns=tuple(field["name"] for field in facets.get("schema", {}).get("fields", ())),
        broken=len({assertion["assertion"] for assertion in assertions if not assertion["success"]}),
        held=len({assertion["assertion"] for assertion in assertions}),
        corrections={name: found for name, field in fields.items() if (found := _corrections(field))},
        sources={name: _sources(field) for name, field in fields.items()},
    )


def _corrections(field: Mapping[str, Any]) -> dict[str, int]:
    found: dict[str, int] = {}
    for origin in field["inputFields"]:
        for how in origin.get("transformations", ()):
            code, _, cells = how.get("description", "").rpartition(": ")
            if how.get("subtype") == "TRANSFORMATION" and code and cells.isdecimal():
                found[code] = found.get(code, 0) + int(cells)
    return found


def _sources(field: Mapping[str, Any]) -> tuple[str, ...]:
    direct = (
        origin["field"]
        for origin in field["inputFields"]
        if any(how.get("type") == "DIRECT" for how in origin.get("transformations", ()))
    )
    return tuple(dict.fromkeys(direct))
