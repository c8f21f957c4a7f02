from __future__ import annotations

import json
import subprocess
import sys
import uuid
from datetime import UTC, datetime, timedelta, timezone

import pytest

from validahub_pipeline.ledger import Ledger
from validahub_pipeline.lineage import Assertion, Dataset, lineage_event, run_id

VALIDATION = "6b1f3c1e-2d0a-5c57-9d5e-6f6b5f0c7a11"
COLUMNS = {"Título": "VARCHAR", "Preço": "VARCHAR"}
ROWS = Dataset("validations/v/rows.parquet", COLUMNS, rows=3, size=100, sha256="ab" * 32, nulls={"Título": 1})
CORRECTED = Dataset("validations/v/corrected.csv", COLUMNS, rows=3, size=90, sha256="cd" * 32)


def event(**changed):
    described = {
        "validation_id": VALIDATION,
        "at": datetime(2026, 11, 30, 12, tzinfo=UTC),
        "lake": "s3://bucket/lake",
        "inputs": [ROWS],
        "outputs": [CORRECTED],
        "corrected_columns": {"Preço": {"decimal_comma": 2, "currency_symbol": 1}},
        "assertions": [Assertion("missing_title", "critical", "Título", 1), Assertion("bad_price", "info", "Preço", 0)],
    }
    return lineage_event("correct", **{**described, **changed})


def facets(document):
    """Every facet of a run event, with the place it stands in."""
    yield from (("run", *item) for item in document["run"]["facets"].items())
    yield from (("job", *item) for item in document["job"]["facets"].items())
    for side, own in (("inputs", "inputFacets"), ("outputs", "outputFacets")):
        for dataset in document[side]:
            for kind in ("facets", own):
                yield from ((f"{side}.{kind}", *item) for item in dataset[kind].items())


def test_has_what_the_specification_requires_of_a_run_event():
    document = json.loads(event())
    assert document["eventType"] == "COMPLETE"
    assert document["eventTime"] == "2026-11-30T12:00:00.000000Z"
    assert document["producer"] == "urn:validahub"
    assert document["schemaURL"].startswith("https://openlineage.io/spec/2-")
    assert document["schemaURL"].endswith("#/$defs/RunEvent")
    assert uuid.UUID(document["run"]["runId"])
    assert (document["job"]["namespace"], document["job"]["name"]) == ("validahub", "correct")
    assert document["run"]["facets"]["parent"]["run"] == {"runId": VALIDATION}
    for dataset in document["inputs"] + document["outputs"]:
        assert set(dataset) >= {"namespace", "name"}


def test_every_facet_says_who_made_it_and_what_it_follows():
    found = list(facets(json.loads(event())))
    assert {(place, name) for place, name, _ in found} == {
        ("run", "parent"),
        ("job", "jobType"),
        ("inputs.facets", "schema"),
        ("inputs.facets", "version"),
        ("inputs.inputFacets", "dataQualityMetrics"),
        ("inputs.inputFacets", "dataQualityAssertions"),
        ("outputs.facets", "schema"),
        ("outputs.facets", "version"),
        ("outputs.facets", "columnLineage"),
        ("outputs.outputFacets", "outputStatistics"),
    }
    for _, name, facet in found:
        assert facet["_producer"] == "urn:validahub"
        assert facet["_schemaURL"].startswith("https://openlineage.io/spec/facets/")
        assert name.lower() in facet["_schemaURL"].lower()


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
        {
            "type": "DIRECT",
            "subtype": "TRANSFORMATION",
            "description": "currency_symbol: 1, decimal_comma: 2",
            "masking": False,
        }
    ]


def test_counts_what_was_read_found_and_written():
    document = json.loads(event())
    (rows,), (corrected,) = document["inputs"], document["outputs"]
    metrics = rows["inputFacets"]["dataQualityMetrics"]
    assert (metrics["rowCount"], metrics["bytes"]) == (3, 100)
    assert metrics["columnMetrics"] == {"Título": {"nullCount": 1}}
    assert [
        (found["assertion"], found["column"], found["success"], found["actual"])
        for found in rows["inputFacets"]["dataQualityAssertions"]["assertions"]
    ] == [("missing_title", "Título", False, "1"), ("bad_price", "Preço", True, "0")]
    statistics = corrected["outputFacets"]["outputStatistics"]
    assert (statistics["rowCount"], statistics["size"], statistics["fileCount"]) == (3, 90, 1)
    assert corrected["facets"]["version"]["datasetVersion"] == f"sha256:{'cd' * 32}"
    assert [field["name"] for field in corrected["facets"]["schema"]["fields"]] == ["Título", "Preço"]


def test_a_dataset_of_which_little_is_known_is_described_by_its_name():
    document = json.loads(event(inputs=[Dataset("inbox/u/m/c/f.csv")], outputs=[ROWS], assertions=[]))
    (upload,), (rows,) = document["inputs"], document["outputs"]
    assert upload["facets"] == {}
    assert upload["inputFacets"]["dataQualityMetrics"]["columnMetrics"] == {}
    assert "dataQualityAssertions" not in upload["inputFacets"]
    assert "columnLineage" not in rows["facets"]


@pytest.mark.parametrize(
    ("lake", "namespace", "name"),
    [
        ("s3://bucket", "s3://bucket", "validations/v/rows.parquet"),
        ("s3://bucket/a/b/", "s3://bucket", "a/b/validations/v/rows.parquet"),
        ("/srv/lake", "file", "/srv/lake/validations/v/rows.parquet"),
    ],
)
def test_names_datasets_as_other_tools_do(lake, namespace, name):
    (dataset,) = json.loads(event(lake=lake))["inputs"]
    assert (dataset["namespace"], dataset["name"]) == (namespace, name)


def test_the_same_stage_of_the_same_validation_is_the_same_run():
    assert event() == event()
    assert json.loads(event())["run"]["runId"] == run_id(VALIDATION, "correct") != run_id(VALIDATION, "validate")


def test_gives_times_in_utc_and_refuses_one_of_unknown_offset():
    brasilia = timezone(timedelta(hours=-3))
    assert event(at=datetime(2026, 11, 30, 9, tzinfo=brasilia)) == event()
    with pytest.raises(ValueError, match="aware"):
        event(at=datetime(2026, 11, 30, 12))  # noqa: DTZ001


def test_the_ledger_takes_it_as_it_is(tmp_path):
    ledger = Ledger(str(tmp_path))
    ledger.record_lineage(VALIDATION, [event()], idempotency="1")
    assert ledger.lineage(VALIDATION) == [event()]


def test_who_records_no_lineage_does_not_load_the_client():
    loaded = (
        "import sys, validahub_pipeline.lineage; sys.exit(any(name.startswith('openlineage') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", loaded], check=False).returncode == 0
