from __future__ import annotations

import copy
import json
import subprocess
import sys
import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from tests.lineage.specification import faults
from validahub_pipeline.ledger import Ledger
from validahub_pipeline.lineage import (
    UPLOAD,
    Assertion,
    Dataset,
    How,
    Metrics,
    Origin,
    State,
    Work,
    end_event,
    run_id,
    start_event,
)

VALIDATION = "6b1f3c1e-2d0a-5c57-9d5e-6f6b5f0c7a11"
COLUMNS = {"Título": "string", "Preço": "string"}
KEY = "validations/v/rows.parquet"
ROWS = Dataset(
    KEY,
    COLUMNS,
    rows=3,
    size=100,
    sha256="ab" * 32,
    metrics={"Título": Metrics(1, 2), "Preço": Metrics(0, 3, 1.5, 20.0)},
)
CORRECTED = Dataset(
    "validations/v/corrected.csv",
    COLUMNS,
    rows=3,
    size=90,
    sha256="cd" * 32,
    origins={
        "Título": (Origin(KEY, "Título"),),
        "Preço": (Origin(KEY, "Preço", How.CORRECTED, {"decimal_comma": 2, "currency_text": 1}),),
    },
)
WORK = Work(
    "correct",
    State.COMPLETE,
    (ROWS,),
    (CORRECTED,),
    (Assertion("missing_title", "critical", "Título", 1), Assertion("column_missing", "critical", "gtin", 0)),
)


def event(work=WORK, **changed):
    told = {"validation_id": VALIDATION, "at": datetime(2026, 11, 30, 12, tzinfo=UTC), "lake": "s3://bucket/lake"}
    return end_event(work, **{**told, **changed})


def started(job="correct", **changed):
    return start_event(
        job, validation_id=VALIDATION, at=datetime(2026, 11, 30, 11, tzinfo=UTC), lake="s3://bucket/lake", **changed
    )


@pytest.mark.parametrize(
    "made",
    [
        event(),
        started(),
        started(UPLOAD),
        event(Work(UPLOAD, State.ABORT, (ROWS,), message="too many critical rows")),
        event(Work("ingest", State.FAIL, message="no table"), attempt=2),
        event(replace(WORK, inputs=(Dataset("x"),), outputs=(Dataset("y"),), assertions=())),
    ],
)
def test_follows_the_specification(made):
    assert faults(json.loads(made)) == []


def test_what_does_not_follow_the_specification_would_be_noticed():
    def spoilt(spoil):
        document = copy.deepcopy(json.loads(event()))
        spoil(document)
        return faults(document)

    assert spoilt(lambda told: told.update(eventTime="yesterday"))
    assert spoilt(lambda told: told["run"].update(runId="7"))
    assert spoilt(lambda told: told["job"].pop("name"))
    assert spoilt(lambda told: told["outputs"][0]["outputFacets"]["outputStatistics"].update(rowCount="3"))
    assert spoilt(lambda told: told["outputs"][0]["facets"]["columnLineage"].pop("fields"))
    assert spoilt(lambda told: told["inputs"][0]["inputFacets"]["dataQualityAssertions"].update(_schemaURL="x"))
    assert spoilt(lambda told: told["inputs"][0]["facets"]["schema"].pop("_producer"))


def test_names_job_run_and_the_upload_they_belong_to():
    document = json.loads(event())
    assert document["eventType"] == "COMPLETE"
    assert document["eventTime"] == "2026-11-30T12:00:00.000000Z"
    assert (document["job"]["namespace"], document["job"]["name"]) == ("validahub", "correct")
    assert document["run"]["facets"]["parent"]["run"] == {"runId": VALIDATION}
    whole = json.loads(started(UPLOAD))
    assert whole["run"]["runId"] == VALIDATION
    assert "parent" not in whole["run"]["facets"]


def test_tells_which_column_came_from_where_through_which_correction():
    (corrected,) = json.loads(event())["outputs"]
    fields = corrected["facets"]["columnLineage"]["fields"]
    origin = {"namespace": "s3://bucket", "name": "lake/validations/v/rows.parquet"}
    assert fields["Título"]["inputFields"] == [
        {
            **origin,
            "field": "Título",
            "transformations": [{"type": "DIRECT", "subtype": "IDENTITY", "masking": False}],
        }
    ]
    (price,) = fields["Preço"]["inputFields"]
    assert price["transformations"] == [
        {"type": "DIRECT", "subtype": "TRANSFORMATION", "description": described, "masking": False}
        for described in ("currency_text: 1", "decimal_comma: 2")
    ]


def test_counts_what_was_read_found_and_written():
    document = json.loads(event())
    (rows,), (corrected,) = document["inputs"], document["outputs"]
    metrics = rows["inputFacets"]["dataQualityMetrics"]
    assert (metrics["rowCount"], metrics["bytes"]) == (3, 100)
    assert metrics["columnMetrics"] == {
        "Título": {"nullCount": 1, "count": 2},
        "Preço": {"nullCount": 0, "count": 3, "min": 1.5, "max": 20},
    }
    held = rows["inputFacets"]["dataQualityAssertions"]["assertions"]
    assert [(found["assertion"], found.get("column"), found["success"], found["actual"]) for found in held] == [
        ("missing_title", "Título", False, "1"),
        ("column_missing", None, True, "0"),
    ]
    statistics = corrected["outputFacets"]["outputStatistics"]
    assert (statistics["rowCount"], statistics["size"], statistics["fileCount"]) == (3, 90, 1)
    assert corrected["facets"]["version"]["datasetVersion"] == f"sha256:{'cd' * 32}"
    assert [field["name"] for field in corrected["facets"]["schema"]["fields"]] == ["Título", "Preço"]


@pytest.mark.parametrize(
    ("lake", "namespace", "name"),
    [
        ("s3://bucket", "s3://bucket", KEY),
        ("s3://bucket/a/b/", "s3://bucket", f"a/b/{KEY}"),
        ("/srv/lake", "file", f"/srv/lake/{KEY}"),
    ],
)
def test_names_datasets_as_other_tools_do(lake, namespace, name):
    (dataset,) = json.loads(event(lake=lake))["inputs"]
    assert (dataset["namespace"], dataset["name"]) == (namespace, name)


def test_what_is_not_kept_in_the_lake_is_not_named_as_if_it_were():
    (dataset,) = json.loads(event(replace(WORK, inputs=(replace(ROWS, kept=False),))))["inputs"]
    assert (dataset["namespace"], dataset["name"]) == ("validahub", KEY)


def test_the_same_attempt_at_a_stage_is_the_same_run_and_the_next_is_another():
    assert event() == event()
    ids = [run_id(VALIDATION, "correct"), run_id(VALIDATION, "validate"), run_id(VALIDATION, "correct", 2)]
    assert len({*ids, VALIDATION}) == 4
    assert json.loads(event())["run"]["runId"] == json.loads(started())["run"]["runId"] == ids[0]
    assert json.loads(event(attempt=2))["run"]["runId"] == ids[2]
    assert all(uuid.UUID(one) for one in ids)


def test_gives_times_in_utc_and_refuses_one_of_unknown_offset():
    brasilia = timezone(timedelta(hours=-3))
    assert event(at=datetime(2026, 11, 30, 9, tzinfo=brasilia)) == event()
    with pytest.raises(ValueError, match="aware"):
        event(at=datetime(2026, 11, 30, 12))  # noqa: DTZ001


def test_the_ledger_takes_each_event_once_whatever_else_is_recorded_with_it(tmp_path):
    ledger = Ledger(str(tmp_path))
    ledger.record_lineage(VALIDATION, [started(), event()], idempotency="1")
    ledger.record_lineage(VALIDATION, [started(), event(), started(UPLOAD)], idempotency="2")
    assert ledger.lineage(VALIDATION) == [*sorted([started(), started(UPLOAD)]), event()]


def test_who_records_no_lineage_does_not_load_the_client():
    loaded = (
        "import sys, validahub_pipeline.lineage, validahub_pipeline.stages;"
        "sys.exit(any(name.startswith('openlineage') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", loaded], check=False).returncode == 0
