"""What real uploads leave in the ledger as lineage: published, refused and failed ones, each event as specified."""

from __future__ import annotations

import csv
import errno
import json

import polars as pl
import pytest

from tests.lineage.specification import faults
from validahub_pipeline.errors import InputError
from validahub_pipeline.ledger.events import Action
from validahub_pipeline.lineage.history import runs
from validahub_pipeline.settings import Settings
from validahub_pipeline.stages import correct, deposit, ingest, open_services, publish, validate
from validahub_pipeline.stages.upload import Upload

HEADER = "SKU;Título;Preço;Estoque;Cor"
ENDS = {"COMPLETE", "ABORT", "FAIL"}


def processed(home, file):
    services = open_services(Settings(home=home))
    drop = deposit(services, file, user="maria", marketplace="mercado_livre", category="all")
    ingest(services, drop, lang="en")
    validate(services, drop.validation_id)
    if correct(services, drop.validation_id).refused_because is None:
        publish(services, drop.validation_id)
    return services, drop.validation_id


def events(services, validation_id):
    return [json.loads(event) for event in services.ledger.lineage(validation_id)]


def ended(told, job):
    (event,) = [one for one in told if one["job"]["name"] == job and one["eventType"] in ENDS]
    return event


def named(datasets, name):
    (dataset,) = [one for one in datasets if one["name"].endswith(name)]
    return dataset


@pytest.fixture(scope="module")
def published(tmp_path_factory, catalogue):
    return processed(tmp_path_factory.mktemp("published"), catalogue)


def test_every_stage_begins_and_ends_once_within_the_upload(published):
    told = events(*published)
    assert [fault for event in told for fault in faults(event)] == []
    jobs = ("upload", "ingest", "validate", "correct", "publish")
    assert sorted((event["job"]["name"], event["eventType"]) for event in told) == sorted(
        (job, state) for job in jobs for state in ("START", "COMPLETE")
    )
    begun = {event["job"]["name"]: event["eventTime"] for event in told if event["eventType"] == "START"}
    assert begun["upload"] <= begun["ingest"] < begun["validate"] < begun["correct"] < begun["publish"]
    assert all(ended(told, job)["eventTime"] >= begun[job] for job in jobs)


def test_each_stage_reads_what_one_before_it_wrote(published):
    told = events(*published)
    written = {(one["namespace"], one["name"]) for event in told for one in event["outputs"]}
    for job in ("validate", "correct", "publish"):
        read = {(one["namespace"], one["name"]) for one in ended(told, job)["inputs"]}
        assert read
        assert read <= written
    assert [one["name"].rpartition("/")[2] for one in ended(told, "ingest")["inputs"]] == [published[1]]


def test_every_object_is_told_with_the_digest_its_event_records(published):
    services, validation_id = published
    recorded = {}
    for event in services.ledger.history(validation_id):
        for stored in event.changes.get("objects", {}).values():
            recorded[stored["key"]] = stored["sha256"]
    told = {
        one["name"].removeprefix(f"{services.lake.root}/"): one["facets"]["version"]["datasetVersion"]
        for event in events(*published)
        for one in event["outputs"]
        if "version" in one["facets"] and one["namespace"] == "file"
    }
    objects = {key: version for key, version in told.items() if key.startswith("validations/")}
    assert len(objects) == 9
    assert objects == {key: f"sha256:{recorded[key]}" for key in objects}


def test_column_lineage_counts_the_cells_that_the_corrections_table_holds(published):
    services, validation_id = published
    told = named(ended(events(*published), "correct")["outputs"], "corrected")
    counted = {}
    for column, field in told["facets"]["columnLineage"]["fields"].items():
        (origin,) = field["inputFields"]
        assert origin["field"] == column
        for how in origin["transformations"]:
            if how["subtype"] == "TRANSFORMATION":
                code, cells = how["description"].split(": ")
                counted[column, code] = int(cells)
    rows = services.ledger.detail("corrections", validation_id).collect()
    stored = {}
    for column, code in rows.select("column", "code").iter_rows():
        stored[column, code] = stored.get((column, code), 0) + 1
    assert counted == stored
    assert len(counted) > 10


def test_cells_repaired_on_reading_are_told_where_they_were(published):
    services, validation_id = published
    rows = named(ended(events(*published), "ingest")["outputs"], "rows.parquet")
    counted = sum(
        int(how["description"].split(": ")[1])
        for field in rows["facets"]["columnLineage"]["fields"].values()
        for how in field["inputFields"][0]["transformations"]
        if how["subtype"] == "TRANSFORMATION"
    )
    upload = Upload.load(services, validation_id)
    with services.lake.local(upload.key("repairs.parquet")) as repairs:
        assert counted == pl.read_parquet(repairs).height > 0


def test_quality_is_what_the_rows_hold_and_the_rules_that_were_held(published):
    services, validation_id = published
    (rows,) = ended(events(*published), "validate")["inputs"]
    upload = Upload.load(services, validation_id)
    with services.lake.local(upload.key("validated.csv")) as path, path.open(encoding="utf-8", newline="") as stream:
        cells = list(csv.DictReader(stream))
    metrics = rows["inputFacets"]["dataQualityMetrics"]
    assert metrics["rowCount"] == len(cells)
    for column, found in metrics["columnMetrics"].items():
        assert found["nullCount"] == sum(not row[column].strip() for row in cells)
        assert found["nullCount"] + found["count"] == len(cells)
    held = rows["inputFacets"]["dataQualityAssertions"]["assertions"]
    broken = {}
    for one in held:
        if not one["success"]:
            broken[one["assertion"]] = broken.get(one["assertion"], 0) + int(one["actual"])
    assert broken == upload.changes(Action.VALIDATION_COMPLETED)["violations"]
    assert [one for one in held if one["success"]]
    assert {one["column"] for one in held if "column" in one} <= set(cells[0])


def test_a_refused_upload_ends_aborted_with_its_reason_and_without_a_published_file(tmp_path):
    file = tmp_path / "refused.csv"
    file.write_text(f"{HEADER}\nA1;;;1;azul\nA2;;;2;verde\n", encoding="utf-8")
    services, validation_id = processed(tmp_path / "home", file)
    told = events(services, validation_id)
    assert [fault for event in told for fault in faults(event)] == []
    assert [event["job"]["name"] for event in told if event["eventType"] == "COMPLETE"] == [
        "ingest",
        "validate",
        "correct",
    ]
    end = ended(told, "upload")
    assert end["eventType"] == "ABORT"
    assert (
        end["run"]["facets"]["errorMessage"]["message"] == services.ledger.history(validation_id)[-1].changes["reason"]
    )
    assert [one["name"].rpartition("/")[2] for one in end["outputs"]] == ["report.html"]
    assert not [one for event in told for one in event["outputs"] if one["name"].endswith("corrected.csv")]


def test_a_file_that_is_no_table_fails_its_stage_and_its_upload_with_the_message_its_seller_gets(tmp_path):
    file = tmp_path / "empty.csv"
    file.write_bytes(b"")
    with pytest.raises(InputError) as raised:
        processed(tmp_path / "home", file)
    services = open_services(Settings(home=tmp_path / "home"))
    (aggregate,) = {event.aggregate_id for event in services.ledger.read() if event.action == "validation_failed"}
    told = events(services, aggregate)
    assert [fault for event in told for fault in faults(event)] == []
    assert sorted((event["job"]["name"], event["eventType"]) for event in told) == [
        ("ingest", "FAIL"),
        ("ingest", "START"),
        ("upload", "FAIL"),
        ("upload", "START"),
    ]
    assert {event["run"]["facets"]["errorMessage"]["message"] for event in told if event["eventType"] == "FAIL"} == {
        raised.value.render("en").replace("empty.csv", aggregate)
    }


def test_a_stage_that_failed_for_want_of_room_is_another_run_when_it_is_tried_again(tmp_path, catalogue, monkeypatch):
    services = open_services(Settings(home=tmp_path))
    drop = deposit(services, catalogue, user="maria", marketplace="mercado_livre", category="all")

    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("validahub_pipeline.stages.ingesting.to_rows", full)
        with pytest.raises(InputError):
            ingest(services, drop, lang="en")
    ingest(services, drop, lang="en")
    told = [run for run in runs(services.ledger.lineage(drop.validation_id)) if run.job == "ingest"]
    assert [run.state for run in told] == ["FAIL", "COMPLETE"]
    assert len({run.run_id for run in told}) == 2
