"""The asset graph as people see it, whole: a change of it is a decision, and shows here."""

from __future__ import annotations

import dagster as dg
import pytest

from validahub_pipeline.build import build_defs
from validahub_pipeline.policy import with_policy

UPLOADS = {
    "group": "uploads",
    "owners": ["team:catalogue-operations"],
    "cadence": "per-upload",
    "partitions": "uploads",
}
ANALYTICS = {"group": "analytics", "owners": ["team:analytics"], "cadence": "nightly", "partitions": None}
MAINTENANCE = {"group": "maintenance", "owners": ["team:platform"], "cadence": "nightly", "partitions": None}

GRAPH = {
    "ingested_upload": UPLOADS | {"deps": [], "kinds": ["csv", "parquet"]},
    "validated_upload": UPLOADS | {"deps": ["ingested_upload"], "kinds": ["deltalake", "polars"]},
    "corrected_upload": UPLOADS | {"deps": ["validated_upload"], "kinds": ["deltalake", "polars"]},
    "published_upload": UPLOADS | {"deps": ["corrected_upload"], "kinds": ["csv"]},
    "error_trends_by_marketplace": ANALYTICS | {"deps": [], "kinds": ["duckdb", "parquet"]},
    "processing_time_by_file_size": ANALYTICS | {"deps": [], "kinds": ["duckdb", "parquet"]},
    "correction_patterns": ANALYTICS | {"deps": [], "kinds": ["duckdb", "parquet"]},
    "ledger_tables": MAINTENANCE | {"deps": [], "kinds": ["deltalake"]},
    "ledger_overhead": MAINTENANCE | {"deps": ["ledger_tables"], "kinds": ["parquet"]},
    "archived_partitions": MAINTENANCE | {"deps": [], "kinds": ["dagster"]},
}
CHECKS = {
    ("ingested_upload", "every_record_accounted_for", True),
    ("validated_upload", "every_violation_recorded", True),
    ("corrected_upload", "every_changed_cell_recorded", True),
    ("corrected_upload", "publication_gate", True),
    ("error_trends_by_marketplace", "great_expectations_gate", False),
}


@pytest.fixture(scope="module")
def repository() -> dg.RepositoryDefinition:
    return build_defs().get_repository_def()


def test_the_assets(repository):
    found = {}
    for key in repository.asset_graph.get_all_asset_keys():
        node = repository.asset_graph.get(key)
        found[key.to_user_string()] = {
            "group": node.group_name,
            "owners": list(node.owners),
            "cadence": node.tags["validahub/cadence"],
            "partitions": node.partitions_def.name if node.partitions_def else None,
            "deps": [parent.to_user_string() for parent in node.parent_keys],
            "kinds": sorted(node.kinds),
        }

    assert found == GRAPH


def test_the_checks(repository):
    found = {
        (key.asset_key.to_user_string(), key.name, repository.asset_graph.get(key).blocking)
        for key in repository.asset_graph.asset_check_keys
    }

    assert found == CHECKS


def test_every_asset_check_job_sensor_and_schedule_is_described(repository):
    graph = repository.asset_graph
    described = {
        **{key.to_user_string(): graph.get(key).description for key in graph.get_all_asset_keys()},
        **{key.name: graph.get(key).description for key in graph.asset_check_keys},
        **{job.name: job.description for job in repository.get_all_jobs() if not job.name.startswith("__")},
        **{sensor.name: sensor.description for sensor in repository.sensor_defs},
        **{schedule.name: schedule.description for schedule in repository.schedule_defs},
    }

    assert [name for name, description in described.items() if not description] == []


def test_everything_that_watches_runs_without_being_switched_on(repository):
    assert {sensor.name for sensor in repository.sensor_defs} == {
        "inbox_sensor",
        "projection_sensor",
        "lost_runs_sensor",
        "run_failure_sensor",
    }
    assert {sensor.default_status for sensor in repository.sensor_defs} == {dg.DefaultSensorStatus.RUNNING}
    schedules = {schedule.name: schedule for schedule in repository.schedule_defs}
    assert set(schedules) == {"nightly_analytics_schedule", "nightly_maintenance_schedule", "heartbeat_schedule"}
    assert {schedule.default_status for schedule in schedules.values()} == {dg.DefaultScheduleStatus.RUNNING}
    for name in ("nightly_analytics_schedule", "nightly_maintenance_schedule"):
        assert schedules[name].execution_timezone == "America/Sao_Paulo"


def test_the_jobs_cover_every_asset_once(repository):
    covered = [
        key.to_user_string()
        for name in ("process_upload", "nightly_analytics", "nightly_maintenance")
        for key in repository.get_job(name).asset_layer.selected_asset_keys
    ]

    assert sorted(covered) == sorted(GRAPH)


def test_a_revision_is_made_by_the_last_two_assets_of_an_upload(repository):
    made = repository.get_job("revise_upload").asset_layer.selected_asset_keys

    assert {key.to_user_string() for key in made} == {"corrected_upload", "published_upload"}


@pytest.mark.parametrize(
    "spec", [dg.AssetSpec("lonely", description="In no group."), dg.AssetSpec("mute", group_name="uploads")]
)
def test_an_asset_without_a_known_group_or_a_description_is_refused(spec):
    with pytest.raises(ValueError, match="every asset needs"):
        with_policy(spec)
